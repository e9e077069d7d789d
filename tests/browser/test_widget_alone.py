"""The widget on a shop's page, with a front desk and nobody to answer: what it does by itself."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect
from sqlalchemy import func, select

from bot import texts
from bot.config import ROOT
from bot.frontdesk.model import Conversation
from bot.services import free_ports
from tests.browser.conftest import NewPage
from tests.browser.pages import PATIENCE, Widget
from tests.frontdesk.web.conftest import Customer, FrontDesk, picture, running
from tests.services.shop_page import ShopPage, shop_page

LOADER = ROOT / "widget" / "widget.js"


@pytest.fixture(scope="module")
def shop() -> Iterator[ShopPage]:
    [port] = free_ports(1)
    with shop_page(port) as page:
        yield page


@pytest.fixture(scope="module")
def front_desk(tmp_path_factory: pytest.TempPathFactory, shop: ShopPage) -> Iterator[FrontDesk]:
    with running(tmp_path_factory.mktemp("var"), origins=shop.url) as desk:
        yield desk


@pytest.fixture
def chat(new_page: NewPage, front_desk: FrontDesk) -> Widget:
    """The chat, open, on our own demo page."""
    return Widget(new_page(locale="de-DE"), front_desk.url).open("de")


@pytest.fixture
def shaky(new_page: NewPage, front_desk: FrontDesk) -> Widget:
    """The same for tests in which the network or the server fails."""
    return Widget(new_page(trouble=True, locale="de-DE"), front_desk.url).open("de")


def tag(front_desk: FrontDesk, **attributes: str) -> str:
    """A page with the one script tag."""
    more = "".join(f' data-{name.replace("_", "-")}="{value}"' for name, value in attributes.items())
    script = f'<script src="{front_desk.url}/widget/widget.js" data-erstkontakt{more} defer></script>'
    head = '<meta charset="utf-8"><title>Shop</title><link rel="stylesheet" href="/shop.css">'
    return f'<!doctype html><html lang="de"><head>{head}{script}</head><body><h1>Ein Shop</h1></body></html>'


def owner(chat: Widget, front_desk: FrontDesk) -> Customer:
    """The conversation of this browser, seen from the server."""
    return front_desk.with_token(chat.token)


# One script tag


def test_the_loader_is_small_and_the_rest_comes_when_somebody_opens_it(
    new_page: NewPage, front_desk: FrontDesk
) -> None:
    assert len(LOADER.read_bytes()) <= 12_000
    assert len(gzip.compress(LOADER.read_bytes())) <= 5_000
    page = new_page(locale="de-DE")
    fetched: list[str] = []
    page.on("request", lambda request: fetched.append(request.url.removeprefix(front_desk.url)))
    page.goto(f"{front_desk.url}/")
    launcher = page.locator("[data-ek=launcher]")
    expect(launcher).to_be_visible()
    assert [url for url in fetched if "widget" in url and "demo" not in url] == ["/widget/widget.js"]
    assert not [url for url in fetched if url.startswith("/chat")], "nothing is asked before it is opened"
    launcher.click()
    expect(page.locator("[data-ek=message]").first).to_be_visible(timeout=PATIENCE)
    assert "/widget/chat/chat.js" in fetched and "/widget/chat/chat.css" in fetched
    assert "/widget/chat/rating.js" not in fetched, "what is rarely needed comes when it is needed"


def test_a_shops_own_css_changes_nothing_and_a_strict_policy_is_enough(
    new_page: NewPage, front_desk: FrontDesk, shop: ShopPage
) -> None:
    """`* { all: unset !important }` on the page, and a policy without unsafe-inline, unsafe-eval and img-src."""
    server = front_desk.url
    policy = (
        f"default-src 'none'; script-src {server}; style-src 'self' {server}; "
        f"connect-src {server} {server.replace('http', 'ws')}; require-trusted-types-for 'script'"
    )
    looks = []
    for address in (f"{server}/", shop.has(tag(front_desk, locale="de", privacy="/"), Content_Security_Policy=policy)):
        page = new_page(locale="de-DE")
        page.goto(address)
        chat = Widget(page, server)
        expect(chat.hook("launcher")).to_be_visible()
        chat.hook("launcher").click()
        expect(chat.hook("message").first).to_be_visible(timeout=PATIENCE)
        chat.say("Der Kompressor ist kaputt.")
        chat.hook("file").set_input_files([{"name": "typ.jpg", "mimeType": "image/jpeg", "buffer": picture()}])
        expect(chat.hook("preview").locator("canvas")).to_be_visible()
        chat.hook("send").click()
        expect(chat.messages("customer").locator("canvas")).to_be_visible(timeout=PATIENCE)
        expect(chat.messages("customer").locator(".file")).to_be_enabled(timeout=PATIENCE)
        chat.hears(texts.text("utter_answer_later", "de"), "system")
        looks.append(_look(page))
        page.reload()
        chat.hook("launcher").click()
        expect(chat.messages("customer").locator("canvas")).to_be_visible(timeout=PATIENCE)
    assert looks[0] == looks[1], "the same as on a page without any style"


def _look(page: Page) -> object:
    """How every part of the open chat looks, as the browser computed it."""
    return page.evaluate(
        """() => [...document.querySelector("erstkontakt-chat").shadowRoot.querySelectorAll(".ek *")]
             .filter((node) => !node.closest("svg, canvas, time"))
             .map((node) => { const s = getComputedStyle(node);
               return [node.className, s.display, s.color, s.backgroundColor, s.font, s.visibility, s.transform,
                       s.letterSpacing, s.textAlign, s.cursor]; })"""
    )


def test_a_page_that_is_not_on_the_list_gets_a_sentence_and_no_chat(
    new_page: NewPage, front_desk: FrontDesk, shop: ShopPage
) -> None:
    stranger = shop.has(tag(front_desk)).replace("localhost", "127.0.0.1")  # another origin to the browser
    page = new_page(trouble=True, locale="de-DE")
    page.goto(stranger)
    page.locator("[data-ek=launcher]").click()
    expect(page.locator("erstkontakt-chat .failed")).to_contain_text("Der Chat lädt gerade nicht", timeout=PATIENCE)
    answer = page.evaluate(
        "url => fetch(`${url}/chat/sessions`, {method: 'POST'}).then(() => 'read', () => 'refused')", front_desk.url
    )
    assert answer == "refused"
    closed = page.evaluate(
        """(url) => new Promise((done) => { const socket = new WebSocket(`${url}/chat/socket?token=x`);
             socket.onopen = () => done("open"); socket.onerror = () => done("refused"); })""",
        front_desk.url.replace("http", "ws"),
    )
    assert closed == "refused"


def test_nobody_frames_the_desk_or_the_demo_page(new_page: NewPage, front_desk: FrontDesk, shop: ShopPage) -> None:
    for path in ("/desk/login", "/"):
        page = new_page(trouble=True)
        page.goto(shop.has(f'<!doctype html><title>x</title><iframe src="{front_desk.url}{path}"></iframe>'))
        frame = page.frames[-1]
        expect(page.locator("iframe")).to_have_count(1)
        assert frame.url.startswith("chrome-error:") or frame.locator("body *").count() == 0


def test_colours_texts_and_place_are_attributes(new_page: NewPage, front_desk: FrontDesk, shop: ShopPage) -> None:
    page = new_page(locale="de-DE")
    body = tag(
        front_desk,
        locale="en",
        company="Lindenhof <b>& Söhne</b>",
        accent="#ffd400",
        launcher="rebeccapurple",
        position="left",
        text_launch="Ask us",
        text_launch_de="Fragen Sie uns",
        text_placeholder_en="What happened?",
        text_ai="A person called Max",
        text_offline_de="Kein Netz",
    ).replace("<b>", "&lt;b&gt;")
    page.goto(shop.has(body))
    chat = Widget(page, front_desk.url)
    launcher = chat.hook("launcher")
    expect(launcher).to_have_text("Ask us")
    assert launcher.evaluate("n => getComputedStyle(n).backgroundColor") == "rgb(102, 51, 153)"
    box = launcher.bounding_box()
    assert box is not None and box["x"] < 100
    launcher.click()
    expect(chat.hook("message").first).to_be_visible(timeout=PATIENCE)
    expect(page.locator("erstkontakt-chat .company")).to_have_text("Lindenhof <b>& Söhne</b>")
    expect(chat.hook("input")).to_have_attribute("placeholder", "What happened?")
    expect(chat.hook("speaker")).to_have_text("AI assistant")  # that an AI answers cannot be reworded
    header = page.locator("erstkontakt-chat .header")
    assert header.evaluate("n => getComputedStyle(n).backgroundColor") == "rgb(255, 212, 0)"
    assert header.evaluate("n => getComputedStyle(n).color") == "rgb(0, 0, 0)", "readable on yellow"
    panel = page.locator("erstkontakt-chat .panel").bounding_box()
    assert panel is not None and panel["x"] < 100
    chat.hook("locale-de").click()
    expect(chat.hook("input")).to_have_attribute("placeholder", "Ihre Nachricht …")
    chat.hook("close").click()
    expect(launcher).to_contain_text("Gespräch fortsetzen")


def test_a_colour_for_the_dark(new_page: NewPage, front_desk: FrontDesk, shop: ShopPage) -> None:
    address = shop.has(tag(front_desk, accent="#2f5d50", accent_dark="#88ccff"))
    colours = []
    for scheme in ("light", "dark"):
        page = new_page(color_scheme=scheme)
        page.goto(address)
        colours.append(page.locator("[data-ek=launcher]").evaluate("n => getComputedStyle(n).backgroundColor"))
        page.emulate_media(color_scheme="dark" if scheme == "light" else "light")
        page.wait_for_function(
            "before => getComputedStyle(document.querySelector('erstkontakt-chat').shadowRoot"
            ".querySelector('.launch')).backgroundColor !== before",
            arg=colours[-1],
        )
    assert colours == ["rgb(47, 93, 80)", "rgb(136, 204, 255)"]


# Bad networks


def test_what_is_written_without_a_network_stays_and_goes_out_later(shaky: Widget, front_desk: FrontDesk) -> None:
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
    assert [m["text"] for m in owner(chat, front_desk).said()] == ["Der Kompressor ist kaputt."]


def test_what_was_written_without_a_network_survives_closing_the_page(shaky: Widget, front_desk: FrontDesk) -> None:
    """The page is left while nothing gets through; it goes out when the chat is opened again."""
    chat = shaky
    chat.page.route("**/chat/messages", lambda route: route.abort())
    chat.hook("input").fill("Der Kompressor ist kaputt.")
    chat.hook("send").click()
    expect(chat.hook("offline")).to_contain_text("Keine Verbindung", timeout=PATIENCE)
    chat.page.unroute("**/chat/messages")
    chat.again()
    expect(chat.messages("customer").locator(".status")).to_have_text("", timeout=PATIENCE)
    assert [m["text"] for m in owner(chat, front_desk).said()] == ["Der Kompressor ist kaputt."]


def test_an_answer_that_is_lost_does_not_double_the_message(shaky: Widget, front_desk: FrontDesk) -> None:
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
    assert [len(m["attachments"]) for m in owner(chat, front_desk).said()] == [0, 1]


def test_a_server_in_trouble_is_asked_again(shaky: Widget, front_desk: FrontDesk) -> None:
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
    assert [m["text"] for m in owner(chat, front_desk).said()] == ["Hallo?"]


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
def test_without_websocket_messages_come_all_the_same(new_page: NewPage, front_desk: FrontDesk, how: str) -> None:
    page = new_page(trouble=True, locale="de-DE")
    if how == "no WebSocket in the browser":
        page.add_init_script("delete window.WebSocket")
    elif how == "a proxy that lets none through":
        elsewhere = "super(`${url}`.replace('socket', 'nowhere'))"
        page.add_init_script(f"window.WebSocket = class extends WebSocket {{ constructor(url) {{ {elsewhere}; }} }}")
    else:
        page.add_init_script("window.WebSocket = class extends EventTarget { close() {} }")
    chat = Widget(page, front_desk.url).open()
    customer = owner(chat, front_desk)
    chat.say("Ist da jemand?")
    chat.hears(texts.text("utter_answer_later", "de"), "system")
    customer.hold("staff")
    customer.hears("Ja, ich.", "staff", author_name="Alex")
    chat.hears("Ja, ich.", "staff")
    chat.speaks("Alex")
    assert len(customer.said()) == 1


# Reload, two tabs, coming back


def test_two_tabs_are_one_conversation(chat: Widget, front_desk: FrontDesk) -> None:
    other = Widget(chat.page.context.new_page(), front_desk.url)
    other.page.goto(f"{front_desk.url}/")
    expect(other.hook("launcher")).to_contain_text("Gespräch fortsetzen")
    other.hook("launcher").click()
    chat.say("Aus dem ersten Tab.")
    other.hears("Aus dem ersten Tab.", "customer")
    other.say("Aus dem zweiten.")
    chat.hears("Aus dem zweiten.", "customer")
    customer = owner(chat, front_desk)
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


def test_news_while_away_are_counted_on_the_launcher(chat: Widget, front_desk: FrontDesk) -> None:
    customer = owner(chat, front_desk)
    chat.hook("close").click()
    for text in ("Guten Tag", "Sind Sie noch da?"):
        customer.hears(text, "staff", author_name="Alex")
    expect(chat.hook("launcher")).to_contain_text("2 neue Nachrichten", timeout=PATIENCE)
    chat.page.reload()
    expect(chat.hook("launcher")).to_contain_text("2 neue Nachrichten", timeout=PATIENCE)


def test_a_conversation_that_expired_begins_anew_and_the_text_is_kept(shaky: Widget, front_desk: FrontDesk) -> None:
    chat = shaky
    old = chat.token
    chat.page.evaluate("name => localStorage.setItem(name, 'forged')", chat._key("token"))
    chat.page.reload()
    chat.hook("launcher").click()
    expect(chat.hook("note")).to_contain_text("Ihr früheres Gespräch ist abgelaufen", timeout=PATIENCE)
    chat.say("Ich bin wieder da.")
    assert chat.token not in (old, "forged")
    assert [m["text"] for m in owner(chat, front_desk).said()] == ["Ich bin wieder da."]


# What the customer can do


def test_photos_are_shown_before_and_after_they_are_sent_and_can_be_taken_back(
    chat: Widget, front_desk: FrontDesk
) -> None:
    files = [{"name": name, "mimeType": "image/jpeg", "buffer": picture()} for name in ("eins.jpg", "<b>zwei</b>.jpg")]
    chat.hook("file").set_input_files(
        [*files, {"name": "r.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 x"}]
    )
    expect(chat.hook("preview")).to_have_count(3)
    expect(chat.hook("preview").locator("canvas")).to_have_count(2)
    chat.page.get_by_role("button", name="eins.jpg entfernen").click()
    expect(chat.hook("input")).to_be_focused()
    chat.hook("input").fill("So sieht es aus.")
    chat.hook("send").click()
    expect(chat.messages("customer")).to_have_count(2)
    expect(chat.messages("customer").locator("canvas")).to_have_count(1)
    expect(chat.messages("customer").locator(".status:not(:empty)")).to_have_count(0, timeout=PATIENCE)
    sent = owner(chat, front_desk).said()
    assert [m["text"] for m in sent] == ["So sieht es aus.", ""]
    with chat.page.expect_download() as download:
        chat.messages("customer").locator(".file").last.click()
    assert download.value.suggested_filename == "r.pdf"


def test_a_photo_of_30_megabytes_is_made_smaller_before_it_is_sent(chat: Widget, front_desk: FrontDesk) -> None:
    big = picture("PNG", (5000, 4000)) + bytes(30 * 1024 * 1024)
    path = front_desk.settings.var / "gross.png"
    path.write_bytes(big)
    chat.hook("file").set_input_files(path)
    expect(chat.hook("preview")).to_contain_text("gross.jpg", timeout=PATIENCE)
    chat.hook("send").click()
    expect(chat.messages("customer").locator(".status")).to_have_text("", timeout=PATIENCE)
    [file] = owner(chat, front_desk).said()[-1]["attachments"]
    assert file["type"] == "image/jpeg" and file["size"] < 10 * 1024 * 1024


def test_a_document_of_30_megabytes_is_declined_in_a_sentence(chat: Widget, front_desk: FrontDesk) -> None:
    path = front_desk.settings.var / "vertrag.pdf"
    path.write_bytes(b"%PDF-1.7" + bytes(30 * 1024 * 1024))
    chat.hook("file").set_input_files(path)
    expect(chat.hook("note")).to_contain_text("vertrag.pdf ist zu groß. Bitte höchstens 10 MB.")
    expect(chat.hook("preview")).to_have_count(0)


def test_a_wrong_type_is_refused_in_a_sentence_and_the_words_come_back(shaky: Widget, front_desk: FrontDesk) -> None:
    chat = shaky
    svg = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
    chat.hook("file").set_input_files([{"name": "x.svg", "mimeType": "image/svg+xml", "buffer": svg}])
    chat.hook("input").fill("Ein Bild")
    chat.hook("send").click()
    expect(chat.hook("note")).to_contain_text(texts.text("utter_error_file_type", "de"), timeout=PATIENCE)
    expect(chat.hook("input")).to_have_value("Ein Bild")
    expect(chat.messages("customer")).to_have_count(0)


def test_writing_too_fast_is_told_kindly_and_nothing_is_lost(shaky: Widget, front_desk: FrontDesk) -> None:
    chat = shaky
    customer = owner(chat, front_desk)
    for n in range(30):
        assert customer.post(text=f"{n}").status_code == 202
    chat.hook("input").fill("Noch etwas")
    chat.hook("send").click()
    expect(chat.hook("note")).to_contain_text(texts.text("utter_error_too_fast", "de"), timeout=PATIENCE)
    expect(chat.hook("input")).to_have_value("Noch etwas")


@pytest.mark.parametrize("text", ["😡🔥👎🏽", "الضاغط لا يعمل ورقم الطلب LH-104140", "<img src=x onerror=alert(1)>"])
def test_any_script_is_shown_as_it_was_written(chat: Widget, text: str) -> None:
    chat.say(text)
    bubble = chat.messages("customer").locator(".text")
    expect(bubble).to_have_text(text)
    wanted = "rtl" if "ا" in text else "ltr"
    assert bubble.evaluate("node => getComputedStyle(node).direction") == wanted
    chat.hook("input").fill(text)
    assert chat.hook("input").evaluate("node => getComputedStyle(node).direction") == wanted


def test_ending_rating_and_taking_the_transcript_along(chat: Widget, front_desk: FrontDesk) -> None:
    chat.say("Der Kompressor ist kaputt.")
    chat.hook("menu").click()
    with chat.page.expect_download() as download:
        chat.hook("transcript").click()
    assert re.fullmatch(r"Gespraech-\d{4}-\d\d-\d\d\.txt", download.value.suggested_filename)
    assert "Sie: Der Kompressor ist kaputt." in Path(download.value.path()).read_text(encoding="utf-8")
    chat.choose("end")
    chat.hears(texts.text("utter_customer_ended", "de"), "system")
    expect(chat.hook("rating")).to_be_visible(timeout=PATIENCE)
    chat.hook("rating-send").click()
    expect(chat.hook("rating")).to_contain_text("Bitte wählen Sie eine Zahl")
    chat.hook("rating-4").check()
    chat.hook("rating-words").fill("Schnell, danke!")
    chat.hook("rating-send").click()
    expect(chat.hook("note")).to_contain_text("Danke! Ihre Bewertung", timeout=PATIENCE)
    expect(chat.hook("rating")).to_have_count(0)
    note = owner(chat, front_desk).stored()[-1]
    assert note.internal and "4 von 5" in note.text and "Schnell, danke!" in note.text
    chat.say("Eins noch.")  # writing goes on


def test_the_language_switch_changes_the_page_and_asks_whoever_answers(chat: Widget, front_desk: FrontDesk) -> None:
    chat.hook("locale-en").click()
    expect(chat.hook("input")).to_have_attribute("aria-label", "Your message")
    assert owner(chat, front_desk).said() == [], "nothing to ask before there is a conversation"
    chat.hook("locale-de").click()
    chat.say("Der Kompressor ist kaputt.")
    chat.hook("locale-en").click()
    chat.hears("In English, please.", "customer")
    expect(chat.page.locator("erstkontakt-chat .panel")).to_have_attribute("lang", "en")
    chat.page.reload()
    expect(chat.hook("launcher")).to_contain_text("Continue the chat")


def test_who_speaks_and_who_is_writing_is_always_told(chat: Widget, front_desk: FrontDesk) -> None:
    customer = owner(chat, front_desk)
    chat.speaks("KI-Assistent")
    customer.hold("queue")
    chat.speaks("Warten auf einen Menschen")
    customer.hold("staff")
    customer.hears("Guten Tag, hier ist Alex.", "staff", author_name="Alex")
    chat.speaks("Alex")
    said = chat.messages("staff").locator(".author")
    expect(said).to_have_text("Alex")
    expect(chat.messages("bot").locator(".author").first).to_have_text("KI-Assistent")
