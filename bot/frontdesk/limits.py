"""How often somebody may do something: a sliding window in memory, per front desk."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

MAX_KEYS = 50_000


class Limiter:
    """At most `count` times in `seconds` for each key."""

    def __init__(self, *, count: int, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._count, self._seconds, self._clock = count, seconds, clock
        self._seen: dict[str, deque[float]] = {}

    def allows(self, key: str) -> bool:
        """Whether `key` may once more; counts it when it may."""
        now = self._clock()
        if len(self._seen) > MAX_KEYS:
            self._seen = {k: seen for k, seen in self._seen.items() if seen and seen[-1] > now - self._seconds}
        seen = self._seen.setdefault(key, deque())
        while seen and seen[0] <= now - self._seconds:
            seen.popleft()
        if len(seen) >= self._count:
            return False
        seen.append(now)
        return True
