"""The whole front desk: a customer in the web chat, a colleague in Telegram, neither notices the other's window."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bot.desk.wording import Words
from bot.frontdesk import handoff, messages
from bot.frontdesk.model import Topic, User
from tests.desk.topics.conftest import GROUP, MIRA, PATIENCE
from tests.frontdesk.web.conftest import Customer, running
from tests.services.telegram_double import TelegramDouble

DE = Words("de")


def test_a_customer_on_the_web_and_a_colleague_in_telegram(double: TelegramDouble, tmp_path: Path) -> None:
    telegram = {"telegram_token": double.token, "telegram_api": double.url, "telegram_staff_group": GROUP}
    with running(tmp_path, **telegram) as desk:
        customer = desk.customer("de")
        customer.post(text="Mein Kompressor ist kaputt", client_id="1")
        with desk.database.begin() as session:
            session.add(User(name="Mira", role="staff", password_hash="x", telegram_id=MIRA))
            talk = messages.locked(session, customer.id)
            handoff.hand_over(session, talk, reason="asked_for_person", severity=2, case_number=None)
        status = double.wait_for(
            lambda d: next((m for m in d.sent(GROUP) if m["text"].startswith("🟠")), None), PATIENCE
        )
        thread = int(status["message_thread_id"])
        assert "Mein Kompressor ist kaputt" in str(double.posts(thread)[0]["text"])
        double.press_in_group(GROUP, MIRA, status["message_id"], _claim_button(status))
        double.wait_for(lambda d: d.called("editMessageText"), PATIENCE)
        said = double.push_topic(GROUP, thread, MIRA, "Guten Tag, hier ist Mira.")
        _hears(customer, "Guten Tag, hier ist Mira.")
        customer.post(text="Endlich ein Mensch!", client_id="2")
        double.wait_for(lambda d: any("Endlich ein Mensch!" in str(p["text"]) for p in d.posts(thread)), PATIENCE)
        double.push_topic_edit(said, "Guten Tag, hier ist Mira Keller.")
        view = customer.view(after=99, wait=8)
        assert [edit["text"] for edit in view["edits"]] == ["Guten Tag, hier ist Mira Keller."]
        double.push_topic(GROUP, thread, MIRA, "/return Ersatz kommt am Freitag")
        double.wait_for(lambda d: d.topics[thread] == "closed", PATIENCE)
        assert customer.view()["holder"] == "bot"
        with desk.database.begin() as session:
            topic = session.get(Topic, customer.id)
            assert topic.status == DE("topic_status_returned", name="Mira")


def _claim_button(post: dict[str, Any]) -> str:
    return str(post["reply_markup"]["inline_keyboard"][0][0]["callback_data"])


def _hears(customer: Customer, words: str) -> None:
    """Wait until the customer has read this."""
    seen = 0
    for _look in range(10):
        read = customer.view(after=seen, wait=5)["messages"]
        if any(words in message["text"] for message in read):
            return
        seen = max([seen, *(message["seq"] for message in read)])
    raise AssertionError(f"the customer never read: {words}")
