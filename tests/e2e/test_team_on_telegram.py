"""A team in its Telegram group: from the customer's wish for a person to the bot that goes on, without a seam."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from bot.database import Database
from bot.desk.wording import Words
from bot.frontdesk.model import Conversation, Topic, User
from bot.run import Stack
from tests.conftest import STAFF_GROUP
from tests.e2e.conftest import Customer
from tests.e2e.test_on_telegram import PATIENCE, Writer
from tests.services.telegram_double import TelegramDouble

DE = Words("de")
ALEX = 9101  # his Telegram account


class Colleague:
    """A member of staff who works in the topic of one conversation."""

    def __init__(self, double: TelegramDouble, database: Database, conversation: str, account: int) -> None:
        self.double, self.account = double, account

        def thread() -> int | None:
            with database.begin() as session:
                topic = session.get(Topic, conversation)
                return topic.thread_id if topic is not None and topic.status_post is not None else None

        double.wait_for(lambda _double: thread(), PATIENCE)
        found = thread()
        assert found is not None
        self.thread = found

    def writes(self, text: str, **more: Any) -> dict[str, Any]:
        return self.double.push_topic(STAFF_GROUP, self.thread, self.account, text, **more)

    def reads(self, words: str) -> dict[str, Any]:
        """Wait for a post with these words in the topic."""
        return self.double.wait_for(
            lambda double: next((p for p in double.posts(self.thread) if words in str(p["text"])), None), PATIENCE
        )

    def sees_status(self, words: str) -> None:
        """Wait until the pinned line says so."""
        self.double.wait_for(
            lambda double: any(words in str(c.params["text"]) for c in double.called("editMessageText")), PATIENCE
        )


@pytest.fixture
def alex(database: Database) -> int:
    """Alex's account is linked."""
    with database.begin() as session:
        session.scalars(select(User).where(User.name == "Alex")).one().telegram_id = ALEX
    return ALEX


def conversation_of(database: Database, chat: int) -> str:
    with database.begin() as session:
        return str(session.scalars(select(Conversation.id).where(Conversation.channel_key == str(chat))).one())


def test_two_people_on_telegram_and_the_bot_goes_on(
    stack: Stack, telegram: TelegramDouble, database: Database, alex: int
) -> None:
    eva = Writer(telegram, database, 7003, "de")
    eva.say("Mein Wasserkocher ist schon zum zweiten Mal kaputt, ich bin wütend!", "Bestell")
    eva.say("Ich möchte mit einem Menschen sprechen", "Mensch")
    colleague = Colleague(telegram, database, conversation_of(database, eva.chat), alex)
    assert "Wasserkocher" in colleague.reads("📄")["text"]
    colleague.writes("Guten Tag")
    colleague.reads(DE("topic_claim_first"))
    assert "Guten Tag" not in eva.said(), "nobody claims by writing"
    colleague.writes("/claim")
    eva.hears("Alex aus unserem Team hat übernommen")
    colleague.sees_status(DE("topic_status_held", name="Alex"))
    colleague.writes("Guten Tag, ich bin Alex.")
    eva.hears("👤 Alex:\nGuten Tag, ich bin Alex.")
    telegram.push_text(eva.chat, "Endlich!")
    answered = colleague.reads("💬 Endlich!")
    said = colleague.writes("Das tut mir laid.", reply_to=answered["message_id"])
    eva.hears("Das tut mir laid.")
    telegram.push_topic_edit(said, "Das tut mir leid.")
    telegram.wait_for(
        lambda d: any("tut mir leid." in str(c.params["text"]) for c in d.called("editMessageText")), PATIENCE
    )
    colleague.writes("/note Kundin ist verärgert, aber freundlich")
    colleague.writes("/offer 20 zum zweiten Mal kaputt")
    colleague.reads(DE("topic_offered", amount="20"))
    colleague.writes("/return Sie bekommen einen Gutschein über 20 Euro")
    eva.hears("Vereinbart wurde: Sie bekommen einen Gutschein über 20 Euro")
    telegram.wait_for(lambda d: d.topics[colleague.thread] == "closed", PATIENCE)
    case = eva.case()
    assert case["holder"] == "bot" and "verärgert" not in eva.said()
    assert [(o["amount_cents"], o["by"]) for o in case["offers"] if o["kind"] == "goodwill"][-1] == (2000, "Alex")
    eva.say("Wie ist der Stand?", case["number"])


def test_a_customer_on_the_web_and_a_team_on_telegram(
    customer: Customer, telegram: TelegramDouble, database: Database, alex: int
) -> None:
    chat = customer("en")
    chat.say("I would like to talk to a person, please")
    colleague = Colleague(telegram, database, chat.id, alex)
    colleague.writes("/claim")
    colleague.sees_status(DE("topic_status_held", name="Alex"))
    colleague.writes("Hello, this is Alex.")
    chat.hears("Hello, this is Alex.")
    chat.write("My order never came")
    colleague.reads("💬 My order never came")
    colleague.writes("/resolve It arrives tomorrow")
    chat.hears("It arrives tomorrow")
    telegram.wait_for(lambda d: d.topics[colleague.thread] == "closed", PATIENCE)
