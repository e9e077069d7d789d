"""What leaves for Telegram: due rows of the outbox, one conversation in order, different ones side by side.

All state is in SQL, see `parcels`. Telegram has no key against repeats, so a message whose confirmation was lost on the
way is sent once more rather than never. Buttons that cannot be pressed any more are taken away or marked.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
import os
from collections.abc import Callable
from functools import partial
from typing import Any

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from telegram import Bot, LinkPreviewOptions, ReplyParameters
from telegram.error import BadRequest, Forbidden, RetryAfter, TelegramError

from bot.database import Database, utcnow
from bot.frontdesk import attachments
from bot.frontdesk.channels.telegram import parcels
from bot.frontdesk.channels.telegram.parcels import Parcel
from bot.frontdesk.hub import EVERYTHING, LOOK_AGAIN, Hub

log = logging.getLogger(__name__)
os.environ.setdefault("PTB_TIMEDELTA", "true")  # RetryAfter.retry_after as timedelta: the int is deprecated and warns

MAX_BACKOFF = 60.0
SIDE_BY_SIDE = 20
_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)


class Outbox:
    def __init__(self, database: Database, hub: Hub, bot: Bot) -> None:
        self._database, self._hub, self._bot = database, hub, bot
        self._kicked = asyncio.Event()
        self._kicked.set()  # what a former process left behind goes out at once
        self._slots = asyncio.Semaphore(SIDE_BY_SIDE)
        self._touched: set[str] = set()
        self._sending: dict[str, asyncio.Task[None]] = {}
        self._stopping = False

    def kick(self, conversation: str = "") -> None:
        """Something was written: look now; at the buttons of `conversation`, too. Call it from the event loop."""
        if conversation:
            self._touched.add(conversation)
        self._kicked.set()

    async def deliver_forever(self) -> None:
        """Send what is due until cancelled; looks at a kick, at any news and every LOOK_AGAIN seconds."""
        watcher = asyncio.get_running_loop().create_task(self._watch())
        try:
            while True:
                await self._kicked.wait()
                self._kicked.clear()
                try:
                    due = await self._database.run(parcels.due, utcnow())
                except Exception:  # nothing may end the deliveries for good; the watcher kicks again
                    log.exception("telegram.outbox_unreadable")
                    continue
                for conversation in {*due, *self._touched} - set(self._sending):
                    self._touched.discard(conversation)
                    self._send_all(conversation)
        finally:
            watcher.cancel()

    async def stop(self) -> None:
        """Let sends under way end; what is left stays in the outbox for the next start."""
        self._stopping = True
        if self._sending:
            await asyncio.wait(list(self._sending.values()), timeout=parcels.LEASE.total_seconds())

    async def _watch(self) -> None:
        while True:
            await self._hub.news(EVERYTHING, LOOK_AGAIN)
            self.kick()

    def _send_all(self, conversation: str) -> None:
        task = asyncio.get_running_loop().create_task(self._drain(conversation))
        self._sending[conversation] = task

        def ended(done: asyncio.Task[None]) -> None:
            del self._sending[conversation]
            if not done.cancelled() and (error := done.exception()) is not None:
                log.error("telegram.outbox_failed", exc_info=error, extra={"conversation": conversation})
            else:
                self.kick()  # something may have been written after the last look

        task.add_done_callback(ended)

    async def _drain(self, conversation: str) -> None:
        async with self._slots:
            while not self._stopping:
                parcel = await self._database.run(parcels.claim, conversation, utcnow())
                if parcel is None:
                    await self._retire(conversation)
                    return
                settle = await self._send(parcel)
                await self._surely(settle)
                self._hub.tell(conversation)

    async def _send(self, parcel: Parcel) -> Callable[[Session], None]:
        """Send one piece; returns what is to be written down about it."""
        try:
            number = await self._piece(parcel)
        except RetryAfter as full:
            wait = full.retry_after
            seconds = wait.total_seconds() if isinstance(wait, dt.timedelta) else float(wait)
            return lambda session: parcels.later(session, parcel, seconds, "rate limit")
        except Forbidden:
            return lambda session: parcels.blocked(session, parcel)
        except BadRequest as refused:  # no later try can succeed: the chat is gone or the message is not acceptable
            why = None if "not modified" in refused.message.lower() else refused.message
            if why is not None:
                log.error("telegram.refused: %s", why, extra={"conversation": parcel.conversation})
            return lambda session: parcels.done(session, parcel, None, why)
        except TelegramError as failed:
            seconds = min(2.0 ** (parcel.attempts - 1), MAX_BACKOFF)
            kind = type(failed).__name__
            log.warning("telegram.not_sent: %s", kind, extra={"conversation": parcel.conversation})
            return lambda session: parcels.later(session, parcel, seconds, kind)
        return lambda session: parcels.done(session, parcel, number, None)

    async def _piece(self, parcel: Parcel) -> int:
        """Send one piece, or change what was sent; Telegram's number of it."""
        bot, chat = self._bot, parcel.chat
        if parcel.edits is not None and parcel.file is not None:
            await bot.edit_message_caption(chat, parcel.edits, caption=parcel.text)
            return parcel.edits
        if parcel.edits is not None:
            await bot.edit_message_text(parcel.text, chat, parcel.edits, link_preview_options=_NO_PREVIEW)
            return parcel.edits
        options: dict[str, Any] = {"reply_markup": parcel.keyboard}
        if parcel.reply_to is not None:
            options["reply_parameters"] = ReplyParameters(parcel.reply_to, allow_sending_without_reply=True)
        path = attachments.path(parcel.file["id"]) if parcel.file is not None else None
        if parcel.file is None or path is None or not path.exists():
            text = parcel.text or "📎"
            return (await bot.send_message(chat, text, link_preview_options=_NO_PREVIEW, **options)).message_id
        options |= {"caption": parcel.text or None, "filename": parcel.file["name"]}
        data = await asyncio.to_thread(path.read_bytes)
        if parcel.file["type"] in ("image/jpeg", "image/png", "image/webp"):
            return (await bot.send_photo(chat, data, **options)).message_id
        return (await bot.send_document(chat, data, **options)).message_id

    async def _retire(self, conversation: str) -> None:
        """Take away or mark buttons that cannot be pressed any more; what fails is tried with the next message."""
        while (gone := await self._database.run(parcels.retired, conversation)) is not None:
            try:
                await self._bot.edit_message_reply_markup(gone.chat, gone.message, reply_markup=gone.keyboard)
            except BadRequest as refused:
                log.info("telegram.buttons_not_changed: %s", refused.message)  # they look so already, or are gone
            except TelegramError as failed:
                log.info("telegram.buttons_left: %s", type(failed).__name__)
                return
            await self._surely(partial(parcels.put_away, gone=gone))

    async def _surely(self, settle: Callable[[Session], None]) -> None:
        """Write the outcome down even when the database is away for a while: else it would be sent twice."""
        while True:
            try:
                return await self._database.run(settle)
            except SQLAlchemyError:
                if self._stopping:
                    raise
                log.exception("telegram.outcome_not_written")
                await asyncio.sleep(1)
