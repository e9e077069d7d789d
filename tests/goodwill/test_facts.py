"""Facts that cannot be true are found, and stored facts come back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from bot.goodwill import facts as names
from bot.goodwill.facts import Facts, FactsError, OrderFacts

Build = Callable[..., Facts]
Order = Callable[..., OrderFacts]


def fields(facts: Facts) -> list[str]:
    return [problem.field for problem in facts.problems()]


def test_good_facts_have_no_problem(facts: Build, order: Order) -> None:
    bought = order(ordered_on="2026-11-01", promised_on="2026-11-05", delivered_on="2026-11-04")
    assert facts(order=bought).problems() == ()
    assert facts(order=order(ordered_on="2026-11-23", promised_on="2026-12-20")).problems() == ()
    assert facts(category="", intent="withdraw_contract").problems() == ()


@pytest.mark.parametrize(
    ("bought", "field"),
    [
        ({"price_cents": -1}, "price_cents"),
        ({"price_cents": 100_000_001}, "price_cents"),
        ({"currency": "EURO"}, "currency"),
        ({"currency": ""}, "currency"),
        ({"prior_grants_12m": -1}, "prior_grants_12m"),
        ({"ordered_on": "2026-11-05", "delivered_on": "2026-11-04"}, "delivered_on"),
        ({"ordered_on": "2026-11-05", "promised_on": "2026-11-04"}, "promised_on"),
        ({"ordered_on": "2026-11-24"}, "ordered_on"),
        ({"delivered_on": "2026-11-24"}, "delivered_on"),
        ({"customer_since": "2026-11-24"}, "customer_since"),
        ({"delivered_on": "1899-12-31"}, "delivered_on"),
        ({"promised_on": "9999-12-31"}, "promised_on"),
    ],
)
def test_an_order_that_cannot_be_is_found(facts: Build, order: Order, bought: dict[str, object], field: str) -> None:
    assert field in fields(facts(order=order(**bought)))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"severity": 5}, "severity"),
        ({"severity": -1}, "severity"),
        ({"category": "produkt"}, "category"),
        ({"intent": "kaufen"}, "intent"),
        ({"flags": ["danger"]}, "flags"),
        ({"remedies": ["gold"]}, "remedies"),
        ({"today": "1970-01-01"}, "today"),
    ],
)
def test_unknown_names_are_found(facts: Build, changes: dict[str, object], field: str) -> None:
    assert fields(facts(**changes)) == [field]


def test_the_names_are_those_of_the_taxonomy() -> None:
    with open(Path(__file__).resolve().parents[2] / "taxonomy.yml", encoding="utf-8") as file:
        taxonomy = YAML(typ="safe").load(file)
    assert set(taxonomy["intents"]) == names.INTENTS
    assert set(taxonomy["categories"]) == names.CATEGORIES
    assert set(taxonomy["flags"]) == names.FLAGS
    assert set(taxonomy["remedies"]) == names.REMEDIES


def test_facts_stored_before_a_field_existed_take_its_default(facts: Build, order: Order) -> None:
    data = facts(order=order(delivered_on="2026-11-04")).to_json()
    for name in ("our_fault", "is_claim_for_defect", "jurisdiction"):
        del data[name]
    del data["order"]["guarantee_until"]
    assert Facts.from_json(data) == facts(order=order(delivered_on="2026-11-04"))


@pytest.mark.parametrize(("then", "now"), [(False, ""), (True, "unnamed")])
def test_facts_stored_when_only_an_order_was_compensated_are_read(facts: Build, then: bool, now: str) -> None:
    data = facts().to_json()
    del data["compensated"]
    assert Facts.from_json({**data, "already_compensated": then}) == facts(compensated=now)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"today": "gestern"}, "today: expected a day"),
        ({"colour": "red"}, "unknown field 'colour'"),
        ({"order": {"delivered_on": 5}}, "order.delivered_on"),
        ({"order": "LH-1"}, "order: expected an object"),
    ],
)
def test_stored_facts_that_cannot_be_read_name_the_field(facts: Build, change: dict[str, object], message: str) -> None:
    with pytest.raises(FactsError, match=message):
        Facts.from_json({**facts().to_json(), **change})


def test_incomplete_stored_facts_are_named(facts: Build) -> None:
    data = facts().to_json()
    del data["severity"]
    with pytest.raises(FactsError, match="severity"):
        Facts.from_json(data)
