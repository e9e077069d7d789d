"""A front desk with a team in Telegram: the real channel and the real team before a Bot API double."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.cases import store
from bot.config import Settings
from bot.database import Database, utcnow
from bot.desk.actions import STEPS, on_handoff
from bot.desk.topics import links
from bot.desk.topics.team import Team
from bot.frontdesk import attachments, handoff, messages
from bot.frontdesk.channels.telegram.channel import TelegramChannel
from bot.frontdesk.hub import EVERYTHING, Hub
from bot.frontdesk.messages import Reply
from bot.frontdesk.model import Conversation, Delivery, Handoff, HandoffEvent, Message, Topic, TopicPost, User
from bot.migrate import load_models
from tests.cases.conftest import database as both  # noqa: F401
from tests.services.tables import create_tables
from tests.services.telegram_double import TelegramDouble

GROUP = -1001234
MIRA, ALEX = 501, 502  # Telegram ids of staff
PATIENCE = 20.0
"""Seconds that a test waits before it fails."""


class Shop:
    """A running Telegram channel with a team, on a database of its own."""

    def __init__(self, double: TelegramDouble, folder: Path, database: Database | None = None, **more: Any) -> None:
        load_models()
        self.double, self.hub = double, Hub()
        self.database = database or Database(f"sqlite:///{folder / 'desk.db'}")
        create_tables(self.database)
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

    def waiting(
        self,
        text: str = "Die Kaffeemaschine ist kaputt",
        *,
        chat: int | None = None,
        severity: int = 2,
        confidential: bool = False,
        category: str = "product_defect",
        reason: str = "asked_for_person",
    ) -> str:
        """A customer (on Telegram with `chat`, else on the web) waits for a person; the conversation's id."""
        with self.database.begin() as session:
            channel, key = ("telegram", str(chat)) if chat is not None else ("web", None)
            talk = messages.locked(session, messages.open_conversation(session, channel, "de", key).id)
            messages.append(session, talk, Reply("customer", text), state="answered")
            found = store.open_case(
                session, conversation=talk.id, channel=channel, language="de", category=category, text=text
            )
            handoff.hand_over(
                session, talk, reason=reason, severity=severity, case_number=found.number, confidential=confidential
            )
        self.hub.tell(talk.id)
        return str(talk.id)

    def again(self, conversation: str, *, confidential: bool = False) -> None:
        """The conversation is handed over once more."""
        with self.database.begin() as session:
            talk = messages.locked(session, conversation)
            number = store.latest(session, conversation, open_only=False)
            assert number is not None
            handoff.hand_over(
                session, talk, reason="declined_offer", severity=2, case_number=number.number, confidential=confidential
            )
        self.hub.tell(conversation)

    def customer(self, conversation: str, text: str, **more: Any) -> None:
        with self.database.begin() as session:
            messages.receive(session, conversation, text=text, **more)
        self.hub.tell(conversation)

    def ask(self, conversation: str) -> None:
        """The customer is asked something with buttons."""
        with self.database.begin() as session:
            buttons = ({"title": "Ja", "payload": "/affirm"}, {"title": "Nein", "payload": "/deny"})
            messages.append(session, messages.locked(session, conversation), Reply("bot", "Passt das?", buttons))
        self.hub.tell(conversation)

    def photo(self, conversation: str, data: bytes, words: str) -> None:
        """The customer sends a picture."""
        with self.database.begin() as session:
            kept = attachments.store(session, conversation, "photo.jpg", data)
            messages.receive(session, conversation, text=words, attachments=[kept])
        self.hub.tell(conversation)

    def at_the_desk(self, conversation: str, name: str, step: str, **fields: str) -> None:
        """A colleague presses a button at the desk."""
        with self.database.begin() as session:
            user = session.scalars(select(User).where(User.name == name)).one()
            on_handoff(session, user, conversation, STEPS[step], fields)
        self.hub.tell(conversation)

    def topic(self, conversation: str) -> Topic | None:
        with self.database.begin() as session:
            return session.get(Topic, conversation)

    async def thread(self, conversation: str) -> int:
        """The conversation's topic, once its package and its status line stand there."""
        await self.until(lambda: (t := self.topic(conversation)) is not None and t.status_post is not None)
        found = self.topic(conversation)
        assert found is not None and found.thread_id is not None
        return found.thread_id

    async def until(self, true: Callable[[], Any]) -> Any:
        """Wait until something holds, looking again at every news."""
        clock = asyncio.get_running_loop().time
        deadline = clock() + PATIENCE
        while clock() < deadline:
            if found := true():
                return found
            await self.hub.news(EVERYTHING, 1)
        raise AssertionError(f"not seen; posts: {[c for c in self.double.calls if c.method != 'getUpdates'][-8:]}")

    async def posted(self, thread: int, words: str) -> dict[str, Any]:
        """Wait for a post with these words in a topic."""
        found: dict[str, Any] = await self.sees(
            lambda double: next((post for post in double.posts(thread) if words in str(post["text"])), None)
        )
        return found

    def log(self, conversation: str) -> list[Message]:
        with self.database.begin() as session:
            return messages.history(session, conversation, internal=True)

    def said(self, conversation: str, author: str = "staff") -> list[str]:
        return [message.text for message in self.log(conversation) if message.author == author]

    def history(self, session: Session, conversation: str) -> list[HandoffEvent]:
        """What happened to the conversation's handoffs."""
        statement = select(HandoffEvent).join(Handoff).where(Handoff.conversation_id == conversation)
        return list(session.scalars(statement.order_by(HandoffEvent.id)))

    def post_of(self, conversation: str, text: str) -> int:
        """The number in the group of the post that is this message."""
        with self.database.begin() as session:
            statement = select(TopicPost.post).join(Message, Message.id == TopicPost.message_id)
            return int(
                session.scalars(statement.where(Message.conversation_id == conversation, Message.text == text)).one()
            )

    def undelivered(self) -> list[Delivery]:
        with self.database.begin() as session:
            return list(session.scalars(select(Delivery).where(Delivery.done_at.is_(None))))

    def holder(self, conversation: str) -> str:
        with self.database.begin() as session:
            return str(session.get(Conversation, conversation).holder)

    async def sees(self, look: Callable[[TelegramDouble], Any]) -> Any:
        return await asyncio.to_thread(self.double.wait_for, look, PATIENCE)

    async def arrived(self, chat: int, count: int) -> list[str]:
        """Wait for so many messages in a chat; their texts."""
        await self.sees(lambda double: len(double.sent(chat)) >= count)
        return [message["text"] for message in self.double.sent(chat)]


@asynccontextmanager
async def running(double: TelegramDouble, folder: Path, **more: Any) -> AsyncIterator[Shop]:
    shop = Shop(double, folder, **more)
    await shop.channel.start()
    try:
        yield shop
    finally:
        await shop.channel.stop()
        shop.database.dispose()
