"""Carries notifications to people by one way, and tries again. All state is in SQL: see `due`.

A process that dies while it carries a letter has only borrowed it; another carries it again when the lease is over, so
a letter whose confirmation was lost arrives twice rather than never.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from collections.abc import Callable
from typing import Protocol

from sqlalchemy.exc import SQLAlchemyError

from bot.database import Database, utcnow
from bot.desk.notices import due
from bot.desk.notices.due import Letter
from bot.frontdesk.hub import LOOK_AGAIN, NOTICES, Hub
from bot.policies import current_policy

log = logging.getLogger(__name__)

MAX_WAIT = 900.0
"""Seconds between tries when a server has been away for long."""


class NotNow(Exception):
    """It may work later; in `seconds` where the other side said so."""

    def __init__(self, why: str, seconds: float | None = None) -> None:
        super().__init__(why)
        self.seconds = seconds


class Refused(Exception):
    """It will not work later either: the address is wrong or does not want us."""


class Carrier(Protocol):
    """A way to a person."""

    async def carry(self, letter: Letter) -> None:
        """Bring one letter; raises :class:`NotNow` or :class:`Refused`."""


class Courier:
    def __init__(self, database: Database, hub: Hub, *, retry_delay: float) -> None:
        self._database, self._hub, self._retry_delay = database, hub, retry_delay

    async def deliver(self, channel: str, carrier: Carrier) -> None:
        """Carry what is due by `channel` until cancelled."""
        while True:
            try:
                await self.look(channel, carrier)
            except Exception:  # nothing may end the deliveries for good
                log.exception("notices.not_delivered", extra={"channel": channel})
            await self._hub.news(NOTICES, LOOK_AGAIN)

    async def look(self, channel: str, carrier: Carrier, now: dt.datetime | None = None) -> None:
        """Carry everything that is due at this moment, one letter after the other."""
        now = now or utcnow()
        for letter in await self._database.run(due.take, channel, now, current_policy().hours.zone):
            await self._carry(channel, carrier, letter)

    async def _carry(self, channel: str, carrier: Carrier, letter: Letter) -> None:
        try:
            await carrier.carry(letter)
        except Refused as refused:
            log.error("notices.refused: %s", refused, extra={"channel": channel})
            await self._surely(due.given_up, letter, utcnow(), str(refused))
        except NotNow as problem:
            log.warning("notices.not_sent: %s", problem, extra={"channel": channel})
            wait = min(self._retry_delay * 2 ** (letter.attempts - 1), MAX_WAIT)
            when = utcnow() + dt.timedelta(seconds=wait if problem.seconds is None else problem.seconds)
            await self._surely(due.later, letter, when, str(problem))
        else:
            await self._surely(due.sent, letter, utcnow())

    async def _surely(self, settle: Callable[..., None], letter: Letter, *about: object) -> None:
        """Write the outcome down, though the database may be away for a moment: else it would be sent twice."""
        for wait in (0.2, 1.0, 5.0, None):
            try:
                return await self._database.run(settle, letter.deliveries, *about)
            except SQLAlchemyError:
                if wait is None:
                    raise
                await asyncio.sleep(wait)
        return None
