"""Typing, ending, rating, and the transcript to take along."""

from __future__ import annotations

import pytest

from bot import texts
from bot.frontdesk.hub import Hub
from tests.frontdesk.web.conftest import FrontDesk, picture, refused


def test_ending_says_what_stays_and_writing_goes_on(front_desk: FrontDesk) -> None:
    customer = front_desk.customer("en")
    ended = customer.http.post("/chat/end")
    assert ended.status_code == 200 and ended.json()["rate"] is True
    view = customer.view()
    assert view["holder"] == "nobody"
    assert view["messages"][-1]["text"] == texts.text("utter_customer_ended", "en")
    assert view["messages"][-1]["seq"] == ended.json()["seq"]
    assert customer.http.post("/chat/end").json() == ended.json(), "ending twice is ending once"
    customer.post(text="One more thing")
    assert customer.view()["holder"] == "bot"


@pytest.mark.parametrize("holder", ["queue", "staff"])
def test_people_keep_a_conversation_that_the_customer_ends(front_desk: FrontDesk, holder: str) -> None:
    customer = front_desk.customer()
    customer.hold(holder)
    first, second = customer.http.post("/chat/end").json(), customer.http.post("/chat/end").json()
    view = customer.view()
    assert view["holder"] == holder and first == second
    assert view["messages"][-1]["text"] == texts.text("utter_customer_left", "de")


def test_a_rating_is_for_staff_and_the_first_one_counts(front_desk: FrontDesk) -> None:
    customer = front_desk.customer()
    customer.http.post("/chat/end")
    seen = customer.view()
    assert customer.http.post("/chat/rating", json={"score": 4, "words": "Schnell <b>geholfen</b>"}).status_code == 204
    assert customer.http.post("/chat/rating", json={"score": 1}).status_code == 204
    assert customer.view() == seen, "nothing of it is said in the conversation"
    note = customer.stored()[-1]
    assert note.internal and note.text == texts.text("utter_note_rated", "de", score=4, words="Schnell <b>geholfen</b>")


@pytest.mark.parametrize(
    "body", [{}, {"score": 0}, {"score": 6}, {"score": "5"}, {"score": 4.5}, {"score": True}, {"score": 5, "words": 1}]
)
def test_a_rating_that_is_none(front_desk: FrontDesk, body: dict[str, object]) -> None:
    customer = front_desk.customer()
    refused(customer.http.post("/chat/rating", json=body), 400, "bad_request")
    assert not any(message.internal for message in customer.stored())


@pytest.mark.parametrize("language", ["de", "en"])
def test_the_transcript_names_who_said_what_and_when(front_desk: FrontDesk, language: str) -> None:
    customer = front_desk.customer(language)
    customer.post(text="Der Kompressor ist kaputt.")
    customer.send(picture(), "typ.jpg", text="Das Typenschild")
    customer.http.post("/chat/end")
    customer.http.post("/chat/rating", json={"score": 5})
    got = customer.http.get("/chat/transcript")
    assert got.headers["content-type"].startswith("text/plain")
    for words in (
        texts.text("utter_welcome", language),
        f"{texts.text('utter_transcript_customer', language)}: Der Kompressor ist kaputt.",
        f"{texts.text('utter_transcript_customer', language)}: [typ.jpg] Das Typenschild",
        f"{texts.text('utter_transcript_bot', language)}:",
        "Europe/Berlin",
    ):
        assert words in got.text
    assert texts.text("utter_note_rated", language, score=5, words="").strip() not in got.text, "notes stay inside"


async def test_typing_is_told_and_ends_by_itself() -> None:
    hub = Hub()
    with hub.listen("c") as listener:
        hub.customer_types("c", 0.05)
        assert hub.customer_is_typing("c")
        await listener.news(5)
        await listener.news(5)
        assert not hub.customer_is_typing("c")
        hub.customer_types("c", 60)
        hub.customer_stops("c")
        assert not hub.customer_is_typing("c")


async def test_news_between_two_waits_are_heard() -> None:
    hub = Hub()
    with hub.listen("c") as listener:
        hub.tell("c")
        assert listener.event.is_set()
        await listener.news(60)
        assert not listener.event.is_set()
    hub.tell("c")  # nobody listens any more
