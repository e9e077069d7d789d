"""What staff change after it was sent: in the log, with the first wording in the handoff's history, and for the
customer: on Telegram their message changes, on the web the next look shows it.
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from bot.database import utcnow
from bot.frontdesk import handoff, messages
from bot.frontdesk.model import Delivery, HandoffEvent, Message, User


def amend(session: Session, user: User, message: Message, text: str) -> bool:
    """Change the words of one's own message or note while one holds the conversation; False where nothing changed.

    Raises :class:`bot.frontdesk.handoff.NotYours` for somebody else's words, or when the handoff is over.
    """
    conversation = messages.locked(session, message.conversation_id)
    active = handoff.active(session, conversation.id)
    own = message.author == "staff" and message.author_name == user.name
    if active is None or not own or not (message.internal or active.claimed_by == user.id):
        raise handoff.NotYours("only your own words, and only while you hold the conversation")
    if text == message.text:
        return False
    session.add(HandoffEvent(handoff_id=active.id, who=user.name, what="edited", note=message.text))
    message.text, message.edited_at = text, utcnow()
    if not message.internal and conversation.channel in messages.PUSHED_CHANNELS:
        session.add(
            Delivery(message_id=message.id, conversation_id=conversation.id, channel=conversation.channel, kind="edit")
        )
    return True
