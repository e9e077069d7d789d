"""The menu of commands in the team's group, German and English."""

from __future__ import annotations

import logging

from telegram import Bot, BotCommand, BotCommandScopeChat
from telegram.error import TelegramError

from bot.desk.wording import Words

log = logging.getLogger(__name__)

_NAMES = {
    "en": (
        "claim", "note", "offer", "ask", "return", "resolve", "release", "snooze", "reassign", "escalate", "help",
    ),
    "de": (
        "nehmen", "notiz", "kulanz", "anfrage", "zurueck", "erledigt", "freigeben", "spaeter", "weitergeben", "leitung",
        "hilfe",
    ),
}  # fmt: skip


async def show_commands(bot: Bot, chat: int) -> None:
    """Set the menu of one group; a failure is logged and nothing more."""
    scope = BotCommandScopeChat(chat)
    try:
        for language, names in _NAMES.items():
            words = Words(language)
            menu = [BotCommand(name, words(f"topic_menu_{key}")) for name, key in zip(names, _NAMES["en"])]
            await bot.set_my_commands(menu, scope=scope, language_code="de" if language == "de" else None)
    except TelegramError as error:
        log.warning("topics.no_menu: %s", type(error).__name__)
