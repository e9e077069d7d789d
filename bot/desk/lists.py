"""The lists of the desk: who waits, and what is mine. All cases: finding.py."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.cases import store
from bot.cases.model import Case
from bot.desk.access import is_confidential, may_see
from bot.frontdesk.model import Conversation, Handoff, Message, User


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
