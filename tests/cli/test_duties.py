"""Promises, surprises and personal data from the command line."""

from __future__ import annotations

import datetime as dt
import json
import zipfile
from pathlib import Path

import pytest

from bot.cases import store
from bot.cases.model import Offer
from bot.database import Database, utcnow
from bot.frontdesk import messages
from bot.frontdesk.messages import Reply
from bot.migrate import upgrade
from tests.services.commands import erstkontakt


@pytest.fixture
def talk(tmp_path: Path) -> str:
    """A conversation with a case that owes an answer and a call from the manager; its id."""
    url = f"sqlite:///{tmp_path / 'erstkontakt.db'}"
    upgrade(url)
    database = Database(url)
    with database.begin() as session:
        conversation = messages.open_conversation(session, "web", "de")
        messages.append(session, conversation, Reply("customer", "Der Mixer ist kaputt"))
        case = store.open_case(
            session,
            conversation=conversation.id,
            channel="web",
            language="de",
            category="staff_conduct",
            text="So ein Ton",
        )
        store.promise(session, case, "first_answer", utcnow() - dt.timedelta(hours=1))
        offer = Offer(
            id="5f", case_number=case.number, kind="surprise", form="manager_call", by="bot", state="accepted",
            rule_version="1",
        )  # fmt: skip
        session.add(offer)
    database.dispose()
    return str(conversation.id)


def test_promises_and_surprises_are_listed_and_done(tmp_path: Path, talk: str) -> None:
    listed = json.loads(erstkontakt(tmp_path, "promises", "--json").stdout)
    assert [(made["what"], made["late"]) for made in listed["open"]] == [("first_answer", True)]
    assert listed["kept_rate"] is None
    table = erstkontakt(tmp_path, "promises").stdout
    assert "first_answer" in table and "late" in table and "none has ended" in table
    assert "manager_call" in erstkontakt(tmp_path, "surprises").stdout
    assert "Mira does it." in erstkontakt(tmp_path, "surprises", "take", "5f", "--who", "Mira").stdout
    assert json.loads(erstkontakt(tmp_path, "surprises", "--json").stdout)[0]["owner"] == "Mira"
    assert "Done." in erstkontakt(tmp_path, "surprises", "done", "5f", "--who", "Mira").stdout
    assert "before" in erstkontakt(tmp_path, "surprises", "done", "5f", "--who", "Mira").stdout
    (carried_out,) = json.loads(erstkontakt(tmp_path, "surprises", "--done", "7", "--json").stdout)
    assert (carried_out["who"], carried_out["form"], bool(carried_out["at"])) == ("Mira", "manager_call", True)
    assert "Mira" in erstkontakt(tmp_path, "surprises", "--done", "7").stdout
    assert "No open surprises" in erstkontakt(tmp_path, "surprises").stdout
    assert "see erstkontakt surprises" in erstkontakt(tmp_path, "surprises", "done", "x", "--who", "M", code=1).stderr


def test_accepted_money_is_written_into_a_file_once(tmp_path: Path, talk: str) -> None:
    database = Database(f"sqlite:///{tmp_path / 'erstkontakt.db'}")
    with database.begin() as session:
        case = store.latest(session, talk)
        assert case is not None
        money = {"kind": "goodwill", "by": "bot", "rule_version": "2", "amount_cents": 1500, "case_number": case.number}
        session.add(Offer(id="7a", form="partial_refund", state="accepted", answered_at=utcnow(), **money))
        session.add(Offer(id="7b", form="voucher", state="open", **money))
    database.dispose()
    assert "partial refund €15.00" in erstkontakt(tmp_path, "offers", "list").stdout
    target = tmp_path / "pay.csv"
    assert "1 orders" in erstkontakt(tmp_path, "offers", "export", "--to", str(target)).stdout
    assert target.read_text().splitlines()[1].startswith("7a,refund,")
    assert "Nothing to pay out" in erstkontakt(tmp_path, "offers", "export", "--to", str(tmp_path / "2.csv")).stdout
    lost = erstkontakt(tmp_path, "offers", "export", "--to", str(tmp_path / "3.csv"), "--again", "7")
    assert "1 orders" in lost.stdout
    exists = erstkontakt(tmp_path, "offers", "export", "--to", str(target), "--again", "7", code=1)
    assert "exists: choose another name" in exists.stderr
    refused = erstkontakt(tmp_path, "offers", "fulfil", "7b", "--who", "Mira", code=1)
    assert "only an accepted one" in refused.stderr
    assert "Taken back" in erstkontakt(tmp_path, "offers", "revoke", "7b", "--who", "Mira", "--why", "slip").stdout
    assert json.loads(erstkontakt(tmp_path, "offers", "list", "--json", "--state", "revoked").stdout)[0]["id"] == "7b"


def test_what_went_wrong_on_our_side_is_noted(tmp_path: Path, talk: str) -> None:
    number = json.loads(erstkontakt(tmp_path, "case", "list", "--json").stdout)[0]["number"]
    assert (
        "Noted." in erstkontakt(tmp_path, "case", "cause", number, "The shelf label was wrong", "--who", "Mira").stdout
    )
    shown = json.loads(erstkontakt(tmp_path, "case", "show", number, "--json").stdout)
    assert shown["root_cause"] == "The shelf label was wrong"
    assert [line["who"] for line in shown["audit"] if line["what"] == "root_cause"] == ["Mira"]
    assert "there is no case" in erstkontakt(tmp_path, "case", "cause", "EK-1", "x", "--who", "M", code=1).stderr


def test_personal_data_is_handed_out_and_erased(tmp_path: Path, talk: str) -> None:
    target = tmp_path / "data.zip"
    assert "1 messages, 0 files" in erstkontakt(tmp_path, "privacy", "export", talk, "--to", str(target)).stdout
    with zipfile.ZipFile(target) as archive:
        assert "Mixer" in archive.read("data.json").decode()
    erstkontakt(tmp_path, "privacy", "erase", talk, code=1, typed="n\n")
    said = erstkontakt(tmp_path, "privacy", "erase", talk, "--yes").stdout
    assert "ist noch offen" in said  # an open claim is kept, and said
    assert "Erased: 0 messages" in erstkontakt(tmp_path, "privacy", "expire").stdout


def test_nobody_is_found_by_mistake(tmp_path: Path, talk: str) -> None:
    assert "name either" in erstkontakt(tmp_path, "privacy", "export", code=1).stderr
    refused = erstkontakt(tmp_path, "privacy", "erase", "--email", "a@example.org", "--yes", code=1).stderr
    assert "no conversation has proven" in refused
    assert "there is no conversation" in erstkontakt(tmp_path, "privacy", "erase", "x", "--yes", code=1).stderr
    assert "there is no conversation" in erstkontakt(tmp_path, "privacy", "export", "x", code=1).stderr
