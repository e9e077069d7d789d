"""A front desk with a team in Telegram: the real channel and the real team before a Bot API double."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot import config
from bot.config import Settings
from bot.database import Base, Database, utcnow
from bot.desk.topics import links
from bot.desk.topics.team import Team
from bot.frontdesk.channels.telegram.channel import TelegramChannel
from bot.frontdesk.hub import Hub
from bot.frontdesk.model import User
from bot.migrate import load_models
from tests.services.telegram_double import TelegramDouble

GROUP = -1001234
MIRA, ALEX = 501, 502  # Telegram ids of staff


class Shop:
    """A running Telegram channel with a team, on a database of its own."""

    def __init__(self, double: TelegramDouble, folder: Path, **more: Any) -> None:
        load_models()
        self.double, self.hub = double, Hub()
        self.database = Database(f"sqlite:///{folder / 'desk.db'}")
        Base.metadata.create_all(self.database.engine)
        given = {"telegram_staff_group": GROUP, "var": folder, **more}
        self.settings = Settings(telegram_token=double.token, telegram_api=double.url, **given)
        self.woken: asyncio.Queue[str] = asyncio.Queue()
        self.team = Team(self.database, self.hub, self.settings)
        self.channel = TelegramChannel(
            database=self.database,
            settings=self.settings,
            wake=self.woken.put_nowait,
            hub=self.hub,
            staff=self.team,
        )

    def user(self, name: str, telegram_id: int | None = None, role: str = "staff", **more: Any) -> User:
        with self.database.begin() as session:
            found = session.scalars(select(User).where(User.name == name)).first()
            if found is None:
                found = User(name=name, role=role, password_hash="x", telegram_id=telegram_id, **more)
                session.add(found)
        return found

    def code(self, name: str) -> str:
        with self.database.begin() as session:
            return links.offer(session, session.scalars(select(User).where(User.name == name)).one(), utcnow())

    async def sees(self, look: Callable[[TelegramDouble], Any]) -> Any:
        return await asyncio.to_thread(self.double.wait_for, look)

    async def arrived(self, chat: int, count: int) -> list[str]:
        """Wait for so many messages in a chat; their texts."""
        await self.sees(lambda double: len(double.sent(chat)) >= count)
        return [message["text"] for message in self.double.sent(chat)]


@pytest.fixture
def double() -> Iterator[TelegramDouble]:
    with TelegramDouble() as running:
        yield running


@pytest.fixture
def own_var(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Attachments go to the test's own folder."""
    monkeypatch.setenv("ERSTKONTAKT_VAR", str(tmp_path))
    config.settings.cache_clear()
    yield tmp_path
    config.settings.cache_clear()


@asynccontextmanager
async def running(double: TelegramDouble, folder: Path, **more: Any) -> AsyncIterator[Shop]:
    shop = Shop(double, folder, **more)
    await shop.channel.start()
    try:
        yield shop
    finally:
        await shop.channel.stop()
        shop.database.dispose()
