"""Typing is told in both directions, and never what is being typed."""

from __future__ import annotations

from playwright.sync_api import expect

from bot.desk.users import add_user
from bot.frontdesk import handoff, messages
from tests.browser.conftest import NewPage, Owner
from tests.browser.pages import PATIENCE, Desk, Widget
from tests.conftest import PASSWORD
from tests.frontdesk.web.conftest import FrontDesk


def test_customer_and_agent_see_each_other_writing(
    chat: Widget, new_page: NewPage, front_desk: FrontDesk, owner: Owner
) -> None:
    customer = owner(chat)
    chat.say("Der Kompressor ist kaputt.")
    with front_desk.database.begin() as session:
        alex = add_user(session, "Alex", "staff", PASSWORD)
        session.flush()
        conversation = messages.locked(session, customer.id)
        waiting = handoff.hand_over(session, conversation, reason="asked_for_person", severity=2, case_number=None)
        handoff.claim(session, waiting.id, alex)
    desk = Desk(new_page(locale="de-DE"), front_desk.url).log_in("Alex", PASSWORD)
    desk.page.goto(f"{front_desk.url}/desk/conversations/{customer.id}")
    desk.hears("Der Kompressor ist kaputt.")
    chat.speaks("Ein Mensch aus unserem Team")
    chat.hook("input").press_sequentially("Nein, ich glaub")
    expect(desk.typing()).to_contain_text("schreibt", timeout=PATIENCE)
    expect(desk.page.locator("body")).not_to_contain_text("ich glaub")
    chat.say("Nein, ich glaube nicht.")
    desk.hears("Nein, ich glaube nicht.")
    expect(desk.typing()).to_be_empty(timeout=PATIENCE)
    desk.page.locator("#reply").press_sequentially("Macht er")
    expect(chat.hook("typing")).to_contain_text("schreibt", timeout=PATIENCE)
    expect(chat.page.locator("erstkontakt-chat")).not_to_contain_text("Macht er")
    desk.say("Macht er noch ein Geräusch?")
    chat.hears("Macht er noch ein Geräusch?", "staff")
    expect(chat.hook("typing")).to_be_hidden(timeout=PATIENCE)
