"""Parts of it are down: the customer hears an honest sentence, nothing is lost, nothing is answered twice."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

from bot import texts
from bot.database import Database
from bot.run import Stack
from tests.e2e.conftest import Customer
from tests.e2e.talk import Chat


@contextmanager
def down(stack: Stack, name: str) -> Iterator[None]:
    """A process is dead inside and well again afterwards."""
    stack.kill(name)
    try:
        yield
    finally:
        stack.start(name)


def bot_said(chat: Chat, text: str) -> int:
    """How often the bot said a text."""
    return [message["text"] for message in chat.log("bot")].count(text)


@pytest.mark.parametrize("part", ["actions", "rasa"])
def test_dialogue_or_actions_down(customer: Customer, stack: Stack, part: str) -> None:
    german, english = customer("de"), customer("en")
    with down(stack, part):
        answer = german.say("Der Kompressor springt nicht mehr an.")
        assert answer == texts.text("utter_answer_later", "de")
        assert english.say("The compressor does not start any more.") == texts.text("utter_answer_later", "en")
        assert german.cases() == [] and "EK-" not in german.text(), "no number that does not exist"
        assert [m.state for m in german.stored() if m.author == "customer"] == ["new"]
        ready = httpx.get(f"{stack.base_url}/readyz", trust_env=False)
        assert (ready.status_code, ready.json()[part]) == (503, False)
    for chat, language in ((german, "de"), (english, "en")):
        chat.hears(texts.text("utter_ask_order_number", language), timeout=60)
        assert bot_said(chat, texts.text("utter_ask_order_number", language)) == 1, "answered exactly once"
        assert chat.text().count(texts.text("utter_answer_later", language)) == 1, "said once"
        assert chat.case()["category"] == "product_defect"
        assert [m.state for m in chat.stored() if m.author == "customer"] == ["answered"]


def test_one_failed_action_is_no_answer(customer: Customer, database: Database) -> None:
    chat = customer("de")
    with database.begin() as session:
        session.execute(text("ALTER TABLE case_counters RENAME TO away"))  # no case gets a number: nothing else fails
    try:
        assert chat.say("Der Kompressor springt nicht mehr an.") == texts.text("utter_answer_later", "de")
    finally:
        with database.begin() as session:
            session.execute(text("ALTER TABLE away RENAME TO case_counters"))
    chat.hears(texts.text("utter_ask_order_number", "de"), timeout=60)
    assert chat.case()["category"] == "product_defect"
    assert bot_said(chat, texts.text("utter_what_happened", "de")) == 0, "it was told already"


def test_the_front_desk_is_killed_in_the_middle(customer: Customer, stack: Stack) -> None:
    chats = [customer("de") for _ in range(3)]
    for chat in chats:
        chat.write("Der Kompressor springt nicht mehr an.")
    with down(stack, "frontdesk"):
        pass  # whatever was under way is cut off
    for chat in chats:
        chat.hears(texts.text("utter_ask_order_number", "de"), timeout=60)
        assert bot_said(chat, texts.text("utter_ask_order_number", "de")) == 1, "nothing is answered twice"
        assert len(chat.log("customer")) == 1 and len(chat.cases()) == 1, "nothing is lost"
        assert texts.text("utter_ask_proof", "de") in chat.say("LH-104140"), "and it goes on"


def test_a_typo_in_the_policy_keeps_the_old_one_in_force(customer: Customer, policy_folder: Path) -> None:
    goodwill = policy_folder / "goodwill.yml"
    good = goodwill.read_text(encoding="utf-8")
    before = customer()
    before.say("Der Akkuschrauber LH-104203 geht nicht mehr, Postleitzahl 80799.")
    try:
        goodwill.write_text(good.replace("amount_cents: 1000", "amount_cents: tausend"), encoding="utf-8")
        during = customer()
        answer = during.say("Der Wagenheber LH-104234 ist kaputt, er hebt nicht mehr, Postleitzahl 81243.")
        assert texts.text("utter_answer_later", "de") not in answer
    finally:
        goodwill.write_text(good, encoding="utf-8")
    versions = {d["rule_version"] for chat in (before, during) for d in chat.case()["decisions"]}
    assert during.case()["decisions"] and len(versions) == 1, "the same rules as before the typo"
    # Mended and changed in earnest, it is in force at once.
    try:
        goodwill.write_text(good + "\n# reviewed\n", encoding="utf-8")
        after = customer()
        after.say("Der Kompressor LH-104140 springt nicht mehr an, Postleitzahl 80933.")
        assert after.case()["decisions"][-1]["rule_version"] not in versions
    finally:
        goodwill.write_text(good, encoding="utf-8")
