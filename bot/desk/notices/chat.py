"""Telegram: the bot writes to members of staff who have linked their account (see bot/desk/topics/links.py)."""

from __future__ import annotations

import datetime as dt

from telegram import Bot, LinkPreviewOptions
from telegram.error import BadRequest, Forbidden, RetryAfter, TelegramError

from bot.desk.notices import wording
from bot.desk.notices.courier import NotNow, Refused
from bot.desk.notices.due import Letter
from bot.desk.wording import Words

_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)


class Chat:
    """Carries letters into private chats."""

    def __init__(self, bot: Bot, base_url: str) -> None:
        self._bot, self._base_url = bot, base_url

    async def carry(self, letter: Letter) -> None:
        """Write one; :class:`Refused` when this person has blocked the bot."""
        said = wording.text(Words(letter.language), letter.notices, self._base_url)
        try:
            await self._bot.send_message(int(letter.to), said, link_preview_options=_NO_PREVIEW)
        except RetryAfter as full:
            wait = full.retry_after
            seconds = wait.total_seconds() if isinstance(wait, dt.timedelta) else float(wait)
            raise NotNow("Telegram's rate limit", seconds) from full
        except (Forbidden, BadRequest) as refused:
            raise Refused(f"Telegram does not take it ({type(refused).__name__})") from refused
        except TelegramError as failed:
            raise NotNow(f"Telegram cannot be reached ({type(failed).__name__})") from failed
