"""The menu of commands that a customer sees, and the plain words that each stands for."""

from __future__ import annotations

import logging

from telegram import Bot, BotCommand
from telegram.error import TelegramError

log = logging.getLogger(__name__)

# German name, English name, what the menu says about it, and the plain words that it stands for, if any.
_COMMANDS = (
    ("hilfe", "help", "Was ich für Sie tun kann", "What I can do for you", "Was kannst du?", "What can you do?"),
    (
        "mensch",
        "human",
        "Mit einem Menschen sprechen",
        "Talk to a person",
        "Ich möchte mit einem Menschen sprechen",
        "I'd like to talk to a person",
    ),
    (
        "status",
        "status",
        "Wie es um Ihr Anliegen steht",
        "How your case is going",
        "Wie ist der Stand meiner Beschwerde?",
        "What is the status of my complaint?",
    ),
    ("sprache", "language", "Weiter auf Englisch", "Continue in German", "Bitte auf Englisch weiter", "German please"),
    ("datenschutz", "privacy", "Ihre Daten bei uns", "Your data with us", "", ""),
)
MEANINGS = {name: command[1] for command in _COMMANDS for name in command[:2]}
"""Command -> what it means, by its English name."""

WORDS = {command[1]: {"de": command[4], "en": command[5]} for command in _COMMANDS if command[4]}
"""Meaning -> the words that a customer would say instead, by language of the conversation. Who only looks up how their
data is treated says none: that is no demand under the GDPR yet."""


async def show_commands(bot: Bot) -> None:
    """The menu, German for German apps and English for all others; a failure is logged and nothing more."""
    try:
        await bot.set_my_commands([BotCommand(c[1], c[3]) for c in _COMMANDS])
        await bot.set_my_commands([BotCommand(c[0], c[2]) for c in _COMMANDS], language_code="de")
    except TelegramError as error:
        log.warning("telegram.no_menu: %s", type(error).__name__)


def split_command(text: str) -> tuple[str, str]:
    """The name of a command without slash and bot, and what follows it; an empty name where there is none."""
    words = text[1:].split(maxsplit=1)
    if not text.startswith("/") or not words or text[1].isspace():
        return "", text
    return words[0].partition("@")[0].lower(), "".join(words[1:]).strip()
