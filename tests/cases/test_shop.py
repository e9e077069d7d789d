"""Orders from the shop's own API: the same proof, nothing told to strangers, and a shop that fails hurts nobody."""

from __future__ import annotations

import datetime as dt
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.cases import shop as shops
from bot.cases.model import Order, Verification
from bot.cases.orders import find_order
from bot.cases.proofs import Checked, ask_shop
from bot.cases.proofs import verify as verify_asked
from bot.cases.shop import FAILURES, REMEMBERED, REST, Shop, ShopUnavailable, read_order
from bot.config import settings
from tests.cases.conftest import NOW
from tests.services.shop_double import ORDER, ShopDouble, open_shop


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def verify(
    session: Session,
    conversation: str,
    number: str,
    *,
    postcode: str | None = None,
    email: str | None = None,
    shop: Shop | None = None,
) -> Checked:
    """A proof as the dialogue takes it: the shop is asked first."""
    asked = ask_shop(conversation, number, shop)
    return verify_asked(session, conversation, number, now=NOW, asked=asked, postcode=postcode, email=email)


@pytest.fixture
def double() -> Iterator[ShopDouble]:
    with open_shop() as running:
        yield running


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def shop(double: ShopDouble, clock: Clock) -> Iterator[Shop]:
    client = Shop(double.url + "/", token="s3cret", clock=clock, pause=clock.sleep)
    yield client
    client.close()


def test_an_order_is_read_with_its_days_and_cents(shop: Shop, double: ShopDouble) -> None:
    values = shop.order("LH-104711", conversation="c1")
    assert values is not None
    assert (values["price_cents"], values["delivered_on"]) == (8900, dt.date(2026, 10, 4))
    assert (values["promised_on"], values["licence_plate"], values["prior_grants_12m"]) == (None, None, 1)
    assert double.tokens == ["Bearer s3cret"]
    assert shop.order("LH-1", conversation="c1") is None


def test_a_device_and_a_payment_are_read_as_the_list_reads_them() -> None:
    values = read_order(json.dumps({**ORDER, "device": "sn 625-08812", "payment": "cash"}).encode())
    assert (values["device"], values["payment"]) == ("SN62508812", None)
    values = read_order(json.dumps({**ORDER, "payment": None}).encode())
    assert (values["device"], values["payment"]) == (None, None)


def test_a_number_cannot_leave_its_place_in_the_address(shop: Shop, double: ShopDouble) -> None:
    assert shop.order("../users?x=1#y", conversation="c1") is None
    assert double.asked == ["../users?x=1#y"]


def test_a_conversation_asks_once_another_one_again(shop: Shop, double: ShopDouble, clock: Clock) -> None:
    for _ in range(3):
        shop.order("LH-104711", conversation="c1")
        shop.order("LH-1", conversation="c1")
    assert len(double.asked) == 2
    shop.order("LH-104711", conversation="c2")
    assert len(double.asked) == 3
    clock.now += REMEMBERED
    shop.order("LH-104711", conversation="c1")
    assert len(double.asked) == 4


@pytest.mark.parametrize("stumble", [500, 503, 429, "cut"])
def test_one_stumble_is_forgiven(shop: Shop, double: ShopDouble, stumble: int | str) -> None:
    double.script = [stumble]
    assert shop.order("LH-104711", conversation="c1") is not None
    assert len(double.asked) == 2


@pytest.mark.parametrize("status", [400, 401, 403, 302])
def test_what_will_not_get_better_is_not_tried_again(shop: Shop, double: ShopDouble, status: int) -> None:
    double.script = [status]
    with pytest.raises(ShopUnavailable, match=f"status {status}"):
        shop.order("LH-104711", conversation="c1")
    assert len(double.asked) == 1


def test_a_shop_that_hangs_is_given_up(double: ShopDouble) -> None:
    double.script = ["hang", "hang"]
    client = Shop(double.url, timeout=0.3)
    with pytest.raises(ShopUnavailable, match="ReadTimeout"):
        client.order("LH-104711", conversation="c1")
    client.close()


def test_after_failures_in_a_row_the_shop_is_left_alone(shop: Shop, double: ShopDouble, clock: Clock) -> None:
    double.script = [500] * (2 * FAILURES + 2)
    for _ in range(FAILURES + 5):
        with pytest.raises(ShopUnavailable):
            shop.order("LH-104711", conversation="c1")
    assert len(double.asked) == 2 * FAILURES
    clock.now += REST
    for _ in range(3):  # one looks whether it is well again; it is not
        with pytest.raises(ShopUnavailable):
            shop.order("LH-104711", conversation="c1")
    assert len(double.asked) == 2 * FAILURES + 2
    clock.now += REST
    for number in range(5):
        assert shop.order("LH-104711", conversation=f"c{number}") is not None


