"""What a colleague corrects changes on the customer's screen too."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from bot.frontdesk import edits, handoff, messages
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
