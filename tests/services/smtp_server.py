"""A mail server as a process of its own: it keeps what it gets, and can refuse, be full, be down and come back.

    python -m tests.services.smtp_server PORT FOLDER [CERTIFICATE KEY]

writes each message into the Maildir FOLDER and a line to standard output. With a certificate it wants STARTTLS and the
log-in `desk` / `let me send`.
"""

from __future__ import annotations

import contextlib
import mailbox
import socket
import ssl
import subprocess
import sys
import threading
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Mailbox
from aiosmtpd.smtp import AuthResult, Envelope
from typing_extensions import Self

USER, PASSWORD = "desk", "let me send"
READY, GOT = "ready", "got one"


class SmtpServer:
    """A mail server on a port of its own. Use it as a context manager; `stop` and `start` it in between."""

    def __init__(self, folder: Path, certificate: tuple[Path, Path] | None = None) -> None:
        self._folder, self._certificate = folder, certificate
        with socket.create_server(("127.0.0.1", 0)) as found:
            self.port: int = found.getsockname()[1]
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.stop()

    def start(self) -> None:
        """Up, or up again on the same port."""
        command = [sys.executable, "-m", "tests.services.smtp_server", str(self.port), str(self._folder)]
        command += [str(path) for path in self._certificate or ()]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self._expect(READY)

    def clear(self) -> None:
        """Throw away what was taken, and be up."""
        if self._process is None:
            self.start()
        mailbox.Maildir(self._folder).clear()

    def stop(self) -> None:
        """Down, at once, as when the machine is switched off."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            assert self._process.stdout is not None
            self._process.stdout.close()
            self._process = None

    def wait(self, count: int = 1) -> None:
        """Until so many messages were taken."""
        while len(self.messages()) < count:
            self._expect(GOT)

    def messages(self) -> list[EmailMessage]:
        """What was taken, in order."""
        box = mailbox.Maildir(self._folder, create=False)
        found = [message_from_bytes(box.get_bytes(key), policy=policy.default) for key in sorted(box.keys())]
        return [message for message in found if isinstance(message, EmailMessage)]

    def _expect(self, line: str) -> None:
        assert self._process is not None and self._process.stdout is not None
        said = self._process.stdout.readline().strip()
        assert said == line, f"the mail server said {said!r}"


class _Handler(Mailbox):
    """`full@` may come back later, `gone@` never."""

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Envelope, address: str, _options: Any) -> str:
        if address.startswith("gone@"):
            return "550 5.1.1 there is nobody of that name"
        if address.startswith("full@"):
            return "452 4.2.2 the mailbox is full"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:
        answer = await super().handle_DATA(server, session, envelope)
        print(GOT, flush=True)
        return str(answer)


def _allowed(_server: Any, _session: Any, _envelope: Any, _mechanism: str, given: Any) -> AuthResult:
    right = (given.login, given.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=right, handled=right)  # not handled: the server says 535


def main(port: str, folder: str, *certificate: str) -> None:
    options: dict[str, Any] = {}
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)
        options = {"tls_context": context, "require_starttls": True, "auth_required": True, "authenticator": _allowed}
    Controller(_Handler(folder), hostname="127.0.0.1", port=int(port), **options).start()
    print(READY, flush=True)
    with contextlib.suppress(KeyboardInterrupt):
        threading.Event().wait()


if __name__ == "__main__":
    main(*sys.argv[1:])
