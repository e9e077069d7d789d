"""My data: who has proven an order gets a copy and is forgotten, in the chat; everybody else reaches a person."""

from __future__ import annotations

import io
import json
import zipfile

import pytest
from sqlalchemy import select

from bot.cases.model import Case
from bot.database import Database
from bot.frontdesk.model import Attachment
from tests.e2e.conftest import Customer
from tests.e2e.talk import Chat


def copy_in(chat: Chat) -> dict[str, object]:
    """The data of the copy that was handed out in the chat, fetched as the customer would."""
    brought = next(message for message in reversed(chat.log("system")) if message["attachments"])
    fetched = chat.http.get(brought["attachments"][0]["url"])
    assert fetched.status_code == 200 and fetched.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(fetched.content)) as archive:
        return dict(json.loads(archive.read("data.json")))


@pytest.mark.parametrize(
    ("locale", "story", "copy", "forget", "no", "yes", "kept", "erased"),
    [
        (
            "de",
            "Der Kompressor springt nicht mehr an. LH-104140, Postleitzahl 80933.",
            "Welche Daten haben Sie über mich gespeichert? Bitte schicken Sie mir eine Kopie.",
            "Bitte löschen Sie alle meine Daten.",
            "Nein, behalten",
            "Ja, löschen",
            "noch offen",
            "gelöscht",
        ),
        (
            "en",
            "The compressor does not start any more. LH-104140, postcode 80933.",
            "Which data do you hold about me? Please send me a copy.",
            "Please delete all my data.",
            "No, keep it",
            "Yes, erase",
            "still open",
            "erased",
        ),
    ],
)
def test_a_copy_and_then_forget_me(
    customer: Customer, database: Database, locale: str, story: str, copy: str, forget: str, no: str, yes: str,
    kept: str, erased: str,
) -> None:  # fmt: skip
    chat = customer(locale)
    chat.say(story)
    claim = chat.case()["number"]
    answer = chat.say(copy)
    assert "Art. 15" in answer and chat.holder == "bot"
    chat.hears(lambda message: bool(message["attachments"]))
    (mine,) = copy_in(chat)["conversations"]  # type: ignore[misc]
    assert story in [message["text"] for message in mine["messages"]]
    assert claim in [case["number"] for case in mine["cases"]]

    answer = chat.say(forget)
    assert claim in answer and kept in answer, "what stays is said before the question"
    chat.press(no)
    assert story in chat.text("customer"), "a no erases nothing"
    chat.say(forget)
    chat.press(yes)
    chat.hears(erased)
    chat.erased = True
    with database.begin() as session:
        files = session.scalars(select(Attachment).where(Attachment.conversation_id == chat.id)).all()
        case = session.get(Case, claim)
        assert case is not None and story in case.text, "the open claim is kept"
    assert claim in chat.text("system") and kept in chat.text("system")
    assert len(files) <= 1
    # The conversation can go on.
    assert chat.say("Hallo" if locale == "de" else "Hello")


def test_without_a_proven_order_a_person_looks(customer: Customer) -> None:
    chat = customer("en")
    answer = chat.say("Please send me a copy of all the data you hold about me.")
    assert "Art. 15 GDPR" in answer and chat.holder == "queue"
    assert not any(message["attachments"] for message in chat.log())
    [handoff] = chat.case()["handoffs"]
    assert handoff["reason"] == "access_data"
