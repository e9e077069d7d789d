"""What a customer sent on Telegram, written down: functions of one transaction each."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import texts
from bot.frontdesk import attachments, messages
from bot.frontdesk.attachments import Examined
from bot.frontdesk.channels.telegram.parcels import CHANNEL
from bot.frontdesk.messages import Reply
from bot.frontdesk.model import Conversation, Delivery, Message

Attach = Callable[[Session, str, Examined], dict[str, Any]]
"""Keeps a file: session, conversation id, the file -> what stands on the message."""

_BUTTON = re.compile(r"(\d{1,9}):(\d{1,3})")


@dataclass(frozen=True)
class Sender:
    """Who sent an update: the chat, and the language in which a first conversation starts.

    `message`: Telegram's number of what they wrote; `reply_to`: of what they answered or changed.
    """

    update_id: int
    chat: int
    language: str
    message: int | None = None
    reply_to: int | None = None

    @property
    def client_id(self) -> str:
        """What makes the update known when it comes again."""
        return f"tg:{self.update_id}"


def write(
    session: Session,
    sender: Sender,
    text: str | Mapping[str, str],
    file: Examined | None,
    notice: str | None,
    attach: Attach = attachments.keep,
) -> tuple[str, bool]:
    """The customer's message, then the bot's `notice`, in one transaction; whether the message is new."""
    conversation = messages.open_conversation(session, CHANNEL, sender.language, key=str(sender.chat))
    said = text if isinstance(text, str) else text[conversation.language]
    new = False
    if said or file is not None:
        kept = [attach(session, conversation.id, file)] if file is not None else []
        message, new = messages.receive(
            session, conversation.id, text=said, attachments=kept, client_id=sender.client_id
        )
        if new:
            message.external_id = str(sender.message) if sender.message is not None else None
            message.reply_to = _answered(session, conversation.id, sender.reply_to)
    if notice is not None:
        tell(session, sender, conversation, texts.text(notice, conversation.language))
    return conversation.id, new


def tell(session: Session, sender: Sender, conversation: Conversation, sentence: str) -> None:
    """Answer an update at once, whoever has the conversation; once, however often the update comes."""
    client_id = f"{sender.client_id}:notice"
    if not _has(session, conversation.id, client_id):
        locked = messages.locked(session, conversation.id)
        messages.append(session, locked, Reply("bot", sentence), client_id=client_id)


def press(session: Session, sender: Sender, data: str) -> tuple[str, bool, str | None]:
    """Use the button `seq:index`; the answer is a sentence when it is not live any more."""
    conversation = messages.open_conversation(session, CHANNEL, sender.language, key=str(sender.chat))
    if _has(session, conversation.id, sender.client_id):
        return conversation.id, False, None
    try:
        payload = _payload(session, conversation.id, data)
        messages.receive(session, conversation.id, payload=payload, client_id=sender.client_id)
    except messages.BadMessage:
        return conversation.id, False, texts.text("utter_stale_button", conversation.language)
    return conversation.id, True, None


def known(session: Session, sender: Sender) -> bool:
    """Whether this update's message is written already: its file need not be fetched again."""
    conversation = messages.open_conversation(session, CHANNEL, sender.language, key=str(sender.chat))
    return _has(session, conversation.id, sender.client_id)


def _payload(session: Session, conversation_id: str, data: str) -> str:
    """What the pressed button stands for. A later message with the same payload makes it stale: "yes" to an old
    question is no answer to the new one."""
    found = _BUTTON.fullmatch(data)
    if found is None:
        raise messages.BadMessage("no_such_button")
    seq, index = int(found[1]), int(found[2])
    shown = messages.history(session, conversation_id, seq - 1)
    if not shown or shown[0].seq != seq or index >= len(shown[0].buttons):
        raise messages.BadMessage("no_such_button")
    payload = str(shown[0].buttons[index]["payload"])
    if any(button["payload"] == payload for later in shown[1:] for button in later.buttons):
        raise messages.StaleButton
    return payload


def _answered(session: Session, conversation_id: str, number: int | None) -> int | None:
    """The seq of the message with Telegram's `number`: a customer's own, or one of ours (any piece's last)."""
    if number is None:
        return None
    own = select(Message.seq).where(Message.conversation_id == conversation_id, Message.external_id == str(number))
    sent = select(Message.seq).join(Delivery, Delivery.message_id == Message.id)
    sent = sent.where(Message.conversation_id == conversation_id, Delivery.kind == "send")
    ours = sent.where((Delivery.external_id == str(number)) | Delivery.external_id.like(f"%:{number}"))
    return session.scalars(own).first() or session.scalars(ours).first()  # type: ignore[no-any-return]


def _has(session: Session, conversation_id: str, client_id: str) -> bool:
    return messages.sent_before(session, conversation_id, client_id) is not None
