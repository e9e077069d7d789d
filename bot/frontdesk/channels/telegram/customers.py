"""What customers do on Telegram, as our own: a message, a command, a file, a correction, a pressed button."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from telegram import CallbackQuery, Chat, Document, PhotoSize, Update, User
from telegram import Message as Incoming
from telegram.constants import ChatMemberStatus, ChatType
from telegram.error import BadRequest, Forbidden, TelegramError
from telegram.ext import filters

from bot import texts
from bot.database import Database
from bot.frontdesk import attachments, messages
from bot.frontdesk.channels.telegram import asked, inbox
from bot.frontdesk.channels.telegram.commands import MEANINGS, split_command
from bot.frontdesk.channels.telegram.files import NotFetched, fetch, file_of
from bot.frontdesk.channels.telegram.inbox import Attach, Sender
from bot.frontdesk.limits import Limiter

log = logging.getLogger(__name__)

_ORDER_NUMBER = re.compile(r"(?=(?:\D*\d){4})[A-Za-z0-9][A-Za-z0-9_-]{3,31}")


PER_MINUTE = 30
"""Messages of one customer in a minute that are taken; whoever floods us reads so, once."""


class Customers:
    """Writes down what customers send; `changed` hears the conversation, and whether there is something to answer."""

    def __init__(self, database: Database, changed: Callable[[str, bool], None], attach: Attach) -> None:
        self._database, self._changed, self._attach = database, changed, attach
        self._declined: set[int] = set()
        self._pace, self._told = Limiter(count=PER_MINUTE, seconds=60), Limiter(count=1, seconds=60)

    async def handle(self, update: Update) -> None:
        """One update, handled when this returns; it may come again."""
        chat, message = update.effective_chat, update.message or update.edited_message
        if update.callback_query is not None:
            await self._pressed(update.update_id, update.callback_query)
        elif chat is not None and chat.type != ChatType.PRIVATE:
            await self._decline(update, chat)
        elif message is not None:
            await self._wrote(_sender(update, message), message, edited=update.edited_message is not None)

    async def _wrote(self, sender: Sender, message: Incoming, *, edited: bool) -> None:
        if self._pace.allows(str(sender.chat)):
            await self._said(sender, message, edited=edited)
        elif self._told.allows(str(sender.chat)):
            await self._record(sender, notice="utter_error_too_fast")

    async def _said(self, sender: Sender, message: Incoming, *, edited: bool) -> None:
        text, file = message.text or message.caption or "", file_of(message)
        name, argument = split_command(text)
        if edited:
            if text or file is not None:
                await self._record(sender, f"✏️ {text}", file=file)
        elif name == "start":
            if _ORDER_NUMBER.fullmatch(argument):
                await self._record(sender, {"de": f"Bestellnummer {argument}", "en": f"Order number {argument}"})
            else:
                await self._record(sender, notice="utter_greet_telegram")
        elif name in MEANINGS:
            self._changed(*await self._database.run(asked.command, sender, name))
        elif file is not None or message.text:
            await self._record(sender, text, file=file)
        elif not filters.StatusUpdate.ALL.check_update(Update(sender.update_id, message=message)):
            await self._record(sender, text, notice="utter_no_voice")

    async def _record(
        self,
        sender: Sender,
        text: str | Mapping[str, str] = "",
        *,
        file: tuple[PhotoSize | Document, str] | None = None,
        notice: str | None = None,
    ) -> None:
        """Write down what a customer said and what we say to it at once; a refused file leaves its caption."""
        loaded = None
        if file is not None and not await self._database.run(inbox.known, sender):
            try:
                # Unpacking a picture takes its time: outside of the transaction, which others wait for.
                loaded = await asyncio.to_thread(attachments.examine, file[1], await fetch(file[0]))
            except NotFetched as missing:
                notice = missing.notice
            except attachments.BadAttachment as bad:
                notice = "utter_file_too_big" if bad.code == "file_too_big" else f"utter_error_{bad.code}"
        write = self._database.run
        try:
            conversation, new = await write(inbox.write, sender, text, loaded, notice, self._attach)
        except messages.BadMessage as bad:
            conversation, new = await write(inbox.write, sender, "", None, f"utter_error_{bad.code}", self._attach)
        self._changed(conversation, new)

    async def _pressed(self, update_id: int, query: CallbackQuery) -> None:
        """A button. The query is always answered, else the customer's app shows it as pending; the outbox marks it."""
        chat = query.message.chat.id if query.message is not None else query.from_user.id
        answer = None
        if query.message is None or query.message.chat.type == ChatType.PRIVATE:
            sender = Sender(update_id, chat, _language(query.from_user))
            conversation, new, answer = await self._database.run(inbox.press, sender, query.data or "")
            self._changed(conversation, new)
        await _politely(query.answer(answer))

    async def _decline(self, update: Update, chat: Chat) -> None:
        """Complaints are private: say so once in a group and leave it; a channel is left without a word."""
        member = update.my_chat_member
        if member is not None and member.new_chat_member.status in (ChatMemberStatus.LEFT, ChatMemberStatus.BANNED):
            self._declined.discard(chat.id)
            return
        try:
            if chat.id not in self._declined and chat.type != ChatType.CHANNEL:
                await chat.send_message(texts.text("utter_no_groups", _language(update.effective_user)))
            self._declined.add(chat.id)
            await chat.leave()
        except (Forbidden, BadRequest):
            log.info("telegram.group_left_already")


def _sender(update: Update, message: Incoming) -> Sender:
    """Who wrote it, and what it answers; a changed message answers what it was before."""
    language, answered = _language(message.from_user), message.reply_to_message
    if update.edited_message is not None:
        return Sender(update.update_id, message.chat_id, language, reply_to=message.message_id)
    reply_to = answered.message_id if answered is not None else None
    return Sender(update.update_id, message.chat_id, language, message.message_id, reply_to)


def _language(user: User | None) -> str:
    return "de" if user is not None and (user.language_code or "").startswith("de") else "en"


async def _politely(call: Coroutine[Any, Any, Any]) -> None:
    """Something that may fail without harm: an old query, a message that looks so already."""
    try:
        await call
    except TelegramError as error:
        log.info("telegram.courtesy_failed: %s", type(error).__name__)
