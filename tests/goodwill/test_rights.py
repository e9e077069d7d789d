"""Each right, on the last day and the day after."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest

from bot.goodwill.facts import Facts, OrderFacts
from bot.goodwill.periods import Period, Region, add_months, next_working_day
from bot.goodwill.policy import Policy
from bot.goodwill.rights import Right, applicable_rights

Build = Callable[..., Facts]
Order = Callable[..., OrderFacts]

BAVARIA = Region("DE", "BY")


def ids(rights: list[Right]) -> list[str]:
    return [right.rule_id for right in rights]


def only(rights: list[Right]) -> Right:
    assert len(rights) == 1, ids(rights)
    return rights[0]


# --- counting periods


@pytest.mark.parametrize(
    ("day", "months", "end"),
    [
        ("2024-02-29", 24, "2026-02-28"),  # § 188 (3): the number is missing
        ("2024-02-29", 48, "2028-02-29"),
        ("2025-08-31", 1, "2025-09-30"),
        ("2025-12-15", 1, "2026-01-15"),
        ("2026-01-01", -1, "2025-12-01"),
    ],
)
def test_months_are_counted_as_the_civil_code_says(day: str, months: int, end: str) -> None:
    assert add_months(dt.date.fromisoformat(day), months) == dt.date.fromisoformat(end)


@pytest.mark.parametrize(
    ("day", "moved"),
    [
        ("2026-11-27", "2026-11-27"),  # a Friday stays
        ("2026-11-28", "2026-11-30"),  # Saturday
        ("2026-11-29", "2026-11-30"),  # Sunday
        ("2026-04-03", "2026-04-07"),  # Good Friday to the Tuesday after Easter
        ("2026-12-25", "2026-12-28"),
        ("2026-01-06", "2026-01-07"),  # Epiphany, a holiday in Bavaria
    ],
)
def test_an_end_on_a_weekend_or_holiday_moves_on(day: str, moved: str) -> None:
    assert next_working_day(dt.date.fromisoformat(day), BAVARIA) == dt.date.fromisoformat(moved)


def test_holidays_are_those_of_the_state() -> None:
    epiphany = dt.date(2026, 1, 6)
    assert next_working_day(epiphany, Region("DE", "BE")) == epiphany


def test_a_period_without_its_event_has_no_end(facts: Build) -> None:
    assert Period("delivered_on", days=14).last_day(facts(), BAVARIA) is None


# --- withdrawal


@pytest.mark.parametrize(
    ("delivered", "today", "until"),
    [
        ("2026-11-13", "2026-11-27", "2026-11-27"),  # the last day, a Friday
        ("2026-11-13", "2026-11-28", None),
        ("2026-11-15", "2026-11-30", "2026-11-30"),  # Sunday 29 November moves to Monday
        ("2026-11-15", "2026-12-01", None),
        ("2026-12-11", "2026-12-28", "2026-12-28"),  # Christmas Day, a Friday, moves to Monday
        ("2026-12-11", "2026-12-29", None),
        ("2024-02-15", "2024-02-29", "2024-02-29"),
        ("2024-02-15", "2024-03-01", None),
    ],
)
def test_withdrawal_until_fourteen_days_after_delivery(
    policy: Policy, facts: Build, order: Order, delivered: str, today: str, until: str | None
) -> None:
    told = facts(today=today, category="", intent="withdraw_contract", order=order(delivered_on=delivered))
    found = applicable_rights(told, policy.rights)
    if until is None:
        assert found == []
    else:
        right = only(found)
        assert (right.rule_id, right.kind, right.form) == ("de-withdrawal", "withdrawal", "withdrawal")
        assert right.until == dt.date.fromisoformat(until)


def test_a_withdrawal_is_acknowledged_with_its_day_and_the_dates_in_words(
    policy: Policy, facts: Build, order: Order
) -> None:
    told = facts(category="", intent="withdraw_contract", order=order(item="Dachbox", delivered_on="2026-11-13"))
    right = only(applicable_rights(told, policy.rights))
    for part in ("23. November 2026", "Ihre Bestellung „Dachbox“", "27. November 2026", "7. Dezember 2026"):
        assert part in right.text["de"]
    for part in ("23 November 2026", "your order “Dachbox”", "27 November 2026", "7 December 2026"):
        assert part in right.text["en"]
    assert right.due == dt.date(2026, 12, 7)
    assert policy.company.withdrawal_url in right.text["de"]


def test_the_link_to_the_withdrawal_function_is_told_since_june_2026(
    policy: Policy, facts: Build, order: Order
) -> None:
    def text(today: str) -> str:
        told = facts(today=today, category="", intent="withdraw_contract", order=order(delivered_on=today))
        return only(applicable_rights(told, policy.rights)).text["en"]

    assert policy.company.withdrawal_url not in text("2026-06-18")
    assert policy.company.withdrawal_url in text("2026-06-19")


def test_a_purchase_can_be_withdrawn_from_before_it_is_delivered(policy: Policy, facts: Build, order: Order) -> None:
    told = facts(category="", intent="withdraw_contract", order=order(ordered_on="2026-11-20"))
    right = only(applicable_rights(told, policy.rights))
    assert (right.rule_id, right.until) == ("de-withdrawal-before-delivery", None)


def test_any_clear_statement_counts_before_the_order_is_known(policy: Policy, facts: Build) -> None:
    right = only(applicable_rights(facts(category="", intent="withdraw_contract", verified=False), policy.rights))
    assert (right.rule_id, right.kind) == ("de-withdrawal-statement", "withdrawal")


def test_no_right_of_withdrawal_for_the_shop_counter_and_the_workshop(
    policy: Policy, facts: Build, order: Order
) -> None:
    for bought in (order(delivered_on="2026-11-20", distance_sale=False), order(service_on="2026-11-20")):
        assert applicable_rights(facts(category="", intent="withdraw_contract", order=bought), policy.rights) == []


def test_money_back_for_a_fresh_defect_is_told_both_ways(policy: Policy, facts: Build, order: Order) -> None:
    told = facts(remedies=["refund"], order=order(delivered_on="2026-11-13"))
    assert ids(applicable_rights(told, policy.rights)) == ["de-warranty", "de-withdrawal-possible"]


def test_a_wrong_bill_is_no_reason_to_talk_of_withdrawal(policy: Policy, facts: Build, order: Order) -> None:
    told = facts(category="billing", remedies=["refund"], order=order(delivered_on="2026-11-13"))
    assert applicable_rights(told, policy.rights) == []


# --- warranty


@pytest.mark.parametrize(
    ("delivered", "today", "until"),
    [
        ("2026-03-20", "2026-11-23", "2028-03-20"),
        ("2024-11-25", "2026-11-25", "2026-11-25"),  # the last day, a Wednesday
        ("2024-11-25", "2026-11-26", None),
        ("2024-11-22", "2026-11-23", "2026-11-23"),  # Sunday 22 November moves to Monday
        ("2024-11-22", "2026-11-24", None),
        ("2024-12-25", "2026-12-28", "2026-12-28"),  # Christmas Day moves past the weekend
        ("2024-12-25", "2026-12-29", None),
        ("2024-02-29", "2026-03-02", "2026-03-02"),  # 28 February 2026 is a Saturday
        ("2024-02-29", "2026-03-03", None),
    ],
)
def test_warranty_until_two_years_after_delivery(
    policy: Policy, facts: Build, order: Order, delivered: str, today: str, until: str | None
) -> None:
    found = applicable_rights(facts(today=today, order=order(delivered_on=delivered)), policy.rights)
    if until is None:
        assert found == []
    else:
        right = only(found)
        assert (right.rule_id, right.kind, right.form) == ("de-warranty", "entitlement", "repair_or_replacement")
        assert (right.until, right.basis) == (dt.date.fromisoformat(until), "claim")
        assert right.choices == ("repair", "replacement")
        assert "477" in right.paragraph


@pytest.mark.parametrize(
    ("today", "presumed"), [("2026-11-23", True), ("2027-03-20", True), ("2027-03-21", False), ("2028-03-20", False)]
)
def test_the_presumption_of_the_first_year_is_told_while_it_runs(
    policy: Policy, facts: Build, order: Order, today: str, presumed: bool
) -> None:
    right = only(applicable_rights(facts(today=today, order=order(delivered_on="2026-03-20")), policy.rights))
    assert ("you do not have to prove" in right.text["en"]) is presumed
    assert ("müssen Sie nicht beweisen" in right.text["de"]) is presumed


@pytest.mark.parametrize("category", ["product_defect", "transport_damage", "not_as_described"])
def test_every_kind_of_defect_is_covered(policy: Policy, facts: Build, order: Order, category: str) -> None:
    found = applicable_rights(facts(category=category, order=order(delivered_on="2026-03-20")), policy.rights)
    assert ids(found) == ["de-warranty"]


def test_a_wrong_delivery_is_put_right(policy: Policy, facts: Build, order: Order) -> None:
    told = facts(category="wrong_or_incomplete", order=order(delivered_on="2026-11-01"))
    right = only(applicable_rights(told, policy.rights))
    assert (right.rule_id, right.form) == ("de-wrong-delivery", "correct_delivery")


def test_a_right_needs_a_proven_order(policy: Policy, facts: Build, order: Order) -> None:
    assert applicable_rights(facts(verified=False, order=order(delivered_on="2026-03-20")), policy.rights) == []
    assert applicable_rights(facts(order=None), policy.rights) == []


def test_asked_without_a_complaint_the_order_decides(policy: Policy, facts: Build, order: Order) -> None:
    def asked(**bought: object) -> list[str]:
        told = facts(category="", severity=0, intent="ask_rights", order=order(**bought))
        return ids(applicable_rights(told, policy.rights))

    assert asked(delivered_on="2026-03-20") == ["de-warranty"]
    assert asked(delivered_on="2026-11-18") == ["de-warranty", "de-withdrawal-possible"]
    assert asked(service_on="2026-11-02") == ["de-workmanship"]
    assert asked(promised_on="2026-11-17") == ["de-delivery-late"]


def test_a_guarantee_only_where_the_order_has_one(policy: Policy, facts: Build, order: Order) -> None:
    guaranteed = order(delivered_on="2023-11-23", guarantee_until="2026-11-23")
    right = only(applicable_rights(facts(order=guaranteed), policy.rights))
    assert (right.rule_id, right.until) == ("de-guarantee", dt.date(2026, 11, 23))
    assert applicable_rights(facts(today="2026-11-24", order=guaranteed), policy.rights) == []


# --- workmanship


@pytest.mark.parametrize(("today", "holds"), [("2026-11-23", True), ("2028-11-02", True), ("2028-11-03", False)])
def test_poor_work_is_put_right_for_two_years(
    policy: Policy, facts: Build, order: Order, today: str, holds: bool
) -> None:
    told = facts(today=today, category="repair_quality", order=order(item="Bremsbeläge", service_on="2026-11-02"))
    found = applicable_rights(told, policy.rights)
    assert ids(found) == (["de-workmanship"] if holds else [])
    if holds:
        assert found[0].form == "rework"
        assert "unsere Arbeit „Bremsbeläge“ vom 2. November 2026" in found[0].text["de"]


def test_a_service_still_to_come_gives_no_right_yet(policy: Policy, facts: Build, order: Order) -> None:
    told = facts(category="repair_quality", order=order(service_on="2026-12-01"))
    assert applicable_rights(told, policy.rights) == []


# --- delivery


@pytest.mark.parametrize(
    ("bought", "today", "holds"),
    [
        ({"promised_on": "2026-11-17"}, "2026-11-17", False),  # the promised day itself is in time
        ({"promised_on": "2026-11-17"}, "2026-11-18", True),
        ({"ordered_on": "2026-10-20"}, "2026-11-19", False),  # no day promised: thirty days
        ({"ordered_on": "2026-10-20"}, "2026-11-20", True),
        ({"promised_on": "2026-11-17", "delivered_on": "2026-11-20"}, "2026-11-23", False),
    ],
)
def test_late_delivery_gives_a_deadline_then_withdrawal(
    policy: Policy, facts: Build, order: Order, bought: dict[str, str], today: str, holds: bool
) -> None:
    found = applicable_rights(facts(today=today, category="late_delivery", order=order(**bought)), policy.rights)
    assert ids(found) == (["de-delivery-late"] if holds else [])


def test_the_deadline_proposed_ends_on_a_working_day(policy: Policy, facts: Build, order: Order) -> None:
    told = facts(today="2026-11-18", category="late_delivery", order=order(promised_on="2026-11-17"))
    right = only(applicable_rights(told, policy.rights))
    assert right.due == dt.date(2026, 11, 30)  # ten days end on Saturday the 28th
    assert "bis 17. November 2026" in right.text["de"] and "30. November 2026" in right.text["de"]


def test_a_lost_parcel_is_the_sellers_risk(policy: Policy, facts: Build, order: Order) -> None:
    told = facts(category="lost_delivery", order=order(delivered_on="2026-11-10"))
    right = only(applicable_rights(told, policy.rights))
    assert (right.rule_id, right.choices) == ("de-delivery-lost", ("replacement", "refund"))


# --- data


@pytest.mark.parametrize(
    ("intent", "category", "form", "article"),
    [
        ("access_data", "", "data_access", "15"),
        ("delete_data", "", "data_erasure", "17"),
        ("complain", "privacy", "data_objection", "21"),
    ],
)
def test_data_rights_hold_for_everybody_within_a_month_and_a_person_acts(
    policy: Policy, facts: Build, intent: str, category: str, form: str, article: str
) -> None:
    told = facts(today="2026-01-31", intent=intent, category=category, severity=0, verified=False)
    right = only(applicable_rights(told, policy.rights))
    assert (right.form, right.needs_person, right.due) == (form, True, dt.date(2026, 2, 28))
    assert article in right.paragraph


def test_what_must_be_kept_while_a_claim_is_open_is_said(policy: Policy, facts: Build) -> None:
    right = only(applicable_rights(facts(intent="delete_data", category="", verified=False), policy.rights))
    assert "offene Beschwerde" in right.text["de"] and "open complaint" in right.text["en"]


# --- all texts


def test_no_right_is_called_a_favour_and_every_rule_names_its_paragraph(policy: Policy) -> None:
    for rule in policy.rights.rules:
        words = " ".join(text for said in (rule.text, *(each.text for each in rule.add)) for text in said.values())
        assert "kulan" not in words.lower() and "goodwill" not in words.lower()
        assert rule.paragraph and rule.valid_from <= rule.checked_on
        assert set(rule.text) == {"de", "en"}


def test_names_in_texts_are_never_read_as_placeholders(policy: Policy, facts: Build, order: Order) -> None:
    told = facts(order=order(item="{until} {x} <b>", delivered_on="2026-03-20"))
    assert "„{until} {x} <b>“" in only(applicable_rights(told, policy.rights)).text["de"]


def test_forms_fit_the_column_that_keeps_them(policy: Policy) -> None:
    forms = [rule.form for rule in policy.rights.rules]
    forms += [step.gift.form for step in policy.goodwill.ladder if step.gift]
    forms += [each.gift.form for each in policy.delight.surprises]
    assert max(map(len, forms)) <= 24
