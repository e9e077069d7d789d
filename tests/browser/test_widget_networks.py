"""The widget on a bad network, after a reload, in two tabs: nothing is lost and nothing is doubled."""

from __future__ import annotations

import pytest
from playwright.sync_api import Route, expect
from sqlalchemy import func, select

from bot import texts
from bot.frontdesk.model import Conversation
from tests.browser.conftest import NewPage, Owner
from tests.browser.pages import PATIENCE, Widget
from tests.frontdesk.web.conftest import FrontDesk, picture


def test_what_is_written_without_a_network_stays_and_goes_out_later(shaky: Widget, owner: Owner) -> None:
    chat = shaky
    context = chat.page.context
    context.set_offline(True)
    expect(chat.hook("offline")).to_contain_text("Keine Verbindung", timeout=PATIENCE)
    chat.hook("input").fill("Der Kompressor ist kaputt.")
    chat.hook("send").click()
    expect(chat.messages("customer").locator(".status")).to_have_text("wird gesendet …")
    context.set_offline(False)
    expect(chat.messages("customer").locator(".status")).to_have_text("", timeout=PATIENCE)
    expect(chat.hook("offline")).to_be_empty(timeout=PATIENCE)
    assert [m["text"] for m in owner(chat).said()] == ["Der Kompressor ist kaputt."]


def test_what_was_written_without_a_network_survives_closing_the_page(shaky: Widget, owner: Owner) -> None:
    """The page is left while nothing gets through; it goes out when the chat is opened again."""
    chat = shaky
    chat.page.route("**/chat/messages", lambda route: route.abort())
    chat.hook("input").fill("Der Kompressor ist kaputt.")
    chat.hook("send").click()
    expect(chat.hook("offline")).to_contain_text("Keine Verbindung", timeout=PATIENCE)
    chat.page.unroute("**/chat/messages")
    chat.again()
    expect(chat.messages("customer").locator(".status")).to_have_text("", timeout=PATIENCE)
    assert [m["text"] for m in owner(chat).said()] == ["Der Kompressor ist kaputt."]


def test_an_answer_that_is_lost_does_not_double_the_message(shaky: Widget, owner: Owner) -> None:
    """The server has the message, the browser never hears so: three times in a row, texts and photos."""
    chat = shaky
    lost: list[str] = []

    def lose(route: Route) -> None:
        if route.request.method == "POST" and len(lost) < 3:
            lost.append(route.request.url)
            route.fetch()  # it arrives
            route.abort("connectionreset")  # the answer does not
        else:
            route.fallback()

    for pattern in ("**/chat/messages", "**/chat/attachments"):
        lost.clear()
        chat.page.route(pattern, lose)
        if "attach" in pattern:
            chat.hook("file").set_input_files([{"name": "a.jpg", "mimeType": "image/jpeg", "buffer": picture()}])
        chat.hook("input").fill(f"Mit {pattern}")
        with chat.page.expect_response(lambda answer: answer.request.method == "POST" and answer.ok):
            chat.hook("send").click()
        assert len(lost) == 3
        expect(chat.messages("customer").filter(has_text=pattern).locator(".status")).to_have_text("", timeout=PATIENCE)
        expect(chat.messages("customer").filter(has_text=pattern)).to_have_count(1)
    assert [len(m["attachments"]) for m in owner(chat).said()] == [0, 1]


def test_a_server_in_trouble_is_asked_again(shaky: Widget, owner: Owner) -> None:
    chat = shaky
    answers = iter([500, 502, 503])

    def sick(route: Route) -> None:
        status = next(answers, None)
        if route.request.method != "POST" or status is None:
            route.fallback()
        else:
            route.fulfill(status=status, body="<h1>Bad gateway</h1>")

    chat.page.route("**/chat/messages", sick)
    chat.hook("input").fill("Hallo?")
    chat.hook("send").click()
    expect(chat.messages("customer").locator(".status")).to_have_text("", timeout=PATIENCE)
    assert [m["text"] for m in owner(chat).said()] == ["Hallo?"]


def test_opening_without_a_network_says_so_and_works_later(new_page: NewPage, front_desk: FrontDesk) -> None:
    page = new_page(trouble=True, locale="de-DE")
    page.goto(f"{front_desk.url}/")
    page.context.set_offline(True)
    chat = Widget(page, front_desk.url)
    chat.hook("launcher").click()
    expect(page.locator("erstkontakt-chat .failed")).to_contain_text("Der Chat lädt gerade nicht")
    page.context.set_offline(False)
    chat.hook("launcher").click()
    expect(chat.hook("message").first).to_be_visible(timeout=PATIENCE)
    expect(page.locator("erstkontakt-chat .failed")).to_be_empty()


