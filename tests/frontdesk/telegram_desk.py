"""A running Telegram channel for tests, without a dialogue behind it, and two customers."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from PIL import Image
from sqlalchemy import select

from bot.config import Settings
from bot.database import Database
from bot.frontdesk import attachments, messages
from bot.frontdesk.channels.telegram.channel import TelegramChannel
from bot.frontdesk.hub import EVERYTHING, Hub
from bot.frontdesk.messages import Reply
from bot.frontdesk.model import Conversation, Delivery, Message
from tests.services.tables import create_tables
from tests.services.telegram_double import TelegramDouble

ANNA, BEN = 11, 22  # chat ids


class Desk:
    """A running Telegram channel on a database of its own, without a dialogue behind it."""

    def __init__(self, double: TelegramDouble, folder: Path, attach: Any = attachments.keep, **more: Any) -> None:
        self.double, self.hub = double, Hub()
        self.database = Database(f"sqlite:///{folder / 'desk.db'}")
        create_tables(self.database)
        self.settings = Settings(var=folder, telegram_token=double.token, telegram_api=double.url, **more)
        self.woken: asyncio.Queue[str] = asyncio.Queue()
        self.channel = TelegramChannel(
            database=self.database, settings=self.settings, wake=self.woken.put_nowait, hub=self.hub, attach=attach
        )

    async def heard(self, count: int = 1) -> list[str]:
        """Wait until so many customer messages were passed on; their conversations."""
        return [await asyncio.wait_for(self.woken.get(), 15) for _ in range(count)]

    def log(self, chat: int, author: str = "customer") -> list[Message]:
        with self.database.begin() as session:
            statement = select(Message).join(Conversation).where(Conversation.channel_key == str(chat))
            return list(session.scalars(statement.where(Message.author == author).order_by(Message.seq)))

    def said(self, chat: int, author: str = "customer") -> list[str]:
        return [message.text for message in self.log(chat, author)]

    def say(self, chat: int, *replies: Reply) -> None:
        with self.database.begin() as session:
            conversation = messages.open_conversation(session, "telegram", "de", str(chat))
            for reply in replies:
                messages.append(session, messages.locked(session, conversation.id), reply)
        self.channel.kick()

    async def sees(self, look: Callable[[TelegramDouble], Any]) -> Any:
        return await asyncio.to_thread(self.double.wait_for, look)

    async def arrived(self, chat: int, count: int) -> list[str]:
        """Wait for so many messages in a chat; their texts."""
        await self.sees(lambda double: len(double.sent(chat)) >= count)
        return [message["text"] for message in self.double.sent(chat)]

    async def deliveries(self, open_rows: int = 0) -> list[Delivery]:
        """The outbox once no more than `open_rows` wait in it."""
        while True:
            with self.database.begin() as session:
                rows = list(session.scalars(select(Delivery).order_by(Delivery.id)))
            if sum(row.done_at is None for row in rows) <= open_rows:
                return rows
            await self.hub.news(EVERYTHING, 1)


@asynccontextmanager
async def running(double: TelegramDouble, folder: Path, **more: Any) -> AsyncIterator[Desk]:
    desk = Desk(double, folder, **more)
    await desk.channel.start()
    try:
        yield desk
    finally:
        await desk.channel.stop()
        desk.database.dispose()


def picture() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(file, "JPEG")
    return file.getvalue()


def ask(*payloads: str) -> Reply:
    return Reply("bot", "Welche Ware?", tuple({"title": f"Ware {p}", "payload": p} for p in payloads))
