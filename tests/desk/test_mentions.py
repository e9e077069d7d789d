"""Notes that name a colleague reach that colleague, and nobody who may not see the conversation."""

from __future__ import annotations

import re

import pytest

from bot.desk.mentions import named_in
from bot.desk.model import Mention
from bot.frontdesk import privacy
from bot.frontdesk.notifications.model import Notice

from .conftest import Browser, Office


def new_in_menu(browser: Browser) -> str:
    page = browser.get("/desk/cases", headers={"Accept": "text/html"}).text
    found = re.search(r'data-count="mentions"[^>]*?( hidden)?>(\d+)<', page)
    assert found is not None
    return "" if found[1] else found[2]


def test_who_is_named_has_the_note_in_a_list_and_a_number_until_it_is_read(office: Office) -> None:
    alex, mira = office.client(office.user("Alex")), office.client(office.user("Mira Sommer", "lead"))
    conversation = office.conversation()
    number = office.case_number(conversation)
    assert alex.act(conversation, "note", text="@mira sommer, bitte schau auf das <b>Foto</b>").status_code == 200
    assert new_in_menu(mira) == "1" and new_in_menu(alex) == ""
    page = mira.get("/desk/mentions").text
    assert "bitte schau auf das &lt;b&gt;Foto" in page and number in page and ">Neu<" in page
    assert f"/desk/conversations/{conversation}" in page
    mira.get(f"/desk/conversations/{conversation}")
    assert new_in_menu(mira) == "" and ">Neu<" not in mira.get("/desk/mentions").text
    with office.database.begin() as session:
        assert [(notice.kind, notice.by) for notice in session.query(Notice).filter_by(kind="mention")] == [
            ("mention", "Alex")
        ]


def test_a_note_that_arrives_while_one_looks_is_read_there(office: Office) -> None:
    alex, mira = office.client(office.user("Alex")), office.client(office.user("Mira"))
    conversation = office.conversation()
    alex.act(conversation, "note", text="@Mira?")
    mira.act(conversation, "seen")
    assert new_in_menu(mira) == ""


def test_who_may_not_see_a_conversation_cannot_be_named_in_it(office: Office) -> None:
    kim = office.client(office.user("Kim", confidential=True))
    office.user("Robin")
    lea = office.client(office.user("Lea", confidential=True))
    conversation = office.conversation("Frau Keller war frech", category="staff_conduct", confidential=True)
    answer = kim.act(conversation, "note", text="@Robin @Lea bitte ansehen")
    assert answer.status_code == 409 and answer.json()["error"].startswith("Robin darf dieses Gespräch nicht sehen")
    assert "bitte ansehen" not in [message.text for message in office.said(conversation)], "nothing is kept by halves"
    with office.database.begin() as session:
        assert session.query(Mention).count() == 0
    assert kim.act(conversation, "note", text="@Lea bitte ansehen").status_code == 200
    assert new_in_menu(lea) == "1"
    names = kim.get(f"/desk/conversations/{conversation}/colleagues").json()["names"]
    assert names == ["Lea"]


def test_a_mention_of_what_was_erased_says_so(office: Office) -> None:
    alex, mira = office.client(office.user("Alex")), office.client(office.user("Mira"))
    conversation = office.conversation("Nur eine Frage", category=None)
    alex.act(conversation, "note", text="@Mira: Frau Quastenflosser anrufen")
    privacy.erase(office.database, office.desk.settings, conversation, office.said(conversation)[-1].at, who="Mira")
    page = mira.get("/desk/mentions").text
    assert "Quastenflosser" not in page and "gelöscht" in page


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("@Mira bitte", ["Mira"]),
        ("Frag @Mira Sommer!", ["Mira Sommer"]),
        ("(@alex) und @ALEX", ["Alex"]),
        ("@Mirabelle", []),
        ("alex@mira.example", []),
        ("@Mira@Alex", ["Mira"]),
        ("ohne", []),
        ("@C. Öz, @Mira", ["C. Öz", "Mira"]),
    ],
)
def test_a_name_counts_behind_an_at_sign_as_a_whole(text: str, named: list[str]) -> None:
    assert named_in(text, ["Mira", "Mira Sommer", "Alex", "C. Öz"]) == named
