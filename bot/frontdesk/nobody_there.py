"""Nobody is there, or nobody is free: the customer hears it once, with the next opening, and is offered other ways.

The case keeps its place in the queue. From then on the bot goes on with what needs no person, until somebody claims it.
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import texts
from bot.frontdesk import handoff_states, messages
from bot.frontdesk.messages import Reply
from bot.frontdesk.model import Conversation, Handoff
from bot.goodwill.hours import is_open, next_opening, say_when
from bot.policies import current_policy

DANGER = 4
"""From this severity on the bot stays silent: the next words have to be a person's."""


AT_ONCE = 50
"""So many are told in one transaction: when we close with a long queue, nobody else has to wait for the database."""


def tell_waiting(session: Session, now: dt.datetime, patience: dt.timedelta) -> list[str]:
    """Tell everybody who has waited too long, once, that nobody is free and when somebody will be.

    While we are closed nobody has to be patient first. Returns the conversations, :data:`AT_ONCE` at most.
    """
    closed = not is_open(now, current_policy().hours)
    overdue = session.scalars(
        select(Handoff.id)
        .where(
            Handoff.state == "queued",
            Handoff.told_nobody_at.is_(None),
            Handoff.state_at <= (now if closed else now - patience),
        )
        .order_by(Handoff.severity.desc(), Handoff.waiting_since, Handoff.id)
        .limit(AT_ONCE)
    ).all()
    told = []
    for handoff_id in overdue:
        handoff = session.get(Handoff, handoff_id)
        conversation = messages.locked(session, handoff.conversation_id)
        session.refresh(handoff)
        if handoff.state != "queued" or handoff.told_nobody_at is not None:
            continue
        handoff.told_nobody_at = now
        sentence = texts.text("utter_nobody_free", conversation.language, opening=_opening(now, conversation.language))
        if handoff.severity < DANGER:
            sentence = f"{sentence} {texts.text('utter_bot_goes_on', conversation.language)}"
        messages.append(session, conversation, Reply("system", sentence))
        told.append(conversation.id)
    return told


def bot_goes_on(handoff: Handoff | None) -> bool:
    """Whether the bot answers what it can while this handoff waits in the queue."""
    return handoff is not None and handoff.told_nobody_at is not None and handoff.severity < DANGER


def people_have_it(session: Session, conversation: Conversation) -> bool:
    """Whether what the customer writes is for people, and the bot stays silent."""
    if conversation.holder == "queue":
        return not bot_goes_on(handoff_states.active(session, conversation.id))
    return bool(conversation.holder == "staff")


def _opening(now: dt.datetime, language: str) -> str:
    hours = current_policy().hours
    if is_open(now, hours):
        return texts.text("utter_opening_now", language)
    return texts.text("utter_opening_from", language, opening=say_when(next_opening(now, hours), language, hours))
