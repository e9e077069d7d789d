"""What holds for all facts: fairness, the cap, the replay."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bot.goodwill.decision import Decision
from bot.goodwill.engine import decide
from bot.goodwill.facts import BEFORE_NAMED, CATEGORIES, COMPENSATED, FLAGS, INTENTS, REMEDIES, Facts, OrderFacts
from bot.goodwill.policy import Policy
from bot.goodwill.rights import applicable_rights

TODAY = dt.date(2026, 11, 23)

# Mostly possible days and prices, and some that cannot be: no facts may bring the engine down.
days = st.none() | st.dates(dt.date(2020, 1, 1), TODAY) | st.dates(dt.date(1980, 1, 1), dt.date(2300, 1, 1))
prices = st.none() | st.integers(0, 300_000) | st.integers(-10_000, 10**12)
orders = st.builds(
    OrderFacts,
    item=st.sampled_from(["", "Dachbox", "{item} {amount}"]),
    price_cents=prices,
    currency=st.sampled_from(["EUR", "EUR", "EUR", "CHF", "???"]),
    ordered_on=days,
    promised_on=days,
    delivered_on=days,
    service_on=days,
    customer_since=days,
    prior_grants_12m=st.integers(-1, 4),
    distance_sale=st.booleans(),
    guarantee_until=days,
)
any_facts = st.builds(
    Facts,
    today=st.just(TODAY) | st.dates(dt.date(1980, 1, 1), dt.date(2300, 1, 1)),
    category=st.sampled_from(["", "nonsense", *sorted(CATEGORIES)]),
    severity=st.integers(-1, 5),
    flags=st.frozensets(st.sampled_from(sorted(FLAGS)), max_size=3),
    remedies=st.frozensets(st.sampled_from(sorted(REMEDIES)), max_size=2),
    verified=st.booleans(),
    order=st.none() | orders,
    compensated=st.sampled_from(["", "", "nonsense", BEFORE_NAMED, *COMPENSATED]),
    pressure=st.booleans(),
    budget_left_cents=st.integers(-1000, 300_000),
    authority=st.sampled_from(["bot", "staff", "lead", "manager", "nobody"]),
    jurisdiction=st.sampled_from(["DE", "DE", "DE", "AT"]),
    intent=st.sampled_from(sorted(INTENTS)),
    is_claim_for_defect=st.none() | st.booleans(),
    our_fault=st.none() | st.booleans(),
)

# Facts that get as far as the ladder: verified, told, sound, out of warranty or about something without a right.
past = st.none() | st.dates(dt.date(2015, 1, 1), TODAY)
ladder_facts = st.builds(
    Facts,
    today=st.just(TODAY),
    category=st.sampled_from(["product_defect", "billing", "missed_appointment", "staff_conduct", "other"]),
    severity=st.integers(0, 2),
    flags=st.frozensets(st.sampled_from(["broken_promise", "repeat_contact"])),
    remedies=st.just(frozenset()),
    verified=st.just(True),
    order=st.builds(
        OrderFacts,
        item=st.just("Dachbox"),
        price_cents=st.none() | st.integers(0, 49_999),
        delivered_on=st.dates(dt.date(2020, 1, 1), dt.date(2024, 11, 1)),
        customer_since=past,
        prior_grants_12m=st.integers(0, 2),
    ),
    budget_left_cents=st.integers(0, 20_000),
    authority=st.sampled_from(["bot", "staff", "manager"]),
    our_fault=st.none() | st.booleans(),
)


def worth(decision: Decision, policy: Policy) -> tuple[int, int]:
    """How good an offer is for the customer: the money first, then its step on the ladder."""
    assert decision.outcome in ("offer", "gesture")
    assert decision.offer is not None
    return decision.offer.amount_cents, policy.goodwill.index(decision.offer.step)


@settings(max_examples=150, deadline=None)
@given(facts=ladder_facts)
def test_more_severity_never_lowers_an_offer(policy: Policy, facts: Facts) -> None:
    offers = [worth(decide(replace(facts, severity=severity), policy), policy) for severity in (0, 1, 2)]
    assert offers == sorted(offers)


@settings(max_examples=300, deadline=None)
@given(facts=any_facts | ladder_facts)
def test_beside_a_right_too_more_severity_never_takes_something_away(policy: Policy, facts: Facts) -> None:
    decided = [decide(replace(facts, severity=severity), policy) for severity in (0, 1, 2)]
    assert len({each.outcome == "person" for each in decided}) == 1
    given = [each.offer for each in decided]
    steps = [(one.amount_cents, policy.goodwill.index(one.step)) if one else (0, -1) for one in given]
    assert steps == sorted(steps)


@settings(max_examples=150, deadline=None)
@given(facts=ladder_facts, years=st.integers(0, 12), more=st.integers(0, 12))
def test_being_a_customer_for_longer_never_lowers_an_offer(policy: Policy, facts: Facts, years: int, more: int) -> None:
    assert facts.order is not None
    shorter = replace(facts.order, customer_since=dt.date(2026 - years, 11, 1))
    longer = replace(facts.order, customer_since=dt.date(2026 - years - more, 11, 1))
    before, after = (worth(decide(replace(facts, order=each), policy), policy) for each in (shorter, longer))
    assert before <= after


@settings(max_examples=100, deadline=None)
@given(facts=ladder_facts, cents=st.integers(0, 20_000))
def test_a_larger_budget_never_lowers_an_offer(policy: Policy, facts: Facts, cents: int) -> None:
    richer = replace(facts, budget_left_cents=facts.budget_left_cents + cents)
    assert worth(decide(facts, policy), policy) <= worth(decide(richer, policy), policy)


@settings(max_examples=400, deadline=None)
@given(facts=any_facts | ladder_facts)
def test_no_offer_exceeds_authority_share_or_budget(policy: Policy, facts: Facts) -> None:
    decision = decide(facts, policy)
    if decision.offer is None or not decision.offer.amount_cents:
        assert decision.outcome != "offer"
        return
    assert decision.outcome == "offer"
    order = facts.proven
    assert order is not None and order.price_cents is not None and decision.cap_cents is not None
    authority = policy.goodwill.authority_cents[facts.authority]
    assert decision.offer.amount_cents <= decision.cap_cents
    assert decision.offer.amount_cents * 100 <= order.price_cents * 30
    assert decision.offer.amount_cents <= facts.budget_left_cents
    assert authority is None or decision.offer.amount_cents <= authority
    assert not facts.problems()
    assert facts.severity < 3 and not facts.pressure and not facts.compensated


@settings(max_examples=400, deadline=None)
@given(facts=any_facts)
def test_any_facts_give_a_decision_that_survives_storage(policy: Policy, facts: Facts) -> None:
    decision = decide(facts, policy)
    stored = json.loads(json.dumps(facts.to_json()))
    assert Facts.from_json(stored) == facts
    assert decide(Facts.from_json(stored), policy) == decision
    assert json.loads(json.dumps(decision.to_json())) == decision.to_json()
    assert decision.path and decision.reason and decision.rule_version == policy.version


@settings(max_examples=200, deadline=None)
@given(facts=any_facts)
def test_facts_with_problems_reach_a_person(policy: Policy, facts: Facts) -> None:
    assume(facts.problems())
    decision = decide(facts, policy)
    assert decision.outcome == "person"
    assert decision.offer is None and decision.rights == ()


@settings(max_examples=200, deadline=None)
@given(facts=any_facts)
def test_nothing_of_an_unproven_order_is_told(policy: Policy, facts: Facts) -> None:
    hidden = replace(facts, verified=False)
    assume(not hidden.problems())
    assert decide(hidden, policy) == decide(replace(hidden, order=None), policy)


@settings(max_examples=5, deadline=None)
@given(facts=any_facts | ladder_facts)
def test_the_policy_read_back_from_its_texts_decides_the_same(policy: Policy, facts: Facts) -> None:
    again = Policy.from_texts(dict(policy.files))
    assert again.version == policy.version
    assert decide(Facts.from_json(facts.to_json()), again) == decide(facts, policy)


@settings(max_examples=300, deadline=None)
@given(facts=any_facts | ladder_facts)
def test_a_surprise_is_never_given_instead_of_a_right(policy: Policy, facts: Facts) -> None:
    decision = decide(facts, policy)
    surprised = decision.offer is not None and decision.offer.kind == "surprise"
    if surprised:
        assert decision.offer is not None and decision.offer.amount_cents == 0
        assert list(decision.rights) == applicable_rights(facts, policy.rights), "the rights are told, too"
        assert all(right.kind != "withdrawal" for right in decision.rights[:1]), "nobody is talked out of a withdrawal"
