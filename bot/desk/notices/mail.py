"""Notifications by e-mail."""

from __future__ import annotations

from bot.config import Settings
from bot.desk.notices import wording
from bot.desk.notices.courier import NotNow, Refused
from bot.desk.notices.due import Letter
from bot.desk.wording import Words
from bot.frontdesk.mail import Mail, NotTaken


class Postman:
    """Carries letters to the mail server."""

    def __init__(self, settings: Settings) -> None:
        self._mail, self._base = Mail(settings), settings.base_url

    async def carry(self, letter: Letter) -> None:
        """Send one; :class:`NotNow` when the server may take it later, :class:`Refused` when it never will."""
        words, base = Words(letter.language), self._base
        body = f"{wording.text(words, letter.notices, base)}\n\n-- \n{wording.footer(words, base)}\n"
        subject = wording.subject(words, letter.notices)
        try:
            await self._mail.send(letter.to, subject, body, letter=f"notice-{letter.deliveries[0]}")
        except NotTaken as problem:
            raise (Refused if problem.for_good else NotNow)(str(problem)) from problem
