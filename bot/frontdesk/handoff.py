"""From the bot to people and back. Every change happens under the conversation's lock and tells the customer.

Which step may follow which stands in handoff_states.py, handing on to others in handing_on.py, what happens by itself
in absence.py. Every channel of the staff (desk, Telegram) calls these functions with a session, the handoff's id and
the user who acts.
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import texts
from bot.cases import store
from bot.database import utcnow
from bot.frontdesk import notifications
from bot.frontdesk.handoff_states import HELD, record, take, wake
from bot.frontdesk.handoff_states import HandoffError as HandoffError
from bot.frontdesk.handoff_states import active as active
from bot.frontdesk.messages import Reply, append, locked, new_id
from bot.frontdesk.model import LEADS, WRITERS, Conversation, Handoff, Message, User

ANSWERS = ("first_answer", "priority")
"""Promises (keys of hours.yml) that say no more than `you will hear from us`."""

LONGEST_SNOOZE = dt.timedelta(days=60)


class AlreadyClaimed(HandoffError):
    """Somebody else was faster."""

    def __init__(self, by: str) -> None:
        super().__init__(f"already claimed by {by}")
        self.by = by


class NotYours(HandoffError):
    """Only the person who holds a conversation may do this (a lead may hand it on)."""


class ForOthers(HandoffError):
    """Somebody who may not have this conversation; `why`: no_writer, for_a_lead or confidential."""

    def __init__(self, why: str, message: str) -> None:
        super().__init__(message)
        self.why = why


class NoLead(HandoffError):
    """There is no lead who could take it."""


class BadTime(HandoffError):
    """A time until which nothing can be put aside."""


def hand_over(
    session: Session,
    conversation: Conversation,
    *,
    reason: str,
    severity: int,
    case_number: str | None,
    confidential: bool = False,
    lead: bool = False,
    since: dt.datetime | None = None,
    told_nobody: bool = False,
) -> Handoff:
    """Put a locked conversation into the queue; joins the active handoff where there is one and keeps its clock.

    `lead`: only a lead may take it. `since`: when the customer wrote what is waiting for an answer; the clock starts
    there. `told_nobody`: they have read that nobody is there now.
    """
    handoff = active(session, conversation.id)
    if handoff is not None:
        handoff.severity = max(handoff.severity, severity)
        handoff.case_number = handoff.case_number or case_number
        handoff.queue = "confidential" if confidential else handoff.queue
        if lead and handoff.state == "queued":
            handoff.escalated_at = handoff.escalated_at or utcnow()
        record(session, handoff, "bot", "again", reason)
        if told_nobody and handoff.state == "queued":
            handoff.told_nobody_at = handoff.told_nobody_at or utcnow()
        if handoff.state == "queued":
            notifications.queued(session, handoff)
        elif handoff.state != "claimed":  # what is new does not wait for the customer or a time
            wake(session, handoff, conversation, who="bot", why=reason)
        return handoff
    now = utcnow()
    since = since or now
    handoff = Handoff(
        id=new_id(),
        conversation_id=conversation.id,
        case_number=case_number,
        reason=reason,
        severity=severity,
        queue="confidential" if confidential else "general",
        queued_at=now,
        waiting_since=since,
        unanswered_since=since,
        told_nobody_at=now if told_nobody else None,
        escalated_at=now if lead else None,
    )
    session.add(handoff)
    session.flush()
    conversation.holder = "queue"
    record(session, handoff, "bot", "queued", reason)
    if reason != "promise_late":  # then everybody hears of the promise
        notifications.queued(session, handoff)
    return handoff


def claim(session: Session, handoff_id: str, user: User) -> Handoff:
    """Take a queued conversation. Two at once: one wins, the other gets :class:`AlreadyClaimed`."""
    handoff, conversation = load(session, handoff_id)
    if handoff.state in HELD and handoff.claimed_by == user.id:
        return handoff
    if handoff.state in HELD:
        raise AlreadyClaimed(_name(session, handoff.claimed_by))
    may_have(session, user, handoff)
    take(session, handoff, conversation, "claimed", who=user.name)
    give(handoff, user)
    tell(session, conversation, "utter_person_joined", name=user.name)
    return handoff


def say(session: Session, handoff_id: str, user: User, text: str) -> Message:
    """A member of staff writes to the customer: what was promised is given, now it is the customer's turn."""
    handoff, conversation = _mine(session, handoff_id, user)
    _answered(session, handoff, user)
    take(session, handoff, conversation, "answered", who=user.name, quiet=True)
    handoff.unanswered_since = None
    return append(session, conversation, Reply("staff", text, author_name=user.name))


def note(session: Session, handoff_id: str, user: User, text: str) -> Message:
    """A private note among staff, beside the conversation."""
    handoff, conversation = load(session, handoff_id)
    if handoff.claimed_by == user.id:
        handoff.holder_active_at = utcnow()
    return append(session, conversation, Reply("staff", text, author_name=user.name), internal=True)


def wait(session: Session, handoff_id: str, user: User) -> Handoff:
    """There is nothing to answer: it is the customer's turn. Their next message brings it back."""
    handoff, conversation = _mine(session, handoff_id, user)
    if handoff.state != "waiting":
        take(session, handoff, conversation, "waiting", who=user.name)
    handoff.unanswered_since = None
    return handoff


