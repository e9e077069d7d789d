"""Before management signs another policy it sees what it would have offered and cost."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from bot.cases import offers
from bot.cases.model import Decision
from bot.cases.simulate import BadPeriod, Period, period, simulate
from bot.cases.simulate_picture import draw
from bot.goodwill.policy import Policy
from tests.cases.conftest import NOW, CaseMaker, PolicyMaker

ALWAYS = Period(None, None)


@pytest.fixture
def stored(office: Session, policy: Policy, case_for_voucher: CaseMaker) -> Session:
    """Ten cases worth a voucher, one with a right, one for a person; the first voucher was accepted."""
    about: list[dict[str, object]] = [{}] * 10 + [{"category": "product_defect", "flags": []}, {"flags": ["legal"]}]
    for serial, each in enumerate(about, 1):
        case = case_for_voucher(office, serial, **each)
        decided = offers.decide_case(office, case, policy, now=NOW + dt.timedelta(minutes=serial))
        if serial == 1:
            offers.accept(office, decided.offers[0].id, "c1", now=NOW)
    return office


def test_the_same_policy_changes_nothing(stored: Session, policy: Policy) -> None:
    found = simulate(stored, policy, ALWAYS)
    assert (found.cases, found.changed, found.unreadable) == (12, 0, 0)
    assert found.now == found.then
    assert (found.now.cents, found.accepted_cents, found.expected_cents) == (10_000, 1_000, 1_000)


def test_a_meaner_policy_shows_who_would_have_got_less(stored: Session, policy_with: PolicyMaker) -> None:
    found = simulate(stored, policy_with(per_severity=1), ALWAYS)
    assert (found.changed, found.less, found.more) == (10, 10, 0)
    assert found.then.outcomes == {"gesture": 10, "right": 1, "person": 1}
    assert (found.now.cents, found.then.cents, found.expected_cents) == (10_000, 0, 0)


def test_the_other_policy_spends_its_own_budget_case_by_case(stored: Session, policy_with: PolicyMaker) -> None:
    found = simulate(stored, policy_with(month_cents=4_500), ALWAYS)
    assert found.then.cents == 4_500
    assert found.then.offers["voucher"] == 5
    assert found.less == 6  # the fifth got the 5 euros that were left, five got none


def test_what_people_granted_comes_out_of_the_same_budget(
    stored: Session, policy: Policy, policy_with: PolicyMaker, case_for_voucher: CaseMaker
) -> None:
    offers.grant(
        stored, case_for_voucher(stored, 90), user_name="Mira", role="staff", amount_cents=4_000, reason="long wait",
        policy=policy, now=NOW,
    )  # fmt: skip
    assert simulate(stored, policy_with(month_cents=4_500), ALWAYS).then.cents == 500


def test_a_case_that_was_decided_often_counts_once(
    office: Session, policy: Policy, case_for_voucher: CaseMaker
) -> None:
    case = case_for_voucher(office)
    for _ in range(3):
        offers.decide_case(office, case, policy, now=NOW)
    found = simulate(office, policy, ALWAYS)
    assert (found.cases, found.now.cents, found.then.cents) == (1, 1_000, 1_000)


def test_facts_that_cannot_be_read_are_counted_not_hidden(stored: Session, policy: Policy) -> None:
    decision = stored.query(Decision).first()
    decision.inputs = {"today": "yesterday"}
    stored.flush()
    found = simulate(stored, policy, ALWAYS)
    assert (found.cases, found.unreadable) == (11, 1)


def test_periods(policy: Policy) -> None:
    zone = policy.hours.zone
    last = period("last-month", policy, dt.datetime(2027, 1, 1, 0, 30, tzinfo=zone))
    assert (last.start, last.end) == (dt.datetime(2026, 12, 1, tzinfo=zone), dt.datetime(2027, 1, 1, tzinfo=zone))
    assert period("90", policy, NOW) == Period(NOW - dt.timedelta(days=90), NOW)
    assert period("all", policy, NOW) == ALWAYS
    for wrong in ("", "0", "-3", "last-year", "²", "9999999"):
        with pytest.raises(BadPeriod, match="give last-month, a number of days such as 90, or all"):
            period(wrong, policy, NOW)


def test_only_the_period_counts(stored: Session, policy: Policy) -> None:
    assert simulate(stored, policy, Period(NOW + dt.timedelta(minutes=11), None)).cases == 2
    assert simulate(stored, policy, Period(None, NOW)).cases == 0


@pytest.mark.parametrize("ending", ["png", "svg"])
def test_the_picture(stored: Session, policy_with: PolicyMaker, tmp_path: Path, ending: str) -> None:
    file = tmp_path / f"policy.{ending}"
    draw(simulate(stored, policy_with(per_severity=1), ALWAYS), file)
    assert file.read_bytes().startswith(b"\x89PNG" if ending == "png" else b"<?xml")


def test_a_picture_of_nothing(office: Session, policy: Policy, tmp_path: Path) -> None:
    draw(simulate(office, policy, ALWAYS), tmp_path / "none.png")
