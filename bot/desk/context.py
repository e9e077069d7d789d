"""What every page of the desk needs."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from bot.config import Settings
from bot.database import Database
from bot.desk.presence import Presence
from bot.desk.sessions import Guesses
from bot.frontdesk.hub import Hub
from bot.frontdesk.limits import Limiter
from bot.frontdesk.model import ROLES, WRITERS

__all__ = ["ADMINS", "PREFIX", "READERS", "RESOLUTIONS", "TRAINERS", "WRITERS", "Desk"]

PREFIX = "/desk"
"""Where the desk is mounted; links and the cookie's path are made from it."""

READERS = ROLES
"""Everybody at the desk may read (confidential conversations: see bot/desk/access.py)."""

ADMINS = ("admin",)
"""Who makes and locks accounts."""

TRAINERS = ("trainer", "lead", "admin")
"""Who makes examples of what was misunderstood."""

RESOLUTIONS = ("explanation", "repair", "replacement", "money", "non_monetary", "no_relief")
"""How a case can end."""


@dataclass
class Desk:
    """The staff desk of one front desk: the same database and hub as the customers' side."""

    database: Database
    hub: Hub
    settings: Settings
    presence: Presence = field(init=False, repr=False)
    typing_ends: dict[str, asyncio.TimerHandle] = field(default_factory=dict, init=False, repr=False)
    telegram_name: str = field(default="", init=False)  # of the bot, once Telegram is connected
    mails: Limiter = field(default_factory=lambda: Limiter(count=5, seconds=600), init=False, repr=False)  # on demand
    guesses: Guesses = field(default_factory=Guesses, init=False, repr=False)  # of passwords

    def __post_init__(self) -> None:
        self.presence = Presence(self.hub)
