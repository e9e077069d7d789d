"""A stretch of text with a meaning: what every rule returns."""

from __future__ import annotations

from typing import Any, NamedTuple


class Span(NamedTuple):
    """`resolved` is JSON-able; see the finders for its form. Offsets are characters of the message."""

    start: int
    end: int
    entity: str
    resolved: Any = None

    def overlaps(self, other: Span) -> bool:
        return self.start < other.end and other.start < self.end


def without_overlaps(spans: list[Span]) -> list[Span]:
    """The first of two overlapping spans stays: callers put the surest first. Sorted by position."""
    kept: list[Span] = []
    for span in spans:
        if not any(span.overlaps(other) for other in kept):
            kept.append(span)
    return sorted(kept)
