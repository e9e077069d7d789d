"""All cases: full text, filters, and conversations that never became a case."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import String, cast, or_, select
from sqlalchemy.orm import Session

from bot.cases.model import FINAL_STATES, STATES, Case, Promise
from bot.database import utcnow
from bot.desk.access import confidential_ids, may_see
from bot.desk.wording import LANGUAGES, ZONE
from bot.frontdesk.model import HOLDERS, Conversation, Handoff, Message, User
from bot.search import index
from bot.search.stems import marked
from bot.taxonomy import categories, flags

PAGE = 50
"""Cases on one page of the list."""

TALKS = 20
"""Conversations without a case that are shown beside them."""

OPEN = "open"
"""A filter that is no state of a case: all but the final ones."""

WITH = (*HOLDERS, "me", "me_ever")
"""With whom a case is: its conversation's holder, me now, or me at any time."""

CHANNELS = ("web", "telegram")

CHOICES: dict[str, tuple[str, ...]] = {
    "state": (OPEN, *STATES),
    "category": categories(),
    "flag": flags(),
    "severity": ("1", "2", "3", "4"),
    "with": WITH,
    "promise": ("open", "late"),
    "language": LANGUAGES,
    "channel": CHANNELS,
}
"""The filters with a list of values, in the order of the page; `severity` and above."""

Filters = dict[str, str]


@dataclass(frozen=True)
class Hit:
    """A case, or a conversation without one, and the words that were found in it."""

    conversation: str
    case: Case | None
    language: str
    excerpt: list[tuple[str, bool]]


@dataclass(frozen=True)
class Found:
    """A page of the case list; `talks` only where something was searched for."""

    cases: list[Hit]
    talks: list[Hit]
    filters: Filters
    page: int
    more: bool


def clean(query: Mapping[str, str]) -> Filters:
    """The filters in an address, anything else left out."""
    kept = {name: query[name] for name, values in CHOICES.items() if query.get(name, "") in values}
    words = " ".join(query.get("q", "").split())[:100]
    days = {name: query[name] for name in ("since", "until") if _day(query.get(name, "")) is not None}
    return {**({"q": words} if words else {}), **kept, **days}


def find(session: Session, user: User, query: Mapping[str, str]) -> Found:
    """The newest cases that this user may see and that fit all filters of an address.

    Every word of `q` has to stand somewhere in the conversation or its case: as a form of the word, the beginning or
    the end of a longer one, or in the item or a number.
    """
    filters = clean(query)
    page = int(query["page"]) if query.get("page", "").isdecimal() and len(query["page"]) < 6 else 1
    page = max(page, 1)
    statement = select(Case).where(*_conditions(session, user, filters))
    if not user.confidential:
        statement = statement.where(*(Case.conversation.not_in(ids) for ids in confidential_ids()))
    statement = statement.order_by(Case.received_at.desc(), Case.number.desc())
    found = list(session.scalars(statement.offset((page - 1) * PAGE).limit(PAGE + 1)))
    seen = [case for case in found[:PAGE] if not user.confidential or may_see(session, user, case.conversation)]
    words = filters.get("q", "")
    said = _said(session, words, [case.conversation for case in seen])
    hits = [
        Hit(case.conversation, case, case.language, _excerpt(words, said.get(case.conversation, ""), case.text))
        for case in seen
    ]
    talks = _without_case(session, user, words) if words and page == 1 and set(filters) == {"q"} else []
    return Found(hits, talks, filters, page, len(found) > PAGE)


def _conditions(session: Session, user: User, filters: Filters) -> Iterator[Any]:
    yield from _words(session, filters.get("q", ""))
    state = filters.get("state")
    if state:
        yield Case.state.not_in(FINAL_STATES) if state == OPEN else Case.state == state
    for name in ("category", "language", "channel"):
        if name in filters:
            yield getattr(Case, name) == filters[name]
    if "flag" in filters:
        yield cast(Case.flags, String).like(f'%"{filters["flag"]}"%')
    if "severity" in filters:
        yield Case.severity >= int(filters["severity"])
    if "with" in filters:
        yield Case.conversation.in_(_held(user, filters["with"]))
    if "promise" in filters:
        made = select(Promise.case_number).where(Promise.state == "open")
        yield Case.number.in_(made.where(Promise.due_at < utcnow()) if filters["promise"] == "late" else made)
    for name, by in (("since", 0), ("until", 1)):
        day = _day(filters.get(name, ""))
        if day is not None:
            border = dt.datetime.combine(day + dt.timedelta(days=by), dt.time(), ZONE)
            yield Case.received_at < border if by else Case.received_at >= border


def _words(session: Session, question: str) -> Iterator[Any]:
    """Long texts are found by stems. Item and numbers are short: there any part of a word counts."""
    for word in question.split():
        selects = index.conversations(session, word)
        short = (Case.item, Case.number, Case.order_number)
        parts = or_(*(field.ilike(_like(word), escape="\\") for field in short))
        yield or_(parts, *([_all(Case.conversation, selects)] if selects else []))


def _all(column: Any, selects: list[Any]) -> Any:
    """In every one of them; `LH-104711` is two words for the index."""
    condition = column.in_(selects[0])
    for more in selects[1:]:
        condition = condition & column.in_(more)
    return condition


def _held(user: User, with_whom: str) -> Any:
    if with_whom == "me":
        return select(Handoff.conversation_id).where(Handoff.claimed_by == user.id, Handoff.ended_at.is_(None))
    if with_whom == "me_ever":
        return select(Handoff.conversation_id).where(Handoff.claimed_by == user.id)
    return select(Conversation.id).where(Conversation.holder == with_whom)


def _without_case(session: Session, user: User, question: str) -> list[Hit]:
    selects = index.conversations(session, question)
    if not selects:
        return []
    statement = select(Conversation).where(
        Conversation.id.not_in(select(Case.conversation)),
        _all(Conversation.id, selects),
        *(Conversation.id.not_in(ids) for ids in ([] if user.confidential else confidential_ids())),
    )
    found = session.scalars(statement.order_by(Conversation.last_at.desc()).limit(TALKS))
    talks = [talk for talk in found if may_see(session, user, talk.id)]
    said = _said(session, question, [talk.id for talk in talks])
    return [Hit(talk.id, None, talk.language, _excerpt(question, said.get(talk.id, ""), "")) for talk in talks]


def _said(session: Session, question: str, conversation_ids: list[str]) -> dict[str, str]:
    """For each conversation the newest message in which something was found: its words."""
    found = index.said(session, question, conversation_ids)
    texts = session.execute(select(Message.conversation_id, Message.text).where(Message.id.in_(found.values())))
    return dict(texts.all())


def _excerpt(question: str, *texts: str) -> list[tuple[str, bool]]:
    """The words around what was found, in the first text that has it."""
    for text in texts if question else ():
        pieces = marked(text, question)
        if any(hit for _piece, hit in pieces):
            return pieces
    return []


def _day(written: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(written) if len(written) == 10 else None
    except ValueError:
        return None


def _like(word: str) -> str:
    escaped = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
