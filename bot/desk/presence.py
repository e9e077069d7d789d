"""Who is looking at which conversation now, so that two people do not answer side by side.

Known to one front desk process, as typing is; with several, each knows its own open pages.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

from bot.frontdesk.hub import Hub


class Presence:
    """Open pages by conversation and name."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._open: dict[str, Counter[str]] = defaultdict(Counter)

    @contextmanager
    def looking(self, conversation_id: str, name: str) -> Iterator[None]:
        """`name` has the conversation open until the block ends; everybody else there is told at both ends."""
        here = self._open[conversation_id]
        here[name] += 1
        self._hub.tell(conversation_id)
        try:
            yield
        finally:
            here[name] -= 1
            if not here[name]:
                del here[name]
            if not here:
                self._open.pop(conversation_id, None)
            self._hub.tell(conversation_id)

    def others(self, conversation_id: str, name: str) -> list[str]:
        """Who else has it open, by name."""
        return sorted(other for other in self._open.get(conversation_id, ()) if other != name)
