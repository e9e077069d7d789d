"""What other processes write is told here, too: one look a second for everybody, instead of one by each who waits.

Several front desks on one database, the command line, a restore: whoever has a page open sees it a second later.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import logging

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.database import Database
from bot.frontdesk.hub import Hub
from bot.frontdesk.model import Conversation

log = logging.getLogger(__name__)

EVERY = 1.0
"""Seconds between looks."""

OVERLAP = dt.timedelta(seconds=10)
"""How far each look reaches back: a transaction may commit a while after the moment that it wrote down."""

Changes = dict[str, dt.datetime]
"""Conversation id -> when it was last written in."""


class Elsewhere:
    def __init__(self, database: Database, hub: Hub) -> None:
        self._database, self._hub = database, hub
        self._since: dt.datetime | None = None
        self._known: Changes = {}

    async def forever(self) -> None:
        """Look until cancelled."""
        while True:
            try:
                await self.look()
            except Exception:
                log.exception("elsewhere.failed")
            await asyncio.sleep(EVERY)

    async def look(self) -> None:
        """Tell of every conversation that changed since the last look."""
        found = await self._database.look(_changes, self._since)
        for conversation_id, moment in found.items():
            if self._known.get(conversation_id) != moment and not self._hub.told_since(conversation_id, moment):
                self._hub.tell(conversation_id)
        # By the moments in the database: the clocks of two machines differ.
        self._known, self._since = found, max(found.values(), default=self._since)


def _changes(session: Session, since: dt.datetime | None) -> Changes:
    if since is None:
        since = session.scalar(select(func.max(Conversation.last_at)))
    if since is None:  # nobody has written yet
        return {}
    recent = select(Conversation.id, Conversation.last_at).where(Conversation.last_at > since - OVERLAP)
    return dict(session.execute(recent).all())