@pytest.mark.parametrize("how", ["no WebSocket in the browser", "a proxy that lets none through", "one that hangs"])
def test_without_websocket_messages_come_all_the_same(
    new_page: NewPage, front_desk: FrontDesk, owner: Owner, how: str
) -> None:
    page = new_page(trouble=True, locale="de-DE")
    if how == "no WebSocket in the browser":
        page.add_init_script("delete window.WebSocket")
    elif how == "a proxy that lets none through":
        elsewhere = "super(`${url}`.replace('socket', 'nowhere'))"
        page.add_init_script(f"window.WebSocket = class extends WebSocket {{ constructor(url) {{ {elsewhere}; }} }}")
    else:
        page.add_init_script("window.WebSocket = class extends EventTarget { close() {} }")
    chat = Widget(page, front_desk.url).open()
    customer = owner(chat)
    chat.say("Ist da jemand?")
    chat.hears(texts.text("utter_answer_later", "de"), "system")
    customer.hold("staff")
    customer.hears("Ja, ich.", "staff", author_name="Alex")
    chat.hears("Ja, ich.", "staff")
    chat.speaks("Alex")
    assert len(customer.said()) == 1


def test_two_tabs_are_one_conversation(chat: Widget, front_desk: FrontDesk, owner: Owner) -> None:
    other = Widget(chat.page.context.new_page(), front_desk.url)
    other.page.goto(f"{front_desk.url}/")
    expect(other.hook("launcher")).to_contain_text("Gespräch fortsetzen")
    other.hook("launcher").click()
    chat.say("Aus dem ersten Tab.")
    other.hears("Aus dem ersten Tab.", "customer")
    other.say("Aus dem zweiten.")
    chat.hears("Aus dem zweiten.", "customer")
    customer = owner(chat)
    customer.hears(
        "Wie wäre es?", buttons=({"title": "Ja", "payload": "/affirm"}, {"title": "Nein", "payload": "/deny"})
    )
    chat.press("Ja")
    for tab in (chat, other):
        expect(tab.hook("quick-reply").filter(has_text="Nein")).to_be_disabled(timeout=PATIENCE)
    expect(other.hook("quick-reply").filter(has_text="Ja")).to_contain_text("gewählt")
    assert [m["text"] for m in customer.said()] == ["Aus dem ersten Tab.", "Aus dem zweiten.", "Ja"]
    expect(chat.messages("customer")).to_have_count(3)
    expect(other.messages("customer")).to_have_count(3)


def test_two_tabs_opened_at_once_begin_one_conversation(new_page: NewPage, front_desk: FrontDesk) -> None:
    count = select(func.count()).select_from(Conversation)
    with front_desk.database.begin() as session:
        before = session.scalar(count)
    first = new_page(locale="de-DE")
    tabs = [first, first.context.new_page()]
    for tab in tabs:
        tab.goto(f"{front_desk.url}/")
    for tab in tabs:
        tab.locator("[data-ek=launcher]").dispatch_event("click")
    for tab in tabs:
        expect(tab.locator("[data-ek=message]").first).to_be_visible(timeout=PATIENCE)
    with front_desk.database.begin() as session:
        assert session.scalar(count) == before + 1


def test_a_draft_and_the_history_survive_a_reload(chat: Widget) -> None:
    chat.say("Der Kompressor ist kaputt.")
    chat.hook("input").fill("Und außerdem …")
    log = chat.log()
    chat.again()
    chat.hears("Der Kompressor ist kaputt.", "customer")
    assert chat.log()[: len(log)] == log
    expect(chat.hook("input")).to_have_value("Und außerdem …")


def test_news_while_away_are_counted_on_the_launcher(chat: Widget, owner: Owner) -> None:
    customer = owner(chat)
    chat.hook("close").click()
    for text in ("Guten Tag", "Sind Sie noch da?"):
        customer.hears(text, "staff", author_name="Alex")
    expect(chat.hook("launcher")).to_contain_text("2 neue Nachrichten", timeout=PATIENCE)
    chat.page.reload()
    expect(chat.hook("launcher")).to_contain_text("2 neue Nachrichten", timeout=PATIENCE)


def test_a_conversation_that_expired_begins_anew_and_the_text_is_kept(shaky: Widget, owner: Owner) -> None:
    chat = shaky
    old = chat.token
    chat.page.evaluate("name => localStorage.setItem(name, 'forged')", chat._key("token"))
    chat.page.reload()
    chat.hook("launcher").click()
    expect(chat.hook("note")).to_contain_text("Ihr früheres Gespräch ist abgelaufen", timeout=PATIENCE)
    chat.say("Ich bin wieder da.")
    assert chat.token not in (old, "forged")
    assert [m["text"] for m in owner(chat).said()] == ["Ich bin wieder da."]
