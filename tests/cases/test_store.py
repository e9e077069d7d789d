"""A complaint is logged with everything, changes only as allowed, and every change says who, when and why."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from bot.cases import ending, feedback, offers, store
from bot.cases.model import FINAL_STATES, STATES, Case, Order
from bot.database import Database, utcnow
from bot.goodwill.policy import Policy
from tests.cases.conftest import NOW, CaseMaker


def opened(session: Session, **about: object) -> Case:
    given = {
        "conversation": "c1",
        "channel": "web",
        "language": "de",
        "category": "billing",
        "text": "Zweimal belastet",
    }
    return store.open_case(session, **{**given, **about})  # type: ignore[arg-type]


def lines(session: Session, case: Case) -> list[tuple[str, str, object, object]]:
    session.expire(case, ["audit"])
    return [(line.who, line.what, line.before, line.after) for line in case.audit]


def test_a_new_case_has_a_number_and_what_was_understood(office: Session) -> None:
    case = opened(office, flags=["repeat_contact"], remedies=["refund"], now=NOW)
    assert (case.number, case.state, case.severity) == ("EK-2026-000001", "new", 2)
    assert (case.flags, case.remedies, case.text) == (["repeat_contact"], ["refund"], "Zweimal belastet")
    assert [what for _, what, _, _ in lines(office, case)] == ["opened", "facts"]


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("wanted", STATES)
def test_a_state_follows_only_where_it_may(office: Session, state: str, wanted: str) -> None:
    case = opened(office)
    case.state = state
    if wanted == state or wanted in STATES[state]:
        store.move(office, case, wanted, who="Mira", why="so it was agreed")
        assert case.state == wanted
        return
    with pytest.raises(store.WrongState, match=f"{case.number} is {state}: it can become .*, not {wanted}"):
        store.move(office, case, wanted, who="Mira")
    assert case.state == state


def test_every_state_can_be_reached_and_none_is_a_dead_end() -> None:
    reached = {"new"}
    while more := {after for state in reached for after in STATES[state]} - reached:
        reached |= more
    assert reached == set(STATES)
    assert all(STATES[state] for state in STATES)


def test_a_move_is_audited_once_with_who_why_before_and_after(office: Session) -> None:
    case = opened(office)
    for _ in range(2):  # the same state again changes nothing
        store.move(office, case, "in_review", who="Mira", why="looks at the invoice")
    (line,) = [line for line in case.audit if line.what == "state"]
    assert (line.who, line.why, line.before, line.after) == ("Mira", "looks at the invoice", "new", "in_review")
    assert abs(line.at - utcnow()) < dt.timedelta(minutes=1)


def test_later_facts_add_up_and_severity_never_falls(office: Session) -> None:
    case = opened(office, flags=["legal"])
    assert case.severity == 3
    store.add_facts(office, case, who="bot", text="Und niemand ruft an", remedies=["callback"], flags=["vulnerable"])
    store.add_facts(office, case, who="bot", text="Und niemand ruft an", remedies=["callback"])
    assert (case.severity, case.flags, case.remedies) == (3, ["legal", "vulnerable"], ["callback"])
    assert case.text == "Zweimal belastet\nUnd niemand ruft an"
    assert len([what for _, what, _, _ in lines(office, case) if what == "facts"]) == 2


COLUMNS = [column.key for column in Case.__table__.columns if column.key != "updated_at"]


def test_whatever_changes_stands_in_the_audit_with_before_and_after(
    office: Session, policy: Policy, case_for_voucher: CaseMaker
) -> None:
    case = opened(office, conversation="c1", category="staff_conduct", now=NOW)

    def changed_by(step: Callable[[], object]) -> tuple[set[str], set[str]]:
        """The columns that a step changed, and those that its audit lines tell of."""
        office.flush()
        before, known = {name: getattr(case, name) for name in COLUMNS}, len(lines(office, case))
        step()
        office.flush()
        told: set[str] = set()
        office.expire(case, ["audit"])
        for line in case.audit[known:]:
            assert line.who and line.what and line.at
            told |= set(line.after) if isinstance(line.after, dict) else {line.what}
        return {name for name in COLUMNS if getattr(case, name) != before[name]}, told

    entity = {"entity": "product", "value": "Toaster", "resolved": None}
    order = office.merge(
        Order(order_number="LH-7", item="Toaster", price_cents=8_900, delivered_on=dt.date(2026, 1, 2))
    )
    again = opened(office, conversation="c2", text="Immer noch", now=NOW)
    for step in (
        lambda: store.add_facts(office, case, who="customer", text="Und dann das!", entities=[entity]),
        lambda: store.add_facts(office, case, who="customer", flags=["third_party", "broken_promise"]),
        lambda: store.attach_order(office, case, order, "postcode"),
        lambda: offers.decide_case(office, case, policy, now=NOW),
        lambda: store.join(office, again, case),
        lambda: store.move(office, case, "in_review", who="Mira", why="looks at it"),
        lambda: feedback.rate(office, case, 4),
    ):
        changed, told = changed_by(step)
        assert changed and changed <= told, changed - told


def test_entities_describe_the_case_until_the_order_is_proven(office: Session, case_for_voucher: CaseMaker) -> None:
    case = opened(
        office,
        entities=[
            {"entity": "order_number", "value": "lh 9", "resolved": "LH-9"},
            {"entity": "product", "value": "Toaster", "resolved": None},
            {"entity": "date", "value": "vorgestern", "resolved": "2026-11-21"},
            {"entity": "date", "value": "im Mai", "resolved": "2026-05"},
        ],
    )
    assert (case.order_number, case.item, case.incident_on) == ("LH-9", "Toaster", dt.date(2026, 11, 21))
    proven = case_for_voucher(office, 7, price_cents=60_000)
    store.add_facts(office, proven, who="bot", entities=[{"entity": "order_number", "value": "X-1", "resolved": "X-1"}])
    assert (proven.order_number, proven.verified, proven.verified_how) == ("LH-000007", True, "postcode")


def test_a_dear_proven_order_makes_a_complaint_serious(office: Session, case_for_voucher: CaseMaker) -> None:
    assert case_for_voucher(office, 1, price_cents=50_000, flags=[]).severity == 2
    assert case_for_voucher(office, 2, price_cents=49_999, flags=[]).severity == 1


def test_the_same_problem_told_again_joins_its_open_case(office: Session, case_for_voucher: CaseMaker) -> None:
    case = case_for_voucher(office, 1)
    again = opened(office, category=case.category, conversation="c2", text="Noch einmal: immer noch nicht gut")
    again.order_number = case.order_number
    assert store.told_before(office, again) is None  # a number that is only claimed joins nothing
    again.verified = True
    assert store.told_before(office, again) is case
    store.join(office, again, case)
    assert (again.state, again.repeat_of) == ("withdrawn", case.number)
    assert "repeat_contact" in case.flags and "immer noch nicht gut" in case.text
    assert store.latest(office, "c2") is case


def test_a_resolved_case_is_reopened_and_a_closed_or_withdrawn_one_stays(
    office: Session, case_for_voucher: CaseMaker
) -> None:
    case = case_for_voucher(office, 1)
    again = opened(office, category=case.category, conversation="c2", text="Es ist wieder genauso")
    again.order_number, again.verified = case.order_number, True
    store.move(office, case, "resolved", who="Mira")
    assert store.told_before(office, again) is case
    store.join(office, again, case)
    assert (case.state, again.state, again.repeat_of) == ("reopened", "withdrawn", case.number)
    assert "repeat_contact" in case.flags
    for state in ("resolved", "closed"):
        store.move(office, case, state, who="Mira")
    assert store.told_before(office, again) is None


@pytest.mark.parametrize("category", ["privacy", "other"])
def test_a_second_wish_about_data_or_something_else_is_a_case_of_its_own(
    office: Session, case_for_voucher: CaseMaker, category: str
) -> None:
    first, second = (case_for_voucher(office, n, order_number="LH-1", category=category) for n in (1, 2))
    assert store.told_before(office, second) is first
    store.move(office, first, "resolved", who="bot")
    assert store.told_before(office, second) is None


def test_an_open_case_is_joined_before_a_resolved_one(office: Session, case_for_voucher: CaseMaker) -> None:
    first, second, third = (case_for_voucher(office, n, order_number="LH-1", conversation=f"c{n}") for n in (1, 2, 3))
    store.move(office, first, "resolved", who="Mira")
    assert store.told_before(office, third) is second


def test_a_resolved_case_is_closed_after_a_month_and_its_retention_goes_on(
    office: Session, case_for_voucher: CaseMaker
) -> None:
    case = case_for_voucher(office, 1)
    store.move(office, case, "resolved", who="Mira")
    office.flush()
    resolved_at = case.updated_at
    assert ending.close_resolved(office, resolved_at + dt.timedelta(days=29)) == 0
    assert ending.close_resolved(office, resolved_at + dt.timedelta(days=31)) == 1
    office.flush()
    office.expire(case)
    assert (case.state, case.updated_at) == ("closed", resolved_at)


def test_speaking_for_somebody_else_is_noted(office: Session) -> None:
    case = opened(office, flags=["third_party"])
    assert (case.submitted_by, case.authorised) == ("relative", False)


def test_promises_are_made_once_and_end_with_the_case(office: Session) -> None:
    case, due = opened(office), utcnow() + dt.timedelta(hours=4)
    first = store.promise(office, case, "first_answer", due)
    assert store.promise(office, case, "first_answer", due + dt.timedelta(hours=1)) is first
    late = store.promise(office, case, "callback", utcnow() - dt.timedelta(minutes=1))
    store.move(office, case, "resolved", who="Mira")
    assert (first.state, late.state) == ("kept", "broken")
    assert "resolved" in FINAL_STATES


def test_two_people_at_one_case_come_one_after_the_other(database: Database) -> None:
    with database.begin() as session:
        number = opened(session).number
    with database.begin() as session:
        stale = session.get(Case, number)
    with database.begin() as session:
        store.move(session, session.get(Case, number), "resolved", who="Mira")
    with pytest.raises(store.WrongState, match="is resolved"), database.begin() as session:
        case = session.merge(stale, load=False)  # read before Mira resolved it
        assert case.state == "new"
        store.move(session, case, "offer_made", who="Bo")
