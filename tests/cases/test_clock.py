"""A clock that jumps, a night without an hour, the turn of a month: nothing is given twice, nothing is lost."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy.orm import Session

from bot.cases import offers, store
from bot.cases.budgets import budget_left, month_of
from bot.cases.numbering import next_number
from bot.cases.promises import overview
from bot.goodwill.hours import promise_due
from bot.goodwill.policy import Policy
from tests.cases.conftest import NOW, CaseMaker, PolicyMaker

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
UTC = dt.timezone.utc


@pytest.mark.parametrize("jump", [-400 * DAY, -DAY, -HOUR, HOUR, DAY])
def test_deciding_again_after_the_clock_has_jumped_gives_the_same_offer(
    office: Session, policy: Policy, case_for_voucher: CaseMaker, jump: dt.timedelta
) -> None:
    case = case_for_voucher(office)
    (offer,) = offers.decide_case(office, case, policy, now=NOW).offers
    again = offers.decide_case(office, case, policy, now=NOW + jump)
    assert [each.id for each in again.offers if each.kind == "goodwill"] in ([offer.id], [])
    assert sum(each.amount_cents for each in case.offers if each.state == "open") == 1_000
    assert budget_left(office, policy, NOW) == 199_000, "reserved once"


def test_an_order_that_lies_in_the_future_since_the_clock_was_set_back_brings_no_money(
    office: Session, policy: Policy, case_for_voucher: CaseMaker
) -> None:
    decided = offers.decide_case(office, case_for_voucher(office), policy, now=NOW - 400 * DAY)
    assert (decided.answer.outcome, decided.answer.reason) == ("person", "facts_contradict")
    assert decided.offers == []


def test_ten_years_later_every_offer_has_ended_and_its_money_is_free(
    office: Session, policy: Policy, case_for_voucher: CaseMaker
) -> None:
    case = case_for_voucher(office)
    (offer,) = offers.decide_case(office, case, policy, now=NOW).offers
    later = NOW + 3650 * DAY
    assert offers.expire(office, later) == [offer]
    assert offers.accept(office, offer.id, "c1", now=later)[0] == "expired"
    assert budget_left(office, policy, NOW) == 200_000
    assert offers.accept(office, offer.id, "c1", now=NOW)[0] == "expired", "setting the clock back revives nothing"


def test_a_promise_ends_well_when_the_clock_was_set_back_meanwhile(office: Session) -> None:
    case = store.open_case(office, conversation="c1", channel="web", language="de", category="billing", text="Hm")
    store.promise(office, case, "first_answer", NOW + HOUR, now=NOW)
    store.keep_promise(office, case, "first_answer", "Mira", now=NOW - DAY)
    assert [made.state for made in case.promises] == ["kept"]
    record = overview(office, NOW)
    assert (record.kept, record.broken, record.open) == (1, 0, [])


def test_numbers_go_on_where_they_were_when_the_year_comes_back(office: Session) -> None:
    assert [next_number(office, year) for year in (2026, 2027, 2026, 2027)] == [
        "EK-2026-000001",
        "EK-2027-000001",
        "EK-2026-000002",
        "EK-2027-000002",
    ]


@pytest.mark.parametrize(
    ("moment", "month"),
    [
        (dt.datetime(2026, 11, 30, 22, 59, tzinfo=UTC), "2026-11"),
        (dt.datetime(2026, 11, 30, 23, 0, tzinfo=UTC), "2026-12"),  # midnight in Berlin
        (dt.datetime(2026, 3, 31, 22, 0, tzinfo=UTC), "2026-04"),  # in summer an hour earlier
    ],
)
def test_the_months_budget_follows_the_calendar_on_the_wall(policy: Policy, moment: dt.datetime, month: str) -> None:
    assert month_of(policy, moment) == month


def test_an_offer_declined_next_month_frees_the_month_it_came_from(
    office: Session, policy_with: PolicyMaker, case_for_voucher: CaseMaker
) -> None:
    policy = policy_with(month_cents=1_000)
    (offer,) = offers.decide_case(office, case_for_voucher(office), policy, now=NOW).offers
    december = NOW + 9 * DAY
    assert offers.decline(office, offer.id, "c1", now=december)[0] == "ok"
    assert (budget_left(office, policy, NOW), budget_left(office, policy, december)) == (1_000, 1_000)


@pytest.mark.parametrize(
    "night",
    [dt.datetime(2026, 3, 29, 0, 30, tzinfo=UTC), dt.datetime(2026, 10, 25, 0, 30, tzinfo=UTC)],
    ids=["the night that loses an hour", "the night that gains one"],
)
def test_promises_made_in_the_night_of_a_clock_change_are_due_in_the_morning(
    policy: Policy, night: dt.datetime
) -> None:
    for minutes in range(0, 180, 15):  # through the hour that is missing, and the one that comes twice
        moment = night + minutes * dt.timedelta(minutes=1)
        due = promise_due("first_answer", moment, policy)
        assert due.weekday() == 0 and (due.hour, due.minute) == (12, 0), "Monday, four hours after eight"
        assert due > moment
