"""The browser tells staff what happens, once however many pages are open, also while nobody looks at the desk.

Notifications are real ones; only a note of each is kept on the page, because a browser without a screen shows none.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from bot.database import Database, utcnow
from bot.desk.users import add_user, find_user
from bot.frontdesk import handoff, messages
from bot.frontdesk.notifications import notify
from bot.frontdesk.notifications.model import Notice
from tests.browser.conftest import NewDesk
from tests.browser.pages import PATIENCE, Desk
from tests.conftest import PASSWORD

KEEP_A_NOTE = """
const Real = window.Notification;
window.told = [];
window.Notification = class extends Real {
  constructor(text, options) {
    super(text, options);
    window.told.push({ text, stays: options.requireInteraction });
    document.documentElement.dataset.told = window.told.length;
  }
};
"""

NOBODY_LOOKS = """
Object.defineProperty(document, "visibilityState", { get: () => "hidden" });
Object.defineProperty(document, "hidden", { get: () => true });
document.dispatchEvent(new Event("visibilitychange"));
"""
"""What a page sees when its tab is in the background: a browser without a screen has all tabs in front."""


@pytest.fixture
def nele(desk: NewDesk, database: Database) -> Callable[..., Desk]:
    """A colleague who has looked at everything so far, with notifications allowed: `nele(allowed=False)` without."""
    with database.begin() as session:
        user = find_user(session, "Nele") or add_user(session, "Nele", "staff", PASSWORD)
        session.query(Notice).filter_by(user_id=user.id).update({"seen_at": utcnow()})

    def make(*, allowed: bool = True) -> Desk:
        at_desk = desk("Nele", **({"permissions": ["notifications"]} if allowed else {}))
        at_desk.page.context.add_init_script(KEEP_A_NOTE)
        return at_desk

    return make


def told(page: Page, count: int) -> list[dict[str, Any]]:
    """Wait until the page has shown so many notifications."""
    expect(page.locator("html")).to_have_attribute("data-told", str(count), timeout=PATIENCE)
    return list(page.evaluate("window.told"))


def waits(database: Database, severity: int = 1) -> str:
    """Somebody waits for a person; the conversation."""
    with database.begin() as session:
        talk = messages.open_conversation(session, "web", "de")
        messages.append(session, talk, messages.Reply("customer", "Ist da jemand?"), state="held")
        handoff.hand_over(session, talk, reason="asked_for_person", severity=severity, case_number=None)
        return str(talk.id)


def mention(database: Database, conversation: str) -> None:
    with database.begin() as session:
        notify(session, find_user(session, "Nele"), "mention", conversation, by="Mira")  # type: ignore[arg-type]


def test_somebody_who_waits_is_told_once_in_the_background(nele: Callable[..., Desk], database: Database) -> None:
    at_desk = nele()
    page, second = at_desk.page, at_desk.page.context.new_page()
    for each, path in ((page, "cases"), (second, "me")):
        each.goto(f"{at_desk.base_url}/{path}")
        each.evaluate(NOBODY_LOOKS)
    waits(database)
    notes = told(page, 1) + second.evaluate("window.told")
    assert len(notes) == 1 and notes[0]["text"].startswith("Neu in der Warteschlange: ")
    assert "Ist da jemand?" not in notes[0]["text"]


def test_danger_stays_on_the_screen_until_somebody_reacts(nele: Callable[..., Desk], database: Database) -> None:
    at_desk = nele()
    at_desk.page.goto(f"{at_desk.base_url}/cases")
    waits(database, severity=4)
    (note,) = told(at_desk.page, 1)
    assert note["text"].startswith("Gefahr: ") and note["stays"] is True


def test_what_is_on_the_screen_is_not_told_but_in_the_background_it_is(
    nele: Callable[..., Desk], database: Database
) -> None:
    at_desk = nele()
    page, conversation = at_desk.page, waits(database)
    page.goto(f"{at_desk.base_url}/conversations/{conversation}")
    with page.expect_request(lambda sent: "deliveries=" in (sent.post_data or ""), timeout=PATIENCE):
        mention(database, conversation)  # the page has it and shows nothing of it
    bell = page.locator("[data-bell]")
    expect(bell).to_have_attribute("aria-label", "Hinweise: 0 neue", timeout=PATIENCE)
    page.evaluate(NOBODY_LOOKS)
    mention(database, conversation)
    (note,) = told(page, 1)  # the second only
    assert note["text"].startswith("Mira hat Sie in ")
    expect(bell).to_have_attribute("aria-label", "Hinweise: 1 neue", timeout=PATIENCE)


def test_after_a_quarter_of_an_hour_in_the_background_it_still_tells(
    nele: Callable[..., Desk], database: Database
) -> None:
    at_desk = nele()
    page = at_desk.page
    page.clock.install()
    page.goto(f"{at_desk.base_url}/")
    page.evaluate(NOBODY_LOOKS)
    page.clock.fast_forward("15:00")  # the page's own live connection has paused by now
    page.clock.resume()
    mention(database, waits(database))
    notes = told(page, 2)
    assert any(note["text"].startswith("Mira hat Sie in ") for note in notes)


def test_when_the_listening_page_is_closed_another_one_listens(nele: Callable[..., Desk], database: Database) -> None:
    at_desk = nele()
    page, second = at_desk.page, at_desk.page.context.new_page()
    page.goto(f"{at_desk.base_url}/cases")
    second.goto(f"{at_desk.base_url}/cases")
    page.close()
    mention(database, waits(database))
    told(second, 2)


def test_the_browser_is_asked_only_when_somebody_wants_it(nele: Callable[..., Desk]) -> None:
    page = nele(allowed=False).page
    hint = page.locator("[data-notices-hint]")
    expect(hint).to_be_visible()
    page.locator("[data-notices-later]").click()
    expect(hint).to_be_hidden()
    page.reload()
    expect(page.locator("[data-queue]")).to_be_visible()
    expect(hint).to_be_hidden()
    page.goto(page.url.rstrip("/") + "/me")
    expect(page.locator("[data-notices-permission]")).to_have_text("Dieser Browser ist noch nicht gefragt worden.")
    expect(page.locator("[data-notices-ask]")).to_be_visible()
