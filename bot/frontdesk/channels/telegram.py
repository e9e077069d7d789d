"""Telegram: updates come in by polling or webhook and are written down; answers leave by telegram_outbox.

Telegram forgets an update once it is confirmed, so nothing is confirmed before it is in SQL: polling asks for more
(which confirms) only when all it got is written, the webhook answers 200 only then. What comes twice is known by its
update id. Updates of one chat are handled in order, different chats side by side.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import logging
import re
from collections import Counter
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any
from weakref import WeakValueDictionary

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from telegram import CallbackQuery, Chat, Document, PhotoSize, Update, User
from telegram import Message as Incoming
from telegram.constants import ChatMemberStatus, ChatType
from telegram.error import BadRequest, Forbidden, TelegramError
from telegram.ext import Application, ExtBot, TypeHandler, filters
from telegram.request import HTTPXRequest

from bot import texts
from bot.config import Settings
from bot.database import Database
from bot.frontdesk import attachments, messages
from bot.frontdesk.channels.telegram_outbox import CHANNEL, COMMAND_WORDS, Outbox, show_commands
from bot.frontdesk.hub import Hub
from bot.frontdesk.messages import Reply
from bot.frontdesk.model import Message

log = logging.getLogger(__name__)

Attach = Callable[[Session, str, str, bytes], dict[str, Any]]
"""Keeps a file: session, conversation id, file name, bytes -> what stands on the message."""

WEBHOOK_PATH = "/telegram/webhook"
UPDATES = ("message", "edited_message", "callback_query", "my_chat_member")
MAX_FILE = 20 * 1024 * 1024
"""Bytes that a bot may fetch from Telegram."""

MAX_BODY = 1024 * 1024
MAX_TRIES = 5
"""How often an update that breaks us is tried; trouble with the database is waited out instead."""

TRY_AGAIN = 1.0
FETCH_TIME = 45.0  # seconds for one file; Telegram waits 60 for a webhook
MAX_RECONNECT = 300.0
_ORDER_NUMBER = re.compile(r"(?=(?:\D*\d){4})[A-Za-z0-9][A-Za-z0-9_-]{3,31}")
_BUTTON = re.compile(r"(\d{1,9}):(\d{1,3})")


@dataclass(frozen=True)
class Sender:
    """Who sent an update: the chat, and the language in which a first conversation starts."""

    update_id: int
    chat: int
    language: str

    @property
    def client_id(self) -> str:
        """What makes the update known when it comes again."""
        return f"tg:{self.update_id}"


class ConfirmingBot(ExtBot[None]):
    """Asks for new updates, which confirms the earlier ones, only when those are written.

    `unwritten` names, by chat, the first update that could not be written: from the oldest of them all is fetched anew.
    """

    def __init__(self, *, queue: asyncio.Queue[object], unwritten: dict[int, int], **options: Any) -> None:
        super().__init__(**options)
        self._queue, self._unwritten = queue, unwritten

    async def get_updates(self, offset: int | None = None, *args: Any, **options: Any) -> tuple[Update, ...]:
        await self._queue.join()
        if self._unwritten:
            offset = min(self._unwritten.values())
            await asyncio.sleep(TRY_AGAIN)
            self._unwritten.clear()
        return await super().get_updates(offset, *args, **options)


class TelegramChannel:
    """Customers on Telegram. Nothing happens without a token; Telegram being away never stops the front desk."""

    def __init__(
        self,
        *,
        database: Database,
        settings: Settings,
        wake: Callable[[str], None],
        hub: Hub,
        attach: Attach = attachments.store,
    ) -> None:
        self._database, self._settings, self._wake, self._hub, self._attach = database, settings, wake, hub, attach
        self._application: Application[Any, Any, Any, Any, Any, Any] | None = None
        self._outbox: Outbox | None = None
        self._connecting: asyncio.Task[None] | None = None
        self._sending: list[asyncio.Task[None]] = []
        self._unwritten: dict[int, int] = {}
        self._tries: Counter[int] = Counter()
        self._locks: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()
        self._declined: set[int] = set()

    async def start(self) -> None:
        """Connect; where Telegram does not answer now, go on trying in the background."""
        if not self._settings.telegram_token:
            return
        logging.getLogger("httpx").setLevel(logging.WARNING)  # its INFO lines show the token in every address
        if not await self._connect():
            self._connecting = asyncio.get_running_loop().create_task(self._connect_later())

    async def stop(self) -> None:
        """Take nothing new, write down what has arrived, let sends under way end."""
        if self._connecting is not None:
            self._connecting.cancel()
            await asyncio.gather(self._connecting, return_exceptions=True)
        application, outbox, sending = self._application, self._outbox, self._sending
        self._connecting, self._application, self._outbox, self._sending = None, None, None, []
        if application is None or outbox is None:
            return
        if application.updater is not None and application.updater.running:
            await application.updater.stop()
        await application.stop()
        for task in sending:
            task.cancel()
        await asyncio.gather(*sending, return_exceptions=True)
        await outbox.stop()
        await application.shutdown()

    def kick(self) -> None:
        """A message for Telegram was written: send it now instead of within a second."""
        if self._outbox is not None:
            self._outbox.kick()

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
        self._outbox = Outbox(self._database, self._hub, application.bot)
        create = asyncio.get_running_loop().create_task
        self._sending = [create(self._outbox.deliver_forever()), create(show_commands(application.bot))]
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
            request=HTTPXRequest(connection_pool_size=64, read_timeout=15.0, pool_timeout=10.0),
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
        chat = update.effective_chat
        key = chat.id if chat is not None else 0
        async with self._locks.setdefault(key, asyncio.Lock()):
            if key in self._unwritten:
                return False  # an earlier one of this chat comes again first
            try:
                await self._handle(update)
            except Exception as error:  # whatever it is: what is not written must not be confirmed
                self._tries[update.update_id] += 1
                log.exception("telegram.not_written", extra={"update": update.update_id})
                if isinstance(error, DBAPIError) or self._tries[update.update_id] < MAX_TRIES:
                    if not self._settings.telegram_webhook_url:  # a webhook's queue waits by itself, chat by chat
                        self._unwritten[key] = update.update_id
                    return False
                log.error("telegram.given_up: an update breaks us", extra={"update": update.update_id})
            self._tries.pop(update.update_id, None)
            return True

    async def _handle(self, update: Update) -> None:
        chat, message = update.effective_chat, update.message or update.edited_message
        if update.callback_query is not None:
            await self._pressed(update.update_id, update.callback_query)
        elif chat is not None and chat.type != ChatType.PRIVATE:
            await self._decline(update, chat)
        elif message is not None:
            sender = Sender(update.update_id, message.chat_id, _language(message.from_user))
            await self._said(sender, message, edited=update.edited_message is not None)

    async def _said(self, sender: Sender, message: Incoming, *, edited: bool) -> None:
        text, file = message.text or message.caption or "", _file_of(message)
        command, _, argument = text.partition(" ")
        name = command[1:].partition("@")[0].lower() if command.startswith("/") else ""
        if edited:
            if text or file is not None:
                await self._record(sender, f"✏️ {text}", file=file)
        elif name == "start":
            if _ORDER_NUMBER.fullmatch(argument.strip()):
                order = argument.strip()
                await self._record(sender, {"de": f"Bestellnummer {order}", "en": f"Order number {order}"})
            else:
                await self._record(sender, notice="utter_greet_telegram")
        elif name in COMMAND_WORDS:
            await self._record(sender, COMMAND_WORDS[name])
        elif file is not None or message.text:
            await self._record(sender, text, file=file)
        elif not filters.StatusUpdate.ALL.check_update(Update(sender.update_id, message=message)):
            await self._record(sender, text, notice="utter_no_voice")

    async def _record(
        self,
        sender: Sender,
        text: str | Mapping[str, str] = "",
        *,
        file: tuple[PhotoSize | Document, str] | None = None,
        notice: str | None = None,
    ) -> None:
        """Write down what a customer said and what we say to it at once; a refused file leaves its caption."""
        loaded = None
        if file is not None and (file[0].file_size or 0) > MAX_FILE:
            notice = "utter_file_too_big"
        elif file is not None and not await self._database.run(_known, sender):
            try:
                data = await asyncio.wait_for(self._fetch(file[0]), FETCH_TIME)
                loaded = (file[1], data)
                if len(data) > MAX_FILE:
                    loaded, notice = None, "utter_file_too_big"
            except (TelegramError, asyncio.TimeoutError) as error:
                log.warning("telegram.file_not_fetched: %s", type(error).__name__)
                notice = "utter_file_too_big" if "too big" in str(error) else "utter_file_not_received"
        try:
            conversation, new = await self._database.run(_write, sender, text, loaded, notice, self._attach)
        except attachments.BadAttachment as bad:
            notice = "utter_file_too_big" if bad.code == "file_too_big" else f"utter_error_{bad.code}"
            conversation, new = await self._database.run(_write, sender, text, None, notice, self._attach)
        except messages.BadMessage as bad:
            notice = f"utter_error_{bad.code}"
            conversation, new = await self._database.run(_write, sender, "", None, notice, self._attach)
        self._changed(conversation, new)

    async def _fetch(self, file: PhotoSize | Document) -> bytes:
        for wait in (0.5, 2.0, 0.0):
            try:
                return bytes(await (await file.get_file()).download_as_bytearray())
            except BadRequest:
                raise
            except TelegramError:
                if not wait:
                    raise
                await asyncio.sleep(wait)
        raise AssertionError("the last try returns or raises")

    async def _pressed(self, update_id: int, query: CallbackQuery) -> None:
        """A button. The query is always answered, else the customer's app shows it as pending; the buttons go."""
        chat = query.message.chat.id if query.message is not None else query.from_user.id
        answer = None
        if query.message is None or query.message.chat.type == ChatType.PRIVATE:
            sender = Sender(update_id, chat, _language(query.from_user))
            conversation, new, answer = await self._database.run(_press, sender, query.data or "")
            self._changed(conversation, new)
        await _politely(query.answer(answer))
        if query.message is not None:
            await _politely(query.edit_message_reply_markup(None))

    async def _decline(self, update: Update, chat: Chat) -> None:
        """Complaints are private: say so once in a group and leave it; a channel is left without a word."""
        member = update.my_chat_member
        if member is not None and member.new_chat_member.status in (ChatMemberStatus.LEFT, ChatMemberStatus.BANNED):
            self._declined.discard(chat.id)
            return
        try:
            if chat.id not in self._declined and chat.type != ChatType.CHANNEL:
                await chat.send_message(texts.text("utter_no_groups", _language(update.effective_user)))
            self._declined.add(chat.id)
            await chat.leave()
        except (Forbidden, BadRequest):
            log.info("telegram.group_left_already")

    def _changed(self, conversation: str, new: bool) -> None:
        self._hub.tell(conversation)
        self.kick()
        if new:
            self._wake(conversation)


