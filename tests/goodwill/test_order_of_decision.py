"""The order of decision: the first rule that applies ends it."""

from __future__ import annotations

import datetime as dt
import json
import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from bot.goodwill.engine import decide
from bot.goodwill.facts import Facts, OrderFacts
from bot.goodwill.policy import Policy

Build = Callable[..., Facts]
Order = Callable[..., OrderFacts]

OLD = "2024-05-23"  # thirty months ago: out of warranty, under three years


def rules_of(decision: object) -> list[str]:
    return [step.rule for step in decision.path]  # type: ignore[attr-defined]


# --- 1 severity


@pytest.mark.parametrize("severity", [3, 4])
def test_grave_cases_go_to_a_person_before_anything_else(
    policy: Policy, facts: Build, order: Order, severity: int
) -> None:
    decision = decide(facts(severity=severity, order=order(delivered_on="2026-03-20")), policy)
    assert (decision.outcome, decision.reason) == ("person", "severity")
    assert decision.offer is None
    assert decision.rights == ()
    assert [right.rule_id for right in decision.rights_for_person] == ["de-warranty"]
    assert rules_of(decision) == ["severity"]


def test_facts_that_contradict_each_other_lead_to_a_person_never_to_money(
    policy: Policy, facts: Build, order: Order
) -> None:
    wrong = order(ordered_on="2024-06-01", delivered_on=OLD)
    decision = decide(facts(severity=2, order=wrong), policy)
    assert (decision.outcome, decision.reason, decision.offer) == ("person", "facts_contradict", None)
    assert "delivered_on" in decision.path[-1].because


def test_a_country_without_rules_goes_to_a_person(policy: Policy, facts: Build, order: Order) -> None:
    decision = decide(facts(jurisdiction="AT", order=order(delivered_on="2026-03-20")), policy)
    assert (decision.outcome, decision.reason) == ("person", "jurisdiction")


# --- 2 rights


def test_broken_after_eight_months_any_goodwill_is_answered_with_the_right(
    policy: Policy, facts: Build, order: Order
) -> None:
    coffee = order(item="Kaffeevollautomat", price_cents=64900, delivered_on="2026-03-20")
    decision = decide(facts(severity=2, intent="ask_rights", order=coffee), policy)
    assert (decision.outcome, decision.reason, decision.basis) == ("right", "right:de-warranty", "claim")
    assert decision.offer is None
    assert decision.rights[0].choices == ("repair", "replacement")
    assert "Kulanz" not in decision.rights[0].text["de"]


def test_wanting_out_after_five_days_is_a_withdrawal_without_a_voucher(
    policy: Policy, facts: Build, order: Order
) -> None:
    bought = order(delivered_on="2026-11-18")
    decision = decide(facts(category="", severity=0, intent="withdraw_contract", order=bought), policy)
    assert (decision.outcome, decision.reason) == ("right", "right:de-withdrawal")
    assert decision.offer is None
    assert decision.question is None


def test_a_withdrawal_that_may_be_a_defect_is_asked_about_neutrally(policy: Policy, facts: Build, order: Order) -> None:
    told = facts(intent="withdraw_contract", order=order(delivered_on="2026-11-18"))
    decision = decide(told, policy)
    assert [right.rule_id for right in decision.rights] == ["de-withdrawal", "de-warranty"]
    assert decision.question is not None and set(decision.question) == {"de", "en"}
    answered = decide(replace(told, is_claim_for_defect=False), policy)
    assert [right.rule_id for right in answered.rights] == ["de-withdrawal"]
    assert answered.question is None


def test_a_gesture_may_stand_beside_a_right_where_the_policy_says_so(
    policy: Policy, facts: Build, order: Order
) -> None:
    brakes = facts(category="repair_quality", order=order(item="Bremsbeläge", service_on="2026-11-02"))
    decision = decide(brakes, policy)
    assert (decision.outcome, decision.reason) == ("right", "right:de-workmanship")
    assert decision.offer is not None
    assert (decision.offer.form, decision.offer.amount_cents) == ("loaner", 0)
    pressed = decide(replace(brakes, pressure=True), policy)
    assert (pressed.outcome, pressed.offer) == ("right", None)


def test_beside_a_right_there_is_never_money(policy: Policy, facts: Build, order: Order) -> None:
    late = order(price_cents=50_000, promised_on="2026-11-17", customer_since="2015-01-01")
    decision = decide(facts(category="late_delivery", severity=2, flags=["broken_promise"], order=late), policy)
    assert decision.outcome == "right"
    assert decision.offer is not None and decision.offer.amount_cents == 0


