"""A front desk's database with customers in it. The clock of these tests is passed in: Monday, 23 November 2026."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot.cases import store
from bot.cases.model import Case, Offer
from bot.config import ROOT
from bot.database import Database
from bot.frontdesk import messages
from bot.frontdesk.messages import Reply
from bot.frontdesk.model import Conversation, Handoff, Message, User
from bot.goodwill.policy import Policy, load_policy
from bot.migrate import load_models
from tests.cases.conftest import database as both  # noqa: F401
from tests.services.tables import create_tables

MONDAY = dt.datetime(2026, 11, 23, 10, 0, tzinfo=dt.timezone.utc)  # 11:00 in Berlin
"""An ordinary working day: open from 8 to 12 and from 13 to 18 in Berlin."""


class Desk:
    """Short ways to fill a database and to look into it."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def talk(self, text: str = "Die Kaffeemaschine ist kaputt", language: str = "de", channel: str = "web") -> str:
        """A customer wrote one message; the conversation's id."""
        with self.database.begin() as session:
            key = "4711" if channel == "telegram" else None
            conversation = messages.open_conversation(session, channel, language, key)
            messages.append(session, conversation, Reply("customer", text), client_id="c1")
            return str(conversation.id)

    def case(self, conversation: str, **about: Any) -> str:
        """A case of that conversation; its number."""
        given = {"category": "product_defect", "text": "Die Kaffeemaschine ist kaputt", "now": MONDAY, **about}
        with self.database.begin() as session:
            language = session.get(Conversation, conversation).language
            return str(
                store.open_case(session, conversation=conversation, channel="web", language=language, **given).number
            )

    def promise(self, number: str, due: dt.datetime, what: str = "first_answer", made: dt.datetime = MONDAY) -> None:
        with self.database.begin() as session:
            store.promise(session, session.get(Case, number), what, due, now=made)

    def move(self, number: str, state: str, who: str = "Mira") -> None:
        with self.database.begin() as session:
            store.move(session, session.get(Case, number), state, who=who)

    def offer(self, number: str, **about: Any) -> str:
        """An offer as it stands in the table; its id."""
        given = {"kind": "goodwill", "form": "voucher", "amount_cents": 1000, "by": "bot", "state": "accepted", **about}
        with self.database.begin() as session:
            offer = Offer(id=store.new_id(), case_number=number, rule_version=store.new_id(), made_at=MONDAY, **given)
            session.add(offer)
            return str(offer.id)

    def user(self, name: str = "Mira", role: str = "staff") -> User:
        with self.database.begin() as session:
            user = User(name=name, role=role, password_hash="x")
            session.add(user)
        return user

    def said(self, conversation: str, *, internal: bool = False) -> list[Message]:
        """What the customer sees (with notes: what the desk sees)."""
        with self.database.begin() as session:
            return messages.history(session, conversation, internal=internal)

    def loaded(self, number: str) -> Case:
        """The case with its promises, readable after the transaction."""
        with self.database.begin() as session:
            case = session.get(Case, number)
            assert case is not None
            _ = (list(case.promises), list(case.audit), list(case.offers))
            return case

    def handoffs(self, conversation: str) -> list[Handoff]:
        with self.database.begin() as session:
            return list(session.scalars(select(Handoff).where(Handoff.conversation_id == conversation)))


@pytest.fixture(scope="session")
def policy() -> Policy:
    """The policy that is delivered."""
    return load_policy(ROOT / "policy")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    load_models()
    database = Database(f"sqlite:///{tmp_path / 'erstkontakt.db'}")
    create_tables(database)
    yield Desk(database)
    database.dispose()


@pytest.fixture
def desk_on() -> Callable[[Database], Desk]:
    """A desk on another database."""
    return Desk
