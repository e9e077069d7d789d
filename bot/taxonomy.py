"""The names used everywhere, read once from taxonomy.yml."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from ruamel.yaml import YAML

from bot.config import ROOT

SEVERE_FROM = 3
"""Severity from which a person takes over at once."""

FLAG_SEVERITY: dict[str, int] = {
    "safety": 4,
    "injury": 4,
    "crisis": 4,
    "threat": 4,
    "legal": 3,
    "publicity": 3,
    "discrimination": 3,
    "data_breach": 3,
    "vulnerable": 3,
    "repeat_contact": 2,
    "broken_promise": 2,
}
"""What a flag makes of a case; `third_party` changes nothing. See `severity` in taxonomy.yml."""

HIGH_VALUE_CENTS = 50_000
"""A verified price from which a complaint is serious."""


@lru_cache(maxsize=1)
def _read() -> dict[str, Any]:
    with open(ROOT / "taxonomy.yml", encoding="utf-8") as file:
        return dict(YAML(typ="safe").load(file))


def intents() -> tuple[str, ...]:
    return tuple(_read()["intents"])


def categories() -> tuple[str, ...]:
    return tuple(_read()["categories"])


def flags() -> tuple[str, ...]:
    return tuple(_read()["flags"])


def remedies() -> tuple[str, ...]:
    return tuple(_read()["remedies"])


def entities() -> tuple[str, ...]:
    return tuple(_read()["entities"])


def severity(flags: list[str] | set[str] | frozenset[str], *, complaint: bool, price_cents: int | None = None) -> int:
    """How grave a message or case is, 0 (remark) to 4 (danger): the one function that decides it.

    The highest of its flags counts; a complaint is at least 1; a verified price of 500 EUR or more makes it 2.
    """
    base = 1 if complaint else 0
    if complaint and price_cents is not None and price_cents >= HIGH_VALUE_CENTS:
        base = 2
    return max([base, *(FLAG_SEVERITY.get(flag, 0) for flag in flags)])
