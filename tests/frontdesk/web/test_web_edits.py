"""What a colleague corrects changes on the customer's screen too."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from bot.database import utcnow
from bot.frontdesk import edits, handoff, messages, privacy
from bot.frontdesk.model import Message, User
from tests.frontdesk.web.conftest import FrontDesk


def test_a_correction_comes_while_the_customer_looks_and_stays_after_a_reload(front_desk: FrontDesk) -> None:
    customer = front_desk.customer("de")
    conversation = customer.id
    with front_desk.database.begin() as session:
        mira = User(name="Mira", role="staff", password_hash="x")
        session.add(mira)
        session.flush()
        talk = messages.locked(session, conversation)
        waiting = handoff.hand_over(session, talk, reason="asked_for_person", severity=1, case_number=None)
        handoff.claim(session, waiting.id, mira)
        said = handoff.say(session, waiting.id, mira, "Am Freitg")
    looking = {"after": said.seq, "wait": 8}
    with ThreadPoolExecutor() as pool:
        news = pool.submit(customer.http.get, "/chat/messages", params=looking)
        with front_desk.database.begin() as session:
            edits.amend(session, session.get(User, mira.id), session.get(Message, said.id), "Am Freitag")
        view = news.result().json()
    assert view["messages"] == [] and view["edits"] == [{"seq": said.seq, "text": "Am Freitag"}]
    again = customer.http.get("/chat/messages", params={"after": 0}).json()
    assert again["edits"] == []
    assert [(m["text"], m["edited"]) for m in again["messages"] if m["author"] == "staff"] == [("Am Freitag", True)]


def test_what_was_erased_is_named_to_whoever_still_shows_it(front_desk: FrontDesk) -> None:
    customer = front_desk.customer("de")
    customer.post(text="Meine Adresse ist Am Anger 3")
    customer.hears("Danke")
    seen = customer.view()
    assert seen["erased"] == []
    last = seen["messages"][-1]["seq"]
    privacy.erase(front_desk.database, front_desk.settings, customer.id, utcnow(), who="customer")
    news = customer.view(after=last)
    assert news["erased"] == [{"from": 1, "to": last}]
    assert [message["author"] for message in news["messages"]] == ["system"]
    assert customer.view()["erased"] == [], "a fresh look has nothing to take away"
