"""Whose Telegram account it is: linked by a code that works once."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bot.database import utcnow
from bot.desk.topics import links
from bot.desk.wording import Words
from bot.frontdesk.model import Conversation, User
from tests.desk.topics.conftest import ALEX, MIRA, running
from tests.services.telegram_double import TelegramDouble

aio = pytest.mark.asyncio


@aio
async def test_a_code_links_an_account_once_and_is_no_conversation(double: TelegramDouble, tmp_path: Path) -> None:
    async with running(double, tmp_path) as shop:
        shop.user("Mira", language="de")
        code = shop.code("Mira")
        linking = double.push_text(MIRA, f"/start link_{code}", language="de")
        assert await shop.arrived(MIRA, 1) == [Words("de")("telegram_linked", name="Mira")]
        double.push_again(linking)
        double.push_text(ALEX, f"/start link_{code}", language="en")
        assert await shop.arrived(ALEX, 1) == [Words("en")("telegram_link_invalid")]
        assert len(double.sent(MIRA)) == 1
        with shop.database.begin() as session:
            assert session.scalars(select(User.telegram_id)).all() == [MIRA]
            assert session.scalar(select(func.count()).select_from(Conversation)) == 0


@aio
async def test_a_code_ends_with_its_time_with_a_newer_one_and_with_the_user(
    double: TelegramDouble, tmp_path: Path
) -> None:
    async with running(double, tmp_path) as shop:
        shop.user("Mira")
        older, newer = shop.code("Mira"), shop.code("Mira")
        with shop.database.begin() as session:
            assert links.link(session, older, MIRA, utcnow()) is None
            assert links.link(session, newer, MIRA, utcnow() + links.VALID) is None
            session.scalars(select(User)).one().active = False
            assert links.link(session, newer, MIRA, utcnow()) is None


@aio
async def test_an_account_belongs_to_one_user_the_last_one_linked(double: TelegramDouble, tmp_path: Path) -> None:
    async with running(double, tmp_path) as shop:
        shop.user("Mira")
        shop.user("Alex")
        with shop.database.begin() as session:
            for name in ("Mira", "Alex"):
                user = session.scalars(select(User).where(User.name == name)).one()
                code = links.offer(session, user, utcnow())
                assert links.link(session, code, MIRA, utcnow() + dt.timedelta(minutes=14)) is user
        with shop.database.begin() as session:
            owner = links.linked(session, MIRA)
            assert owner is not None and owner.name == "Alex"
            links.unlink(owner)
        with shop.database.begin() as session:
            assert links.linked(session, MIRA) is None
