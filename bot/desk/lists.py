"""The lists of the desk: who waits, what is mine, all cases."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from bot.cases import store
from bot.cases.model import STATES, Case
from bot.desk.access import confidential_ids, is_confidential, may_see
from bot.frontdesk.model import Conversation, Handoff, Message, User
from bot.taxonomy import categories

PAGE = 50
"""Cases on one page of the list."""


@dataclass(frozen=True)
class Waiting:
    """A conversation in the queue or in somebody's hands."""

    conversation: str
    case_number: str | None
    severity: int
    reason: str
    category: str | None
    subject: str
    language: str
    channel: str
    confidential: bool
    since: dt.datetime  # waiting since, or claimed at
    answer_due: bool  # the customer wrote last


@dataclass(frozen=True)
class Found:
    """A page of the case list."""

    cases: list[Case]
    filters: Mapping[str, str]
    page: int
    more: bool


def waiting(session: Session, user: User) -> list[Waiting]:
    """The queue as this user may see it: the gravest first, then who waits longest."""
    statement = (
        select(Handoff)
        .where(Handoff.state == "queued")
        .order_by(Handoff.severity.desc(), Handoff.waiting_since, Handoff.id)
    )
    return _rows(session, user, list(session.scalars(statement)))


def mine(session: Session, user: User) -> list[Waiting]:
    """What this user holds: where the customer waits for an answer first, then the gravest."""
    statement = select(Handoff).where(Handoff.state == "claimed", Handoff.claimed_by == user.id)
    rows = _rows(session, user, list(session.scalars(statement.order_by(Handoff.claimed_at))))
    return sorted(rows, key=lambda row: (not row.answer_due, -row.severity))


def _rows(session: Session, user: User, handoffs: list[Handoff]) -> list[Waiting]:
    rows = []
    for handoff in handoffs:
        if not may_see(session, user, handoff.conversation_id):
            continue
        conversation = session.get(Conversation, handoff.conversation_id)
        case = case_of(session, handoff.conversation_id, handoff)
        rows.append(
            Waiting(
                conversation=conversation.id,
                case_number=case.number if case else None,
                severity=handoff.severity,
                reason=handoff.reason,
                category=case.category if case else None,
                subject=(case.subject or case.text)[:140] if case else _last_words(session, conversation.id),
                language=conversation.language,
                channel=conversation.channel,
                confidential=is_confidential(session, conversation.id),
                since=handoff.claimed_at or handoff.waiting_since,
                answer_due=_last_author(session, conversation.id) == "customer",
            )
        )
    return rows


def case_of(session: Session, conversation_id: str, handoff: Handoff | None, number: str = "") -> Case | None:
    """The case a conversation is about: the one asked for, the handoff's, or the newest of the conversation."""
    return store.about(session, conversation_id, number, (handoff.case_number or "") if handoff is not None else "")


def cases(session: Session, user: User, query: Mapping[str, str]) -> Found:
    """The newest cases that fit `q` (words in number, order, item or text), `state` and `category`."""
    filters = {
        "q": query.get("q", "").strip()[:100],
        "state": query.get("state", "") if query.get("state", "") in STATES else "",
        "category": query.get("category", "") if query.get("category", "") in categories() else "",
    }
    page = int(query["page"]) if query.get("page", "").isdecimal() and len(query["page"]) < 6 else 1
    statement = select(Case)
    for word in filters["q"].split():
        fields = (Case.number, Case.order_number, Case.item, Case.text)
        statement = statement.where(or_(*(field.ilike(_like(word), escape="\\") for field in fields)))
    if filters["state"]:
        statement = statement.where(Case.state == filters["state"])
    if filters["category"]:
        statement = statement.where(Case.category == filters["category"])
    if not user.confidential:
        for ids in confidential_ids():
            statement = statement.where(Case.conversation.not_in(ids))
    statement = statement.order_by(Case.received_at.desc(), Case.number.desc())
    found = list(session.scalars(statement.offset((max(page, 1) - 1) * PAGE).limit(PAGE + 1)))
    seen = [case for case in found[:PAGE] if not user.confidential or may_see(session, user, case.conversation)]
    return Found(seen, filters, max(page, 1), len(found) > PAGE)


def _like(word: str) -> str:
    escaped = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def _last(conversation_id: str, column: object) -> object:
    return (
        select(column)
        .where(
            Message.conversation_id == conversation_id,
            Message.internal.is_(False),
            Message.author.in_(("customer", "staff", "bot")),
        )
        .order_by(Message.seq.desc())
        .limit(1)
    )


def _last_author(session: Session, conversation_id: str) -> str:
    return str(session.scalars(_last(conversation_id, Message.author)).first() or "")


def _last_words(session: Session, conversation_id: str) -> str:
    statement = _last(conversation_id, Message.text).where(Message.author == "customer")  # type: ignore[attr-defined]
    return str(session.scalars(statement).first() or "")[:140]