def snooze(session: Session, handoff_id: str, user: User, until: dt.datetime, why: str = "") -> Handoff:
    """Put it aside until a time, or until the customer writes; then it is back with the same person.

    A customer who waits for an answer is told that somebody is on it. Raises :class:`BadTime` for a time that is over
    or further away than :data:`LONGEST_SNOOZE`.
    """
    handoff, conversation = _mine(session, handoff_id, user)
    now = utcnow()
    if not now < until <= now + LONGEST_SNOOZE:
        raise BadTime(f"choose a time between now and {LONGEST_SNOOZE.days} days from now")
    take(session, handoff, conversation, "snoozed", who=user.name, why=why)
    handoff.snoozed_until = until
    if handoff.unanswered_since is not None:
        handoff.unanswered_since = None
        tell(session, conversation, "utter_person_snoozed", name=user.name)
    return handoff


def release(session: Session, handoff_id: str, user: User, why: str = "") -> Handoff:
    """Back into the queue, clock kept."""
    handoff, conversation = _mine(session, handoff_id, user)
    take(session, handoff, conversation, "released", who=user.name, why=why)
    tell(session, conversation, "utter_person_left_queue")
    notifications.queued(session, handoff, but=user)
    return handoff


def give_back(session: Session, handoff_id: str, user: User, agreed: str = "") -> Handoff:
    """Return the conversation to the bot with a note on what was agreed; the customer is told."""
    return _end(session, handoff_id, user, "returned", agreed)


def resolve(session: Session, handoff_id: str, user: User, agreed: str = "") -> Handoff:
    """The matter is settled; the customer is told, the next message reaches the bot again."""
    return _end(session, handoff_id, user, "resolved", agreed)


def settled_by_customer(session: Session, conversation: Conversation, why: str) -> None:
    """The customer, still waiting in the queue of a locked conversation, needs nobody any more."""
    handoff = active(session, conversation.id)
    if handoff is not None and handoff.state == "queued":
        take(session, handoff, conversation, "settled", who="customer", why=why)
        handoff.retold = True  # nothing was said that the bot does not know


def _end(session: Session, handoff_id: str, user: User, state: str, agreed: str) -> Handoff:
    handoff, conversation = _mine(session, handoff_id, user)
    take(session, handoff, conversation, state, who=user.name, why=agreed)
    handoff.note = agreed or None
    tell(session, conversation, f"utter_person_{state}", name=user.name)
    if agreed:
        _answered(session, handoff, user)
        tell(session, conversation, "utter_person_agreed", note=agreed)
    return handoff


def give(handoff: Handoff, user: User) -> None:
    """Put a claimed handoff into these hands."""
    handoff.claimed_by, handoff.claimed_at, handoff.holder_active_at = user.id, handoff.state_at, None
    if user.role in LEADS:
        handoff.escalated_at = None  # it has arrived


def _answered(session: Session, handoff: Handoff, user: User) -> None:
    """The promises of an answer are kept with the first words from a person."""
    case = store.find(session, handoff.case_number) if handoff.case_number else None
    case = case or store.latest(session, handoff.conversation_id)
    if case is not None:
        for what in ANSWERS:
            store.keep_promise(session, case, what, user.name)


def tell(session: Session, conversation: Conversation, response: str, **values: object) -> None:
    """Say a response of domain.yml to the customer of a locked conversation, in their language."""
    append(session, conversation, Reply("system", texts.text(response, conversation.language, **values)))


def lead_there(session: Session, *, confidential: bool, but: User | None = None) -> bool:
    """Whether anybody could take what is passed up to a lead, besides `but`. Where nobody could, it is everybody's."""
    statement = select(User.id).where(User.active.is_(True), User.role.in_(LEADS))
    if confidential:
        statement = statement.where(User.confidential.is_(True))
    if but is not None:
        statement = statement.where(User.id != but.id)
    return session.scalars(statement).first() is not None


def may_have(session: Session, user: User, handoff: Handoff) -> None:
    """Raises :class:`ForOthers` unless this person may hold this handoff."""
    if not user.active or user.role not in WRITERS:
        raise ForOthers("no_writer", f"{user.name} takes no conversations: choose somebody else")
    confidential = handoff.queue == "confidential"
    if handoff.escalated_at is not None and user.role not in LEADS and lead_there(session, confidential=confidential):
        raise ForOthers("for_a_lead", "this was passed up: a lead takes it")
    if confidential and not user.confidential:
        raise ForOthers("confidential", "this is confidential: choose somebody who may see it")


def _mine(session: Session, handoff_id: str, user: User) -> tuple[Handoff, Conversation]:
    handoff, conversation = load(session, handoff_id)
    if handoff.state not in HELD or handoff.claimed_by != user.id:
        raise NotYours("claim this conversation first: somebody else holds it, or nobody does")
    handoff.holder_active_at = utcnow()
    return handoff, conversation


def load(session: Session, handoff_id: str) -> tuple[Handoff, Conversation]:
    """The handoff under its conversation's lock: that lock decides every race."""
    conversation_id = session.scalars(select(Handoff.conversation_id).where(Handoff.id == handoff_id)).first()
    if conversation_id is None:
        raise HandoffError("there is no such handoff")
    conversation = locked(session, conversation_id)
    handoff = session.get(Handoff, handoff_id, populate_existing=True)
    return handoff, conversation


def _name(session: Session, user_id: int) -> str:
    user = session.get(User, user_id)
    return user.name if user is not None else "?"
