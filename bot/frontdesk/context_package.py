"""What a person who takes over has to know, in one place: read once from SQL, shown by the desk and in Telegram.

Values are plain and in no language: names are those of taxonomy.yml and the database, texts that exist in both
languages are `{de, en}`. Whoever shows it words it. Reading takes the same number of queries for every conversation.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.cases import store
from bot.database import utcnow
from bot.frontdesk import context_case
from bot.frontdesk.context_case import Decided, Fact, OfferMade, Promised, Proven, Right
from bot.frontdesk.model import Conversation, Handoff, HandoffEvent, Message, User
from bot.frontdesk.mood import LATEST, Mood, Words, mood

TURNS = 30
"""Messages between customer and bot or staff that the package carries."""

NOTES = 10
"""Notes among colleagues that it carries, the newest."""


@dataclass(frozen=True)
class Turn:
    """One message. `author`: customer, bot, staff or system; `pictures`: how many files came with it."""

    seq: int
    at: dt.datetime
    author: str
    author_name: str | None
    text: str
    pictures: int


@dataclass(frozen=True)
class Note:
    """What colleagues wrote among themselves, or what one of them agreed with the customer."""

    at: dt.datetime
    by: str
    text: str


@dataclass(frozen=True)
class Past:
    """A step of this handoff so far: queued, claimed, transferred, absent, ... by whom, with what reason."""

    at: dt.datetime
    who: str
    what: str
    note: str


@dataclass(frozen=True)
class ContextPackage:
    """Everything about a conversation for whoever takes it over. Without a case its fields are empty."""

    conversation: str
    channel: str
    language: str
    handoff: str | None  # the id of the active handoff, or of the newest
    handoff_state: str | None
    reason: str
    severity: int
    confidential: bool
    waiting_since: dt.datetime | None
    holder: str | None  # the name of who holds it
    case_number: str | None
    case_state: str | None
    happened: str  # the customer's own words
    category: str | None
    item: str | None
    intent: str | None  # of the customer's last message that was understood
    flags: tuple[str, ...]
    remedies: tuple[str, ...]
    facts: tuple[Fact, ...]
    proven: Proven | None
    rights: tuple[Right, ...]
    offers: tuple[OfferMade, ...]
    decided: Decided | None
    mood: Mood
    promises: tuple[Promised, ...]
    agreed: tuple[Note, ...]  # what earlier handoffs ended with
    notes: tuple[Note, ...]
    history: tuple[Past, ...]
    turns: tuple[Turn, ...]


def context_package(
    session: Session, conversation_id: str, *, case_number: str = "", now: dt.datetime | None = None
) -> ContextPackage:
    """The package of a conversation that exists; `case_number` asks for one of several cases.

    Raises :class:`sqlalchemy.exc.NoResultFound` for a conversation that does not.
    """
    now = now or utcnow()
    talk = session.scalars(select(Conversation).where(Conversation.id == conversation_id)).one()
    handoffs = list(
        session.scalars(
            select(Handoff).where(Handoff.conversation_id == talk.id).order_by(Handoff.queued_at, Handoff.id)
        )
    )
    newest = next((each for each in handoffs if each.ended_at is None), handoffs[-1] if handoffs else None)
    case = store.about(session, talk.id, case_number, (newest.case_number or "") if newest else "")
    heard = _understood(session, talk.id)
    turns = _messages(session, talk.id, TURNS, internal=False)
    intents = [words.intent for words in heard if words.intent]
    names = _names(session, handoffs)
    return ContextPackage(
        conversation=talk.id,
        channel=talk.channel,
        language=talk.language,
        handoff=newest.id if newest else None,
        handoff_state=newest.state if newest else None,
        reason=newest.reason if newest else "",
        severity=max(newest.severity if newest else 0, case.severity if case else 0),
        confidential=any(each.queue == "confidential" for each in handoffs) or bool(case and case.confidential),
        waiting_since=newest.waiting_since if newest and newest.ended_at is None else None,
        holder=names.get(newest.claimed_by) if newest and newest.ended_at is None else None,
        case_number=case.number if case else None,
        case_state=case.state if case else None,
        happened=case.text if case else next((t.text for t in reversed(turns) if t.author == "customer"), ""),
        category=case.category if case else None,
        item=case.item if case else None,
        intent=intents[-1] if intents else None,
        flags=tuple(case.flags) if case else tuple(dict.fromkeys(flag for words in heard for flag in words.flags)),
        remedies=tuple(case.remedies) if case else (),
        facts=tuple(context_case.facts(case)) if case else (),
        proven=context_case.proven(case) if case else None,
        rights=tuple(context_case.rights(case.decisions)) if case else (),
        offers=tuple(context_case.offers(case)) if case else (),
        decided=context_case.decided(case.decisions[-1]) if case and case.decisions else None,
        mood=mood(heard),
        promises=tuple(context_case.promises(case, now)) if case else (),
        agreed=tuple(
            Note(each.ended_at, names.get(each.claimed_by, ""), each.note)
            for each in handoffs
            if each.ended_at is not None and each.note
        ),
        notes=tuple(
            Note(note.at, note.author_name or "", note.text)
            for note in _messages(session, talk.id, NOTES, internal=True)
        ),
        history=tuple(_history(session, newest)) if newest else (),
        turns=turns,
    )


def _messages(session: Session, conversation_id: str, count: int, *, internal: bool) -> tuple[Turn, ...]:
    newest = session.scalars(
        select(Message)
        .where(Message.conversation_id == conversation_id, Message.internal.is_(internal))
        .order_by(Message.seq.desc())
        .limit(count)
    )
    return tuple(
        Turn(m.seq, m.at, m.author, m.author_name, m.text, len(m.attachments or ())) for m in reversed(list(newest))
    )


def _understood(session: Session, conversation_id: str) -> list[Words]:
    """The customer's last messages with what the NLU made of them; of those that people answered it made nothing."""
    newest = session.scalars(
        select(Message)
        .where(Message.conversation_id == conversation_id, Message.author == "customer")
        .order_by(Message.seq.desc())
        .limit(LATEST)
    )
    return [_words(message) for message in reversed(list(newest))]


def _words(message: Message) -> Words:
    understood = message.understood or {}
    intent = understood.get("intent")
    name = intent.get("name") if isinstance(intent, dict) else intent
    return Words(message.text, str(name or ""), tuple(understood.get("flags") or ()))


def _names(session: Session, handoffs: list[Handoff]) -> dict[int | None, str]:
    ids = {each.claimed_by for each in handoffs if each.claimed_by is not None}
    return dict(session.execute(select(User.id, User.name).where(User.id.in_(ids))).all())


def _history(session: Session, handoff: Handoff) -> Iterator[Past]:
    events = select(HandoffEvent).where(HandoffEvent.handoff_id == handoff.id).order_by(HandoffEvent.id)
    for event in session.scalars(events):
        yield Past(event.at, event.who, event.what, event.note or "")