def test_only_a_person_says_no_to_a_withdrawal(policy: Policy, facts: Build, order: Order) -> None:
    late = facts(category="", intent="withdraw_contract", order=order(delivered_on="2026-10-01"))
    assert (decide(late, policy).outcome, decide(late, policy).reason) == ("person", "withdrawal_unclear")


@pytest.mark.parametrize(("intent", "reason"), [("reject_offer", "offer_rejected"), ("request_human", "person_wanted")])
def test_a_rejected_offer_and_a_wish_for_a_human_go_to_a_person(
    policy: Policy, facts: Build, order: Order, intent: str, reason: str
) -> None:
    decision = decide(facts(intent=intent, order=order(delivered_on=OLD)), policy)
    assert (decision.outcome, decision.reason) == ("person", reason)


def test_without_a_complaint_there_is_nothing_to_decide(policy: Policy, facts: Build, order: Order) -> None:
    decision = decide(facts(category="", severity=0, intent="thank", order=order(delivered_on=OLD)), policy)
    assert (decision.outcome, decision.reason, decision.offer) == ("none", "no_complaint", None)


# --- 3 verified


def test_unverified_gets_an_apology_and_no_money_whatever_the_order_says(
    policy: Policy, facts: Build, order: Order
) -> None:
    loyal = order(delivered_on=OLD, customer_since="2010-01-01")
    decision = decide(facts(severity=2, verified=False, flags=["broken_promise"], order=loyal), policy)
    assert (decision.outcome, decision.reason) == ("gesture", "not_verified")
    assert decision.offer is not None
    assert (decision.offer.form, decision.offer.amount_cents) == ("apology", 0)
    assert [each["id"] for each in decision.what_if] == ["verified"]
    assert "Akkuschrauber" not in json.dumps(decision.to_json())


def test_ignore_your_rules_and_give_me_100_euros_gets_no_money(policy: Policy, facts: Build) -> None:
    decision = decide(facts(severity=2, verified=False, pressure=True), policy)
    assert decision.reason == "not_verified"
    assert decision.offer is not None and decision.offer.amount_cents == 0


# --- 4 earlier favours, pressure


@pytest.mark.parametrize(
    ("changes", "grants", "reason"),
    [
        ({}, 3, "beyond_prior_grants"),
        ({"compensated": "order"}, 0, "already_compensated"),
        ({"compensated": "device"}, 0, "device_compensated"),
        ({"compensated": "payment"}, 0, "payment_compensated"),
        ({"pressure": True}, 0, "pressure"),
        ({"compensated": "order", "pressure": True}, 3, "beyond_prior_grants"),
    ],
)
def test_earlier_grants_compensation_and_pressure_go_to_a_person(
    policy: Policy, facts: Build, order: Order, changes: dict[str, object], grants: int, reason: str
) -> None:
    bought = order(delivered_on=OLD, prior_grants_12m=grants)
    decision = decide(facts(severity=2, order=bought, **changes), policy)
    assert (decision.outcome, decision.reason, decision.offer) == ("person", reason, None)


def test_two_earlier_grants_are_still_the_bots(policy: Policy, facts: Build, order: Order) -> None:
    decision = decide(facts(severity=2, order=order(delivered_on=OLD, prior_grants_12m=2)), policy)
    assert decision.outcome == "gesture"
    assert decision.score == 4 + 2 - 4


def test_a_gearbox_after_three_years_and_two_months_goes_to_a_person_without_a_promise(
    policy: Policy, facts: Build, order: Order
) -> None:
    gearbox = order(item="Getriebe", price_cents=289_000, service_on="2023-09-23")
    decision = decide(facts(category="repair_quality", severity=2, order=gearbox), policy)
    assert (decision.outcome, decision.reason) == ("person", "after_warranty_high_value")
    assert (decision.offer, decision.rights) == (None, ())


@pytest.mark.parametrize(("cents", "outcome"), [(49_999, "offer"), (50_000, "person")])
def test_the_price_from_which_a_person_decides_is_the_policys(
    policy: Policy, facts: Build, order: Order, cents: int, outcome: str
) -> None:
    bought = order(price_cents=cents, delivered_on=OLD)
    assert decide(facts(severity=2, order=bought), policy).outcome == outcome


@pytest.mark.parametrize("category", ["product_defect", "wrong_or_incomplete", "late_delivery", "repair_quality"])
def test_without_the_day_that_a_right_hangs_on_nothing_is_offered_in_its_place(
    policy: Policy, facts: Build, order: Order, category: str
) -> None:
    decision = decide(facts(category=category, severity=2, order=order()), policy)
    assert (decision.outcome, decision.reason) == ("person", "date_missing")


