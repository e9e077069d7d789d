"""E-mail by SMTP, as plain text."""

from __future__ import annotations

import asyncio
import smtplib
import ssl
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from urllib.parse import urlsplit

from bot.config import Settings
from bot.desk.notices import wording
from bot.desk.notices.courier import NotNow, Refused
from bot.desk.notices.due import Letter
from bot.desk.wording import Words

TIMEOUT = 15.0
"""Seconds for each step of a conversation with the mail server."""


class Mail:
    """Carries letters to a mail server."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    async def carry(self, letter: Letter) -> None:
        """Send one; :class:`NotNow` when the server may take it later, :class:`Refused` when it never will."""
        words, base = Words(letter.language), self._settings.base_url
        body = f"{wording.text(words, letter.notices, base)}\n\n-- \n{wording.footer(words, base)}\n"
        await self.send(letter.to, wording.subject(words, letter.notices), body, number=letter.deliveries[0])

    async def send(self, to: str, subject: str, body: str, *, number: int | None = None) -> None:
        """Send any text. The same `number` gives the same Message-ID: a letter sent twice is known as one."""
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = sender(self._settings), to, subject
        message["Date"] = formatdate()
        host = urlsplit(self._settings.base_url).hostname or "localhost"
        message["Message-ID"] = f"<notice-{number}@{host}>" if number is not None else make_msgid(domain=host)
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's holiday notice answers it
        message.set_content(body)
        await asyncio.to_thread(self._deliver, message)

    def _deliver(self, message: EmailMessage) -> None:
        try:
            with connect(self._settings) as server:
                server.send_message(message)
        except smtplib.SMTPRecipientsRefused as refused:
            code, _said = next(iter(refused.recipients.values()))
            raise (Refused if code >= 500 else NotNow)(f"the address was refused ({code})") from refused
        except smtplib.SMTPResponseException as answer:
            # Our log-in being wrong is for the operator to mend: the letter waits for that.
            for_good = answer.smtp_code >= 500 and not isinstance(answer, smtplib.SMTPAuthenticationError)
            raise (Refused if for_good else NotNow)(f"the mail server said {answer.smtp_code}") from answer
        except (smtplib.SMTPException, OSError) as down:
            raise NotNow(f"the mail server cannot be reached ({type(down).__name__})") from down


def connect(settings: Settings) -> smtplib.SMTP:
    """A connection on which letters can be sent, encrypted and logged in as configured. Raises smtplib's errors."""
    if settings.smtp_security == "tls":
        server: smtplib.SMTP = smtplib.SMTP_SSL(
            settings.smtp_host, settings.smtp_port, timeout=TIMEOUT, context=ssl.create_default_context()
        )
    else:
        server = smtplib.SMTP(settings.smtp_host, settings.smtp_port, timeout=TIMEOUT)
    try:
        if settings.smtp_security == "starttls":
            server.starttls(context=ssl.create_default_context())
        if settings.smtp_user:
            server.login(settings.smtp_user, settings.smtp_password)
    except BaseException:
        server.close()
        raise
    return server


def sender(settings: Settings) -> str:
    """Whom our letters come from."""
    return settings.smtp_from or settings.smtp_user or f"erstkontakt@{urlsplit(settings.base_url).hostname}"
