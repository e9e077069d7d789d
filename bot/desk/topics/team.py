"""What happens in the team's Telegram group, and private messages that link an account: whose it is, and what to do."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace

from sqlalchemy.orm import Session
from telegram import Bot, CallbackQuery, Message, Update, User
from telegram.constants import ChatType
from telegram.error import TelegramError
from telegram.ext import filters

from bot.config import Settings
from bot.database import Database, utcnow
from bot.desk.topics import acts, links
from bot.desk.topics.commands import COMMANDS
from bot.desk.topics.due import CLAIM
from bot.desk.topics.menu import show_commands
from bot.desk.topics.mirror import Mirror
from bot.desk.topics.standings import Group
from bot.desk.topics.written import Outcome, Written
from bot.desk.wording import Words
from bot.frontdesk.attachments import BadAttachment, examine
from bot.frontdesk.channels.telegram.commands import split_command
from bot.frontdesk.channels.telegram.files import NotFetched, fetch, file_of
from bot.frontdesk.hub import Hub
from bot.frontdesk.limits import Limiter

log = logging.getLogger(__name__)


class Team:
    """The team's side of Telegram. Every update is done once, however often it comes."""

    def __init__(self, database: Database, hub: Hub, settings: Settings) -> None:
        self._database, self._hub = database, hub
        words = Words(settings.telegram_staff_language)
        self._group = Group(settings.telegram_staff_group, words, settings.base_url)
        self._told = Limiter(count=2, seconds=60)  # how often somebody who cannot act reads so

    def takes(self, update: Update) -> bool:
        """Whether an update is the team's and no customer's."""
        chat = update.effective_chat
        return _link_code(update) is not None or (chat is not None and chat.id == self._group.chat)

    async def handle(self, update: Update) -> None:
        """Do what an update that is ours asks for."""
        code, message = _link_code(update), update.message or update.edited_message
        if update.callback_query is not None:
            await self._pressed(update.update_id, update.callback_query)
        elif message is None or message.from_user is None:
            return
        elif code is not None:
            await self._link(update.update_id, message, message.from_user, code)
        elif message.message_thread_id is not None and _is_said(message):
            await self._wrote(update, message, message.from_user, message.message_thread_id)

    async def work(self, bot: Bot) -> None:
        """What goes on as long as Telegram is connected; until cancelled."""
        if self._group.chat:
            await show_commands(bot, self._group.chat)
            await Mirror(self._database, self._hub, bot, self._group).forever()

    async def _wrote(self, update: Update, message: Message, sender: User, thread: int) -> None:
        if message.sender_chat is not None or sender.is_bot:  # an administrator who hides, a channel, a bot
            if self._told.allows(str(sender.id)):
                await _politely(message, self._group.words("topic_anonymous"))
            return
        written = _written(update.update_id, message, sender, thread)
        chat, language = self._group.chat, self._group.words.language
        if update.edited_message is not None:
            outcome = await self._database.run(acts.change, chat, language, written)
        else:
            try:
                written = await self._with_file(message, written)
                outcome = await self._database.run(acts.act, chat, language, written)
            except NotFetched:
                outcome = Outcome(self._group.words("topic_file_not_fetched"))
            except BadAttachment as bad:
                outcome = Outcome(self._group.words(f"topic_{bad.code}"))
        await self._tell(message, outcome)

    async def _with_file(self, message: Message, written: Written) -> Written:
        file = file_of(message)
        if file is None or not await self._database.run(acts.may_send_file, self._group.chat, written):
            return written
        return replace(written, file=await asyncio.to_thread(examine, file[1], await fetch(file[0])))

    async def _tell(self, message: Message, outcome: Outcome) -> None:
        if outcome.conversation:
            self._hub.tell(outcome.conversation)
        if outcome.said and (outcome.known or self._told.allows(str(message.from_user and message.from_user.id))):
            await _politely(message, outcome.said)
        if outcome.sign:
            try:
                await message.set_reaction(outcome.sign)
            except TelegramError as error:
                log.info("topics.no_reaction: %s", type(error).__name__)

    async def _pressed(self, update_id: int, query: CallbackQuery) -> None:
        """The button under a waiting conversation: claim it. The line that bears it changes by the mirror."""
        data, answer = query.data or "", ""
        if data.startswith(CLAIM):
            language = self._group.words.language
            outcome = await self._database.run(
                acts.claim_handoff, update_id, query.from_user.id, data[len(CLAIM) :], language
            )
            answer = outcome.said
            if outcome.conversation:
                self._hub.tell(outcome.conversation)
        try:
            await query.answer(answer or None, show_alert=bool(answer))
        except TelegramError as error:
            log.info("topics.answer_failed: %s", type(error).__name__)

    async def _link(self, update_id: int, message: Message, sender: User, code: str) -> None:
        said = await self._database.run(_linked, update_id, code, sender)
        if said is not None:
            await _politely(message, said)


def _is_said(message: Message) -> bool:
    """Something said in a topic, and not that it was closed, renamed or that a line was pinned."""
    service = filters.StatusUpdate.ALL.check_update(Update(0, message=message))
    return bool(message.is_topic_message) and not service


def _written(update_id: int, message: Message, sender: User, thread: int) -> Written:
    text = message.text or message.caption or ""
    name, argument = split_command(text)
    command = COMMANDS.get(name, "?") if name else ""
    if not (message.text or file_of(message)):
        command = "unsendable"
    elif file_of(message) and command not in ("", "note"):
        command = "file_apart"
    answered = message.reply_to_message
    # Without a reply, Telegram lets a message in a topic answer the line that opened the topic.
    reply_to = answered.message_id if answered is not None and answered.message_id != thread else None
    has_file = file_of(message) is not None
    return Written(
        update_id, sender.id, thread, message.message_id, command, argument.strip(), reply_to, has_file=has_file
    )


def _link_code(update: Update) -> str | None:
    """The code of a private `/start link_CODE`."""
    message = update.message
    if message is None or message.chat.type != ChatType.PRIVATE:
        return None
    name, argument = split_command(message.text or "")
    return argument[len(links.START) :] if name == "start" and argument.startswith(links.START) else None


def _linked(session: Session, update_id: int, code: str, sender: User) -> str | None:
    """Link the sender's account; the sentence for them, None where this update was done before."""
    if not acts.first_time(session, update_id):
        return None
    user = links.link(session, code, sender.id, utcnow())
    if user is None:
        return Words("de" if (sender.language_code or "").startswith("de") else "en")("telegram_link_invalid")
    return Words(user.language)("telegram_linked", name=user.name)


async def _politely(message: Message, text: str) -> None:
    """An answer that may fail without harm: what was asked for is done."""
    try:
        await message.reply_text(text, do_quote=True)
    except TelegramError as error:
        log.info("topics.answer_failed: %s", type(error).__name__)
