"""How a customer seems to feel, as far as words show it: a hint for whoever takes over, never a reason for an offer.

Read from what the NLU found in the messages (flags, intents) and from how they are written. Every mood names what it
was read from, so that a colleague can judge it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

LATEST = 6
"""How many of the customer's last messages count: a mood passes, a flag on the case stays."""

SHOUTED = 0.6
"""Share of capital letters from which a message of some length is shouted."""

_MOODS: tuple[tuple[str, frozenset[str], frozenset[str]], ...] = (
    ("desperate", frozenset({"crisis"}), frozenset()),
    ("threatening", frozenset({"threat"}), frozenset()),
    ("frightened", frozenset({"safety", "injury"}), frozenset()),
    ("angry", frozenset({"legal", "publicity", "discrimination"}), frozenset({"insult"})),
    ("strained", frozenset({"vulnerable"}), frozenset()),
    ("disappointed", frozenset({"repeat_contact", "broken_promise"}), frozenset({"reject_offer"})),
    ("friendly", frozenset(), frozenset({"praise", "thank"})),
)
"""The gravest first: the first that is seen is the mood."""


@dataclass(frozen=True)
class Words:
    """One message of a customer with what was understood of it."""

    text: str
    intent: str = ""
    flags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Mood:
    """`name`: desperate, threatening, frightened, angry, strained, disappointed, friendly or calm.

    `signs`: the flags and intents it was read from, `shouting` for capitals and rows of exclamation marks.
    """

    name: str
    signs: tuple[str, ...] = ()


def mood(said: Iterable[Words]) -> Mood:
    """The mood of a customer's last messages, oldest first. Friendly only where the very last one is."""
    latest = list(said)[-LATEST:]
    flags = {flag for words in latest for flag in words.flags}
    intents = {words.intent for words in latest}
    shouting = any(_shouts(words.text) for words in latest)
    for name, by_flags, by_intents in _MOODS:
        seen_in = intents if name != "friendly" else {words.intent for words in latest[-1:]}
        signs = [*sorted(by_flags & flags), *sorted(by_intents & seen_in)]
        if name == "angry" and shouting:
            signs.append("shouting")
        if signs:
            return Mood(name, tuple(signs))
    return Mood("calm")


def _shouts(text: str) -> bool:
    letters = [c for c in text if c.isalpha()]
    capitals = sum(c.isupper() for c in letters)
    return (len(letters) >= 12 and capitals / len(letters) >= SHOUTED) or "!!" in text
