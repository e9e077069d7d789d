"""An offer that ran out is said to its customer, once, and its money is free."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest

from bot.database import utcnow
from bot.frontdesk import ran_out
from tests.frontdesk.conftest import Desk

DAY = dt.timedelta(days=1)


def offered(
    desk: Desk, *, language: str = "de", expires: dt.datetime | None = None, **about: object
) -> tuple[str, str]:
    """A conversation with an offer that waits for an answer; its id and its case."""
    talk = desk.talk(language=language)
    number = desk.case(talk)
    desk.move(number, "offer_made")
    desk.offer(number, state="open", expires_at=expires or utcnow() - DAY)
    return talk, number


@pytest.mark.parametrize(("language", "words"), [("de", "ist abgelaufen"), ("en", "has run out")])
def test_the_customer_hears_that_an_offer_ran_out(desk: Desk, language: str, words: str) -> None:
    talk, number = offered(desk, language=language)
    assert ran_out.look(desk.database, utcnow()) == [talk]
    last = desk.said(talk)[-1]
    assert words in last.text and number in last.text
    assert [offer.state for offer in desk.loaded(number).offers] == ["expired"]
    assert ran_out.look(desk.database, utcnow()) == []


def test_an_offer_that_still_stands_is_not_spoken_of(desk: Desk) -> None:
    _, number = offered(desk, expires=utcnow() + DAY)
    assert ran_out.look(desk.database, utcnow()) == []
    assert [offer.state for offer in desk.loaded(number).offers] == ["open"]


def test_two_offers_of_a_case_are_one_sentence(desk: Desk) -> None:
    talk, number = offered(desk)
    desk.offer(number, state="open", kind="surprise", form="loaner", expires_at=utcnow() - DAY)
    before = len(desk.said(talk))
    assert ran_out.look(desk.database, utcnow()) == [talk]
    assert len(desk.said(talk)) == before + 1
    assert {offer.state for offer in desk.loaded(number).offers} == {"expired"}


def test_who_has_settled_it_hears_nothing_more(desk: Desk) -> None:
    talk, number = offered(desk)
    desk.move(number, "withdrawn", who="customer")
    before = len(desk.said(talk))
    assert ran_out.look(desk.database, utcnow()) == []
    assert len(desk.said(talk)) == before
    assert [offer.state for offer in desk.loaded(number).offers] == ["expired"]


def test_many_front_desks_say_it_once(desk: Desk) -> None:
    talk, _ = offered(desk)
    before = len(desk.said(talk))
    with ThreadPoolExecutor(8) as pool:
        told = [each for found in pool.map(lambda _: ran_out.look(desk.database, utcnow()), range(8)) for each in found]
    assert told == [talk]
    assert len(desk.said(talk)) == before + 1
