"""Photos and documents on Telegram: which file a message holds, and its bytes."""

from __future__ import annotations

import asyncio
import logging

from telegram import Document, Message, PhotoSize
from telegram.error import BadRequest, TelegramError

log = logging.getLogger(__name__)

MAX_FILE = 20 * 1024 * 1024
"""Bytes that a bot may fetch from Telegram."""

FETCH_TIME = 45.0
"""Seconds for one file; Telegram waits 60 for a webhook."""


class NotFetched(Exception):
    """A file that did not arrive; `notice` names the sentence that says so."""

    def __init__(self, notice: str) -> None:
        super().__init__(notice)
        self.notice = notice


def file_of(message: Message) -> tuple[PhotoSize | Document, str] | None:
    """The photo (its largest size) or document of a message; a moving picture is a document too, but none to us."""
    if message.photo:
        return message.photo[-1], "photo.jpg"
    if message.document is not None and message.animation is None:
        return message.document, message.document.file_name or "file"
    return None


async def fetch(file: PhotoSize | Document) -> bytes:
    """The bytes of a file; raises :class:`NotFetched`."""
    if (file.file_size or 0) > MAX_FILE:
        raise NotFetched("utter_file_too_big")
    try:
        data = await asyncio.wait_for(_download(file), FETCH_TIME)
    except (TelegramError, asyncio.TimeoutError) as error:
        log.warning("telegram.file_not_fetched: %s", type(error).__name__)
        raise NotFetched("utter_file_too_big" if "too big" in str(error) else "utter_file_not_received") from error
    if len(data) > MAX_FILE:
        raise NotFetched("utter_file_too_big")
    return data


async def _download(file: PhotoSize | Document) -> bytes:
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
