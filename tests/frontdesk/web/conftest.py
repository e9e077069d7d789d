"""The front desk alone, on a port of its own, with nobody to answer: what the web chat takes, keeps and refuses."""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from PIL import Image
from sqlalchemy import select

from bot import texts
from bot.cases import store
from bot.cases.model import Order
from bot.config import Settings
from bot.database import Database, utcnow
from bot.frontdesk import attachments, messages
from bot.frontdesk.app import create_app
from bot.frontdesk.channels.web_sessions import Sessions
from bot.frontdesk.messages import Reply
from bot.frontdesk.model import Conversation, Message
from bot.migrate import load_models
from bot.services import free_ports
from tests.services.tables import create_tables

SHOP = "https://shop.example.org"
"""A page that may embed the chat."""


class FrontDesk:
    """A running front desk and short ways to use it."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.url = f"http://127.0.0.1:{settings.port}"
        self.database = Database(settings.db_url)
        self.sessions = Sessions(self.database, settings)

    def with_token(self, token: str) -> Customer:
        """The customer who holds this token, a browser's for example."""
        return Customer(self, httpx.Client(base_url=self.url, timeout=30, trust_env=False), token)

    def customer(self, locale: str = "de", **headers: str) -> Customer:
        http = httpx.Client(base_url=self.url, timeout=30, trust_env=False, headers=headers)
        opened = http.post("/chat/sessions", json={"locale": locale})
        assert opened.status_code == 201, opened.text
        return Customer(self, http, opened.json()["token"])


class Customer:
    """Somebody with a conversation."""

    def __init__(self, desk: FrontDesk, http: httpx.Client, token: str) -> None:
        self.desk, self.http, self.token = desk, http, token
        http.headers["Authorization"] = f"Bearer {token}"

    def post(self, **body: Any) -> httpx.Response:
        return self.http.post("/chat/messages", json=body)

    def send(self, data: bytes, name: str = "foto.jpg", kind: str = "image/jpeg", **fields: str) -> httpx.Response:
        return self.http.post("/chat/attachments", files={"file": (name, data, kind)}, data=fields)

    def view(self, after: int = 0, wait: float = 0) -> dict[str, Any]:
        answer = self.http.get("/chat/messages", params={"after": after, "wait": wait})
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def said(self) -> list[dict[str, Any]]:
        """What the customer wrote, as it comes back."""
        return [message for message in self.view()["messages"] if message["author"] == "customer"]

    def hears(self, text: str, author: str = "bot", **about: Any) -> Message:
        """Somebody else says something in this conversation."""
        with self.desk.database.begin() as session:
            conversation = messages.locked(session, self.id)
            return messages.append(session, conversation, Reply(author, text, **about))

    def proves(self, email: str | None = "anna.brandl@example.org") -> None:
        """The customer has proven an order, which has this e-mail address."""
        with self.desk.database.begin() as session:
            order = Order(order_number=f"LH-{self.id[:6]}", item="Kompressor", email=email, postcode="80331")
            session.add(order)
            about = {"category": "product_defect", "text": "kaputt", "now": utcnow()}
            case = store.open_case(session, conversation=self.id, channel="web", language="de", **about)
            store.attach_order(session, case, order, how="postcode")

    @property
    def id(self) -> str:
        return str(self.desk.sessions._signer.loads(self.token))

    def hold(self, holder: str) -> None:
        """Who has the conversation now."""
        with self.desk.database.begin() as session:
            conversation = session.get(Conversation, self.id)
            conversation.holder, conversation.last_at = holder, utcnow()

    def stored(self) -> list[Message]:
        """The message log, notes among staff included."""
        statement = select(Message).where(Message.conversation_id == self.id).order_by(Message.seq)
        with self.desk.database.begin() as session:
            return list(session.scalars(statement))


def refused(answer: httpx.Response, status: int, code: str, language: str = "de") -> None:
    """An error for programs and a sentence for people."""
    assert answer.status_code == status, answer.text
    assert answer.json() == {"error": {"code": code, "message": texts.text(f"utter_error_{code}", language)}}


def picture(kind: str = "JPEG", size: tuple[int, int] = (64, 48), **options: Any) -> bytes:
    """The bytes of a picture."""
    file = io.BytesIO()
    Image.new("RGB", size, (200, 40, 40)).save(file, format=kind, **options)
    return file.getvalue()


@pytest.fixture
def front_desk(tmp_path: Path) -> Iterator[FrontDesk]:
    with running(tmp_path) as desk:
        yield desk


@contextmanager
def running(var: Path, *, origins: str = SHOP, **more: Any) -> Iterator[FrontDesk]:
    """A front desk that keeps its things in `var`; pages of `origins` may embed the chat."""
    [port, nowhere] = free_ports(2)
    settings = Settings(
        var=var,
        port=port,
        rasa_port=nowhere,
        actions_port=nowhere,
        allowed_origins=origins,
        **{"retry_delay": 600, **more},
    )
    load_models()
    desk = FrontDesk(settings)
    create_tables(desk.database)
    how = {"log_level": "warning", "ws": "wsproto", "access_log": False, "timeout_graceful_shutdown": 1}
    config = uvicorn.Config(create_app(settings), port=port, **how)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    _wait_for(lambda: server.started)
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(attachments, "settings", lambda: settings)
            yield desk
    finally:
        server.should_exit = True
        thread.join(timeout=15)
        desk.database.dispose()


def _wait_for(happened: Callable[[], bool], timeout: float = 15.0) -> None:
    until = time.monotonic() + timeout
    while not happened():
        assert time.monotonic() < until, "the front desk did not start"
        threading.Event().wait(0.01)
