"""Notes that name a colleague: `@Mira` in a note, and Mira has it in her list, in her menu's number and is told."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.responses import JSONResponse, Response

from bot.cases import store
from bot.desk.access import may_see
from bot.desk.context import PREFIX
from bot.desk.counts import mentions_read
from bot.desk.guard import Refused, Visit
from bot.desk.model import Mention
from bot.desk.pages import seen_conversation
from bot.frontdesk.model import Message, User
from bot.frontdesk.notifications import notify

SHOWN = 50
"""Mentions on the page."""


@dataclass(frozen=True)
class Named:
    """A note that names the reader. `text` is empty where it was erased."""

    conversation: str
    case_number: str | None
    by: str
    at: dt.datetime
    text: str
    new: bool


async def page(visit: Visit) -> Response:
    """The notes that name me, the newest first."""
    named = await visit.run(_page, visit.user)
    return visit.page("mentions.html", here="mentions", named=named)


async def seen(visit: Visit) -> Response:
    """I have read what names me in this conversation; the page says so while it is looked at."""
    conversation_id = visit.request.path_params["id"]
    await visit.run(mentions_read, visit.user, conversation_id)
    return visit.done(f"{PREFIX}/conversations/{conversation_id}")


async def colleagues(visit: Visit) -> Response:
    """The names that a note in this conversation may mention, as JSON."""
    names = await visit.run(_colleagues, visit.user, visit.request.path_params["id"])
    return JSONResponse({"names": names})


def record(session: Session, user: User, message: Message) -> list[User]:
    """Whom a note names: each has it in their list and is told. Naming oneself says nothing.

    Raises :class:`bot.desk.guard.Refused` for a colleague who may not see the conversation: it would not arrive.
    """
    people = {other.name: other for other in session.scalars(select(User).where(User.active.is_(True)))}
    found = [people[name] for name in named_in(message.text, people) if people[name].id != user.id]
    for other in found:
        if not may_see(session, other, message.conversation_id):
            raise Refused(409, "error_mention", name=other.name)
        session.add(Mention(user_id=other.id, message_id=message.id, conversation_id=message.conversation_id))
        notify(session, other, "mention", message.conversation_id, by=user.name, key=f"mention:{message.id}")
    return found


def named_in(text: str, names: Iterable[str]) -> list[str]:
    """The names that stand behind an @ in a text, each once; of "Mira" and "Mira Sommer" the longer one that fits."""
    known = sorted(names, key=len, reverse=True)
    if not known:
        return []
    either = "|".join(map(re.escape, known))
    spelled = {name.casefold(): name for name in known}
    pattern = re.compile(rf"(?<![\w@])@({either})(?!\w)", re.IGNORECASE)
    found = (spelled.get(match[1].casefold()) for match in pattern.finditer(text))
    return list(dict.fromkeys(name for name in found if name))


def _page(session: Session, user: User) -> list[Named]:
    rows = session.execute(
        select(Mention, Message)
        .join(Message, Message.id == Mention.message_id)
        .where(Mention.user_id == user.id)
        .order_by(Message.at.desc(), Mention.id.desc())
        .limit(SHOWN)
    ).all()
    found = []
    for mention, message in rows:
        if not may_see(session, user, mention.conversation_id):
            continue
        case = store.latest(session, mention.conversation_id, open_only=False)
        found.append(
            Named(
                conversation=mention.conversation_id,
                case_number=case.number if case is not None else None,
                by=message.author_name or "?",
                at=message.at,
                text=message.text,
                new=mention.seen_at is None,
            )
        )
    return found


def _colleagues(session: Session, user: User, conversation_id: str) -> list[str]:
    seen_conversation(session, user, conversation_id)
    others = session.scalars(select(User).where(User.active.is_(True), User.id != user.id).order_by(User.name))
    return [other.name for other in others if may_see(session, other, conversation_id)]
