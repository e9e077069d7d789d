"""Customers of the running stack. What holds for every conversation is checked at the end of each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from bot.database import Database
from bot.run import Stack
from tests.e2e.talk import Chat

Customer = Callable[..., Chat]


@pytest.fixture
def customer(stack: Stack, database: Database) -> Iterator[Customer]:
    """Opens conversations: `customer("en")`, or `customer(token=...)` to come back."""
    chats: list[Chat] = []

    def come(locale: str = "de", token: str | None = None) -> Chat:
        chats.append(Chat(stack, database, locale, token))
        return chats[-1]

    yield come
    for chat in chats:
        chat.check()
        chat.http.close()