def test_a_shop_that_is_not_there(clock: Clock) -> None:
    client = Shop("http://127.0.0.1:9", clock=clock, pause=clock.sleep)
    with pytest.raises(ShopUnavailable, match="ConnectError"):
        client.order("LH-104711", conversation="c1")
    client.close()


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"price_cents": 89.0}, "price_cents"),
        ({"price_cents": "89.00"}, "price_cents"),
        ({"price_cents": -1}, "price_cents"),
        ({"price_cents": True}, "price_cents"),
        ({"price_cents": 10**12}, "price_cents"),
        ({"delivered_on": "04.10.2026"}, "delivered_on"),
        ({"delivered_on": 20261004}, "delivered_on"),
        ({"order_number": None}, "order_number"),
        ({"postcode": 80331}, "postcode"),
        ({"item": "x" * 201}, "item"),
        ({"currency": "euro"}, "currency"),
        ({"prior_grants_12m": -1}, "prior_grants_12m"),
        ({"distance_sale": "no"}, "distance_sale"),
        ({"guarantee_until": "forever"}, "guarantee_until"),
        ({"device": 62508812}, "device"),
        ({"payment": "9" * 65}, "payment"),
    ],
)
def test_a_field_that_cannot_be_is_named(change: dict[str, Any], named: str) -> None:
    with pytest.raises(ShopUnavailable, match=named):
        read_order(json.dumps({**ORDER, **change}).encode())


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"null", b"\xff", b"{" + b" " * 70_000 + b"}"])
def test_no_order_at_all_is_no_crash(shop: Shop, double: ShopDouble, body: bytes) -> None:
    double.script = [body]
    with pytest.raises(ShopUnavailable):
        shop.order("LH-104711", conversation="c1")


def test_a_proof_against_the_shop(office: Session, shop: Shop) -> None:
    assert verify(office, "c1", "lh 104711", postcode="99999", shop=shop).outcome == "wrong"
    assert office.scalar(select(func.count()).select_from(Order)) == 0  # a stranger's order is not copied
    checked = verify(office, "c1", "lh 104711", postcode="80331", shop=shop)
    assert checked.outcome == "ok"
    order = find_order(office, "LH104711")
    assert order is checked.order
    assert order is not None
    assert (order.price_cents, order.delivered_on) == (8900, dt.date(2026, 10, 4))


def test_the_shop_knows_better_than_the_imported_list(office: Session, shop: Shop) -> None:
    office.add(Order(order_number="LH-104711", item="Mixer", price_cents=1, postcode="10115"))
    office.flush()
    assert verify(office, "c1", "LH-104711", postcode="10115", shop=shop).outcome == "wrong"
    assert verify(office, "c1", "LH-104711", postcode="80331", shop=shop).outcome == "ok"
    assert office.get(Order, "LH-104711").item == "Kaffeemaschine"


def test_the_answer_does_not_tell_whether_the_shop_has_it(office: Session, shop: Shop, double: ShopDouble) -> None:
    known = verify(office, "c1", "LH-104711", postcode="1", shop=shop)
    questions = len(double.asked)
    assert verify(office, "c2", "LH-999999", postcode="1", shop=shop) == known
    assert len(double.asked) == 2 * questions  # nor does the time that it takes


def test_a_shop_that_is_down_uses_up_no_try_and_tells_nothing(
    office: Session, shop: Shop, double: ShopDouble, caplog: pytest.LogCaptureFixture
) -> None:
    office.add(Order(order_number="LH-104711", item="Mixer", postcode="80331"))
    office.flush()
    double.script = [500] * 50
    with caplog.at_level(logging.DEBUG):
        for number in ("LH-104711", "LH-1", "LH-2", "LH-3"):
            assert verify(office, "c1", number, postcode="80331", shop=shop).outcome == "unavailable"
    assert office.get(Verification, "c1").failures == 0
    assert not [line for line in caplog.messages if "80331" in line or "LH-" in line]
    assert "order API: status 500" in caplog.messages


def test_the_setting_chooses_the_shop(double: ShopDouble, office: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    assert shops.current_shop() is None
    monkeypatch.setenv("ERSTKONTAKT_ORDER_API", double.url)
    settings.cache_clear()
    try:
        assert verify(office, "c1", "LH-104711", email="anna.brandl@example.org").outcome == "ok"
        assert shops.current_shop() is shops.current_shop()
    finally:
        monkeypatch.undo()
        settings.cache_clear()
    assert double.asked == ["LH-104711", "LH104711"]
