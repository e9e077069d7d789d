"""Customers of the running stack. What holds for every conversation is checked at the end of each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import select

from bot.cases import offers, store
from bot.cases.model import FINAL_STATES, Case
from bot.database import Database, utcnow
from bot.run import Stack
from tests.e2e.talk import Chat

Customer = Callable[..., Chat]


@pytest.fixture
def customer(stack: Stack, database: Database) -> Iterator[Customer]:
    """Opens conversations: `customer("en")`, or `customer(token=...)` to come back."""
    _settle_open_cases(database)
    chats: list[Chat] = []

    def come(locale: str = "de", token: str | None = None) -> Chat:
        chats.append(Chat(stack, database, locale, token))
        return chats[-1]

    yield come
    for chat in chats:
        chat.check()
        chat.http.close()


def _settle_open_cases(database: Database) -> None:
    """The tests share the demo orders: a case left open by one would be joined by the next about the same order, and
    one that was resolved would be reopened."""
    with database.begin() as session:
        for case in session.scalars(select(Case).where(Case.state == "resolved")):
            store.move(session, case, "closed", who="the next test")
        for case in session.scalars(select(Case).where(Case.state.not_in(FINAL_STATES))):
            store.move(session, case, "withdrawn", who="the next test")
        offers.expire(session, utcnow())  # now, and not by the clock in the middle of a test that counts money
