"""From the bot to people and back. Every change happens under the conversation's lock and tells the customer."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import texts
from bot.cases import store
from bot.database import utcnow
from bot.frontdesk import notifications
from bot.frontdesk.messages import Reply, append, locked, new_id
from bot.frontdesk.model import Conversation, Handoff, HandoffEvent, Message, User

ACTIVE = ("queued", "claimed")

ANSWERS = ("first_answer", "priority")
"""Promises (keys of hours.yml) that say no more than `you will hear from us`."""


class HandoffError(Exception):
    """A step that cannot be taken now; the message says why and what to do."""


class AlreadyClaimed(HandoffError):
    """Somebody else was faster."""

    def __init__(self, by: str) -> None:
        super().__init__(f"already claimed by {by}")
        self.by = by


class NotYours(HandoffError):
    """Only the person who holds a conversation may do this."""


def active(session: Session, conversation_id: str) -> Handoff | None:
    """The handoff that is queued or claimed now."""
    statement = select(Handoff).where(Handoff.conversation_id == conversation_id, Handoff.state.in_(ACTIVE))
    return session.scalars(statement).first()  # type: ignore[no-any-return]


def hand_over(
    session: Session,
    conversation: Conversation,
    *,
    reason: str,
    severity: int,
    case_number: str | None,
    confidential: bool = False,
) -> Handoff:
    """Put a locked conversation into the queue; joins the active handoff where there is one and keeps its clock."""
    handoff = active(session, conversation.id)
    if handoff is not None:
        handoff.severity = max(handoff.severity, severity)
        handoff.case_number = handoff.case_number or case_number
        handoff.queue = "confidential" if confidential else handoff.queue
        _record(session, handoff, "bot", "again", reason)
        if handoff.state == "queued":
            notifications.queued(session, handoff)
        return handoff
    handoff = Handoff(
        id=new_id(),
        conversation_id=conversation.id,
        case_number=case_number,
        reason=reason,
        severity=severity,
        queue="confidential" if confidential else "general",
    )
    session.add(handoff)
    session.flush()
    conversation.holder = "queue"
    _record(session, handoff, "bot", "queued", reason)
    if reason != "promise_late":  # then everybody hears of the promise
        notifications.queued(session, handoff)
    return handoff


def claim(session: Session, handoff_id: str, user: User) -> Handoff:
    """Take a queued conversation. Two at once: one wins, the other gets :class:`AlreadyClaimed`."""
    handoff, conversation = _load(session, handoff_id)
    if handoff.state == "claimed" and handoff.claimed_by != user.id:
        raise AlreadyClaimed(_name(session, handoff.claimed_by))
    if handoff.state not in ACTIVE:
        raise HandoffError("this handoff has ended: look for the conversation under all cases")
    if handoff.state == "claimed":
        return handoff
    handoff.state, handoff.claimed_by, handoff.claimed_at = "claimed", user.id, utcnow()
    conversation.holder = "staff"
    _tell(session, conversation, "utter_person_joined", name=user.name)
    _record(session, handoff, user.name, "claimed")
    return handoff


def say(session: Session, handoff_id: str, user: User, text: str) -> Message:
    """A member of staff writes to the customer: the answer that was promised is given."""
    handoff, conversation = _mine(session, handoff_id, user)
    _answered(session, handoff, user)
    return append(session, conversation, Reply("staff", text, author_name=user.name))


def note(session: Session, handoff_id: str, user: User, text: str) -> Message:
    """A private note among staff, beside the conversation."""
    _handoff, conversation = _load(session, handoff_id)
    return append(session, conversation, Reply("staff", text, author_name=user.name), internal=True)


def release(session: Session, handoff_id: str, user: User, why: str = "") -> Handoff:
    """Back into the queue, clock kept."""
    handoff, conversation = _mine(session, handoff_id, user)
    handoff.state, handoff.claimed_by, handoff.claimed_at = "queued", None, None
    conversation.holder = "queue"
    _tell(session, conversation, "utter_person_left_queue")
    _record(session, handoff, user.name, "released", why)
    notifications.queued(session, handoff, but=user)
    return handoff


def give_back(session: Session, handoff_id: str, user: User, agreed: str = "") -> Handoff:
    """Return the conversation to the bot with a note on what was agreed; the customer is told."""
    handoff, conversation = _mine(session, handoff_id, user)
    return _end(session, handoff, conversation, user, "returned", agreed)


def resolve(session: Session, handoff_id: str, user: User, agreed: str = "") -> Handoff:
    """The matter is settled; the customer is told, the next message reaches the bot again."""
    handoff, conversation = _mine(session, handoff_id, user)
    return _end(session, handoff, conversation, user, "resolved", agreed)


def _end(
    session: Session, handoff: Handoff, conversation: Conversation, user: User, state: str, agreed: str
) -> Handoff:
    handoff.state, handoff.ended_at, handoff.note = state, utcnow(), agreed or None
    conversation.holder = "bot" if state == "returned" else "nobody"
    _tell(session, conversation, f"utter_person_{state}", name=user.name)
    if agreed:
        _answered(session, handoff, user)
        _tell(session, conversation, "utter_person_agreed", note=agreed)
    _record(session, handoff, user.name, state, agreed)
    return handoff


def _answered(session: Session, handoff: Handoff, user: User) -> None:
    """The promises of an answer are kept with the first words from a person."""
    case = store.find(session, handoff.case_number) if handoff.case_number else None
    case = case or store.latest(session, handoff.conversation_id)
    if case is not None:
        for what in ANSWERS:
            store.keep_promise(session, case, what, user.name)


def _tell(session: Session, conversation: Conversation, response: str, **values: object) -> None:
    append(session, conversation, Reply("system", texts.text(response, conversation.language, **values)))


def _mine(session: Session, handoff_id: str, user: User) -> tuple[Handoff, Conversation]:
    handoff, conversation = _load(session, handoff_id)
    if handoff.state != "claimed" or handoff.claimed_by != user.id:
        raise NotYours("claim this conversation first: somebody else holds it, or nobody does")
    return handoff, conversation


def _load(session: Session, handoff_id: str) -> tuple[Handoff, Conversation]:
    """The handoff under its conversation's lock: that lock decides every race."""
    conversation_id = session.scalars(select(Handoff.conversation_id).where(Handoff.id == handoff_id)).first()
    if conversation_id is None:
        raise HandoffError("there is no such handoff")
    conversation = locked(session, conversation_id)
    handoff = session.get(Handoff, handoff_id, populate_existing=True)
    return handoff, conversation


def _record(session: Session, handoff: Handoff, who: str, what: str, why: str = "") -> None:
    session.add(HandoffEvent(handoff_id=handoff.id, who=who, what=what, note=why or None))


def _name(session: Session, user_id: int) -> str:
    user = session.get(User, user_id)
    return user.name if user is not None else "?"
