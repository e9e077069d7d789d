"""Letters by SMTP, as plain text: the one place that talks to the mail server."""

from __future__ import annotations

import asyncio
import smtplib
import ssl
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from urllib.parse import urlsplit

from bot.config import Settings

TIMEOUT = 15.0
"""Seconds for each step of a conversation with the mail server."""


class NotTaken(Exception):
    """The letter was not taken; `for_good`: a later try cannot succeed either."""

    def __init__(self, why: str, *, for_good: bool = False) -> None:
        super().__init__(why)
        self.for_good = for_good


class Mail:
    """Brings letters to the configured mail server."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    async def send(self, to: str, subject: str, body: str, *, letter: str | None = None) -> None:
        """Send a text; raises :class:`NotTaken`.

        The same `letter` (letters, digits, hyphens) gives the same Message-ID: what is sent twice is known as one.
        """
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = sender(self._settings), to, subject
        message["Date"] = formatdate()
        host = urlsplit(self._settings.base_url).hostname or "localhost"
        message["Message-ID"] = f"<{letter}@{host}>" if letter is not None else make_msgid(domain=host)
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's holiday notice answers it
        message.set_content(body)
        await asyncio.to_thread(self._deliver, message)

    def _deliver(self, message: EmailMessage) -> None:
        try:
            with connect(self._settings) as server:
                server.send_message(message)
        except smtplib.SMTPRecipientsRefused as refused:
            code, _said = next(iter(refused.recipients.values()))
            raise NotTaken(f"the address was refused ({code})", for_good=code >= 500) from refused
        except smtplib.SMTPResponseException as answer:
            # Our log-in being wrong is for the operator to mend: the letter waits for that.
            for_good = answer.smtp_code >= 500 and not isinstance(answer, smtplib.SMTPAuthenticationError)
            raise NotTaken(f"the mail server said {answer.smtp_code}", for_good=for_good) from answer
        except (smtplib.SMTPException, OSError) as down:
            raise NotTaken(f"the mail server cannot be reached ({type(down).__name__})") from down


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
