"""How well passwords are kept: the only tests of the desk that hash at full strength."""

from __future__ import annotations

import pytest
from argon2 import extract_parameters
from argon2.profiles import RFC_9106_LOW_MEMORY

from bot.desk import users
from bot.frontdesk.model import User

from .conftest import PASSWORD, SHIPPED_HASHER


@pytest.fixture(autouse=True)
def full_strength(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(users, "_hasher", SHIPPED_HASHER)


def test_a_password_is_hashed_as_strongly_as_the_standard_asks_for() -> None:
    assert extract_parameters(users.hash_password(PASSWORD)) == RFC_9106_LOW_MEMORY


def test_a_password_at_full_strength_lets_its_owner_in_and_nobody_else() -> None:
    user = User(name="Sandra", role="lead", password_hash=users.hash_password(PASSWORD), active=True)
    assert users.check_password(user, PASSWORD) and not users.check_password(user, PASSWORD + "x")
