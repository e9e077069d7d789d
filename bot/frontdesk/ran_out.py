"""An offer that ran out unanswered: the customer hears it from us, and how to go on.

Any number of front desks may look at the same time: who finds the offer still open says it.
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import texts
from bot.cases import offers
from bot.cases.model import FINAL_STATES, Case
from bot.database import Database
from bot.frontdesk import messages
from bot.frontdesk.messages import Reply
from bot.frontdesk.model import Conversation


def look(database: Database, now: dt.datetime) -> list[str]:
    """Close what ran out, free its money and tell its customer; the conversations in which something was said."""
    with database.begin() as session:
        numbers = offers.over(session, now)
    told = []
    for number in numbers:
        with database.begin() as session:
            if (conversation_id := _close(session, number, now)) is not None:
                told.append(conversation_id)
    return told


def _close(session: Session, number: str, now: dt.datetime) -> str | None:
    mine = select(Conversation.id).join(Case, Case.conversation == Conversation.id).where(Case.number == number)
    known = session.scalars(mine).first()
    conversation = messages.locked(session, known) if known is not None else None  # always before the case
    ended = offers.expire(session, now, [number])
    if conversation is None or not ended or ended[0].case.state in FINAL_STATES:
        return None  # nobody to tell, or settled: a withdrawn case ends its offers, too
    sentence = texts.text("utter_offer_ran_out", conversation.language, number=number)
    messages.append(session, conversation, Reply("system", sentence))
    return str(conversation.id)
