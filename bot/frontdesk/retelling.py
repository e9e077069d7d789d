"""What the dialogue has to be told when people give a conversation back: what was said meanwhile, and what was agreed.

The bot was silent and Rasa heard nothing. Before it answers the next message it gets the turns between customer and
staff as events of its tracker (bot/dialogue/retelling.py), so that nothing that was said is asked again.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from bot.frontdesk.model import Handoff, Message, User
from bot.frontdesk.rasa import as_typed

MAX_TURNS = 60
"""The newest turns of a handoff that are told; what is older stands in the case and the message log."""


def untold(session: Session, conversation_id: str) -> list[dict[str, Any]]:
    """The handoffs of a conversation that ended and that the dialogue does not know of, oldest first, as plain data."""
    ended = session.scalars(
        select(Handoff)
        .where(Handoff.conversation_id == conversation_id, Handoff.ended_at.is_not(None), Handoff.retold.is_(False))
        .order_by(Handoff.ended_at)
    )
    return [_story(session, handoff) for handoff in ended]


def told(session: Session, handoff_id: str) -> None:
    """The dialogue knows now."""
    handoff = session.get(Handoff, handoff_id)
    if handoff is not None:
        handoff.retold = True


def _story(session: Session, handoff: Handoff) -> dict[str, Any]:
    newest = session.scalars(
        select(Message)
        .where(
            Message.conversation_id == handoff.conversation_id,
            Message.internal.is_(False),
            Message.at >= handoff.waiting_since,
            Message.at <= handoff.ended_at,
            or_(Message.author == "staff", and_(Message.author == "customer", Message.state == "held")),
        )
        .order_by(Message.seq.desc())
        .limit(MAX_TURNS)
    )
    holder = session.get(User, handoff.claimed_by) if handoff.claimed_by is not None else None
    return {
        "handoff": handoff.id,
        "turns": [
            {"id": m.id, "author": m.author, "name": m.author_name, "text": as_typed(m.text)}
            for m in reversed(list(newest))
            if m.text
        ],
        "agreed": {
            "note": handoff.note or "",
            "name": holder.name if holder is not None else "",
            "at": handoff.ended_at.isoformat(),
            "case_number": handoff.case_number,
        },
    }
