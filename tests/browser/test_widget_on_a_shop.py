"""One script tag on a shop's page: small, independent of the shop's style and policy, and only where it is allowed."""

from __future__ import annotations

import gzip

from playwright.sync_api import Page, expect

from bot import texts
from bot.config import ROOT
from tests.browser.conftest import NewPage
from tests.browser.pages import PATIENCE, Widget
from tests.frontdesk.web.conftest import FrontDesk, picture
from tests.services.shop_page import ShopPage

LOADER = ROOT / "widget" / "widget.js"


def tag(front_desk: FrontDesk, **attributes: str) -> str:
    """A page with the one script tag."""
    more = "".join(f' data-{name.replace("_", "-")}="{value}"' for name, value in attributes.items())
    script = f'<script src="{front_desk.url}/widget/widget.js" data-erstkontakt{more} defer></script>'
    head = '<meta charset="utf-8"><title>Shop</title><link rel="stylesheet" href="/shop.css">'
    return f'<!doctype html><html lang="de"><head>{head}{script}</head><body><h1>Ein Shop</h1></body></html>'


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
        expect(chat.hook("typing")).to_be_hidden()
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