def _write(
    session: Session,
    sender: Sender,
    text: str | Mapping[str, str],
    file: tuple[str, bytes] | None,
    notice: str | None,
    attach: Attach,
) -> tuple[str, bool]:
    """The customer's message, then the bot's `notice`, in one transaction; whether the message is new."""
    conversation = messages.open_conversation(session, CHANNEL, sender.language, key=str(sender.chat))
    said = text if isinstance(text, str) else text[conversation.language]
    new = False
    if said or file is not None:
        kept = [attach(session, conversation.id, *file)] if file is not None else []
        _message, new = messages.receive(
            session, conversation.id, text=said, attachments=kept, client_id=sender.client_id
        )
    if notice is not None and not _has(session, conversation.id, f"{sender.client_id}:notice"):
        locked = messages.locked(session, conversation.id)
        reply = Reply("bot", texts.text(notice, conversation.language))
        messages.append(session, locked, reply, client_id=f"{sender.client_id}:notice")
    return conversation.id, new


def _press(session: Session, sender: Sender, data: str) -> tuple[str, bool, str | None]:
    """Use the button `seq:index`; the answer is a sentence when it is not live any more."""
    conversation = messages.open_conversation(session, CHANNEL, sender.language, key=str(sender.chat))
    if _has(session, conversation.id, sender.client_id):
        return conversation.id, False, None
    try:
        payload = _payload(session, conversation.id, data)
        messages.receive(session, conversation.id, payload=payload, client_id=sender.client_id)
    except messages.BadMessage:
        return conversation.id, False, texts.text("utter_stale_button", conversation.language)
    return conversation.id, True, None