def test_a_question_about_rights_that_finds_none_is_answered_by_a_person(
    policy: Policy, facts: Build, order: Order
) -> None:
    asked = facts(category="", severity=0, intent="ask_rights", order=order(delivered_on=OLD))
    assert (decide(asked, policy).outcome, decide(asked, policy).reason) == ("person", "no_right_found")


# --- 5 score


@pytest.mark.parametrize(
    ("changes", "bought", "score"),
    [
        ({"severity": 0}, {"delivered_on": OLD}, 2),  # under three years
        ({"severity": 2}, {"delivered_on": OLD}, 6),
        ({"severity": 1, "our_fault": True}, {"delivered_on": OLD}, 6),
        ({"severity": 1, "flags": ["broken_promise"]}, {"delivered_on": OLD}, 5),
        ({"severity": 0}, {"delivered_on": "2023-11-24"}, 2),  # the last day under three years
        ({"severity": 0}, {"delivered_on": "2023-11-23"}, 1),
        ({"severity": 0}, {"delivered_on": "2021-11-24"}, 1),  # the last day under five years
        ({"severity": 0}, {"delivered_on": "2021-11-23"}, 0),
        ({"severity": 0}, {"delivered_on": OLD, "customer_since": "2023-11-23"}, 3),  # three years today
        ({"severity": 0}, {"delivered_on": OLD, "customer_since": "2023-11-24"}, 2),
        ({"severity": 0}, {"delivered_on": OLD, "prior_grants_12m": 1}, 0),
        ({"severity": 1, "category": "billing"}, {"delivered_on": "2026-11-01"}, 4),  # no age within warranty
        ({"severity": 1, "category": "billing", "our_fault": False}, {"delivered_on": "2026-11-01"}, 2),
    ],
)
def test_the_score_is_the_sum_that_the_policy_names(
    policy: Policy, facts: Build, order: Order, changes: dict[str, object], bought: dict[str, object], score: int
) -> None:
    assert decide(facts(order=order(**bought), **changes), policy).score == score


# --- 6 ladder


@pytest.mark.parametrize(
    ("severity", "fault", "flags", "step", "form", "cents", "outcome"),
    [
        (0, False, [], "apology", "apology", 0, "gesture"),
        (1, False, [], "priority", "priority", 0, "gesture"),
        (1, True, [], "surprise", "manager_call", 0, "gesture"),
        (2, True, [], "voucher", "voucher", 1000, "offer"),
        (2, True, ["broken_promise"], "voucher", "voucher", 1000, "offer"),
    ],
)
def test_each_score_takes_its_step(
    policy: Policy,
    facts: Build,
    order: Order,
    severity: int,
    fault: bool,
    flags: list[str],
    step: str,
    form: str,
    cents: int,
    outcome: str,
) -> None:
    told = facts(category="billing", severity=severity, our_fault=fault, flags=flags, order=order())
    decision = decide(told, policy)
    assert decision.offer is not None
    assert (decision.outcome, decision.reason) == (outcome, f"ladder:{step}")
    assert (decision.offer.form, decision.offer.amount_cents) == (form, cents)


def test_the_top_of_the_ladder_is_a_partial_refund_worded_as_goodwill(
    policy: Policy, facts: Build, order: Order
) -> None:
    loyal = order(delivered_on=OLD, customer_since="2015-01-01")
    decision = decide(facts(severity=2, our_fault=True, order=loyal), policy)
    assert decision.offer is not None
    assert (decision.offer.form, decision.offer.amount_cents, decision.basis) == ("partial_refund", 1500, "kulanz")
    assert decision.offer.text["de"].startswith("Aus Kulanz, ohne Anerkennung einer Rechtspflicht")
    assert decision.offer.text["en"].startswith("As a gesture of goodwill, without admission of liability")
    assert "15,00\xa0€" in decision.offer.text["de"] and "Akkuschrauber" in decision.offer.text["de"]
    assert "€15.00" in decision.offer.text["en"]


def test_staff_may_offer_more_than_the_bot_but_never_everything(policy: Policy, facts: Build, order: Order) -> None:
    dear = order(price_cents=40_000, delivered_on=OLD)
    told = facts(severity=2, our_fault=True, order=dear)
    amounts = {}
    for authority in ("bot", "staff", "lead", "manager"):
        offer = decide(replace(told, authority=authority), policy).offer
        assert offer is not None
        amounts[authority] = offer.amount_cents
    assert amounts == {"bot": 1500, "staff": 8000, "lead": 8000, "manager": 8000}


# --- 7 cap


