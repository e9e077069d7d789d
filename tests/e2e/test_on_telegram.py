"""Two customers on Telegram, through the Bot API double: the same bot, the same cases, buttons and people."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from bot.cases.model import Case
from bot.cases.report import case_as_dict
from bot.database import Database
from bot.frontdesk.model import Conversation, Message
from bot.run import Stack
from tests.services.telegram_double import TelegramDouble

PATIENCE = 30.0


class Writer:
    """A customer in a private chat with the bot."""

    def __init__(self, double: TelegramDouble, database: Database, chat: int, language: str) -> None:
        self.double, self.database, self.chat, self.language = double, database, chat, language

    def say(self, text: str, hears: str) -> dict[str, Any]:
        """Write, and wait for a message with these words that comes after it."""
        known = len(self.double.sent(self.chat))
        self.double.push_text(self.chat, text, language=self.language)
        return self.hears(hears, known)

    def press(self, message: dict[str, Any], title: str, hears: str) -> dict[str, Any]:
        """Tap a button under a message of the bot."""
        known = len(self.double.sent(self.chat))
        buttons = [button for row in message["reply_markup"]["inline_keyboard"] for button in row]
        data = next(button["callback_data"] for button in buttons if button["text"] == title)
        self.double.press(self.chat, message["message_id"], data, language=self.language)
        return self.hears(hears, known)

    def hears(self, words: str, known: int = 0) -> dict[str, Any]:
        """Wait for a message with these words among those after the first `known`."""
        return self.double.wait_for(
            lambda double: next((m for m in double.sent(self.chat)[known:] if words in m["text"]), None), PATIENCE
        )

    def said(self) -> str:
        return "\n".join(message["text"] for message in self.double.sent(self.chat))

    def case(self) -> dict[str, Any]:
        with self.database.begin() as session:
            conversation = session.scalars(select(Conversation).where(Conversation.channel_key == str(self.chat))).one()
            case = session.scalars(select(Case).where(Case.conversation == conversation.id)).one()
            return {**case_as_dict(session, case), "holder": conversation.holder}

    def stored(self) -> list[str]:
        """What the customer sent, as it stands in the log."""
        statement = select(Message.text).join(Conversation).where(Conversation.channel_key == str(self.chat))
        with self.database.begin() as session:
            return list(session.scalars(statement.where(Message.author == "customer").order_by(Message.seq)))


def test_a_german_right_on_telegram(stack: Stack, telegram: TelegramDouble, database: Database) -> None:
    anna = Writer(telegram, database, 7001, "de")
    asked = anna.say("Die Schneeketten sind gerissen, sie sind kaputt.", "Auftragsnummer")
    assert "Ich bin eine KI" in anna.said()
    assert asked["reply_markup"]["inline_keyboard"][0][0]["text"] == "Habe ich nicht"
    anna.say("Bestellung LH-104336, Postleitzahl 81669", "gesetzliches Recht")
    offered = anna.hears("Was ist Ihnen lieber?")
    done = anna.press(offered, "Ersatz", "Ersatz")
    case = anna.case()
    assert (case["channel"], case["language"], case["verified"]) == ("telegram", "de", True)
    assert [(o["form"], o["state"]) for o in case["offers"]] == [("replacement", "accepted")]
    assert case["number"] in done["text"] and case["holder"] == "bot"
    # Telegram sends an update again: it is known by its number.
    update = telegram.push_text(anna.chat, "Vielen Dank!")
    anna.hears("Gern geschehen")
    telegram.push_again(update)
    anna.say("Wie ist der Stand?", case["number"])
    assert anna.stored().count("Vielen Dank!") == 1
    assert "Kulanz" not in anna.said()


def test_an_english_emergency_on_telegram(stack: Stack, telegram: TelegramDouble, database: Database) -> None:
    ben = Writer(telegram, database, 7002, "en")
    telegram.too_many(1, retry_after=1)  # Telegram slows us down: nothing is lost by that
    warned = ben.say("The charger you sold me gave me an electric shock and it is smoking!", "112")
    assert "stop using it" in warned["text"]
    ben.hears("I am an AI")
    case = ben.case()
    assert (case["severity"], case["holder"], case["channel"], case["language"]) == (4, "queue", "telegram", "en")
    assert "safety" in case["flags"] and case["offers"] == []
    assert [handoff["state"] for handoff in case["handoffs"]] == ["queued"]
    texts = [message["text"] for message in telegram.sent(ben.chat)]
    assert len(texts) == len(set(texts)), "everything arrives once"
    assert texts[0] == warned["text"], "and in order: danger first"
