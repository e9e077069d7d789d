"""What was misunderstood: the messages that a trainer should look at, alike ones together, personal data masked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from rapidfuzz import fuzz, process
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.database import utcnow
from bot.frontdesk.model import Conversation, Message
from bot.training.label import COMPLAIN, Label, label_of
from bot.training.masking import mask
from bot.training.model import Correction, InboxMark

FALLBACK = "nlu_fallback"
REASONS = ("corrected", "fallback", "low_margin", "rephrased")

LOW_CONFIDENCE = 0.45
"""Below it the reading was a guess."""

LOW_MARGIN = 0.15
"""Below this lead over the second best reading it could as well have been the other."""

REPHRASED_WITHIN = dt.timedelta(minutes=10)
REPHRASED_FROM = 70
"""Likeness (0-100) from which the customer's next message says the same again."""

ALIKE_FROM = 88
HALF_LIFE_DAYS = 14.0
"""A message counts half as much for the order when it is this old."""

MAX_AGE = dt.timedelta(days=180)
NEWEST = 4_000
"""Messages looked at."""


@dataclass(frozen=True)
class Item:
    """One misunderstood message. `understood` is what the model took it for, None where it gave up."""

    message_id: str
    at: dt.datetime
    text: str
    language: str
    reasons: frozenset[str]
    understood: str | None
    confidence: float
    suggestion: Label | None


@dataclass
class Group:
    """Messages that say the same; the newest stands for all."""

    items: list[Item] = field(default_factory=list)

    @property
    def face(self) -> Item:
        return self.items[0]

    @property
    def count(self) -> int:
        return len(self.items)

    @property
    def reasons(self) -> list[str]:
        return [reason for reason in REASONS if any(reason in item.reasons for item in self.items)]

    @property
    def suggestion(self) -> Label | None:
        """What staff said it means, else what the model took it for."""
        corrected = (item.suggestion for item in self.items if "corrected" in item.reasons)
        return next(corrected, self.face.suggestion)

    def weight(self, now: dt.datetime) -> float:
        """How much it matters: every message counts, old ones less."""
        return sum(0.5 ** ((now - item.at).total_seconds() / 86400 / HALF_LIFE_DAYS) for item in self.items)


def groups(session: Session, *, hidden: Iterable[Any] = (), now: dt.datetime | None = None) -> list[Group]:
    """What was misunderstood, newest and most frequent first.

    `hidden` are selects of conversation ids whose messages are left out, for example confidential ones.
    """
    now = now or utcnow()
    found = _grouped(sorted(_items(session, hidden, now), key=lambda item: item.at, reverse=True))
    return sorted(found, key=lambda group: group.weight(now), reverse=True)


def find(session: Session, message_id: str, *, hidden: Iterable[Any] = ()) -> Group | None:
    """The group that this message is in; ids may be shortened."""
    for group in groups(session, hidden=hidden):
        if any(item.message_id.startswith(message_id) for item in group.items):
            return group
    return None


def mark(session: Session, group: Group, who: str, change_id: int | None = None) -> None:
    """These messages need no more attention: labelled by a change, or put aside."""
    for item in group.items:
        session.merge(InboxMark(message_id=item.message_id, at=utcnow(), who=who, change_id=change_id))


def correct(session: Session, message: Message, label: Label, who: str) -> Correction:
    """A member of staff says what a message meant; trainers find it in the inbox. Once per message, the last counts.

    Raises :class:`bot.training.label.BadExample` for an unknown label.
    """
    label.checked()
    row = session.scalars(select(Correction).where(Correction.message_id == message.id)).first()
    if row is None:
        row = Correction(message_id=message.id)
        session.add(row)
    row.at, row.who, row.text, row.label = utcnow(), who, mask(message.text), label.as_dict()
    return row  # type: ignore[no-any-return]  # SQLAlchemy 1.4 is untyped


def _items(session: Session, hidden: Iterable[Any], now: dt.datetime) -> Iterator[Item]:
    corrected = {row.message_id: row for row in session.scalars(select(Correction))}
    done = set(session.scalars(select(InboxMark.message_id)))
    statement = (
        select(Message, Conversation.language)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .where(Message.author == "customer", Message.payload.is_(None), Message.text != "", Message.at > now - MAX_AGE)
    )
    for ids in hidden:
        statement = statement.where(Message.conversation_id.not_in(ids))
    next_of: dict[str, Message] = {}  # the customer's next message in the same conversation
    for message, language in session.execute(statement.order_by(Message.at.desc(), Message.seq.desc()).limit(NEWEST)):
        correction = corrected.get(message.id)
        after = next_of.get(message.conversation_id)
        next_of[message.conversation_id] = message
        reasons = set(_reasons(message.understood or {}))
        if correction is not None:
            reasons.add("corrected")
        if after is not None and message.understood and _says_again(message, after):
            reasons.add("rephrased")
        if reasons and message.id not in done:
            yield _item(message, language, frozenset(reasons), correction)


def _reasons(understood: dict[str, Any]) -> Iterator[str]:
    if not understood:
        return
    intent = understood.get("intent") or {}
    if intent.get("name") == FALLBACK:
        yield "fallback"
        return
    ranking = _ranking(understood)
    lead = ranking[0][1] - ranking[1][1] if len(ranking) > 1 else 1.0
    if float(intent.get("confidence") or 0.0) < LOW_CONFIDENCE or lead < LOW_MARGIN:
        yield "low_margin"


def _ranking(understood: dict[str, Any]) -> list[tuple[str, float]]:
    """Readings with their probabilities, the best first, the fallback left out."""
    entries = understood.get("intent_ranking") or [understood.get("intent") or {}]
    pairs = [(str(entry.get("name")), float(entry.get("confidence") or 0.0)) for entry in entries if entry]
    return [pair for pair in pairs if pair[0] != FALLBACK]


def _says_again(message: Message, after: Message) -> bool:
    if after.at - message.at > REPHRASED_WITHIN or len(message.text.split()) < 3:
        return False
    return fuzz.token_set_ratio(message.text.casefold(), after.text.casefold()) >= REPHRASED_FROM


def _item(message: Message, language: str, reasons: frozenset[str], correction: Correction | None) -> Item:
    understood = message.understood or {}
    ranking = _ranking(understood)
    best, confidence = ranking[0] if ranking else ("", 0.0)
    language = str(understood.get("language") or language)
    suggestion = label_of(correction.label) if correction is not None else None
    if suggestion is None and best:
        category = str(understood.get("category") or "other") if best == COMPLAIN else None
        flags, remedies = understood.get("flags") or (), understood.get("remedies") or ()
        suggestion = Label(language, best, category, frozenset(flags), frozenset(remedies))
    gave_up = (understood.get("intent") or {}).get("name") == FALLBACK or not best
    return Item(message.id, message.at, mask(message.text), language, reasons, None if gave_up else best, confidence,
                suggestion)  # fmt: skip


def _grouped(items: list[Item]) -> list[Group]:
    """The first of alike messages opens a group; items are sorted, so it is the newest."""
    found: list[Group] = []
    faces: list[str] = []
    for item in items:
        key = " ".join(item.text.casefold().split())
        alike = process.extractOne(key, faces, scorer=fuzz.token_sort_ratio, score_cutoff=ALIKE_FROM) if faces else None
        if alike is not None:
            found[alike[2]].items.append(item)
        else:
            found.append(Group([item]))
            faces.append(key)
    return found
