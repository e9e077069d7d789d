"""`erstkontakt user`: the people who may log in at the desk."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.commands.console import fail, out, ready_database

app = typer.Typer(help="People at the desk.", no_args_is_help=True)


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="Log-in, and the name that customers read.")],
    role: Annotated[str, typer.Option(help="staff, trainer, lead, admin or auditor.")] = "staff",
    password: Annotated[
        str | None, typer.Option(help="Without it you are asked, so that it is not kept in the shell's history.")
    ] = None,
    confidential: Annotated[
        bool, typer.Option("--confidential", help="May see the confidential queue, for example discrimination.")
    ] = False,
    language: Annotated[str, typer.Option(help="Language of the desk: de or en.")] = "de",
) -> None:
    """Add a person."""
    from bot.desk.users import BadUser, add_user

    if language not in ("de", "en"):
        fail(f"the desk does not speak {language}: choose de or en")
    if password is None:
        password = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    try:
        with ready_database().begin() as session:
            add_user(session, name, role, password, language=language, confidential=confidential)
    except BadUser as error:
        fail(str(error))
    out.print(f"{name} ({role}) can log in at /desk now.", markup=False)


@app.command()
def telegram(
    name: Annotated[str, typer.Argument(help="Log-in of a person at the desk.")],
    remove: Annotated[bool, typer.Option("--remove", help="They cannot act in Telegram any more.")] = False,
) -> None:
    """Link a person's Telegram account: prints what they send to the bot, once, within 15 minutes."""
    from bot.database import utcnow
    from bot.desk.topics import links
    from bot.desk.users import find_user

    with ready_database().begin() as session:
        user = find_user(session, name)
        if user is None:
            fail(f"there is no user {name!r}: see erstkontakt user list")
        if remove:
            links.unlink(user)
            out.print(f"{name} is not linked to Telegram any more.", markup=False)
            return
        code = links.offer(session, user, utcnow())
    minutes = int(links.VALID.total_seconds() // 60)
    out.print(f"{name} sends this to the bot, in a private chat, within {minutes} minutes:", markup=False)
    out.print(f"/start {links.START}{code}", markup=False, soft_wrap=True)


@app.command("list")
def list_() -> None:
    """List everybody."""
    from rich.table import Table
    from sqlalchemy import select

    from bot.frontdesk.model import User

    table = Table("name", "role", "language", "active", "confidential queue", "telegram")
    with ready_database().begin() as session:
        for user in session.scalars(select(User).order_by(User.name)):
            yes = ["yes" if value else "no" for value in (user.active, user.confidential, user.telegram_id)]
            table.add_row(user.name, user.role, user.language, *yes)
    out.print(table)
