"""A desk on a database of its own, with people in every role and conversations that wait."""

from __future__ import annotations

import datetime as dt
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from argon2 import PasswordHasher
from argon2.profiles import CHEAPEST
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient

import bot.cases.model  # its tables belong to the same metadata
import bot.training.model  # noqa: F401
from bot.cases import store
from bot.config import Settings
from bot.database import Database, utcnow
from bot.desk import sessions, training, users
from bot.desk.routes import Desk, routes
from bot.desk.users import hash_password
from bot.frontdesk import attachments, handoff, messages
from bot.frontdesk.hub import Hub
from bot.frontdesk.messages import Reply
from bot.frontdesk.model import Conversation, Handoff, Message, User
from bot.training.neighbours import Neighbours
from tests.services.tables import create_tables

PASSWORD = "correct horse battery"


SHIPPED_HASHER = users._hasher


@pytest.fixture(scope="session", autouse=True)
def cheap_hashes() -> Iterator[None]:
    """Argon2 with little work: at full strength hashing would be most of what these tests do.

    `test_password_hashes.py` puts the full strength back and looks at it.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(users, "_hasher", PasswordHasher.from_parameters(CHEAPEST))
        yield
    users._nobody.cache_clear()


@lru_cache(maxsize=1)
def _hash() -> str:
    return hash_password(PASSWORD)


GREET = """version: "3.1"
nlu:
- intent: greet
  metadata:
    language: de
  examples: |
    - Guten Tag zusammen
    - Guten Abend zusammen
"""
"""A few examples, where thousands would take their time."""


@dataclass
class Office:
    """The desk under test and short ways to fill and ask it."""

    desk: Desk
    app: Starlette

    @property
    def database(self) -> Database:
        return self.desk.database

    def user(self, name: str, role: str = "staff", **more: Any) -> User:
        with self.database.begin() as session:
            user = User(name=name, role=role, password_hash=_hash(), **more)
            session.add(user)
        return user

    def client(self, user: User | None = None) -> Browser:
        """A browser; logged in where a user is given."""
        browser = Browser(self.app, base_url="http://testserver", follow_redirects=False)
        if user is not None:
            with self.database.begin() as session:
                token = sessions.start(session, session.get(User, user.id))
                found = sessions.find(session, sessions.hash_token(token))
            assert found is not None
            browser.cookies.set(sessions.COOKIE, token, path="/desk")
            browser.csrf = found.csrf
        return browser

    def conversation(
        self,
        text: str = "Die Kaffeemaschine ist kaputt",
        *,
        category: str | None = "product_defect",
        language: str = "de",
        waiting_minutes: float = 5,
        queued: bool = True,
        reason: str = "asked_for_person",
        confidential: bool = False,
        severity: int | None = None,
        **about: Any,
    ) -> str:
        """A customer wrote `text`, and unless `queued` is False the bot passed the conversation on; its id."""
        with self.database.begin() as session:
            talk = messages.open_conversation(session, "web", language)
            messages.append(session, talk, Reply("customer", text), state="answered")
            case = None
            if category is not None:
                case = store.open_case(
                    session, conversation=talk.id, channel="web", language=language, category=category, text=text,
                    **about,
                )  # fmt: skip
                case.severity = severity if severity is not None else case.severity
            if queued:
                waiting = handoff.hand_over(
                    session, talk, reason=reason, severity=case.severity if case else 1,
                    case_number=case.number if case else None, confidential=confidential,
                )  # fmt: skip
                waiting.waiting_since = utcnow() - dt.timedelta(minutes=waiting_minutes)
            return str(talk.id)

    def customer_says(self, conversation: str, text: str) -> None:
        with self.database.begin() as session:
            messages.receive(session, conversation, text=text)
        self.desk.hub.tell(conversation)

    def holder(self, conversation: str) -> str:
        with self.database.begin() as session:
            return str(session.get(Conversation, conversation).holder)

    def said(self, conversation: str) -> list[Message]:
        with self.database.begin() as session:
            return messages.history(session, conversation, internal=True)

    def handoff(self, conversation: str) -> Handoff:
        with self.database.begin() as session:
            return session.query(Handoff).filter_by(conversation_id=conversation).one()  # type: ignore[no-any-return]

    def case_number(self, conversation: str) -> str:
        with self.database.begin() as session:
            return str(store.latest(session, conversation, open_only=False).number)  # type: ignore[union-attr]


class Browser(TestClient):
    """A test client that knows its form token."""

    csrf = ""

    def act(self, conversation: str, action: str, **fields: str) -> Any:
        """What the desk's script does: a form with the token, JSON back."""
        headers = {"Accept": "application/json", "X-CSRF-Token": self.csrf}
        return self.post(f"/desk/conversations/{conversation}/{action}", data=fields, headers=headers)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    database = Database(f"sqlite:///{tmp_path / 'desk.db'}")
    create_tables(database)
    desk = Desk(database, Hub(), Settings(var=tmp_path, secret="for tests only"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(attachments, "settings", lambda: desk.settings)
        yield Office(desk, Starlette(routes=[Mount("/desk", routes=routes(desk))]))
    database.dispose()


@pytest.fixture
def serve(office: Office) -> Iterator[Callable[[], str]]:
    """Start the desk on a real port, for streams; returns its address."""
    running: list[tuple[uvicorn.Server, threading.Thread]] = []

    def start() -> str:
        listener = socket.socket()
        listener.bind(("127.0.0.1", 0))
        config = uvicorn.Config(office.app, log_level="error", ws="none", lifespan="off", timeout_graceful_shutdown=1)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)  # the port is bound already: this is the start of the loop only
        running.append((server, thread))
        return f"http://127.0.0.1:{listener.getsockname()[1]}"

    yield start
    for server, thread in running:
        server.should_exit = True
        thread.join(timeout=5)


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The examples that the desk writes to."""
    folder = tmp_path / "nlu"
    (folder / "de").mkdir(parents=True)
    (folder / "de" / "greet.yml").write_text(GREET, encoding="utf-8")
    monkeypatch.setattr(training, "DATA", folder)
    nearby = Neighbours(folder, tmp_path / "vectors.npz")
    monkeypatch.setattr(training, "_neighbours", lambda: nearby)
    return folder


def form_token(page: str) -> str:
    """The token of the first form on a page."""
    found = re.search(r'name="csrf" value="([^"]+)"', page)
    assert found is not None
    return found[1]
