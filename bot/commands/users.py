"""`erstkontakt user`: the people who may log in at the desk."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands.console import fail, out, ready_database

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from bot.frontdesk.model import User

app = typer.Typer(help="People at the desk.", no_args_is_help=True)

BY = "erstkontakt"
"""Who did it, in the history of an account."""

Name = Annotated[str, typer.Argument(help="The person's log-in.")]
Password = Annotated[
    str | None, typer.Option(help="Without it you are asked, so that it is not kept in the shell's history.")
]


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="Log-in, and the name that customers read.")],
    role: Annotated[str, typer.Option(help="staff, trainer, lead, admin or auditor.")] = "staff",
    password: Password = None,
    confidential: Annotated[
        bool, typer.Option("--confidential", help="May see the confidential queue, for example discrimination.")
    ] = False,
    language: Annotated[str, typer.Option(help="Language of the desk: de or en.")] = "de",
) -> None:
    """Add a person."""
    from bot.desk.users import BadUser, add_user

    password = password or _asked()
    try:
        with ready_database().begin() as session:
            add_user(session, name, role, password, language=language, confidential=confidential)
    except BadUser as error:
        fail(str(error))
    out.print(f"{name} ({role}) can log in at /desk now.", markup=False)


@app.command()
def telegram(
    name: Name,
    remove: Annotated[bool, typer.Option("--remove", help="They cannot act in Telegram any more.")] = False,
) -> None:
    """Link a person's Telegram account: prints what they send to the bot, once, within 15 minutes."""
    from bot.database import utcnow
    from bot.desk.topics import links

    with _account(name) as (session, user):
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

    from bot.desk import second_factor, sessions
    from bot.frontdesk.model import User

    table = Table(
        "name", "role", "team", "language", "active", "confidential queue", "second factor", "telegram", "sessions"
    )
    with ready_database().begin() as session:
        for user in session.scalars(select(User).order_by(User.name)):
            facts = (user.active, user.confidential, second_factor.is_on(session, user), user.telegram_id)
            yes = ["yes" if value else "no" for value in facts]
            table.add_row(
                user.name, user.role, user.team or "", user.language, *yes, str(len(sessions.of(session, user.id)))
            )
    out.print(table)


@app.command("set-password")
def set_password(
    name: Name,
    password: Password = None,
    temporary: Annotated[
        bool, typer.Option("--temporary", help="The person has to choose another one at the next log-in.")
    ] = False,
) -> None:
    """Give a person a new password. Whoever is logged in with the old one is logged out."""
    from bot.desk.users import set_password as change

    password = password or _asked()
    with _account(name) as (session, user):
        change(session, user, password, by=BY, temporary=temporary)
    out.print(f"{name} has a new password and is logged out everywhere.", markup=False)


@app.command()
def deactivate(name: Name) -> None:
    """Lock a person out at once. Their conversations go back into the queue."""
    from bot.desk.users import deactivate as lock

    with _account(name) as (session, user):
        held = len(lock(session, user, by=BY))
    out.print(f"{name} is locked out. Conversations that wait again: {held}.", markup=False)


@app.command()
def activate(name: Name) -> None:
    """Let a person in again, with the password and role of before."""
    from bot.desk.users import activate as unlock

    with _account(name) as (session, user):
        unlock(session, user, by=BY)
    out.print(f"{name} can log in again.", markup=False)


@app.command()
def role(
    name: Name,
    new: Annotated[str | None, typer.Argument(help="staff, trainer, lead, admin or auditor.")] = None,
    confidential: Annotated[
        bool | None, typer.Option("--confidential/--not-confidential", help="May see the confidential queue.")
    ] = None,
    team: Annotated[
        str | None, typer.Option(help='Conversations can be passed to a team: its name, or "" for none.')
    ] = None,
) -> None:
    """Change what a person may do. It counts from the next click on."""
    from bot.desk.users import change

    with _account(name) as (session, user):
        held = len(change(session, user, by=BY, role=new, confidential=confidential, team=team))
        said = f"{name} is {user.role}, {'with' if user.confidential else 'without'} the confidential queue"
        said += (f", in the team {user.team}" if user.team else "") + "."
        said += f" Conversations that wait again: {held}." if held else ""
    out.print(said, markup=False)


@app.command()
def sessions(
    name: Name, end: Annotated[bool, typer.Option("--end", help="End all of them: log the person out.")] = False
) -> None:
    """Where a person is logged in."""
    from rich.table import Table

    from bot.desk import sessions as logins
    from bot.desk.users import record

    table = Table("browser", "since", "last seen (UTC)")
    with _account(name) as (session, user):
        for each in logins.of(session, user.id):
            table.add_row(each.device or "unknown", *(f"{at:%Y-%m-%d %H:%M}" for at in (each.created_at, each.seen_at)))
        if end and logins.end_all(session, user.id):
            record(session, user, BY, "logged_out")
    out.print(table)
    if end:
        out.print(f"{name} is logged out everywhere.", markup=False)


@app.command("totp-reset")
def totp_reset(name: Name) -> None:
    """Remove a person's second factor: the phone is lost, and the recovery codes, too."""
    from bot.desk import second_factor
    from bot.desk.users import record

    with _account(name) as (session, user):
        second_factor.remove(session, user)
        record(session, user, BY, "factor_off")
    out.print(f"{name} logs in with the password alone until the second factor is set up again.", markup=False)


@contextmanager
def _account(name: str) -> Iterator[tuple[Session, User]]:
    """The account with this name, in one transaction; what cannot be done is said and ends the command."""
    from bot.desk.users import BadUser, find_user

    try:
        with ready_database().begin() as session:
            user = find_user(session, name)
            if user is None:
                fail(f"there is no user {name!r}: see erstkontakt user list")
            yield session, user
    except BadUser as error:
        fail(str(error))


def _asked() -> str:
    return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))
