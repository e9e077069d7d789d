"""What happens in the team's Telegram group, and private messages that link an account: whose it is, and what to do."""

from __future__ import annotations

import logging

from sqlalchemy.orm import Session
from telegram import Bot, Message, Update, User
from telegram.constants import ChatType
from telegram.error import TelegramError

from bot.config import Settings
from bot.database import Database, utcnow
from bot.desk.topics import links
from bot.desk.wording import Words
from bot.frontdesk.channels.telegram.commands import split_command
from bot.frontdesk.hub import Hub
from bot.frontdesk.model import StaffUpdate

log = logging.getLogger(__name__)


class Team:
    """The team's side of Telegram. Every update is done once, however often it comes."""

    def __init__(self, database: Database, hub: Hub, settings: Settings) -> None:
        self._database, self._hub, self._settings = database, hub, settings

    def takes(self, update: Update) -> bool:
        """Whether an update is the team's and no customer's."""
        return _link_code(update) is not None

    async def handle(self, update: Update) -> None:
        """Do what an update that is ours asks for."""
        code, message = _link_code(update), update.message
        if code is not None and message is not None and message.from_user is not None:
            await self._link(update.update_id, message, message.from_user, code)

    async def work(self, bot: Bot) -> None:
        """What goes on as long as Telegram is connected; until cancelled."""

    async def _link(self, update_id: int, message: Message, sender: User, code: str) -> None:
        said = await self._database.run(_linked, update_id, code, sender)
        if said is not None:
            await _politely(message, said)


def _link_code(update: Update) -> str | None:
    """The code of a private `/start link_CODE`."""
    message = update.message
    if message is None or message.chat.type != ChatType.PRIVATE:
        return None
    name, argument = split_command(message.text or "")
    return argument[len(links.START) :] if name == "start" and argument.startswith(links.START) else None


def _linked(session: Session, update_id: int, code: str, sender: User) -> str | None:
    """Link the sender's account; the sentence for them, None where this update was done before."""
    if not first_time(session, update_id):
        return None
    user = links.link(session, code, sender.id, utcnow())
    if user is None:
        return Words("de" if (sender.language_code or "").startswith("de") else "en")("telegram_link_invalid")
    return Words(user.language)("telegram_linked", name=user.name)


def first_time(session: Session, update_id: int) -> bool:
    """Whether this update was not done before; from the end of the transaction on it was."""
    if session.get(StaffUpdate, update_id) is not None:
        return False
    session.add(StaffUpdate(update_id=update_id))
    session.flush()
    return True


async def _politely(message: Message, text: str) -> None:
    """An answer that may fail without harm: what was asked for is done."""
    try:
        await message.reply_text(text, do_quote=True)
    except TelegramError as error:
        log.info("topics.answer_failed: %s", type(error).__name__)
