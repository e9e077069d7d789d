"""The trainers' pages: what was misunderstood becomes an example, neighbours in sight, every change can be undone."""

from __future__ import annotations

import asyncio
from functools import lru_cache

from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.responses import HTMLResponse, Response

from bot import taxonomy
from bot.database import utcnow
from bot.desk.access import confidential_ids
from bot.desk.context import PREFIX
from bot.desk.guard import Refused, Visit
from bot.desk.pages import seen_conversation
from bot.desk.view import fragment
from bot.frontdesk.model import Message, User
from bot.training import files, inbox
from bot.training.examples import DATA, checked_text
from bot.training.label import LANGUAGES, BadExample, Label
from bot.training.masking import mask_and_mark
from bot.training.model import ExampleChange
from bot.training.neighbours import Neighbours

SHOWN = 100
"""Groups of messages on the page."""

CHANGES = 15

LONGEST = 2_000
"""Characters of an example."""


async def inbox_page(visit: Visit) -> Response:
    """What was misunderstood, newest and most frequent first, and the latest changes."""
    found, changes = await visit.run(_inbox)
    return visit.page(
        "training.html", here="training", groups=found[:SHOWN], total=len(found), changes=changes, now=utcnow()
    )


async def message_page(visit: Visit) -> Response:
    """One message with the form that makes it an example."""
    group = await visit.run(_group, visit.request.path_params["id"])
    return visit.page(
        "training_message.html",
        here="training",
        group=group,
        suggestion=group.suggestion or Label(group.face.language, ""),
        marked=mask_and_mark(group.face.text),
        languages=LANGUAGES,
        intents=taxonomy.intents(),
        categories=taxonomy.categories(),
        flags=taxonomy.flags(),
        remedies=taxonomy.remedies(),
        entities=taxonomy.entities(),
        longest=LONGEST,
    )


async def neighbours(visit: Visit) -> Response:
    """What is near the text being written: a piece of HTML (query: text, language, intent, category)."""
    query = visit.request.query_params
    label = Label(query.get("language", ""), query.get("intent", ""), query.get("category") or None)
    try:
        text = checked_text(query.get("text", "")[:LONGEST])
    except BadExample as bad:
        return HTMLResponse(fragment("neighbours.html", visit.words, check=None, problem=bad.code))
    check = await asyncio.to_thread(_neighbours().check, text, label if label.intent else None)
    return HTMLResponse(fragment("neighbours.html", visit.words, check=check, problem=""))


async def label(visit: Visit) -> Response:
    """Write the example (fields text, language, intent, category, flag_<name>, remedy_<name>) into its file."""
    fields = visit.fields
    meant = Label(
        fields.get("language", ""),
        fields.get("intent", ""),
        (fields.get("category") or None) if fields.get("intent") == "complain" else None,
        frozenset(name for name in taxonomy.flags() if fields.get(f"flag_{name}")),
        frozenset(name for name in taxonomy.remedies() if fields.get(f"remedy_{name}")),
    )
    await visit.run(_label, visit.user, visit.request.path_params["id"], fields.get("text", "")[:LONGEST], meant)
    return visit.done(f"{PREFIX}/training")


async def dismiss(visit: Visit) -> Response:
    """Put a message aside: no example can be made of it."""
    await visit.run(_dismiss, visit.user, visit.request.path_params["id"])
    return visit.done(f"{PREFIX}/training")


async def undo(visit: Visit) -> Response:
    """Take an example out again."""
    number = visit.request.path_params["id"]
    await visit.run(_undo, visit.user, int(number) if number.isdecimal() and len(number) < 10 else 0)
    return visit.done(f"{PREFIX}/training")


async def correct(visit: Visit) -> Response:
    """Staff say what the customer's latest message meant (fields intent, category): it goes to the trainers."""
    conversation_id = visit.request.path_params["id"]
    await visit.run(_correct, visit.user, conversation_id, visit.fields.get("intent", ""),
                    visit.fields.get("category") or None)  # fmt: skip
    return visit.done(f"{PREFIX}/conversations/{conversation_id}")


@lru_cache(maxsize=1)
def _neighbours() -> Neighbours:
    return Neighbours(DATA)


def _inbox(session: Session) -> tuple[list[inbox.Group], list[ExampleChange]]:
    return inbox.groups(session, hidden=confidential_ids()), files.changes(session, CHANGES)


def _group(session: Session, message_id: str) -> inbox.Group:
    group = inbox.find(session, message_id, hidden=confidential_ids())
    if group is None:
        raise Refused(404, "error_no_training_message")
    return group


def _label(session: Session, user: User, message_id: str, text: str, meant: Label) -> None:
    group = _group(session, message_id)
    try:
        change = files.add(session, text, meant, user.name, DATA)
    except BadExample as bad:
        raise _refused(bad) from bad
    except OSError as error:
        raise Refused(409, "error_example_file", why=error.strerror or "") from error
    inbox.mark(session, group, user.name, change.id)


def _dismiss(session: Session, user: User, message_id: str) -> None:
    inbox.mark(session, _group(session, message_id), user.name)


def _undo(session: Session, user: User, change_id: int) -> None:
    try:
        files.undo(session, change_id, user.name, DATA)
    except BadExample as bad:
        raise _refused(bad) from bad
    except OSError as error:
        raise Refused(409, "error_example_file", why=error.strerror or "") from error


def _correct(session: Session, user: User, conversation_id: str, intent: str, category: str | None) -> None:
    conversation = seen_conversation(session, user, conversation_id)
    said = select(Message).where(
        Message.conversation_id == conversation_id, Message.author == "customer", Message.payload.is_(None),
        Message.text != "",
    )  # fmt: skip
    message = session.scalars(said.order_by(Message.seq.desc())).first()
    if message is None:
        raise Refused(409, "error_nothing_said")
    language = str((message.understood or {}).get("language") or conversation.language)
    try:
        inbox.correct(session, message, Label(language, intent, category if intent == "complain" else None), user.name)
    except BadExample as bad:
        raise _refused(bad) from bad


def _refused(bad: BadExample) -> Refused:
    """The sentence at the desk; what is wrong in a file is told with its place."""
    if bad.code == "file":
        return Refused(409, "error_example_file", why=str(bad))
    return Refused(400, f"error_example_{bad.code}")
