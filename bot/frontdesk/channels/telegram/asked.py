"""What a command of the menu asks for, in one transaction: said to whoever has the conversation, or answered at once.

People are not asked what we know ourselves: how the case stands, and that they read what is written here.
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from bot import texts
from bot.cases import store
from bot.cases.model import Case
from bot.database import utcnow
from bot.frontdesk import nobody_there
from bot.frontdesk.channels.telegram import inbox
from bot.frontdesk.channels.telegram.commands import MEANINGS, WORDS
from bot.frontdesk.channels.telegram.inbox import Sender
from bot.frontdesk.channels.telegram.parcels import CHANNEL
from bot.frontdesk.messages import open_conversation
from bot.frontdesk.model import Conversation
from bot.goodwill.hours import say_when
from bot.policies import current_policy

_OTHER = {"de": "en", "en": "de"}


def command(session: Session, sender: Sender, name: str) -> tuple[str, bool]:
    """Do the command `name` of the menu; the conversation, and whether there is something to answer now."""
    conversation = open_conversation(session, CHANNEL, sender.language, key=str(sender.chat))
    meaning = MEANINGS[name]
    if meaning == "privacy":
        inbox.tell(session, sender, conversation, texts.text("utter_privacy_notice", conversation.language))
        return conversation.id, False
    with_people = nobody_there.people_have_it(session, conversation)
    if with_people and meaning in ("help", "status"):
        inbox.tell(session, sender, conversation, _while_people_have_it(session, conversation, meaning))
        return conversation.id, False
    _id, new = inbox.write(session, sender, WORDS[meaning], None, None)
    if with_people and new and meaning == "language":  # the dialogue, which changes it else, does not hear of it
        conversation.language = _OTHER[conversation.language]
        inbox.tell(session, sender, conversation, texts.text("utter_language_changed", conversation.language))
    return conversation.id, new


def _while_people_have_it(session: Session, conversation: Conversation, meaning: str) -> str:
    language, case = conversation.language, store.latest(session, conversation.id)
    with_people = texts.text("utter_people_read", language)
    if meaning != "status" or case is None:
        return with_people
    state, when = texts.text(f"utter_state_{case.state}", language), _promised(case, language)
    following = texts.text("utter_status_promised", language, when=when) if when else with_people
    return texts.text("utter_status", language, number=case.number, state=state, next=following)


def _promised(case: Case, language: str) -> str | None:
    """Until when the customer hears from us; of a promise that was not kept the front desk tells them by itself."""
    now = utcnow()
    due = min((p.due_at for p in case.promises if p.state == "open" and p.due_at > now), default=None)
    return say_when(due, language, current_policy().hours) if due is not None else None
