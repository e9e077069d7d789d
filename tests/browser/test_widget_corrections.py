"""What a colleague corrects changes before the customer's eyes."""

from __future__ import annotations

from playwright.sync_api import expect

from bot.database import utcnow
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
