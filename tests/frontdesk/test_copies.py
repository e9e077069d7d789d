"""The copy of their data that a verified customer gets in the chat."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from bot.config import Settings
from bot.database import utcnow
from bot.frontdesk import copies, messages, privacy
from bot.frontdesk.model import Message
from tests.frontdesk.conftest import Desk


@pytest.fixture
def settings(desk: Desk, tmp_path: Path) -> Settings:
    return Settings(var=tmp_path, database_url=desk.database.url, public_url="https://desk.example.org")


def copy_of(desk: Desk, settings: Settings, talk: str) -> Message:
    """Hand a copy out; the message that brings it."""
    with desk.database.begin() as session:
        copies.hand_out(session, messages.locked(session, talk), settings)
    return desk.said(talk)[-1]


def test_a_copy_holds_the_conversation_its_cases_and_their_reasons(desk: Desk, settings: Settings) -> None:
    talk = desk.talk("Die Kaffeemaschine ist kaputt")
    number = desk.case(talk)
    other = desk.talk("Das ist jemand anderes", language="en")
    (file,) = copy_of(desk, settings, talk).attachments
    with zipfile.ZipFile(settings.var / "attachments" / file["id"]) as archive:
        data = json.loads(archive.read("data.json"))
    (only,) = data["conversations"]
    assert only["id"] == talk != other
    assert only["messages"][0]["text"] == "Die Kaffeemaschine ist kaputt"
    assert [case["number"] for case in only["cases"]] == [number] and "decisions" in only["cases"][0]


def test_a_second_copy_does_not_hold_the_first(desk: Desk, settings: Settings) -> None:
    talk = desk.talk()
    copy_of(desk, settings, talk)
    (file,) = copy_of(desk, settings, talk).attachments
    with zipfile.ZipFile(settings.var / "attachments" / file["id"]) as archive:
        assert archive.namelist() == ["data.json"]


def test_an_erasure_takes_the_copies_too(desk: Desk, settings: Settings) -> None:
    talk = desk.talk()
    (file,) = copy_of(desk, settings, talk).attachments
    privacy.erase(desk.database, settings, talk, utcnow(), who="customer")
    assert not (settings.var / "attachments" / file["id"]).exists()


def test_where_no_file_can_be_shown_a_signed_link_brings_it(
    desk: Desk, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    talk = desk.talk(channel="telegram", language="en")
    said = copy_of(desk, settings, talk)
    link = said.text.rsplit(" ", 1)[-1]
    assert link.startswith("https://desk.example.org/privacy/copy/") and "7 days" in said.text
    client = TestClient(Starlette(routes=copies.routes(desk.database, settings)))
    path = link.removeprefix("https://desk.example.org")
    fetched = client.get(path)
    assert (fetched.status_code, fetched.headers["content-type"]) == (200, "application/zip")
    assert fetched.headers["cache-control"] == "no-store"
    assert client.get(f"{path[:-2]}xx").status_code == 404, "forged"
    monkeypatch.setattr(copies, "LINK_DAYS", -1)
    assert client.get(path).status_code == 404, "too old"
    monkeypatch.undo()
    privacy.erase(desk.database, settings, talk, utcnow(), who="customer")
    assert client.get(path).status_code == 404, "erased"


def test_an_erasure_that_was_asked_for_and_cut_off_is_done_by_the_clock(desk: Desk, settings: Settings) -> None:
    talk = desk.talk("Bitte alles löschen")
    number = desk.case(talk, category="privacy", text="Bitte alles löschen", now=utcnow())
    with desk.database.begin() as session:
        case = privacy.store.find(session, number)
        assert case is not None
        privacy.store.record(session, case, who="customer", what=privacy.ERASE_LATER)
    privacy.expire(desk.database, settings, utcnow())
    assert desk.said(talk)[0].text == "" and "gelöscht" in desk.said(talk)[-1].text
