"""Which surprise: the first whose occasion fits, and there is one for everybody."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest

from bot.goodwill.delight import Occasion
from bot.goodwill.engine import decide
from bot.goodwill.facts import CATEGORIES, Facts, OrderFacts
from bot.goodwill.policy import Policy

Build = Callable[..., Facts]
Order = Callable[..., OrderFacts]


@pytest.mark.parametrize("category", sorted(CATEGORIES))
def test_there_is_a_surprise_for_every_problem(policy: Policy, facts: Build, category: str) -> None:
    gift = policy.delight.choose(facts(category=category))
    assert gift.owner and gift.promise in policy.hours.promises


@pytest.mark.parametrize(
    ("category", "form"),
    [("repair_quality", "loaner"), ("late_delivery", "handwritten_note"), ("staff_conduct", "manager_call")],
)
def test_the_first_that_fits_is_taken(policy: Policy, facts: Build, order: Order, category: str, form: str) -> None:
    assert policy.delight.choose(facts(category=category, order=order(service_on="2026-11-02"))).form == form


def test_nobody_is_lent_a_vehicle_for_a_kettle(policy: Policy, facts: Build, order: Order) -> None:
    kettle = order(item="Wasserkocher", delivered_on="2026-11-02")
    assert policy.delight.choose(facts(category="repair_quality", order=kettle)).form == "manager_call"


@pytest.mark.parametrize(
    ("occasion", "fits"),
    [
        (Occasion(), True),
        (Occasion(categories=frozenset({"billing"})), True),
        (Occasion(categories=frozenset({"other"})), False),
        (Occasion(flags=frozenset({"broken_promise", "vulnerable"})), True),
        (Occasion(flags=frozenset({"vulnerable"})), False),
        (Occasion(from_severity=2), True),
        (Occasion(customer_years=6), True),
        (Occasion(customer_years=7), False),
        (Occasion(has=("delivered_on",)), True),
        (Occasion(has=("delivered_on", "service_on")), False),
        (Occasion(categories=frozenset({"billing"}), customer_years=7), False),
    ],
)
def test_an_occasion_needs_all_that_it_names(facts: Build, order: Order, occasion: Occasion, fits: bool) -> None:
    billed = facts(
        category="billing", severity=2, flags=["broken_promise"], today=dt.date(2026, 11, 23),
        order=order(customer_since="2020-11-23", delivered_on="2026-10-04"),
    )  # fmt: skip
    assert occasion.fits(billed) is fits


def test_only_a_proven_order_says_how_long_somebody_has_been_a_customer(facts: Build, order: Order) -> None:
    unproven = facts(category="billing", verified=False, order=order(customer_since="2001-01-01"))
    assert not Occasion(customer_years=3).fits(unproven)


def test_the_decision_says_who_does_it_and_by_which_promise(policy: Policy, facts: Build, order: Order) -> None:
    decision = decide(facts(category="staff_conduct", order=order()), policy)
    assert decision.offer is not None
    assert (decision.offer.kind, decision.offer.form) == ("surprise", "manager_call")
    assert (decision.offer.owner, decision.offer.promise) == ("Leitung", "manager_call")
    assert (decision.offer.amount_cents, decision.rights) == (0, ())
