"""One policy for all tests, and builders that name only what a test is about."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.goodwill.facts import Facts, OrderFacts
from bot.goodwill.policy import Policy, load_policy

FOLDER = Path(__file__).resolve().parents[2] / "policy"
TODAY = dt.date(2026, 11, 23)  # a Monday


@pytest.fixture(scope="session")
def folder() -> Path:
    """The policy that is delivered."""
    return FOLDER


@pytest.fixture(scope="session")
def policy(folder: Path) -> Policy:
    return load_policy(folder)


@pytest.fixture(scope="session")
def order() -> Callable[..., OrderFacts]:
    """A paid order of 89 euros; days as ISO texts."""

    def build(**values: object) -> OrderFacts:
        days = {
            name: dt.date.fromisoformat(value)
            for name, value in values.items()
            if isinstance(value, str) and name.endswith(("_on", "_since", "_until"))
        }
        given = {"item": "Akkuschrauber", "price_cents": 8900, **values, **days}
        return OrderFacts(**given)  # type: ignore[arg-type]

    return build


@pytest.fixture(scope="session")
def facts() -> Callable[..., Facts]:
    """A verified complaint about a defect with money left in the budget."""

    def build(**values: object) -> Facts:
        for name in ("flags", "remedies"):
            values[name] = frozenset(values.get(name, ()))  # type: ignore[call-overload]
        given: dict[str, object] = {
            "today": TODAY,
            "category": "product_defect",
            "severity": 1,
            "verified": True,
            "order": None,
            "budget_left_cents": 200_000,
            **values,
        }
        if isinstance(given["today"], str):
            given["today"] = dt.date.fromisoformat(given["today"])
        return Facts(**given)  # type: ignore[arg-type]

    return build
