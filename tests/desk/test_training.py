"""Trainers make examples at the desk; staff tell them what was misunderstood."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bot.frontdesk.model import Message
from bot.training.model import Correction

from .conftest import GREET, Browser, Office


def misunderstood(office: Office, text: str = "Frau Demir, hää?", **about: Any) -> str:
    conversation = office.conversation(text, **about)
    with office.database.begin() as session:
        message = session.query(Message).filter_by(conversation_id=conversation, author="customer").one()
        message.understood = {"intent": {"name": "nlu_fallback", "confidence": 0.2}, "language": "de"}
        return str(message.id)


def save(browser: Browser, message: str, **fields: str) -> Any:
    headers = {"Accept": "application/json", "X-CSRF-Token": browser.csrf}
    return browser.post(f"/desk/training/messages/{message}", data=fields, headers=headers)


def test_a_trainer_labels_a_message_and_takes_it_back(office: Office, data: Path) -> None:
    mira = office.client(office.user("Mira", "trainer"))
    message = misunderstood(office)
    page = mira.get("/desk/training").text
    assert "Frau Sommer, hää?" in page and "Demir" not in page
    form = mira.get(f"/desk/training/messages/{message}").text
    assert "[Frau Sommer](person), hää?" in form and "Demir" not in form
    done = save(mira, message, text="[Frau Sommer](person), grüß Sie", intent="greet", language="de",
                category="billing", flag_vulnerable="1")  # fmt: skip
    assert done.json() == {"ok": True, "next": "/desk/training"}
    written = (data / "de/greet.yml").read_text(encoding="utf-8")
    assert "    flags: [vulnerable]\n  examples: |\n    - [Frau Sommer](person), grüß Sie\n" in written
    page = mira.get("/desk/training").text
    assert "hää" not in page and "de/greet.yml" in page and "Mira" in page
    undone = mira.post("/desk/training/changes/1/undo", data={"csrf": mira.csrf})
    assert undone.headers["location"] == "/desk/training"
    assert (data / "de/greet.yml").read_text(encoding="utf-8") == GREET
    assert "hää" in mira.get("/desk/training").text


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"text": "Hallo", "intent": "", "language": "de"}, "Absicht"),
        ({"text": "Hallo", "intent": "complain", "language": "de"}, "Absicht"),
        ({"text": " ", "intent": "greet", "language": "de"}, "keinen Text"),
        ({"text": "[Hallo](gruß)", "intent": "greet", "language": "de"}, "Markierung"),
        ({"text": "guten tag zusammen", "intent": "greet", "language": "de"}, "gibt es schon"),
    ],
)
def test_what_makes_no_example_is_said_in_the_trainers_language(
    office: Office, data: Path, fields: dict[str, str], said: str
) -> None:
    mira = office.client(office.user("Mira", "trainer"))
    answer = save(mira, misunderstood(office), **fields)
    assert answer.status_code == 400 and said in answer.json()["error"]
    assert (data / "de/greet.yml").read_text(encoding="utf-8") == GREET


def test_a_broken_file_is_named_and_stays_as_it_is(office: Office, data: Path) -> None:
    (data / "de/greet.yml").write_text("nlu: [", encoding="utf-8")
    answer = save(office.client(office.user("Mira", "trainer")), misunderstood(office), text="Hi", intent="greet",
                  language="de")  # fmt: skip
    assert answer.status_code == 409 and "de/greet.yml" in answer.json()["error"]
    assert (data / "de/greet.yml").read_text(encoding="utf-8") == "nlu: ["


def test_neighbours_contradict_at_once(office: Office, data: Path) -> None:
    mira = office.client(office.user("Mira", "trainer", language="en"))

    def near(text: str, intent: str) -> str:
        query = {"text": text, "intent": intent, "language": "de"}
        return mira.get("/desk/training/neighbours", params=query).text

    assert "2 near neighbours say “Greeting”" in near("Guten Morgen zusammen", "thank")
    assert "Stands already in data/nlu/de/greet.yml:7" in near("Guten Tag zusammen", "greet")
    assert "has no text" in near("  ", "greet")


def test_what_makes_no_example_is_put_aside(office: Office, data: Path) -> None:
    mira = office.client(office.user("Mira", "trainer"))
    message = misunderstood(office)
    mira.post(f"/desk/training/messages/{message}/dismiss", data={"csrf": mira.csrf})
    assert "hää" not in mira.get("/desk/training").text
    assert mira.get(f"/desk/training/messages/{message}").status_code == 404


def test_staff_pass_on_what_was_meant_but_do_not_train(office: Office, data: Path) -> None:
    alex = office.client(office.user("Alex"))
    conversation = office.conversation("Frau Demir will mir nichts erstatten")
    assert alex.act(conversation, "correct", intent="complain", category="refund_delay").status_code == 200
    assert alex.act(conversation, "correct", intent="complain").status_code == 400
    assert alex.get("/desk/training").status_code == 403
    assert "/desk/training" not in alex.get("/desk/").text
    with office.database.begin() as session:
        row = session.query(Correction).one()
        assert (row.who, row.text, row.label["category"]) == (
            "Alex", "Frau Sommer will mir nichts erstatten", "refund_delay",
        )  # fmt: skip
    mira = office.client(office.user("Mira", "trainer"))
    assert "von Kollegen berichtigt" in mira.get("/desk/training").text


def test_confidential_conversations_are_no_training_material(office: Office, data: Path) -> None:
    mira = office.client(office.user("Mira", "trainer", confidential=True))
    message = misunderstood(office, "Ihre Kollegin hää", category="staff_conduct", confidential=True)
    assert "Kollegin" not in mira.get("/desk/training").text
    assert mira.get(f"/desk/training/messages/{message}").status_code == 404