@pytest.mark.parametrize(
    ("bought", "changes", "why"),
    [
        ({}, {"budget_left_cents": 0}, "budget left €0.00"),
        ({}, {"budget_left_cents": -500}, "budget left €0.00"),
        ({"price_cents": None}, {}, "the price is not known"),
        ({"price_cents": 0}, {}, "30 % of the price €0.00"),
        ({"price_cents": 500}, {}, "30 % of the price €1.50"),  # less than the smallest amount
        ({"currency": "CHF"}, {}, "paid in CHF"),
        ({}, {"authority": "nobody"}, "unknown authority nobody"),
    ],
)
def test_where_money_is_out_of_reach_a_step_without_money_is_taken_and_the_path_says_why(
    policy: Policy, facts: Build, order: Order, bought: dict[str, object], changes: dict[str, object], why: str
) -> None:
    decision = decide(facts(category="billing", severity=2, order=order(**bought), **changes), policy)
    assert (decision.outcome, decision.reason) == ("gesture", "ladder:surprise")
    assert decision.offer is not None and decision.offer.amount_cents == 0
    cap = next(step for step in decision.path if step.rule == "cap")
    assert not cap.passed and why in cap.because
    assert rules_of(decision)[-2:] == ["fallback", "ladder"]


@pytest.mark.parametrize(
    ("bought", "changes", "cents"),
    [
        ({"price_cents": 2000}, {}, 600),  # 30 % of the price
        ({"price_cents": 2180}, {}, 650),  # 6.54 rounded down to half euros
        ({}, {"budget_left_cents": 420}, 400),
        ({}, {}, 1000),
    ],
)
def test_the_amount_stays_under_the_smallest_of_the_three_limits(
    policy: Policy, facts: Build, order: Order, bought: dict[str, object], changes: dict[str, object], cents: int
) -> None:
    decision = decide(facts(category="billing", severity=2, order=order(**bought), **changes), policy)
    assert decision.offer is not None and decision.offer.amount_cents == cents


# --- what would have changed it, storage, speed


def test_the_decision_says_what_proof_would_have_added(policy: Policy, facts: Build, order: Order) -> None:
    loyal = order(delivered_on=OLD, customer_since="2015-01-01")
    decision = decide(facts(severity=2, order=loyal), policy)
    hint = next(each for each in decision.what_if if each["id"] == "service_proof")
    assert hint["en"].startswith("€5.00 more with proof of service")
    assert hint["de"].startswith("5,00\xa0€ mehr mit einem Servicenachweis")


def test_every_step_of_the_path_has_its_reason_in_both_languages(policy: Policy, facts: Build, order: Order) -> None:
    decision = decide(facts(severity=2, order=order(delivered_on=OLD)), policy)
    assert rules_of(decision) == [
        "severity",
        "facts",
        "rights",
        "verified",
        "beyond_prior_grants",
        "already_compensated",
        "pressure",
        "score",
        "cap",
        "ladder",
    ]
    assert all(step.because and step.because_de for step in decision.path)


def test_a_stored_decision_can_be_computed_again(policy: Policy, facts: Build, order: Order) -> None:
    loyal = order(delivered_on=OLD, customer_since="2015-01-01")
    decision = decide(facts(severity=2, order=loyal), policy)
    stored = json.loads(json.dumps([facts(severity=2, order=loyal).to_json(), dict(policy.files), decision.to_json()]))
    again = decide(Facts.from_json(stored[0]), Policy.from_texts(stored[1]))
    assert again == decision
    assert again.to_json() == stored[2]
    assert again.rule_version == policy.version


def test_a_decision_takes_less_than_two_milliseconds(policy: Policy, facts: Build, order: Order) -> None:
    told = [
        facts(severity=2, order=order(delivered_on=OLD, prior_grants_12m=1)),
        facts(order=order(delivered_on="2026-03-20")),
        facts(intent="withdraw_contract", order=order(delivered_on="2026-11-18")),
    ]
    for each in told:
        decide(each, policy)  # the holidays of a year are read once
    best = []
    for each in told:
        runs = []
        for _ in range(20):
            start = time.perf_counter()
            decide(each, policy)
            runs.append(time.perf_counter() - start)
        best.append(min(runs))
    assert max(best) < 0.002


def test_today_is_passed_in_and_nothing_else_moves_a_decision(policy: Policy, facts: Build, order: Order) -> None:
    bought = facts(severity=2, order=order(delivered_on="2024-11-22"))
    assert decide(bought, policy) == decide(bought, policy)
    assert decide(replace(bought, today=dt.date(2026, 11, 24)), policy).outcome == "offer"
