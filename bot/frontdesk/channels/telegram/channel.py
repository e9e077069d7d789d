"""Telegram as a whole: started and stopped with the front desk, never in its way."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Protocol

from starlette.routing import Route
from telegram import Bot, Update

from bot.config import Settings
from bot.database import Database
from bot.frontdesk import attachments
from bot.frontdesk.channels.telegram.commands import show_commands
from bot.frontdesk.channels.telegram.connection import Connection
from bot.frontdesk.channels.telegram.customers import Customers
from bot.frontdesk.channels.telegram.inbox import Attach
from bot.frontdesk.channels.telegram.outbox import Outbox
from bot.frontdesk.hub import Hub


class Staff(Protocol):
    """The team's side of Telegram: what it takes is no customer's."""

    def takes(self, update: Update) -> bool:
        """Whether an update is the team's."""

    async def handle(self, update: Update) -> None:
        """Do one update of the team; done when this returns, though it may come again."""

    async def work(self, bot: Bot) -> None:
        """What goes on as long as Telegram is connected; ends when it is cancelled."""


class TelegramChannel:
    """Customers on Telegram. Nothing happens without a token; Telegram being away never stops the front desk."""

    def __init__(
        self,
        *,
        database: Database,
        settings: Settings,
        wake: Callable[[str], None],
        hub: Hub,
        attach: Attach = attachments.keep,
        staff: Staff | None = None,
        beside: Callable[[Bot], Coroutine[Any, Any, None]] | None = None,
    ) -> None:
        """`beside` goes on as long as Telegram is connected."""
        self._staff, self._beside = staff, beside
        self._database, self._settings, self._wake, self._hub = database, settings, wake, hub
        self._customers = Customers(database, self._changed, attach)
        self._connection = Connection(settings, self._handle, self._connected)
        self._outbox: Outbox | None = None
        self._sending: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Connect; where Telegram does not answer now, go on trying in the background."""
        if self._settings.telegram_token:
            await self._connection.start()

    async def stop(self) -> None:
        """Take nothing new, write down what has arrived, let sends under way end."""
        await self._connection.close()
        outbox, sending = self._outbox, self._sending
        self._outbox, self._sending = None, []
        for task in sending:
            task.cancel()
        await asyncio.gather(*sending, return_exceptions=True)
        if outbox is not None:
            await outbox.stop()
        await self._connection.shut_down()

    def kick(self, conversation: str = "") -> None:
        """Something was written for Telegram, or in this conversation: look now instead of within a second."""
        if self._outbox is not None:
            self._outbox.kick(conversation)

    def routes(self) -> list[Route]:
        """The webhook's address, where one is configured."""
        return self._connection.routes()

    def _connected(self, bot: Bot) -> None:
        self._outbox = Outbox(self._database, self._hub, bot)
        create = asyncio.get_running_loop().create_task
        self._sending = [create(self._outbox.deliver_forever()), create(show_commands(bot))]
        if self._staff is not None:
            self._sending.append(create(self._staff.work(bot)))
        if self._beside is not None:
            self._sending.append(create(self._beside(bot)))

    async def _handle(self, update: Update) -> None:
        if self._staff is not None and self._staff.takes(update):
            await self._staff.handle(update)
        else:
            await self._customers.handle(update)

    def _changed(self, conversation: str, new: bool) -> None:
        self._hub.tell(conversation)
        self.kick(conversation)
        if new:
            self._wake(conversation)
