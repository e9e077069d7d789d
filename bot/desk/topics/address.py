"""Where in Telegram the topic of a conversation is."""

from __future__ import annotations

from sqlalchemy.orm import Session

from bot.frontdesk.model import Topic

_SUPERGROUP = "-100"
"""What Telegram puts before the id of a group with topics; its addresses leave it out."""


def address(session: Session, conversation_id: str) -> str:
    """A link that opens the topic for members of the team's group; empty where there is none (any more)."""
    topic = session.get(Topic, conversation_id)
    if topic is None or topic.thread_id is None or topic.unwanted:
        return ""
    return f"https://t.me/c/{str(topic.group_id).removeprefix(_SUPERGROUP)}/{topic.thread_id}"
