"""What happens by the clock: a waiting customer hears that nobody is free, offers run out, due promises are told.

One look every few seconds; each thing is done in a transaction that checks again, so several front desks may look.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import logging

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import texts
from bot.cases import offers
from bot.config import Settings
from bot.database import Database, utcnow
from bot.frontdesk import feedback, messages, notifications, privacy, promises
from bot.frontdesk.hub import Hub
from bot.frontdesk.messages import Reply
from bot.frontdesk.model import Handoff
from bot.frontdesk.payouts import PayoutSender
from bot.goodwill.hours import is_open, next_opening, say_when
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
        self._every = min(EVERY, max(settings.handoff_patience / 2, 0.2))

    async def forever(self) -> None:
        while True:
            await asyncio.sleep(self._every)
            await self.look(utcnow())

    async def look(self, now: dt.datetime) -> None:
        """Do everything that is due at `now`. What fails is logged and keeps nothing else waiting."""
        for step in (self._waiting, self._offers, self._promises, self._payouts, self._feedback, self._tidy):
            try:
                for conversation_id in await asyncio.to_thread(step, now):
                    self._hub.tell(conversation_id)
            except Exception:
                log.exception("watch.failed", extra={"step": step.__name__.strip("_")})

    def _waiting(self, now: dt.datetime) -> list[str]:
        with self._database.begin() as session:
            return tell_waiting(session, now, self._patience)

    def _offers(self, now: dt.datetime) -> list[str]:
        with self._database.begin() as session:
            offers.expire(session, now)
        return []

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
            self._tidied = now
        return []


def tell_waiting(session: Session, now: dt.datetime, patience: dt.timedelta) -> list[str]:
    """Tell everybody who has waited too long, once, that nobody is free and when somebody will be."""
    overdue = session.scalars(
        select(Handoff.id).where(
            Handoff.state == "queued", Handoff.told_nobody_at.is_(None), Handoff.queued_at <= now - patience
        )
    ).all()
    told = []
    for handoff_id in overdue:
        handoff = session.get(Handoff, handoff_id)
        conversation = messages.locked(session, handoff.conversation_id)
        session.refresh(handoff)
        if handoff.state != "queued" or handoff.told_nobody_at is not None:
            continue
        handoff.told_nobody_at = now
        sentence = texts.text("utter_nobody_free", conversation.language, opening=_opening(now, conversation.language))
        messages.append(session, conversation, Reply("system", sentence))
        told.append(conversation.id)
    return told


def _opening(now: dt.datetime, language: str) -> str:
    hours = current_policy().hours
    if is_open(now, hours):
        return texts.text("utter_opening_now", language)
    return texts.text("utter_opening_from", language, opening=say_when(next_opening(now, hours), language, hours))
