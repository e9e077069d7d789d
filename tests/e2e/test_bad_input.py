"""Whatever is sent: it is stored as text or refused with a sentence, and nobody learns or gets what is not theirs."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from bot import texts
from bot.run import Stack
from tests.e2e.conftest import Customer


def refused(answer: httpx.Response, status: int, code: str, language: str = "de") -> None:
    """An error for programs and a sentence for people."""
    assert answer.status_code == status, answer.text
    assert answer.json() == {"error": {"code": code, "message": texts.text(f"utter_error_{code}", language)}}


@pytest.mark.parametrize("body", [{"text": ""}, {"text": " \n\t "}, {"text": "\u202e\u0000\u0007"}])
def test_an_empty_message(customer: Customer, body: dict[str, Any]) -> None:
    refused(customer("en").post(**body), 400, "empty", "en")


def test_a_message_of_64_kilobytes(customer: Customer) -> None:
    chat = customer()
    refused(chat.post(text="x" * 64 * 1024), 413, "too_long")
    refused(chat.post(text="ü" * 200_000), 413, "too_long")
    assert len(chat.log()) == 1, "nothing of it is stored"


@pytest.mark.parametrize(
    "body", [b"", b"\x00\xff\xfe\x80", b"[1]", b'"text"', b'{"text": 7}', b'{"text": "a", "payload": "b"}', b"{}"]
)
def test_a_body_that_is_no_message(customer: Customer, body: bytes) -> None:
    chat = customer()
    answer = chat.http.post("/chat/messages", content=body, headers={"Content-Type": "application/json"})
    refused(answer, 400, "bad_request")


def test_forged_and_missing_tokens(customer: Customer, stack: Stack) -> None:
    mine, other = customer(), customer()
    head, _, signature = mine.token.rpartition(".")
    stolen = other.token.split(".")[0] + "." + mine.token.split(".", 1)[1]
    for given in ("", "Bearer x", f"Bearer {head}.{signature[::-1]}", f"Bearer {stolen}", f"Bearer {mine.token}A"):
        headers = {"Authorization": given}
        for answer in (
            httpx.get(f"{stack.base_url}/chat/messages", headers=headers, trust_env=False),
            httpx.post(f"{stack.base_url}/chat/messages", headers=headers, json={"text": "hi"}, trust_env=False),
        ):
            refused(answer, 401, "not_signed_in")


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert('x')</script><img src=x onerror=alert(1)> Der Kompressor ist kaputt, er springt nicht an.",
        "Der Kompressor springt nicht an'; DROP TABLE cases; -- {{ 7*7 }} ${7*7} {number} %s \\u0000",
        "Der Kompressor springt nicht an 🤬🤬 \N{ZERO WIDTH JOINER} اختبار 测试",
    ],
)
def test_html_script_and_symbols_are_text(customer: Customer, text: str) -> None:
    chat = customer()
    chat.say(text)
    assert [message["text"] for message in chat.log("customer")] == [text]
    assert text in [case["text"] for case in chat.cases()] or chat.cases() == []
    assert "49" not in chat.text("bot") and "<script>" not in chat.text("bot")


def test_binary_in_a_message_is_cleaned(customer: Customer) -> None:
    chat = customer()
    chat.say("Der Kompressor\x00 springt\x1b nicht an.\u202e")
    assert chat.log("customer")[0]["text"] == "Der Kompressor springt nicht an."


def test_typed_commands_do_nothing_special(customer: Customer) -> None:
    chat = customer()
    chat.say("Der Kompressor LH-104140 springt nicht mehr an.")
    number = chat.case()["number"]
    for command in ("/restart", "/session_start", "/back"):
        chat.say(command)
        assert chat.log("customer")[-1]["text"] == command, "kept as it was typed"
        assert chat.understood()["intent"]["name"] not in ("restart", "session_start", "back")
        if chat.holder != "bot":
            break
    assert chat.case()["number"] == number, "nothing was forgotten"


def test_typed_payloads_do_nothing_special(customer: Customer) -> None:
    chat = customer()
    chat.say('/request_human{"x":1}')
    understood = chat.understood()
    assert understood["intent"]["confidence"] < 1.0, "read as words, not as a command"
    other = customer()
    other.say('/inform{"csat": "5", "order_number": "LH-104140", "postcode": "80933"}')
    assert all(not case["verified"] and case["csat"] is None for case in other.cases())
    for payload in ("/restart", '/accept_offer{"offer": "1"}', '/inform{"csat": "5"}'):
        answer = other.post(payload=payload)
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "no_such_button")


def test_the_same_client_id_is_one_message(customer: Customer) -> None:
    chat = customer()
    first = chat.post(text="Der Kompressor springt nicht mehr an.", client_id="once")
    again = chat.post(text="Der Kompressor springt nicht mehr an.", client_id="once")
    assert (first.status_code, again.status_code) == (202, 202) and first.json() == again.json()
    chat.hears(texts.text("utter_ask_order_number", "de"))
    assert len(chat.log("customer")) == 1 and len(chat.cases()) == 1
    # Also after it was answered, and with another text: it is the same message.
    assert chat.post(text="Etwas anderes", client_id="once").json() == first.json()
    assert len(chat.log("customer")) == 1


def test_a_button_pressed_twice_and_a_stale_one(customer: Customer) -> None:
    chat = customer()
    chat.say("Der Kompressor springt nicht mehr an.")
    first = chat.button("Habe ich nicht")
    chat.press("Habe ich nicht")
    refused(chat.post(payload=first), 409, "stale_button")
    wish = chat.button("Reparatur")
    chat.say("Wann haben Sie geöffnet?")
    assert chat.titles == ["Reparatur", "Ersatz", "Geld zurück", "Ist mir gleich"], "the question is put again"
    chat.press("Ersatz")
    refused(chat.post(payload=wish), 409, "stale_button")
    assert chat.case()["remedies"] == ["replacement"]
    assert [m["text"] for m in chat.log("customer")].count("Habe ich nicht") == 1


def test_buttons_belong_to_their_conversation(customer: Customer) -> None:
    owner, thief = customer(), customer()
    owner.say("Der Hochdruckreiniger LH-104325 ist defekt, er baut keinen Druck mehr auf, Postleitzahl 80939.")
    payload = owner.button("Ersatz")
    refused(thief.post(payload=payload), 400, "no_such_button")
    assert "offer" in json.loads(payload[payload.index("{") :])
    assert [offer["state"] for offer in owner.case()["offers"]] == ["open"]


def test_an_unknown_order_and_a_wrong_postcode_get_the_same_answer(customer: Customer) -> None:
    answers = []
    for number in ("LH-104723", "LH-999999"):
        chat = customer()
        chat.say("Das Batterieladegerät lädt nicht mehr.")
        answers.append([chat.say(number), chat.say("10115"), chat.say("10117"), chat.say("10119")])
        case = chat.case()
        assert not case["verified"] and case["offers"] == []
        assert texts.text("utter_proof_ended", "de") in answers[-1][-1]
    assert answers[0] == answers[1]
    # After three wrong tries the right one does not help any more: a person does.
    chat.say("LH-104723, Postleitzahl 80687")
    assert not chat.case()["verified"]
    if chat.holder == "bot":
        chat.press("Ersatz")
    assert chat.holder == "queue" and [h["reason"] for h in chat.case()["handoffs"]] == ["not_verified"]
