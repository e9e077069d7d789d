"""What a colleague corrects, and what is erased, changes before the customer's eyes."""

from __future__ import annotations

from playwright.sync_api import expect

from bot.database import utcnow
from bot.frontdesk import privacy
from bot.frontdesk.model import Message
from tests.browser.conftest import Owner
from tests.browser.pages import PATIENCE, Widget
from tests.frontdesk.web.conftest import FrontDesk


def test_a_corrected_message_changes_in_its_place(chat: Widget, owner: Owner, front_desk: FrontDesk) -> None:
    said = owner(chat).hears("Das Teil kommt am Freitg.", "staff", author_name="Mira")
    bubble = chat.messages("staff").last
    expect(bubble.locator(".text")).to_have_text("Das Teil kommt am Freitg.", timeout=PATIENCE)
    expect(bubble.locator(".status")).to_have_text("")
    with front_desk.database.begin() as session:
        message = session.get(Message, said.id)
        message.text, message.edited_at = "Das Teil kommt am Freitag.", utcnow()
    expect(bubble.locator(".text")).to_have_text("Das Teil kommt am Freitag.", timeout=PATIENCE)
    expect(bubble.locator(".status")).to_have_text("geändert")
    assert chat.messages("staff").count() == 1
    chat.again()
    expect(chat.messages("staff").last.locator(".status")).to_have_text("geändert", timeout=PATIENCE)


def test_what_was_erased_leaves_every_open_tab(chat: Widget, owner: Owner, front_desk: FrontDesk) -> None:
    chat.say("Meine IBAN ist DE02 1203 0000 0000 2020 51")
    other = Widget(chat.page.context.new_page(), front_desk.url).open("de")
    expect(other.messages("customer")).to_have_count(1, timeout=PATIENCE)
    owner(chat).hears("Danke, das ist notiert.")
    expect(chat.messages("bot").last).to_contain_text("notiert", timeout=PATIENCE)
    privacy.erase(front_desk.database, front_desk.settings, owner(chat).id, utcnow(), who="customer")
    for tab in (chat, other):
        expect(tab.messages("system")).to_have_count(1, timeout=PATIENCE)
        expect(tab.hook("message")).to_have_count(1)
        expect(tab.hook("message")).not_to_contain_text("IBAN")
    chat.say("Noch eine Frage")
    expect(other.hook("message")).to_have_count(2, timeout=PATIENCE)
