"""`erstkontakt privacy`: access, erasure and retention of personal data."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands.console import fail, out, ready_database

if TYPE_CHECKING:
    from bot.database import Database

app = typer.Typer(help="Personal data: hand it out, erase it, let it expire.", no_args_is_help=True)

ConversationId = Annotated[str | None, typer.Argument(help="The id of the conversation, see erstkontakt case show.")]
Email = Annotated[str | None, typer.Option(help="All conversations that proved an order with this address.")]


@app.command()
def export(
    conversation: ConversationId = None,
    email: Email = None,
    to: Annotated[Path | None, typer.Option("--to", help="The ZIP file; default privacy-<id or day>.zip.")] = None,
) -> None:
    """Write everything stored about a customer into a ZIP: data.json and their files (Art. 15 GDPR)."""
    from bot.config import settings
    from bot.frontdesk.export import collect, write
    from bot.frontdesk.privacy import NoSuchConversation

    database = ready_database()
    ids = _chosen(database, conversation, email)
    try:
        with database.begin() as session:
            data = collect(session, ids)
    except NoSuchConversation as unknown:
        fail(f"{unknown}: erstkontakt case show NUMBER --json names it")
    target = to or Path(f"privacy-{conversation[:8] if conversation else dt.date.today().isoformat()}.zip")
    try:
        files = write(settings(), data, target)
    except OSError as error:
        fail(f"{target} cannot be written: {error.strerror}. Choose another place with --to.")
    spoken = sum(len(one["messages"]) for one in data["conversations"])
    out.print(f"{target}: {len(ids)} conversations, {spoken} messages, {files} files.", markup=False)


@app.command()
def erase(
    conversation: ConversationId = None,
    email: Email = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask again.")] = False,
) -> None:
    """Erase what is stored about a customer (Art. 17 GDPR); says what has to stay, and tells the customer, too."""
    from bot.config import settings
    from bot.database import utcnow
    from bot.frontdesk.privacy import NoSuchConversation
    from bot.frontdesk.privacy import erase as erase_conversation

    database = ready_database()
    ids = _chosen(database, conversation, email)
    if not yes:
        typer.confirm(f"Erase {len(ids)} conversations for good?", abort=True)
    for one in ids:
        try:
            done = erase_conversation(database, settings(), one, utcnow(), who="privacy command")
        except NoSuchConversation as unknown:
            fail(f"{unknown}: erstkontakt case show NUMBER --json names it")
        out.print(
            f"{one}: {done.messages} messages, {done.attachments} files, {done.cases} cases, "
            f"{done.tracker_events} events of the dialogue, {done.training} training candidates erased.",
            markup=False,
        )
        for sentence in done.kept:
            out.print(f"  Kept: {sentence}", markup=False)


@app.command()
def expire() -> None:
    """Erase what is older than its retention period. The front desk does the same every hour."""
    from bot.config import settings
    from bot.database import utcnow
    from bot.frontdesk import privacy

    periods = settings()
    done = privacy.expire(ready_database(), periods, utcnow())
    out.print(
        f"Erased: {done.messages} messages and {done.cases} cases (kept {periods.retention_messages_days} days), "
        f"{done.attachments} files ({periods.retention_attachments_days}), "
        f"{done.training} training candidates ({periods.retention_training_days}), "
        f"{done.orders} orders ({periods.retention_orders_days}).",
        markup=False,
    )


def _chosen(database: Database, conversation: str | None, email: str | None) -> list[str]:
    from bot.frontdesk.privacy import conversations_of

    if (conversation is None) == (email is None):
        fail("name either a conversation or --email")
    if conversation is not None:
        return [conversation]
    with database.begin() as session:
        found = conversations_of(session, email or "")
    if not found:
        fail(f"no conversation has proven an order with {email}: name the conversation itself")
    return found
