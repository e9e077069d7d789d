"""Messages as posts in a topic: who speaks, pictures with their words, and what a post answers.

A piece is one post: `text`, or a file (`file`, `name`, `type`) with `text` under it; `message`: whose post it is;
`reply`: the post that it answers.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.desk.wording import Words
from bot.frontdesk.channels.telegram.pieces import MAX_CAPTION, split_text
from bot.frontdesk.messages import history
from bot.frontdesk.model import Message, TopicPost

MAX_PICTURES = 10
"""Files of before the handoff that are posted after the package, the newest."""

_SIGNS = {"customer": "💬", "bot": "🤖", "staff": "👤", "system": "ℹ️"}


def message_pieces(session: Session, message: Message, words: Words) -> list[dict[str, Any]]:
    """A message of the log as posts, in order; empty where nothing is left of it."""
    if not message.text and not message.attachments:
        return []
    text = _signed(message, words)
    pieces: list[dict[str, Any]] = []
    if message.attachments:
        pieces = [_file(attachment) for attachment in message.attachments]
        if len(split_text(text, MAX_CAPTION)) == 1:
            pieces[0]["text"], text = text, ""
    if text:
        pieces = [*({"text": part} for part in split_text(text)), *pieces]
    answered = _post_of(session, message.conversation_id, message.reply_to)
    pieces[0]["reply"] = answered
    return [{**piece, "message": message.id} for piece in pieces]


def picture_pieces(session: Session, conversation_id: str, words: Words) -> list[dict[str, Any]]:
    """The files that the customer sent so far and that are not in the topic yet."""
    there = set(session.scalars(select(TopicPost.message_id).where(TopicPost.conversation_id == conversation_id)))
    pieces = []
    for message in history(session, conversation_id):
        if message.author == "customer" and message.attachments and message.id not in there:
            for attachment in message.attachments:
                piece = _file(attachment) | {"message": message.id}
                piece["text"] = split_text(_signed(message, words), MAX_CAPTION)[0]
                pieces.append(piece)
    return pieces[-MAX_PICTURES:]


def _signed(message: Message, words: Words) -> str:
    if message.internal:
        who = message.author_name or words.name("author", message.author)
        return f"📝 {who}: {message.text}".strip()
    name = f" {message.author_name}:" if message.author_name else ""
    return f"{_SIGNS.get(message.author, '')}{name} {message.text}".strip()


def _file(attachment: dict[str, Any]) -> dict[str, Any]:
    return {"file": attachment["id"], "name": attachment["name"], "type": attachment["type"], "text": ""}


def _post_of(session: Session, conversation_id: str, seq: int | None) -> int | None:
    """The (first) post of the message with this number."""
    if seq is None:
        return None
    statement = select(TopicPost.post).join(Message, Message.id == TopicPost.message_id)
    statement = statement.where(Message.conversation_id == conversation_id, Message.seq == seq)
    return session.scalars(statement.order_by(TopicPost.id)).first()  # type: ignore[no-any-return]
