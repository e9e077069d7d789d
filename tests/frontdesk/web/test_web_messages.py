"""What a page may send, from where, and how often."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import httpx
import pytest
from itsdangerous import TimestampSigner, URLSafeTimedSerializer
from sqlalchemy import delete
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from bot.database import utcnow
from bot.frontdesk.app import create_app
from bot.frontdesk.channels.web_sessions import SESSION_DAYS
from bot.frontdesk.model import Conversation, Message
from tests.frontdesk.web.conftest import SHOP, Customer, FrontDesk, picture, refused

TEXTS = [
    "😡",
    "🤬🤬🤬🔥👎🏽👨‍👩‍👧‍👦🇩🇪",
    "الضاغط لا يعمل ورقم الطلب LH-104140",
    "המדחס לא עובד (LH-104140)",
    "Der \u200fقديم\u200e Kompressor",
    "Z̸̡̨a̵l̶g̷o̸" * 50,
    "<b onclick=alert(1)>Erika</b> <Mustermann@example.org>",
    "Robert'); DROP TABLE messages;--",
    "{{7*7}} ${jndi:ldap://x} %s {number}",
    "𝕯𝖊𝖗 𝕶𝖔𝖒𝖕𝖗𝖊𝖘𝖘𝖔𝖗",
]


@pytest.mark.parametrize("text", TEXTS)
def test_any_script_emoji_and_markup_is_kept_as_it_was_written(front_desk: FrontDesk, text: str) -> None:
    customer = front_desk.customer()
    assert customer.post(text=text, client_id="1").status_code == 202
    assert [message["text"] for message in customer.said()] == [text]


@pytest.mark.parametrize(
    "body",
    [
        b'{"text": "a", "client_id": "\\ud800"}',
        b'{"text": "a", "client_id": "\\u0000"}',
        b'{"text": "a", "client_id": ""}',
        b'{"text": "a", "client_id": 7}',
        b'{"text": {"a": 1}}',
        b'{"text": "a", "payload": "b"}',
        b"[" * 50_000,
        b'{"a":' * 20_000,
        b"NaN",
        b"\xff\xfe",
    ],
)
def test_a_body_that_nobody_can_store_is_refused(front_desk: FrontDesk, body: bytes) -> None:
    refused(front_desk.customer().http.post("/chat/messages", content=body), 400, "bad_request")


def test_broken_letters_are_left_out(front_desk: FrontDesk) -> None:
    customer = front_desk.customer()
    sent = customer.http.post("/chat/messages", content=b'{"text": "Kompressor\\ud800\\u0000 kaputt"}')
    assert sent.status_code == 202
    assert customer.said()[-1]["text"] == "Kompressor kaputt"


def test_a_long_body_without_a_length_is_not_read_to_the_end(front_desk: FrontDesk) -> None:
    parts = iter([b'{"text": "', *[b"x" * 65_536] * 4, b'"}'])
    refused(front_desk.customer().http.post("/chat/messages", content=parts), 413, "too_long")


@pytest.mark.parametrize("query", ["after=x", "after=-1", "after=1e99", "after=nan", "wait=inf", "wait=-3", "wait=x"])
def test_numbers_that_are_none(front_desk: FrontDesk, query: str) -> None:
    refused(front_desk.customer().http.get(f"/chat/messages?{query}"), 400, "bad_request")


# Floods


def test_500_messages_in_a_minute_are_slowed_down_with_a_friendly_sentence(front_desk: FrontDesk) -> None:
    customer, other = front_desk.customer(), front_desk.customer()
    answers = [customer.post(text=f"Nummer {n}", client_id=f"n{n}") for n in range(500)]
    taken = [answer for answer in answers if answer.status_code == 202]
    assert len(taken) == 30, "thirty a minute"
    for answer in answers[30:]:
        refused(answer, 429, "too_fast")
    assert [message["text"] for message in customer.said()] == [f"Nummer {n}" for n in range(30)]
    assert other.post(text="Und ich?").status_code == 202, "nobody else is slowed down"
    # A message that had arrived is confirmed again, or it would be written twice.
    assert customer.post(text="Nummer 3", client_id="n3").json() == answers[3].json()
    refused(customer.send(picture(), client_id="f1"), 429, "too_fast")


def test_a_flood_of_conversations_from_one_address(front_desk: FrontDesk) -> None:
    with httpx.Client(base_url=front_desk.url, trust_env=False) as http:
        answers = [http.post("/chat/sessions", json={"locale": "en"}) for _ in range(130)]
        assert [answer.status_code for answer in answers] == [201] * 120 + [429] * 10
        refused(http.post("/chat/sessions", headers={"Accept-Language": "en"}), 429, "too_fast", "en")


# Origins


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "https://shop.example.org.evil.example", "x"])
def test_a_page_that_is_not_on_the_list_gets_nothing(front_desk: FrontDesk, origin: str) -> None:
    customer = front_desk.customer()
    forged = {"Origin": origin}
    for answer in (
        customer.http.get("/chat/messages", headers=forged),
        customer.http.post("/chat/messages", json={"text": "hi"}, headers=forged),
        customer.http.post("/chat/sessions", json={}, headers=forged),
        customer.http.post("/chat/attachments", files={"file": picture()}, headers=forged),
        customer.http.get("/chat/transcript", headers=forged),
    ):
        refused(answer, 403, "wrong_origin")
        assert "access-control-allow-origin" not in answer.headers
    preflight = customer.http.options("/chat/messages", headers={**forged, "Access-Control-Request-Method": "POST"})
    assert preflight.status_code == 400 and "access-control-allow-origin" not in preflight.headers
    assert customer.said() == []


def test_pages_on_the_list_and_our_own_may(front_desk: FrontDesk) -> None:
    for origin in (SHOP, front_desk.url):
        customer = front_desk.customer(Origin=origin)
        assert customer.post(text="Guten Tag").status_code == 202
    assert customer.http.get("/chat/messages", headers={"Origin": SHOP}).headers["access-control-allow-origin"] == SHOP


def test_a_forged_page_gets_no_socket_either(front_desk: FrontDesk) -> None:
    token = front_desk.customer().token
    app = TestClient(create_app(front_desk.settings))
    with app.websocket_connect(f"/chat/socket?token={token}", headers={"Origin": SHOP}) as socket:
        assert socket.receive_json()["messages"][0]["author"] == "bot"
    with (
        pytest.raises(WebSocketDisconnect),
        app.websocket_connect(f"/chat/socket?token={token}", headers={"Origin": "https://evil.example"}),
    ):
        pass


# Tokens


def too_old(front_desk: FrontDesk, conversation_id: str) -> str:
    """A token that was good until yesterday."""

    class Earlier(TimestampSigner):
        def get_timestamp(self) -> int:
            return int((utcnow() - dt.timedelta(days=SESSION_DAYS + 1)).timestamp())

    key = front_desk.settings.signing_key()
    return str(URLSafeTimedSerializer(key, salt="web-chat", signer=Earlier).dumps(conversation_id))


def everywhere(customer: Customer, token: str) -> list[httpx.Response]:
    """The answers of every address to a token."""
    http = httpx.Client(base_url=customer.desk.url, headers={"Authorization": f"Bearer {token}"}, trust_env=False)
    return [
        http.get("/chat/messages"),
        http.post("/chat/messages", json={"text": "hi"}),
        http.post("/chat/attachments", files={"file": picture()}),
        http.get("/chat/attachments/x"),
        http.get("/chat/transcript"),
        http.post("/chat/typing"),
        http.post("/chat/end"),
        http.post("/chat/rating", json={"score": 5}),
        http.get(f"/chat/messages?token={token}"),
    ]


def test_tokens_that_are_old_foreign_or_of_an_erased_conversation(front_desk: FrontDesk) -> None:
    customer, gone = front_desk.customer(), front_desk.customer()
    with front_desk.database.begin() as session:
        session.execute(delete(Message).where(Message.conversation_id == gone.id))
        session.execute(delete(Conversation).where(Conversation.id == gone.id))
    key = front_desk.settings.signing_key()
    replayed = [
        too_old(front_desk, customer.id),
        URLSafeTimedSerializer(key, salt="desk").dumps(customer.id),
        URLSafeTimedSerializer("another secret", salt="web-chat").dumps(customer.id),
        URLSafeTimedSerializer(key, salt="web-chat").dumps({"id": [customer.id]}),
        gone.token,
        customer.id,
        "..",
    ]
    for token in replayed:
        for answer in everywhere(customer, str(token)):
            refused(answer, 401, "not_signed_in")
    app = TestClient(create_app(front_desk.settings))
    for token in replayed:
        with app.websocket_connect(f"/chat/socket?token={token}") as socket:
            with pytest.raises(WebSocketDisconnect) as closed:
                socket.receive_json()
            assert closed.value.code == 4401
    assert customer.said() == []


def test_a_request_that_is_replayed_changes_nothing(front_desk: FrontDesk) -> None:
    customer = front_desk.customer()
    body = json.dumps({"text": "Guten Tag", "client_id": "c"}).encode()
    answers = [customer.http.post("/chat/messages", content=body).json() for _ in range(5)]
    assert answers == [answers[0]] * 5 and len(customer.said()) == 1


# Headers


@pytest.mark.parametrize(
    "path", ["/", "/widget/widget.js", "/desk/login", "/chat/openapi.json", "/healthz", "/nowhere"]
)
def test_every_answer_forbids_inline_code_and_framing_by_others(front_desk: FrontDesk, path: str) -> None:
    headers = httpx.get(f"{front_desk.url}{path}", trust_env=False).headers
    policy: dict[str, Any] = {}
    for rule in headers["content-security-policy"].split(";"):
        name, *values = rule.split()
        policy[name] = values
    assert policy["default-src"] in (["'self'"], ["'none'"]) and policy.get("object-src", ["'none'"]) == ["'none'"]
    assert not any("unsafe" in value for values in policy.values() for value in values)
    assert not any(value in ("*", "https:", "ws:", "wss:") for values in policy.values() for value in values)
    desk = path.startswith("/desk")
    assert policy["frame-ancestors"] == (["'none'"] if desk else ["'self'"])
    assert headers["x-frame-options"] == ("DENY" if desk else "SAMEORIGIN")
    assert headers["x-content-type-options"] == "nosniff"
