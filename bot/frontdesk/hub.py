"""Who waits for news: open connections are woken when something happens in a conversation.

In one process an event is enough. With several front desks a waiter also looks again by itself every
:data:`LOOK_AGAIN` seconds, so nothing is missed, only seen a little later.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict

LOOK_AGAIN = 1.0
EVERYTHING = "*"
"""The topic of those who want to hear about every conversation: the desk."""


class Hub:
    def __init__(self) -> None:
        self._waiting: dict[str, set[asyncio.Event]] = defaultdict(set)
        self.typing: dict[str, str] = {}  # conversation id -> who is writing (bot | staff)

    def tell(self, conversation_id: str) -> None:
        """Something changed in this conversation."""
        for topic in (conversation_id, EVERYTHING):
            for event in self._waiting.get(topic, ()):
                event.set()

    async def news(self, topic: str, timeout: float) -> None:
        """Wait until something changes, at most `timeout` seconds (and at most LOOK_AGAIN)."""
        event = asyncio.Event()
        self._waiting[topic].add(event)
        try:
            await asyncio.wait_for(event.wait(), min(timeout, LOOK_AGAIN))
        except asyncio.TimeoutError:
            pass
        finally:
            self._waiting[topic].discard(event)
            if not self._waiting[topic]:
                del self._waiting[topic]
