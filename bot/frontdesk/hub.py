"""Who waits for news: open connections are woken when something happens in a conversation.

In one process an event is enough. What other processes write is told by `elsewhere` within a second; a waiter looks
again by itself all the same, after the time that it gives, so nothing is missed, only seen a little later.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from bot.database import utcnow

LOOK_AGAIN = 1.0
MAX_TOLD = 10_000
EVERYTHING = "*"
"""The topic of those who want to hear about every conversation: the desk."""

NOTICES = "notices"
"""The topic of those who carry notifications. Nobody tells it: in a rush they still look once in LOOK_AGAIN only."""


class Listener:
    """One connection that waits for news of a topic."""

    def __init__(self) -> None:
        self.event = asyncio.Event()

    async def news(self, timeout: float) -> None:
        """Wait until something has changed since the last wait, at most `timeout` seconds."""
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self.event.wait(), timeout)
        self.event.clear()


class Hub:
    def __init__(self) -> None:
        self._waiting: dict[str, set[asyncio.Event]] = defaultdict(set)
        self.typing: dict[str, str] = {}  # conversation id -> who is writing to the customer (bot | staff)
        self._told: dict[str, dt.datetime] = {}  # conversation id -> when its last change was told
        self._customers: dict[str, asyncio.TimerHandle] = {}  # whose customer is writing, until when

    def tell(self, conversation_id: str) -> None:
        """Something changed in this conversation."""
        if len(self._told) > MAX_TOLD:
            self._told.clear()
        self._told[conversation_id] = utcnow()
        for topic in (conversation_id, EVERYTHING):
            for event in self._waiting.get(topic, ()):
                event.set()

    def told_since(self, conversation_id: str, moment: dt.datetime) -> bool:
        """Whether this process has told of a change at that moment: it was its own."""
        told = self._told.get(conversation_id)
        return told is not None and told >= moment

    @contextmanager
    def listen(self, topic: str) -> Iterator[Listener]:
        """Hear what changes from now on; what happens between two waits is heard at the second."""
        listener = Listener()
        self._waiting[topic].add(listener.event)
        try:
            yield listener
        finally:
            self._waiting[topic].discard(listener.event)
            if not self._waiting[topic]:
                del self._waiting[topic]

    async def news(self, topic: str, timeout: float) -> None:
        """Wait until something changes, at most `timeout` seconds (and at most LOOK_AGAIN)."""
        with self.listen(topic) as listener:
            await listener.news(min(timeout, LOOK_AGAIN))

    def customer_types(self, conversation_id: str, seconds: float) -> None:
        """The customer is writing; unless this is said again, it ends after so many seconds."""
        known = self._customers.get(conversation_id)
        if known is not None:
            known.cancel()
        later = asyncio.get_running_loop().call_later(seconds, self.customer_stops, conversation_id)
        self._customers[conversation_id] = later
        if known is None:
            self.tell(conversation_id)

    def customer_stops(self, conversation_id: str) -> None:
        """The customer has sent what they wrote, or has stopped."""
        timer = self._customers.pop(conversation_id, None)
        if timer is not None:
            timer.cancel()
            self.tell(conversation_id)

    def customer_is_typing(self, conversation_id: str) -> bool:
        """Whether the customer is writing now."""
        return conversation_id in self._customers
