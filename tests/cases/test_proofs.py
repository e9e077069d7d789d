"""A customer proves that an order is theirs; a stranger learns nothing and has three tries."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.cases.model import Order, OrderTries, Verification
from bot.cases.orders import import_orders
from bot.cases.proofs import FORGOTTEN_AFTER, MAX_TRIES, Checked, forget_tries
from bot.cases.proofs import verify as verify_at
from bot.database import Database
from bot.demo import create_demo_orders
from tests.cases.conftest import NOW
from tests.cases.test_offers import DECIDERS, at_once
from tests.cases.test_orders import csv


@pytest.fixture
def shop(office: Session) -> Session:
    """A database with the demo orders."""
    create_demo_orders(office, dt.date(2026, 11, 23))
    return office


def verify(
    session: Session,
    conversation: str,
    number: str,
    *,
    postcode: str | None = None,
    email: str | None = None,
    now: dt.datetime = NOW,
) -> Checked:
    return verify_at(session, conversation, number, postcode=postcode, email=email, now=now)


@pytest.mark.parametrize(
    ("proof", "how"),
    [
        ({"postcode": " 80331 "}, "postcode"),
        ({"postcode": "D-80331"}, "postcode"),
        ({"email": "Anna.Brandl@Example.org "}, "email"),
        ({"postcode": "99999", "email": "anna.brandl@example.org"}, "email"),
    ],
)
def test_the_right_postcode_or_email_proves_an_order(shop: Session, proof: dict[str, str], how: str) -> None:
    checked = verify(shop, "c1", "lh 104711", postcode=proof.get("postcode"), email=proof.get("email"))
    assert checked.outcome == "ok"
    assert checked.order is not None
    assert checked.order.order_number == "LH-104711"
    record = shop.get(Verification, "c1")
    assert (record.order_number, record.how, record.failures) == ("LH-104711", how, 0)


def test_the_answer_does_not_tell_whether_an_order_exists(shop: Session) -> None:
    assert verify(shop, "c1", "LH-104711", postcode="80000") == verify(shop, "c2", "LH-999999", postcode="80331")


def test_three_wrong_tries_end_it_for_a_conversation(shop: Session) -> None:
    tries = [verify(shop, "c1", number, postcode="1").outcome for number in ("LH-104711", "LH-1", "LH-104711")]
    assert tries == ["wrong", "wrong", "ended"]
    assert verify(shop, "c1", "LH-104711", postcode="80331").outcome == "ended"
    assert verify(shop, "c2", "LH-104711", postcode="80331").outcome == "ok"


@pytest.mark.parametrize("number", ["LH-104711", "LH-999999"])
def test_new_conversations_buy_no_new_tries_for_an_order(shop: Session, number: str) -> None:
    spelt = (number, number.lower().replace("-", " "), f"#{number}")
    tries = [verify(shop, f"c{n}", each, postcode="1").outcome for n, each in enumerate(spelt)]
    assert tries == ["wrong"] * MAX_TRIES
    assert verify(shop, "c9", number, postcode="80331").outcome == "ended"
    assert verify(shop, "c9", "LH-104502", postcode="80469").outcome == "ended", "a person goes on"
    assert verify(shop, "c10", "LH-104502", postcode="80469").outcome == "ok", "another order is not touched"


def test_a_stranger_cannot_lock_an_order_for_more_than_a_day(shop: Session) -> None:
    for number in range(MAX_TRIES):
        verify(shop, f"stranger {number}", "LH-104711", postcode="1")
    at = NOW + FORGOTTEN_AFTER
    assert verify(shop, "c1", "LH-104711", postcode="80331", now=at - dt.timedelta(seconds=1)).outcome == "ended"
    assert verify(shop, "c2", "LH-104711", postcode="80331", now=at).outcome == "ok"
    forget_tries(shop, at)
    assert shop.scalar(select(func.count()).select_from(OrderTries)) == 1
    forget_tries(shop, at + FORGOTTEN_AFTER)
    assert shop.scalar(select(func.count()).select_from(OrderTries)) == 0


def test_no_order_number_is_kept_of_what_was_tried(shop: Session) -> None:
    verify(shop, "c1", "LH-104711", postcode="1")
    assert "104711" not in shop.scalars(select(OrderTries)).one().order_key


def test_guesses_from_fifty_conversations_at_once_are_three(database: Database) -> None:
    with database.begin() as session:
        session.add(Order(order_number="LH-1", item="Mixer", postcode="80331"))

    def guess(index: int) -> str:
        with database.begin() as session:
            return verify(session, f"c{index}", "LH-1", postcode=f"8033{index:02d}").outcome

    outcomes = at_once(DECIDERS, guess)
    assert (outcomes.count("wrong"), outcomes.count("ended")) == (MAX_TRIES, DECIDERS - MAX_TRIES)


def test_a_proven_order_does_not_buy_new_tries(shop: Session) -> None:
    verify(shop, "c1", "LH-104502", postcode="1")
    verify(shop, "c1", "LH-104711", postcode="80331")
    verify(shop, "c1", "LH-104502", postcode="2")
    assert verify(shop, "c1", "LH-104502", postcode="3").outcome == "ended"


@pytest.mark.parametrize("proof", [{}, {"postcode": ""}, {"email": " "}, {"postcode": None, "email": None}])
def test_nothing_given_proves_nothing_even_where_nothing_is_stored(
    office: Session, proof: dict[str, str | None]
) -> None:
    import_orders(office, csv("AB-1,Toaster,,,,,,,,,,").encode())
    assert verify(office, "c1", "AB-1", postcode=proof.get("postcode"), email=proof.get("email")).outcome == "wrong"
