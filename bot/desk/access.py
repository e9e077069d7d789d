"""Who may see a conversation. Confidential ones are for chosen people, and never for the person they are about."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from sqlalchemy import String, cast, or_, select
from sqlalchemy.orm import Session

from bot.cases.model import Case
from bot.frontdesk.model import Handoff, Message, User

_SPELLINGS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "é": "e", "è": "e"})
_SHORTEST = 3
"""Letters a part of a name needs to count: "Li" would be found everywhere."""


def confidential_ids() -> list:  # type: ignore[type-arg]  # SQLAlchemy 1.4 is untyped
    """Two selects of conversation ids: handed over as confidential, or with a case about staff or discrimination.

    The second counts by itself: such a case may stand in a conversation that was handed over for something else.
    """
    about_staff = or_(Case.category == "staff_conduct", cast(Case.flags, String).like('%"discrimination"%'))
    return [
        select(Handoff.conversation_id).where(Handoff.queue == "confidential"),
        select(Case.conversation).where(about_staff),
    ]


def is_confidential(session: Session, conversation_id: str) -> bool:
    """Whether a conversation is for the confidential queue only."""
    handed, flagged = confidential_ids()
    return (
        session.execute(handed.where(Handoff.conversation_id == conversation_id).limit(1)).first() is not None
        or session.execute(flagged.where(Case.conversation == conversation_id).limit(1)).first() is not None
    )


def may_see(session: Session, user: User, conversation_id: str) -> bool:
    """Everybody sees ordinary conversations; confidential ones only who may, unless it is about them."""
    if not is_confidential(session, conversation_id):
        return True
    return bool(user.confidential) and not is_about(user.name, _said(session, [conversation_id])[conversation_id])


def confidential_among(session: Session, conversation_ids: Collection[str]) -> set[str]:
    """Which of these conversations are for the confidential queue only. As many queries for one as for a thousand."""
    handed, flagged = confidential_ids()
    found = session.scalars(handed.where(Handoff.conversation_id.in_(conversation_ids))).all()
    return {*found, *session.scalars(flagged.where(Case.conversation.in_(conversation_ids)))}


def hidden_from(session: Session, user: User, confidential: Collection[str]) -> set[str]:
    """Which of these confidential conversations this user may not see: see :func:`may_see`."""
    if not user.confidential:
        return set(confidential)
    return {talk for talk, said in _said(session, confidential).items() if is_about(user.name, said)}


def is_about(name: str, texts: Iterable[str]) -> bool:
    """Whether any part of `name` stands as a word in `texts`: "Frau Keller" names the user "Sandra Keller".

    Rather once too often: this only decides who does not see a confidential conversation.
    """
    parts = [part for part in re.split(r"[\W\d_]+", _plain(name)) if len(part) >= _SHORTEST]
    if not parts:
        parts = [_plain(name)]
    pattern = re.compile(r"\b(?:" + "|".join(map(re.escape, parts)) + r")s?\b")
    return any(pattern.search(_plain(text)) for text in texts)


def _said(session: Session, conversation_ids: Collection[str]) -> dict[str, list[str]]:
    """Everything customers said in these conversations, with the people found in it."""
    texts: dict[str, list[str]] = {talk: [] for talk in conversation_ids}
    said = select(Message.conversation_id, Message.text).where(
        Message.conversation_id.in_(conversation_ids), Message.author == "customer"
    )
    for talk, text in session.execute(said):
        texts[talk].append(text)
    cases = select(Case.conversation, Case.text, Case.entities).where(Case.conversation.in_(conversation_ids))
    for talk, text, entities in session.execute(cases):
        texts[talk].append(text)
        texts[talk] += [str(entity.get("value", "")) for entity in entities if entity.get("entity") == "person"]
    return texts


def _plain(text: str) -> str:
    return text.casefold().translate(_SPELLINGS)
