"""Accepted money reaches whoever pays it, by webhook: once, signed, and again after trouble."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import json
from collections.abc import Iterator

import pytest

from bot.cases import payouts
from bot.cases.model import Case
from bot.config import Settings
from bot.frontdesk.payouts import PayoutSender
from tests.frontdesk.conftest import MONDAY, Desk
from tests.services.payout_double import PayoutDouble, open_receiver

SECRET = "only we two know"


@pytest.fixture
def receiver() -> Iterator[PayoutDouble]:
    with open_receiver() as double:
        yield double


@pytest.fixture
def sender(desk: Desk, receiver: PayoutDouble) -> PayoutSender:
    return PayoutSender(desk.database, Settings(payout_webhook=receiver.url, payout_webhook_secret=SECRET))


def accepted(desk: Desk, form: str = "partial_refund", **about: object) -> tuple[str, str]:
    """A case whose offer the customer accepted: its number and the offer's id."""
    number = desk.case(desk.talk())
    desk.move(number, "offer_made")
    desk.move(number, "accepted")
    return number, desk.offer(number, form=form, amount_cents=1500, answered_at=MONDAY, **about)


def state(desk: Desk, number: str) -> tuple[str, list[str]]:
    case: Case = desk.loaded(number)
    return case.state, [offer.state for offer in case.offers]


def test_an_accepted_refund_is_sent_once_and_settles_the_case(
    desk: Desk, receiver: PayoutDouble, sender: PayoutSender
) -> None:
    number, offer = accepted(desk)
    desk.promise(number, MONDAY + dt.timedelta(days=2), what="decision")
    assert (sender.send(MONDAY), sender.send(MONDAY)) == (1, 0)
    (body,) = receiver.bodies
    order = json.loads(body)
    assert (order["id"], order["kind"], order["case_number"]) == (offer, "refund", number)
    assert (order["amount_cents"], order["currency"]) == (1500, "EUR")
    assert receiver.headers[0]["Idempotency-Key"] == offer
    signed = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    assert receiver.headers[0]["X-Erstkontakt-Signature"] == f"sha256={signed}"
    assert state(desk, number) == ("resolved", ["fulfilled"])
    assert [made.state for made in desk.loaded(number).promises] == ["kept"]


def test_a_voucher_brings_its_code(desk: Desk, receiver: PayoutDouble, sender: PayoutSender) -> None:
    accepted(desk, form="voucher", code="AB12-CD34-EF56")
    sender.send(MONDAY)
    assert json.loads(receiver.bodies[0])["code"] == "AB12-CD34-EF56"


def test_trouble_keeps_it_waiting_and_it_is_tried_again_later(
    desk: Desk, receiver: PayoutDouble, sender: PayoutSender
) -> None:
    number, _ = accepted(desk)
    receiver.script = [503, 400]
    assert sender.send(MONDAY) == 0
    assert sender.send(MONDAY + dt.timedelta(seconds=29)) == 0 and len(receiver.bodies) == 1, "left alone for a while"
    assert sender.send(MONDAY + dt.timedelta(seconds=31)) == 0 and len(receiver.bodies) == 2
    assert state(desk, number) == ("accepted", ["accepted"]), "nothing is lost"
    assert sender.send(MONDAY + dt.timedelta(seconds=92)) == 1
    assert len({json.loads(body)["id"] for body in receiver.bodies}) == 1, "the same id each time"


def test_after_a_restart_what_waits_is_sent(desk: Desk, receiver: PayoutDouble, sender: PayoutSender) -> None:
    accepted(desk)
    receiver.script = [500]
    sender.send(MONDAY)
    again = PayoutSender(desk.database, Settings(payout_webhook=receiver.url))
    assert again.send(MONDAY) == 1
    assert "X-Erstkontakt-Signature" not in receiver.headers[-1], "without a secret nothing is signed"


def test_of_two_at_once_one_marks_it(desk: Desk) -> None:
    accepted(desk)
    with desk.database.begin() as session:
        (payout,) = payouts.waiting(session)
    marked = []
    for who in ("one", "two"):
        with desk.database.begin() as session:
            marked.append(payouts.mark_gone_out(session, payout, who=who, now=MONDAY))
    assert marked == [True, False]


def test_without_a_webhook_it_waits_for_the_file(desk: Desk) -> None:
    number, offer = accepted(desk)
    assert PayoutSender(desk.database, Settings()).send(MONDAY) == 0
    with desk.database.begin() as session:
        found = payouts.waiting(session)
    header, line = payouts.as_csv(found).splitlines()
    assert header.startswith("id,kind,case_number,order_number,amount_cents,currency,code,accepted_at")
    assert line.startswith(f"{offer},refund,{number},,1500,EUR,,2026-11-23T10:00:00")


def test_what_costs_nothing_or_is_not_accepted_is_no_order_to_pay(desk: Desk) -> None:
    accepted(desk, form="repair")
    accepted(desk, state="open")
    with desk.database.begin() as session:
        assert payouts.waiting(session) == []
