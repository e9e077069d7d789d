"""Which step of a handoff may follow which, and what each does to its row: decided here, nowhere else.

    queued -> claimed <-> waiting (for the customer), snoozed -> returned | resolved

The bot has a conversation without an active handoff. `holder` of the conversation follows the state.
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.database import utcnow
from bot.frontdesk.model import Conversation, Handoff, HandoffEvent, Message

HELD = ("claimed", "waiting", "snoozed")
"""A person has it. `claimed`: it is their turn; `waiting`: the customer's; `snoozed`: nobody's until a time."""

ACTIVE = ("queued", *HELD)
ENDED = ("returned", "resolved")

STEPS: dict[str, tuple[tuple[str, ...], str]] = {
    "claimed": (("queued",), "claimed"),
    "answered": (HELD, "waiting"),
    "waiting": (("claimed", "snoozed"), "waiting"),
    "snoozed": (HELD, "snoozed"),
    "woken": (("waiting", "snoozed"), "claimed"),
    "released": (HELD, "queued"),
    "absent": (HELD, "queued"),
    "reassigned": (ACTIVE, "claimed"),
    "transferred": (ACTIVE, "queued"),
    "escalated": (ACTIVE, "queued"),
    "returned": (HELD, "returned"),
    "resolved": (HELD, "resolved"),
    "settled": (("queued",), "resolved"),  # by the customer, before anybody took it
}
"""Step -> (the states it may be taken in, the state it leads to)."""

HOLDER = {"queued": "queue", **dict.fromkeys(HELD, "staff"), "returned": "bot", "resolved": "nobody"}
"""Who answers in the conversation, by the state of its handoff."""


class HandoffError(Exception):
    """A step that cannot be taken now; the message says why and what to do."""


class WrongStep(HandoffError):
    """This step does not follow the state that the handoff is in."""

    def __init__(self, handoff: Handoff, step: str) -> None:
        self.ended = handoff.state in ENDED
        hint = "it has ended: look for the conversation under all cases" if self.ended else "look at it again"
        super().__init__(f"a handoff that is {handoff.state} cannot be {step}; {hint}")


def active(session: Session, conversation_id: str) -> Handoff | None:
    """The handoff of a conversation that has not ended."""
    statement = select(Handoff).where(Handoff.conversation_id == conversation_id, Handoff.ended_at.is_(None))
    return session.scalars(statement).first()  # type: ignore[no-any-return]


def take(
    session: Session,
    handoff: Handoff,
    conversation: Conversation,
    step: str,
    *,
    who: str,
    why: str = "",
    now: dt.datetime | None = None,
    quiet: bool = False,
) -> None:
    """Take a step of :data:`STEPS` with a handoff whose conversation is locked, and write its history.

    `quiet`: not worth a line of history, because the messages show it. Raises :class:`WrongStep`.
    """
    allowed, state = STEPS[step]
    if handoff.state not in allowed:
        raise WrongStep(handoff, step)
    now = now or utcnow()
    handoff.state, handoff.state_at = state, now
    conversation.holder = HOLDER[state]
    if state == "queued":  # it waits again, for anybody; the clock of the first wait goes on
        handoff.claimed_by = handoff.claimed_at = handoff.holder_active_at = handoff.told_nobody_at = None
        handoff.unanswered_since = handoff.unanswered_since or now
    if state != "snoozed":
        handoff.snoozed_until = None
    if state in ENDED:
        handoff.ended_at = now
    if not quiet:
        record(session, handoff, who, step, why, now)


def wake(
    session: Session,
    handoff: Handoff,
    conversation: Conversation,
    *,
    who: str,
    why: str = "",
    now: dt.datetime | None = None,
    quiet: bool = False,
) -> None:
    """What waited for the customer or for a time is its holder's turn again."""
    take(session, handoff, conversation, "woken", who=who, why=why, now=now, quiet=quiet)
    handoff.unanswered_since = handoff.unanswered_since or handoff.state_at


def customer_wrote(session: Session, conversation: Conversation, message: Message) -> None:
    """A customer's message came to people who hold the locked conversation: it is their turn now."""
    handoff = active(session, conversation.id)
    if handoff is None or handoff.state not in HELD:
        return
    if handoff.state != "claimed":
        wake(session, handoff, conversation, who="customer", now=message.at, quiet=handoff.state == "waiting")
    handoff.unanswered_since = handoff.unanswered_since or message.at


def record(
    session: Session, handoff: Handoff, who: str, what: str, why: str = "", now: dt.datetime | None = None
) -> None:
    """A line of the handoff's history."""
    session.add(HandoffEvent(handoff_id=handoff.id, at=now or utcnow(), who=who, what=what, note=why or None))
    session.flush()
