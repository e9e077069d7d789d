"""The way updates come in: polling or webhook. Telegram forgets an update once it is confirmed, so nothing is
confirmed before it is in SQL: polling asks for more (which confirms) only when all it got is written, the webhook
answers 200 only then. Updates of one chat are handled in order, different chats side by side.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Hashable
from typing import Any
from weakref import WeakValueDictionary

from sqlalchemy.exc import DBAPIError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from telegram import Bot, Update
from telegram.error import TelegramError
from telegram.ext import Application, ExtBot, TypeHandler
from telegram.request import HTTPXRequest

from bot.config import Settings

log = logging.getLogger(__name__)

WEBHOOK_PATH = "/telegram/webhook"
UPDATES = ("message", "edited_message", "callback_query", "my_chat_member")
MAX_BODY = 1024 * 1024
MAX_TRIES = 5
"""How often an update that breaks us is tried; trouble with the database is waited out instead."""

READ_TIMEOUT = 15.0
TRY_AGAIN = 1.0
MAX_RECONNECT = 300.0


class ConfirmingBot(ExtBot[None]):
    """Asks for new updates, which confirms the earlier ones, only when those are written.

    `unwritten` names, by chat, the first update that could not be written: from the oldest of them all is fetched anew.
    """

    def __init__(self, *, queue: asyncio.Queue[object], unwritten: dict[Hashable, int], **options: Any) -> None:
        super().__init__(**options)
        self._queue, self._unwritten = queue, unwritten

    async def get_updates(self, offset: int | None = None, *args: Any, **options: Any) -> tuple[Update, ...]:
        await self._queue.join()
        if self._unwritten:
            offset = min(self._unwritten.values())
            await asyncio.sleep(TRY_AGAIN)
            self._unwritten.clear()
        return await super().get_updates(offset, *args, **options)


class Connection:
    """Gives every update to `handle`, in order within a chat; `connected` is called with the bot, once it is there."""

    def __init__(
        self, settings: Settings, handle: Callable[[Update], Awaitable[None]], connected: Callable[[Bot], None]
    ) -> None:
        self._settings, self._handle, self._connected = settings, handle, connected
        self._application: Application[Any, Any, Any, Any, Any, Any] | None = None
        self._connecting: asyncio.Task[None] | None = None
        self._unwritten: dict[Hashable, int] = {}
        self._tries: Counter[int] = Counter()
        self._locks: WeakValueDictionary[Hashable, asyncio.Lock] = WeakValueDictionary()

    async def start(self) -> None:
        """Connect; where Telegram does not answer now, go on trying in the background."""
        logging.getLogger("httpx").setLevel(logging.WARNING)  # its INFO lines show the token in every address
        if not await self._connect():
            self._connecting = asyncio.get_running_loop().create_task(self._connect_later())

    async def close(self) -> None:
        """Take nothing new and write down what has arrived; the bot can still send until :meth:`shut_down`."""
        if self._connecting is not None:
            self._connecting.cancel()
            await asyncio.gather(self._connecting, return_exceptions=True)
            self._connecting = None
        if self._application is None:
            return
        if self._application.updater is not None and self._application.updater.running:
            await self._application.updater.stop()
        await self._application.stop()

    async def shut_down(self) -> None:
        """Close the connections; nothing can be sent any more."""
        application, self._application = self._application, None
        if application is not None:
            await application.shutdown()

    def routes(self) -> list[Route]:
        """The webhook's address, where one is configured."""
        return [Route(WEBHOOK_PATH, self.webhook, methods=["POST"])] if self._settings.telegram_webhook_url else []

    async def webhook(self, request: Request) -> Response:
        """One update from Telegram: 200 once it is written, 503 asks Telegram to send it again."""
        given = request.headers.get("x-telegram-bot-api-secret-token", "")
        if not hmac.compare_digest(given.encode(), self._secret().encode()):
            return Response(status_code=403)
        if self._application is None:
            return Response(status_code=503)
        if int(request.headers.get("content-length") or 0) > MAX_BODY:
            return Response(status_code=413)
        try:
            update = Update.de_json(json.loads(await request.body()), self._application.bot)
        except (ValueError, KeyError, TypeError, AttributeError):
            log.exception("telegram.not_an_update")
            return Response(status_code=400)
        return Response(status_code=200 if await self._take(update) else 503)

    async def _connect(self) -> bool:
        application = self._build()
        try:
            await application.initialize()
            await application.start()
            url = self._settings.telegram_webhook_url
            if url:
                address = url if url.endswith(WEBHOOK_PATH) else url.rstrip("/") + WEBHOOK_PATH
                await application.bot.set_webhook(address, secret_token=self._secret(), allowed_updates=UPDATES)
            elif application.updater is not None:
                await application.updater.start_polling(allowed_updates=UPDATES)
            self._application = application
        except TelegramError as error:
            # Only the kind: the message of InvalidToken holds the token.
            remedy = "check ERSTKONTAKT_TELEGRAM_TOKEN, ERSTKONTAKT_TELEGRAM_WEBHOOK_URL and the way to the internet"
            log.error("telegram.not_connected: %s; %s", type(error).__name__, remedy)
            return False
        finally:
            if self._application is not application:
                await _dismantle(application)
        self._connected(application.bot)
        return True

    async def _connect_later(self) -> None:
        wait = TRY_AGAIN
        while True:
            await asyncio.sleep(wait)
            if await self._connect():
                return
            wait = min(2 * wait, MAX_RECONNECT)

    def _build(self) -> Application[Any, Any, Any, Any, Any, Any]:
        queue: asyncio.Queue[object] = asyncio.Queue()
        api = self._settings.telegram_api.rstrip("/")
        bot = ConfirmingBot(
            queue=queue,
            unwritten=self._unwritten,
            token=self._settings.telegram_token,
            base_url=f"{api}/bot",
            base_file_url=f"{api}/file/bot",
            request=HTTPXRequest(connection_pool_size=64, read_timeout=READ_TIMEOUT, pool_timeout=10.0),
        )
        builder = Application.builder().bot(bot).update_queue(queue).job_queue(None).concurrent_updates(True)
        application = builder.build()
        application.add_handler(TypeHandler(Update, lambda update, _context: self._take(update)))
        return application

    def _secret(self) -> str:
        """What Telegram must show at the webhook: configured, or derived from our own secret."""
        key = self._settings.telegram_webhook_secret
        return key or hmac.new(self._settings.signing_key().encode(), b"telegram", hashlib.sha256).hexdigest()

    async def _take(self, update: Update) -> bool:
        """Write down one update; False when it could not be and has to come again."""
        place = _place(update)
        async with self._locks.setdefault(place, asyncio.Lock()):
            if place in self._unwritten:
                return False  # an earlier one of this place comes again first
            try:
                await self._handle(update)
            except Exception as error:  # whatever it is: what is not written must not be confirmed
                self._tries[update.update_id] += 1
                log.exception("telegram.not_written", extra={"update": update.update_id})
                if isinstance(error, DBAPIError) or self._tries[update.update_id] < MAX_TRIES:
                    if not self._settings.telegram_webhook_url:  # a webhook's queue waits by itself, chat by chat
                        self._unwritten[place] = update.update_id
                    return False
                log.error("telegram.given_up: an update breaks us", extra={"update": update.update_id})
            self._tries.pop(update.update_id, None)
            return True


def _place(update: Update) -> Hashable:
    """Where order is kept: a chat, and in a group with topics each topic by itself."""
    chat, message = update.effective_chat, update.effective_message
    topic = message.message_thread_id if message is not None and message.is_topic_message else None
    return (chat.id if chat is not None else 0, topic)


async def _dismantle(application: Application[Any, Any, Any, Any, Any, Any]) -> None:
    """Undo a start that did not get through."""
    if application.updater is not None and application.updater.running:
        await application.updater.stop()
    if application.running:
        await application.stop()
    await application.shutdown()
    await application.bot.shutdown()  # the connections, when even getMe failed
