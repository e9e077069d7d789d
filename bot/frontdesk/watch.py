"""What happens by the clock: a waiting customer hears that nobody is free, absent holders lose what they hold, offers
run out, due promises are told.

One look every few seconds; each thing is done in a transaction that checks again, so several front desks may look.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import logging

from bot.cases import ending
from bot.config import Settings
from bot.database import Database, utcnow
from bot.frontdesk import absence, feedback, nobody_there, notifications, privacy, promises, ran_out
from bot.frontdesk.hub import Hub
from bot.frontdesk.payouts import PayoutSender
from bot.policies import current_policy

log = logging.getLogger(__name__)

EVERY = 5.0
"""Seconds between looks."""

TIDY_EVERY = dt.timedelta(hours=1)
"""Between looks for data whose time is over."""


class Watch:
    def __init__(self, database: Database, hub: Hub, settings: Settings) -> None:
        self._database, self._hub, self._settings = database, hub, settings
        self._tidied: dt.datetime | None = None
        self._payout_sender = PayoutSender(database, settings)
        self._patience = dt.timedelta(seconds=settings.handoff_patience)
        self._absence = absence.Limits(
            silent=dt.timedelta(seconds=settings.handoff_silence), away=dt.timedelta(seconds=settings.handoff_away)
        )
        shortest = min(settings.handoff_patience, settings.handoff_silence, settings.handoff_away)
        self._every = min(EVERY, max(shortest / 2, 0.2))

    async def forever(self) -> None:
        while True:
            await asyncio.sleep(self._every)
            await self.look(utcnow())

    async def look(self, now: dt.datetime) -> None:
        """Do everything that is due at `now`. What fails is logged and keeps nothing else waiting."""
        for step in (
            self._absent, self._waiting, self._offers, self._promises, self._payouts, self._feedback, self._tidy,
        ):  # fmt: skip
            try:
                for conversation_id in await asyncio.to_thread(step, now):
                    self._hub.tell(conversation_id)
            except Exception:
                log.exception("watch.failed", extra={"step": step.__name__.strip("_")})

    def _absent(self, now: dt.datetime) -> list[str]:
        return absence.look(self._database, now, self._absence)

    def _waiting(self, now: dt.datetime) -> list[str]:
        with self._database.begin() as session:
            return nobody_there.tell_waiting(session, now, self._patience)

    def _offers(self, now: dt.datetime) -> list[str]:
        return ran_out.look(self._database, now)

    def _promises(self, now: dt.datetime) -> list[str]:
        return promises.look(self._database, now, current_policy())

    def _payouts(self, now: dt.datetime) -> list[str]:
        self._payout_sender.send(now)
        return []

    def _feedback(self, now: dt.datetime) -> list[str]:
        with self._database.begin() as session:
            return feedback.ask_settled(session, now)

    def _tidy(self, now: dt.datetime) -> list[str]:
        if self._tidied is None or now - self._tidied >= TIDY_EVERY:
            privacy.expire(self._database, self._settings, now)
            with self._database.begin() as session:
                notifications.forget(session, now)
                ending.close_resolved(session, now)
            self._tidied = now
        return []
