"""A slow shop keeps its own customer waiting, and nobody else."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from rasa_sdk import Tracker
from sqlalchemy import text

from actions.understand import UnderstandMessage
from bot.cases.model import CaseCounter, Verification
from bot.config import settings
from bot.database import Database
from bot.migrate import load_models
from tests.actions.conftest import TurnMaker
from tests.services.shop_double import ShopDouble, open_shop
from tests.services.tables import create_tables


@pytest.fixture
def shop() -> Iterator[ShopDouble]:
    with open_shop() as running:
        yield running


@pytest.fixture
def installation(tmp_path: Path, shop: ShopDouble, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """A database on SQLite whose orders come from the shop's API."""
    monkeypatch.setenv("ERSTKONTAKT_VAR", str(tmp_path))
    monkeypatch.setenv("ERSTKONTAKT_ORDER_API", shop.url)
    monkeypatch.setenv("ERSTKONTAKT_ORDER_API_TIMEOUT", "20")
    settings.cache_clear()
    load_models()
    database = Database(settings().db_url)
    create_tables(database)
    yield database
    database.dispose()
    monkeypatch.undo()
    settings.cache_clear()


def proof(turn: TurnMaker) -> Tracker:
    """What Rasa sends when the customer gives the number and the postcode."""
    return turn("LH-104711, 80331", entities={"order_number": "LH-104711", "postcode": "80331"}).tracker


def test_while_a_shop_thinks_others_can_write(installation: Database, shop: ShopDouble, turn: TurnMaker) -> None:
    shop.script = ["hang"]
    tracker = proof(turn)
    answered = threading.Thread(target=UnderstandMessage()._transact, args=(tracker,))
    answered.start()
    try:
        assert shop.arrived.wait(10)
        with installation.begin() as session:
            session.execute(text("PRAGMA busy_timeout=200"))  # whoever holds the lock would be noticed at once
            session.add(CaseCounter(year=2026, last=1))
    finally:
        shop.over.set()
        answered.join(30)
    with installation.begin() as session:
        assert session.get(CaseCounter, 2026) is not None


def test_an_order_of_the_shop_is_proven_in_one_turn(installation: Database, shop: ShopDouble, turn: TurnMaker) -> None:
    _, events = UnderstandMessage()._transact(proof(turn))
    assert ("proof", "ok") in [(event.get("name"), event.get("value")) for event in events]
    with installation.begin() as session:
        assert session.get(Verification, "c1").order_number == "LH-104711"


def test_a_shop_that_is_down_is_said_and_counts_as_no_try(
    installation: Database, shop: ShopDouble, turn: TurnMaker
) -> None:
    shop.script = [400]
    said, events = UnderstandMessage()._transact(proof(turn))
    assert "nicht erreichbar" in said[-1]["text"] or "gerade nicht" in said[-1]["text"]
    assert ("proof", "-") in [(event.get("name"), event.get("value")) for event in events]


def test_who_has_no_tries_left_makes_nobody_ask_the_shop(
    installation: Database, shop: ShopDouble, turn: TurnMaker
) -> None:
    with installation.begin() as session:
        session.add(Verification(conversation="c1", failures=3))
    said, _ = UnderstandMessage()._transact(proof(turn))
    assert shop.asked == []
    assert "Ein Mensch" in said[-1]["text"]


@pytest.mark.parametrize("words", ["Das Gerät brummt.", "Habe ich nicht."])
def test_a_message_without_a_number_asks_nobody(
    installation: Database, shop: ShopDouble, turn: TurnMaker, words: str
) -> None:
    UnderstandMessage()._transact(turn(words, "complain").tracker)
    assert shop.asked == []
