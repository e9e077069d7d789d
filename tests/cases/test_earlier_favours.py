"""What was compensated once is not compensated again by the program, whatever its order number: a person decides."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from itertools import combinations
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.cases import offers, store
from bot.cases.explain import explain_case
from bot.cases.model import Case, Offer, Order
from bot.cases.replay import replay_case
from bot.database import Database
from bot.goodwill.policy import Policy
from tests.cases.conftest import NOW, CaseMaker
from tests.cases.test_offers import at_once, reserved

CATEGORIES = ("staff_conduct", "unreachable_service", "billing")


def bought(session: Session, number: int, **about: Any) -> str:
    """An order of its own customer."""
    key = f"LH-{number:06d}"
    session.add(
        Order(
            order_number=key, item="Wasserkocher", price_cents=8_900, currency="EUR", email=f"{key}@example.org",
            ordered_on=dt.date(2026, 10, 1), delivered_on=dt.date(2026, 10, 4), **about,
        )
    )  # fmt: skip
    session.flush()
    return key


@pytest.mark.parametrize(
    ("shared", "reason", "words"),
    [
        (
            {"device": "SN62508812"},
            "device_compensated",
            {
                "de": "dieses Gerät wurde schon entschädigt, mit einer anderen Bestellung",
                "en": "this device was compensated before, with another order",
            },
        ),
        (
            {"payment": "ZE20261"},
            "payment_compensated",
            {
                "de": "diese Zahlung wurde schon entschädigt, mit einer anderen Bestellung",
                "en": "this payment was compensated before, with another order",
            },
        ),
    ],
)
def test_the_same_thing_under_another_order_number_meets_a_person_and_is_told_why(
    office: Session,
    policy: Policy,
    case_for_voucher: CaseMaker,
    shared: dict[str, str],
    reason: str,
    words: dict[str, str],
) -> None:
    first, second = (
        case_for_voucher(office, serial, order_number=bought(office, serial, **shared)) for serial in (1, 2)
    )
    (offer,) = offers.decide_case(office, first, policy, now=NOW).offers
    offers.accept(office, offer.id, "c1", now=NOW)
    decided = offers.decide_case(office, second, policy, now=NOW)
    assert (decided.answer.outcome, decided.answer.reason, decided.offers) == ("person", reason, [])
    for language in ("de", "en"):
        (explained,) = explain_case(office, second, language)
        assert words[language] in [rule.because for rule in explained.rules if not rule.passed]
        label = {"de": "schon entschädigt", "en": "already compensated"}[language]
        assert any(name == "compensated" and said == label and value for name, said, value in explained.inputs)
        assert any("Gutschein" in line or "voucher" in line for line in explained.what_if)
    assert next(iter(shared.values())) not in str(decided.decision.inputs), "what names it stays with the order"
    assert all(each.same for each in replay_case(office, second))


def test_an_order_is_named_before_its_device(office: Session, policy: Policy, case_for_voucher: CaseMaker) -> None:
    numbers = [bought(office, serial, device="SN1234", payment="ZE1234") for serial in (1, 2)]
    for serial, key in enumerate(numbers, 1):
        case = case_for_voucher(office, serial, order_number=key)
        for offer in offers.decide_case(office, case, policy, now=NOW).offers:
            offers.accept(office, offer.id, f"c{serial}", now=NOW)
    again = case_for_voucher(office, 3, order_number=numbers[0], category="billing")
    assert offers.decide_case(office, again, policy, now=NOW).answer.reason == "already_compensated"
    (explained,) = explain_case(office, again, "en")
    assert "this order was compensated before" in [rule.because for rule in explained.rules]


def test_what_names_nothing_joins_nothing(office: Session, policy: Policy, case_for_voucher: CaseMaker) -> None:
    for serial in (1, 2, 3):
        case = case_for_voucher(office, serial, order_number=bought(office, serial))
        (offer,) = offers.decide_case(office, case, policy, now=NOW).offers
        offers.accept(office, offer.id, f"c{serial}", now=NOW)


def test_two_orders_of_one_device_decided_at_once_bring_one_favour(
    database: Database, policy: Policy, case_for_voucher: CaseMaker
) -> None:
    count = 8
    with database.begin() as session:
        for serial in range(1, count + 1):
            shared = {"device": "SN62508812"} if serial % 2 else {"device": "SN62508812", "payment": "ZE20261"}
            case_for_voucher(session, serial, order_number=bought(session, serial, **shared))

    def decide(index: int) -> str:
        with database.begin() as session:
            case = store.latest(session, f"c{count - index if index % 2 else index + 1}")
            assert case is not None
            return offers.decide_case(session, case, policy, now=NOW).answer.outcome

    outcomes = at_once(count, decide)
    assert set(outcomes) == {"offer", "person"}
    with database.begin() as session:
        assert reserved(session) == 1_000


a_thing = st.fixed_dictionaries(
    {"device": st.sampled_from([None, "SN1111A", "SN2222B"]), "payment": st.sampled_from([None, "ZE1111A", "ZE2222B"])}
)
a_step = st.tuples(
    st.integers(0, 3),
    st.sampled_from(CATEGORIES),
    st.sampled_from(["decide", "decide", "decide", "accept", "decline", "revoke", "expire"]),
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(things=st.lists(a_thing, min_size=4, max_size=4), steps=st.lists(a_step, min_size=2, max_size=12))
def test_the_same_thing_never_gets_a_second_favour_from_the_program(
    office: Session,
    policy: Policy,
    case_for_voucher: CaseMaker,
    things: list[dict[str, str | None]],
    steps: list[tuple[int, str, str]],
) -> None:
    point = office.begin_nested()
    keys = [bought(office, number, **thing) for number, thing in enumerate(things)]
    cases: dict[tuple[int, str], Case] = {}
    now = NOW
    for number, category, step in steps:
        serial = len(cases) + 1
        if (number, category) not in cases:
            cases[number, category] = case_for_voucher(office, serial, order_number=keys[number], category=category)
        case = cases[number, category]
        waiting = offers.open_offer(office, case)
        if step == "decide":
            offers.decide_case(office, case, policy, now=now)
        elif step == "expire":
            now += dt.timedelta(days=31)
            offers.expire(office, now)
        elif waiting is not None:
            _answer(step)(office, waiting, case, now)
        _no_two_favours_share_a_thing(office)
    point.rollback()


def _answer(step: str) -> Callable[[Session, Offer, Case, dt.datetime], object]:
    return {
        "accept": lambda session, offer, case, now: offers.accept(session, offer.id, case.conversation, now=now),
        "decline": lambda session, offer, case, now: offers.decline(session, offer.id, case.conversation, now=now),
        "revoke": lambda session, offer, case, now: offers.revoke(session, offer.id, who="Mira", why="wrong"),
    }[step]


def _no_two_favours_share_a_thing(session: Session) -> None:
    session.flush()
    standing = session.execute(
        select(Offer.case_number, Order)
        .join(Case, Case.number == Offer.case_number)
        .join(Order, Order.order_number == Case.order_number)
        .where(Offer.kind == "goodwill", Offer.by == "bot", Offer.state.in_(("open", "accepted", "fulfilled")))
    ).all()
    for (_, one), (_, other) in combinations(standing, 2):
        assert one.order_number != other.order_number
        assert not one.device or one.device != other.device
        assert not one.payment or one.payment != other.payment
