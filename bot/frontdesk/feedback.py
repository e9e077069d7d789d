"""Asking how it was: once per case, in the channel, when it is settled and nothing else is going on."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import texts
from bot.cases import feedback
from bot.cases.model import Case
from bot.frontdesk import handoff, messages
from bot.frontdesk.messages import Reply
from bot.frontdesk.model import Conversation, Handoff, Message

QUIET = dt.timedelta(seconds=30)
"""Nobody is asked in the middle of a conversation."""


def ask_settled(session: Session, now: dt.datetime) -> list[str]:
    """Put the question to everybody whose case has come to an end lately; their conversations.

    However it ended - by staff, by an offer carried out, by the customer - this is the one place that asks.
    """
    return [asked for number in feedback.settled(session, now) if (asked := ask(session, number, now)) is not None]


def ask(session: Session, number: str, now: dt.datetime) -> str | None:
    """Ask for the satisfaction with one case; None where it is not the moment, or somebody else was faster."""
    conversation_id = session.scalars(select(Case.conversation).where(Case.number == number)).one()
    if session.get(Conversation, conversation_id) is None:
        return None
    conversation = messages.locked(session, conversation_id)
    case = session.get(Case, number, populate_existing=True)
    if _busy(session, conversation, now) or not feedback.may_ask(session, case):
        return None
    feedback.mark_asked(session, case, now)
    language = conversation.language
    question = Reply(
        "bot",
        texts.text("utter_ask_csat", language, number=case.number),
        tuple(texts.buttons("utter_ask_csat", language)),
    )
    messages.append(session, conversation, question)
    return str(conversation.id)


def _busy(session: Session, conversation: Conversation, now: dt.datetime) -> bool:
    """Whether somebody is talking, something is unanswered, or it was ever about life and limb."""
    if conversation.last_at > now - QUIET:
        return True
    if conversation.holder not in ("bot", "nobody") or handoff.active(session, conversation.id) is not None:
        return True
    unanswered = select(Message.id).where(Message.conversation_id == conversation.id, Message.state == "new")
    grave = select(Handoff.id).where(
        Handoff.conversation_id == conversation.id, Handoff.severity >= feedback.NEVER_FROM_SEVERITY
    )
    return session.scalars(unanswered).first() is not None or session.scalars(grave).first() is not None
