"""A new installation has orders to try and people who can log in, and nobody else can read their passwords."""

from __future__ import annotations

import datetime as dt
import stat
from pathlib import Path

from sqlalchemy import func, select

from bot.cases.model import Order
from bot.database import Database
from bot.desk.users import check_password, find_user
from bot.first_run import CREDENTIALS, is_new, set_up
from bot.migrate import upgrade

TODAY = dt.date(2026, 11, 23)


def database(folder: Path) -> Database:
    url = f"sqlite:///{folder / 'test.db'}"
    upgrade(url)
    return Database(url)


def test_the_first_start_makes_people_and_orders_once(tmp_path: Path) -> None:
    with database(tmp_path).begin() as session:
        assert is_new(session)
        accounts = set_up(session, tmp_path, TODAY)
        assert [(account.name, account.role) for account in accounts] == [("admin", "admin"), ("alex", "staff")]
        for account in accounts:
            user = find_user(session, account.name)
            assert user is not None
            assert check_password(user, account.password)
            assert user.confidential == (account.name == "admin")
        assert session.scalar(select(func.count()).select_from(Order)) == 31
        assert not is_new(session)


def test_the_passwords_are_in_a_file_for_the_owner_only(tmp_path: Path) -> None:
    with database(tmp_path).begin() as session:
        accounts = set_up(session, tmp_path, TODAY)
    path = tmp_path / CREDENTIALS
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert all(account.password in path.read_text() for account in accounts)


def test_without_demo_there_is_only_the_administrator(tmp_path: Path) -> None:
    with database(tmp_path).begin() as session:
        assert [account.name for account in set_up(session, tmp_path, TODAY, demo=False)] == ["admin"]
        assert session.scalar(select(func.count()).select_from(Order)) == 0


def test_two_installations_have_different_passwords(tmp_path: Path) -> None:
    passwords = set()
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        with database(tmp_path / name).begin() as session:
            passwords |= {account.password for account in set_up(session, tmp_path / name, TODAY)}
    assert len(passwords) == 4
