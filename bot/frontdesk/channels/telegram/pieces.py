"""A text cut to what Telegram takes in one message."""

from __future__ import annotations

import re

MAX_TEXT = 4096
"""What Telegram takes in one message, counted in UTF-16 units to be on the safe side."""

MAX_CAPTION = 1024
"""What it takes under a photo or document."""

_BOUNDARIES = (re.compile(r"\n\s*\n"), re.compile(r"(?<=[.!?…])\s+|\n"), re.compile(r"\s+"))


def split_text(text: str, limit: int = MAX_TEXT) -> list[str]:
    """A text in pieces of at most `limit` UTF-16 units, cut between paragraphs, else sentences, else words."""
    pieces, rest = [], text.strip()
    while len(head := _head(rest, limit)) < len(rest):
        cut = _cut(head)
        pieces.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return [*pieces, rest]


def _head(text: str, limit: int) -> str:
    return text[:limit].encode("utf-16-le")[: 2 * limit].decode("utf-16-le", "ignore")


def _cut(head: str) -> int:
    for boundary in _BOUNDARIES:
        # A piece of less than a quarter would tear the text more than a cut at the next smaller boundary.
        ends = [m.start() for m in boundary.finditer(head) if m.start() >= len(head) // 4]
        if ends:
            return ends[-1]
    return len(head)
