"""Text modules: a file that leads edit, filled from the case, in the language of the customer."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cases import store
from bot.cases.model import Order
from bot.cli import app
from bot.config import ROOT
from bot.desk.replies import PLACEHOLDERS, ReplySource, check_replies, modules, read_replies
from bot.desk.spoken import recognise
from bot.desk.wording import table
from bot.goodwill.policy import FILES

from .conftest import Browser, Office

GOOD = """replies:
  - id: hello
    name:
      de: Gruß
      en: Greeting
    text:
      de: Guten Tag, hier ist {staff}.
      en: Hello, this is {staff}.
"""


def offered(browser: Browser, conversation: str, language: str = "") -> dict[str, str]:
    """Module id -> text as the picker gets it."""
    query = {"language": language} if language else {}
    answer = browser.get(f"/desk/conversations/{conversation}/modules", params=query).json()
    return {module["id"]: module["text"] for module in answer["modules"]}


def test_the_modules_that_are_delivered_are_in_order() -> None:
    assert check_replies(ROOT / "policy") == []
    assert len(modules()) >= 8
    assert [name for name in PLACEHOLDERS if f"variable_{name}" not in table()] == []


def test_a_module_is_filled_from_the_case_in_either_language(office: Office) -> None:
    conversation = office.conversation("Der Toaster raucht")
    with office.database.begin() as session:
        case = store.latest(session, conversation)
        assert case is not None
        order = Order(order_number="LH-104711", item="Toaster {due} 3000", price_cents=4990)
        session.add(order)
        session.flush()
        store.attach_order(session, case, order, "postcode")
        store.promise(session, case, "callback", dt.datetime(2026, 11, 27, 11, 0, tzinfo=dt.timezone.utc))
        store.promise(session, case, "first_answer", dt.datetime(2026, 11, 25, 11, 0, tzinfo=dt.timezone.utc))
    number = office.case_number(conversation)
    browser = office.client(office.user("Alex"))
    german, english = offered(browser, conversation, "de"), offered(browser, conversation, "en")
    assert german["hello"].startswith("Guten Tag, hier ist Alex von Lindenhof.") and number in german["hello"]
    assert english["hello"].startswith("Hello, this is Alex from Lindenhof.")
    assert "Mittwoch, 25. November, 12:00" in german["by_when"], "the promise that is due first"
    assert "Wednesday" in english["by_when"]
    assert "Toaster {due} 3000" in german["choice"], "what a shop writes is never a placeholder"


def test_what_is_not_known_stays_a_gap_and_a_text_with_a_gap_is_not_sent(office: Office) -> None:
    conversation = office.conversation("Wann kommt jemand?", category=None)
    browser = office.client(office.user("Alex"))
    browser.act(conversation, "claim")
    text = offered(browser, conversation)["by_when"]
    assert "[[Termin]]" in text and "[[Fallnummer]]" in text
    for action, field in (("say", "text"), ("return", "agreed"), ("resolve", "agreed")):
        answer = browser.act(conversation, action, **{field: text})
        assert answer.status_code == 400 and "[[Termin]]" in answer.json()["error"], action
    assert browser.act(conversation, "note", text=text).status_code == 200, "a note among colleagues may"
    assert browser.act(conversation, "say", text="Array [0][1] geht").status_code == 200
    english = office.client(office.user("Kim", language="en"))
    assert "[[due time]]" in offered(english, conversation, "de")["by_when"], "the gap speaks to who fills it"


def test_the_modules_follow_the_language_that_the_customer_writes_in_now(office: Office) -> None:
    conversation = office.conversation("Der Toaster raucht, bitte helfen Sie mir")
    browser = office.client(office.user("Alex"))
    browser.act(conversation, "claim")
    page = browser.get(f"/desk/conversations/{conversation}").text
    assert "Kunde schreibt Deutsch" in page and 'data-spoken="de"' in page
    office.customer_says(conversation, "Sorry, can we please go on in English?")
    office.customer_says(conversation, "ok")
    page = browser.get(f"/desk/conversations/{conversation}").text
    assert "Kunde schreibt Englisch" in page and "Ihre Oberfläche: Deutsch" in page
    assert offered(browser, conversation)["hello"].startswith("Hello")


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Wo bleibt denn mein Paket?", "de"),
        ("Where on earth is my parcel?", "en"),
        ("ok", ""),
        ("LH-104711", ""),
        ("👍 👍 👍", ""),
    ],
)
def test_short_words_and_numbers_say_nothing_about_a_language(text: str, language: str) -> None:
    assert recognise(text) == language


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("{staff}.\n      en", "{staf}.\n      en", 7, "unknown placeholder {staf}"),
        ("      en: Hello, this is {staff}.\n", "", 6, "this setting is missing"),
        ("this is {staff}", "this is me", 8, "{staff} stands in the other language only"),
        ("id: hello", "id: Hello You", 2, "is no id"),
        ("text:", "txet:", 6, "unknown setting"),
        ("{staff}.\n      en", "{staff.\n      en", 7, "a brace that belongs to no placeholder"),
    ],
)
def test_every_mistake_is_named_with_its_line(tmp_path: Path, old: str, new: str, line: int, message: str) -> None:
    assert old in GOOD
    (tmp_path / "replies.yml").write_text(GOOD.replace(old, new), encoding="utf-8")
    errors = check_replies(tmp_path)
    assert [(error.file, error.line) for error in errors if message in str(error)][:1] == [("replies.yml", line)], (
        errors
    )


def test_two_modules_cannot_share_an_id(tmp_path: Path) -> None:
    (tmp_path / "replies.yml").write_text(GOOD + GOOD.removeprefix("replies:\n"), encoding="utf-8")
    assert "already" in str(check_replies(tmp_path)[0])


def test_a_folder_without_modules_is_in_order(tmp_path: Path) -> None:
    assert check_replies(tmp_path) == [] and ReplySource(tmp_path).current() == ()


def test_a_change_is_in_force_at_once_and_a_broken_file_changes_nothing(tmp_path: Path) -> None:
    file, source = tmp_path / "replies.yml", ReplySource(tmp_path)
    file.write_text(GOOD, encoding="utf-8")
    assert [module.name["en"] for module in source.current()] == ["Greeting"]
    file.write_text(GOOD.replace("Greeting", "Welcome!"), encoding="utf-8")
    assert [module.name["en"] for module in source.current()] == ["Welcome!"]
    file.write_text("replies: [", encoding="utf-8")
    assert [module.name["en"] for module in source.current()] == ["Welcome!"]
    assert len(read_replies(GOOD)) == 1


def test_policy_check_names_mistakes_in_modules_too(tmp_path: Path) -> None:
    for name in FILES:
        (tmp_path / name).write_bytes((ROOT / "policy" / name).read_bytes())
    (tmp_path / "replies.yml").write_text(GOOD.replace("{staff}.\n      en", "{stuff}.\n      en"), encoding="utf-8")
    result = CliRunner().invoke(app, ["policy", "check", str(tmp_path)])
    assert result.exit_code == 1 and "replies.yml:7:" in result.output
