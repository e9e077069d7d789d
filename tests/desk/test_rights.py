"""Who may do what at the desk: roles, form tokens, confidential conversations."""

from __future__ import annotations

import pytest

from bot.desk.access import is_about

from .conftest import Office


@pytest.mark.parametrize("role", ["trainer", "auditor"])
def test_readers_see_no_button_they_may_not_press(office: Office, role: str) -> None:
    browser = office.client(office.user("Robin", role))
    conversation = office.conversation()
    assert "data-claim" not in browser.get("/desk/").text
    page = browser.get(f"/desk/conversations/{conversation}").text
    assert page.count("data-needs=") == page.count(" disabled>")


def test_ordinary_staff_never_meet_confidential_conversations(office: Office) -> None:
    browser = office.client(office.user("Robin"))
    conversation = office.conversation("Ihre Kollegin hat mich beleidigt", category="staff_conduct", confidential=True)
    number = office.case_number(conversation)
    assert number not in browser.get("/desk/").text
    assert number not in browser.get("/desk/cases?q=beleidigt").text
    for path in (f"conversations/{conversation}", f"cases/{number}", f"conversations/{conversation}/events"):
        assert browser.get(f"/desk/{path}").status_code == 404
    for action in ("claim", "say", "note", "resolve", "grant", "typing"):
        assert browser.act(conversation, action, text="x", agreed="x").status_code == 404
    assert office.holder(conversation) == "queue"


def test_chosen_people_see_them_but_never_the_one_they_are_about(office: Office) -> None:
    conversation = office.conversation("Frau Keller wies mich wegen meiner Herkunft ab", category="staff_conduct",
                                       confidential=True)  # fmt: skip
    number = office.case_number(conversation)
    mira = office.client(office.user("Mira Sommer", confidential=True))
    sandra = office.client(office.user("Sandra Keller", "admin", confidential=True))
    assert number in mira.get("/desk/").text and number in mira.get("/desk/cases").text
    assert number not in sandra.get("/desk/").text and number not in sandra.get("/desk/cases").text
    assert sandra.get(f"/desk/conversations/{conversation}").status_code == 404
    assert sandra.act(conversation, "claim").status_code == 404
    assert mira.act(conversation, "claim").status_code == 200


def test_a_name_that_comes_up_later_closes_the_conversation_too(office: Office) -> None:
    conversation = office.conversation("Man hat mich beleidigt", category="staff_conduct", confidential=True)
    sandra = office.client(office.user("Sandra Keller", confidential=True))
    assert sandra.get(f"/desk/conversations/{conversation}").status_code == 200
    office.customer_says(conversation, "Es war die Frau KELLER an der Kasse")
    assert sandra.get(f"/desk/conversations/{conversation}").status_code == 404


def test_a_case_of_discrimination_is_confidential_whatever_was_handed_over_first(office: Office) -> None:
    conversation = office.conversation("Wegen meines Kopftuchs kein Termin", category="billing",
                                       flags=["discrimination"])  # fmt: skip
    browser = office.client(office.user("Robin"))
    assert browser.get(f"/desk/conversations/{conversation}").status_code == 404
    assert office.case_number(conversation) not in browser.get("/desk/cases").text


@pytest.mark.parametrize(
    ("name", "text", "named"),
    [
        ("Sandra Keller", "die Frau Keller war unverschämt", True),
        ("Jörg Müller", "Herr Mueller hat gelacht", True),
        ("Jörg Müller", "JÖRG war es", True),
        ("Sandra Keller", "Kellers Ton war frech", True),
        ("Sandra Keller", "im Weinkeller war es kalt", False),
        ("Bo Li", "Li war das", False),  # too short to be a name for certain, unless it is all there is
        ("Li", "Frau Li war das", True),
        ("Alex", "mit Alexandra gesprochen", False),
    ],
)
def test_a_person_is_named_by_any_part_of_the_name(name: str, text: str, named: bool) -> None:
    assert is_about(name, [text]) is named


def test_every_answer_forbids_foreign_and_inline_code(office: Office) -> None:
    browser = office.client(office.user("Alex"))
    conversation = office.conversation()
    for path in ("/desk/", "/desk/cases", f"/desk/conversations/{conversation}", "/desk/login", "/desk/cases/EK-0"):
        answer = browser.get(path)
        assert "script-src 'self'" in answer.headers["content-security-policy"], path
        assert "unsafe" not in answer.headers["content-security-policy"]
        assert answer.headers["cache-control"] == "no-store" and answer.headers["x-content-type-options"] == "nosniff"
        assert " style=" not in answer.text and " onclick" not in answer.text and "<style" not in answer.text
        assert "https://" not in answer.text
        assert answer.text.count("<script") == answer.text.count('<script type="module" src="/desk/static/')