def _payload(session: Session, conversation_id: str, data: str) -> str:
    """What the pressed button stands for. A later message with the same payload makes it stale: "yes" to an old
    question is no answer to the new one."""
    found = _BUTTON.fullmatch(data)
    if found is None:
        raise messages.BadMessage("no_such_button")
    seq, index = int(found[1]), int(found[2])
    shown = messages.history(session, conversation_id, seq - 1)
    if not shown or shown[0].seq != seq or index >= len(shown[0].buttons):
        raise messages.BadMessage("no_such_button")
    payload = str(shown[0].buttons[index]["payload"])
    if any(button["payload"] == payload for later in shown[1:] for button in later.buttons):
        raise messages.StaleButton
    return payload


def _has(session: Session, conversation_id: str, client_id: str) -> bool:
    statement = select(Message.id).where(Message.conversation_id == conversation_id, Message.client_id == client_id)
    return session.scalars(statement).first() is not None


def _known(session: Session, sender: Sender) -> bool:
    """Whether this update's message is written already: its file need not be fetched again."""
    conversation = messages.open_conversation(session, CHANNEL, sender.language, key=str(sender.chat))
    return _has(session, conversation.id, sender.client_id)


def _file_of(message: Incoming) -> tuple[PhotoSize | Document, str] | None:
    """The photo (its largest size) or document of a message; a moving picture is a document too, but none to us."""
    if message.photo:
        return message.photo[-1], "photo.jpg"
    if message.document is not None and message.animation is None:
        return message.document, message.document.file_name or "file"
    return None


def _language(user: User | None) -> str:
    return "de" if user is not None and (user.language_code or "").startswith("de") else "en"


async def _politely(call: Coroutine[Any, Any, Any]) -> None:
    """Something that may fail without harm: an old query, a message that looks so already."""
    try:
        await call
    except TelegramError as error:
        log.info("telegram.courtesy_failed: %s", type(error).__name__)


async def _dismantle(application: Application[Any, Any, Any, Any, Any, Any]) -> None:
    """Undo a start that did not get through."""
    if application.updater is not None and application.updater.running:
        await application.updater.stop()
    if application.running:
        await application.stop()
    await application.shutdown()
    await application.bot.shutdown()  # the connections, when even getMe failed
