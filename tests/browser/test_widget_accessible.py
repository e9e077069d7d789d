"""The widget for everybody (WCAG 2.1 AA): every state in light and dark, both languages, by keyboard, zoomed, still."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, WebSocketRoute, expect

from tests.browser.conftest import NewPage, Owner
from tests.browser.pages import PATIENCE, Widget, accessible
from tests.frontdesk.web.conftest import Customer, FrontDesk, picture

DESKTOP, PHONE = {"width": 1200, "height": 820}, {"width": 360, "height": 740}
ZOOMED = {"200 %": {"width": 640, "height": 400}, "400 %": {"width": 320, "height": 256}}
"""What a window of 1280 x 800 (and 1024) leaves at that zoom, in CSS pixels (WCAG 1.4.4 and 1.4.10)."""

BUTTONS = ({"title": "Ja, gern", "payload": "/affirm"}, {"title": "Nein, lieber nicht", "payload": "/deny"})


class Tour:
    """Takes a chat through all of its states and looks at each."""

    def __init__(self, page: Page, url: str, owner: Owner, locale: str, look: Callable[[str], None]) -> None:
        self.chat, self.owner, self.locale, self.look = Widget(page, url), owner, locale, look
        self.page = page
        self.sockets: list[WebSocketRoute] = []
        page.route_web_socket(re.compile("/chat/socket"), self._through)

    def _through(self, socket: WebSocketRoute) -> None:
        self.sockets.append(socket)
        socket.connect_to_server()

    @property
    def customer(self) -> Customer:
        return self.owner(self.chat)

    def all(self) -> None:
        self.closed()
        self.opened()
        self.talk()
        self.files()
        self.people()
        self.ending()
        self.trouble()

    def closed(self) -> None:
        page = self.page
        page.goto(f"{self.chat.base_url}/")
        page.evaluate("([name, value]) => localStorage.setItem(name, value)", [self.chat._key("locale"), self.locale])
        page.reload()
        expect(self.chat.hook("launcher")).to_be_visible()
        self.look("closed")
        page.route("**/chat.js*", lambda route: route.abort())
        self.chat.hook("launcher").click()
        expect(page.locator("erstkontakt-chat .failed")).not_to_be_empty()
        self.look("does not load")
        page.unroute("**/chat.js*")

    def opened(self) -> None:
        self.page.route("**/chat/sessions", lambda _route: None)  # held until the route is taken away
        self.chat.hook("launcher").click()
        expect(self.page.locator("erstkontakt-chat .loading")).to_be_visible(timeout=PATIENCE)
        self.look("loading")
        self.page.unroute("**/chat/sessions")
        expect(self.chat.hook("message").first).to_be_visible(timeout=PATIENCE)
        self.look("welcome")
        self.chat.hook("menu").click()
        expect(self.chat.hook("end")).to_be_visible()
        self.look("menu")
        self.page.keyboard.press("Escape")

    def talk(self) -> None:
        chat = self.chat
        chat.say("Der Kompressor ist kaputt: https://example.org/bild")
        self.customer.hears("Darf ich noch etwas fragen?", buttons=BUTTONS)
        expect(chat.hook("quick-reply")).to_have_count(2, timeout=PATIENCE)
        self.look("quick replies")
        chat.press("Ja, gern")
        expect(chat.hook("quick-reply").last).to_be_disabled()
        self.look("a quick reply chosen")
        self.page.locator("erstkontakt-chat .log").evaluate("node => { node.scrollTop = 0 }")
        self.customer.hears("\n".join(["Eine lange Antwort."] * 30))
        expect(self.page.locator("erstkontakt-chat .newer")).to_be_visible(timeout=PATIENCE)
        self.look("new messages below")
        self.page.locator("erstkontakt-chat .newer").click()

    def files(self) -> None:
        chat = self.chat
        photo = {"name": "typenschild.jpg", "mimeType": "image/jpeg", "buffer": picture()}
        receipt = {"name": "rechnung.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 x"}
        chat.hook("file").set_input_files([photo, receipt])
        expect(chat.hook("preview")).to_have_count(2)
        self.look("photos before they are sent")
        chat.hook("send").click()
        expect(chat.messages("customer").locator("canvas")).to_be_visible(timeout=PATIENCE)
        expect(chat.messages("customer").locator(".file").last).to_be_enabled(timeout=PATIENCE)
        self.look("photos sent")
        chat.hook("file").set_input_files([{**receipt, "buffer": b"%PDF-1.7" + bytes(11 * 1024 * 1024)}])
        expect(chat.hook("note")).to_be_visible()
        self.look("a note")

    def people(self) -> None:
        self.customer.hold("queue")
        expect(self.chat.hook("human")).to_be_hidden(timeout=PATIENCE)
        self.look("waiting for a person")
        self.customer.hold("staff")
        self.customer.hears("Guten Tag, hier ist Alex.", "staff", author_name="Alex")
        self.chat.speaks("Alex")
        self.sockets[-1].send(json.dumps({"messages": [], "holder": "staff", "typing": "staff"}))
        expect(self.chat.hook("typing")).to_be_visible(timeout=PATIENCE)
        self.look("a person writes")
        self.customer.hold("bot")

    def ending(self) -> None:
        chat = self.chat
        chat.choose("end")
        expect(chat.hook("rating")).to_be_visible(timeout=PATIENCE)
        self.look("rating")
        chat.hook("rating-send").click()
        expect(self.page.locator("erstkontakt-chat .missing")).not_to_be_empty()
        self.look("rating without a number")
        chat.hook("rating-5").check()
        self.look("rating chosen")
        chat.hook("rating-send").click()
        expect(chat.hook("rating")).to_have_count(0, timeout=PATIENCE)
        self.look("rated")

    def trouble(self) -> None:
        chat = self.chat
        self.page.context.set_offline(True)
        expect(chat.hook("offline")).not_to_be_empty(timeout=PATIENCE)
        chat.hook("input").fill("Noch etwas.")
        chat.hook("send").click()
        expect(chat.messages("customer").last.locator(".status")).not_to_be_empty()
        self.look("offline")
        self.page.context.set_offline(False)
        expect(chat.hook("offline")).to_be_empty(timeout=PATIENCE)
        chat.hook("close").click()
        self.customer.hears("Sind Sie noch da?")
        expect(self.page.locator("erstkontakt-chat .badge")).to_be_visible(timeout=PATIENCE)
        self.look("closed, with news")


@pytest.mark.parametrize(
    ("locale", "scheme", "viewport"),
    [("de", "dark", PHONE), ("en", "light", DESKTOP)],
    ids=["german-dark-phone", "english-light-desktop"],
)
def test_axe_finds_nothing_in_any_state(
    new_page: NewPage, front_desk: FrontDesk, owner: Owner, locale: str, scheme: str, viewport: dict[str, int]
) -> None:
    page = new_page(trouble=True, locale=locale, color_scheme=scheme, viewport=viewport, bypass_csp=True)
    states = []

    def look(state: str) -> None:
        states.append(state)
        accessible(page, state)
        _all_inside(page, state)

    Tour(page, front_desk.url, owner, locale, look).all()
    assert len(states) == 19


def test_zoomed_nothing_is_cut_off_in_any_state(new_page: NewPage, front_desk: FrontDesk, owner: Owner) -> None:
    page = new_page(trouble=True, locale="de", viewport=ZOOMED["400 %"], bypass_csp=True)

    def look(state: str) -> None:
        for zoom, size in ZOOMED.items():  # ends as it began
            page.set_viewport_size(size)
            look_closely(f"{state}, {zoom}")

    def look_closely(state: str) -> None:
        _all_inside(page, state)
        for hook in ("input", "send", "close", "menu", "rating-send"):
            for control in page.locator(f"[data-ek={hook}]").all():
                if page.locator("erstkontakt-chat .panel").is_visible():
                    control.scroll_into_view_if_needed(timeout=2000)
                    expect(control).to_be_in_viewport(ratio=0.9)
        hidden = """() => [...document.querySelector("erstkontakt-chat").shadowRoot.querySelectorAll(".ek *")]
            .filter((n) => n.scrollTop && getComputedStyle(n).overflowY === "hidden").map((n) => n.className)"""
        assert page.evaluate(hidden) == [], f"{state}: seen only by a script that scrolls"

    Tour(page, front_desk.url, owner, "de", look).all()


def _all_inside(page: Page, state: str) -> None:
    """No sideways scrolling anywhere, and what can be pressed is 24 pixels at least (WCAG 2.5.8)."""
    wrong = page.evaluate(
        """() => {
          const root = document.querySelector("erstkontakt-chat").shadowRoot;
          const shown = [...root.querySelectorAll("button, textarea, a, p, label, canvas, legend, .bubble")]
            .filter((node) => node.checkVisibility() && !node.closest(".unseen, .quiet"));
          const out = shown.filter((node) => { const b = node.getBoundingClientRect();
            return b.width && (b.left < -0.5 || b.right > innerWidth + 0.5); });
          const small = shown.filter((node) => node.matches("button:not(.file:disabled), label, textarea"))
            .filter((node) => { const b = node.getBoundingClientRect(); return b.width < 24 || b.height < 24; });
          const scrolls = [...root.querySelectorAll(".panel, .log, .composer, .rating")]
            .filter((node) => node.scrollWidth > node.clientWidth + 1);
          return [...out, ...small, ...scrolls].map((node) => node.outerHTML.slice(0, 120));
        }"""
    )
    assert wrong == [], f"{state}: {wrong}"


# By keyboard


def _focused(page: Page) -> str:
    """The hook (or tag) of what has the focus, which must be seen to have it."""
    return str(
        page.evaluate(
            """() => {
              let node = document.activeElement;
              while (node.shadowRoot && node.shadowRoot.activeElement) node = node.shadowRoot.activeElement;
              if (!node.closest("body") && !node.getRootNode().host) return "nothing";
              const shown = node.matches(".score input") ? node.parentElement : node;
              const style = getComputedStyle(shown);
              const seen = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
              return (node.dataset.ek || node.className || node.tagName) + (seen ? "" : " (not to be seen)");
            }"""
        )
    )


def _tab_to(page: Page, hook: str, key: str = "Tab") -> None:
    """Walk with the Tab key until this has the focus; every stop on the way shows where it is."""
    walked = []
    for _ in range(60):
        page.keyboard.press(key)
        walked.append(_focused(page))
        if walked[-1] == hook:
            return
        if page.evaluate("document.activeElement.matches('erstkontakt-chat')"):
            assert "not to be seen" not in walked[-1], walked
    raise AssertionError(f"never reached {hook}: {walked}")


def test_everything_can_be_done_with_the_keyboard_alone(new_page: NewPage, front_desk: FrontDesk, owner: Owner) -> None:
    page = new_page(locale="de-DE")
    page.goto(f"{front_desk.url}/")
    chat, press = Widget(page, front_desk.url), page.keyboard.press
    _tab_to(page, "launcher")
    press("Enter")
    expect(chat.hook("message").first).to_be_visible(timeout=PATIENCE)
    assert _focused(page) == "input", "one writes at once"
    page.keyboard.type("Der Kompressor ist kaputt.")
    press("Shift+Enter")
    page.keyboard.type("Seit gestern.")
    press("Enter")
    chat.hears("Der Kompressor ist kaputt.\nSeit gestern.", "customer")
    owner(chat).hears("Reparatur oder Ersatz?", buttons=BUTTONS)
    expect(chat.hook("quick-reply").last).to_be_enabled(timeout=PATIENCE)
    _tab_to(page, "quick-reply", "Shift+Tab")
    press("Space")
    chat.hears("Nein, lieber nicht", "customer")
    assert _focused(page) == "input", "the pressed button is gone: the focus has a new place"
    _tab_to(page, "locale-en")
    press("Enter")
    expect(chat.hook("input")).to_have_attribute("aria-label", "Your message")
    _tab_to(page, "menu", "Shift+Tab")
    press("Enter")
    assert _focused(page) == "transcript"
    press("Escape")
    assert _focused(page) == "menu", "Escape closes the menu, not the chat"
    press("Enter")
    with page.expect_download():
        press("Enter")
    assert _focused(page) == "menu"
    press("Enter")
    press("Tab")
    assert _focused(page) == "end"
    press("Enter")
    expect(chat.hook("rating")).to_be_visible(timeout=PATIENCE)
    assert _focused(page) == "rating-1"
    for _ in range(3):
        press("ArrowRight")
    assert _focused(page) == "rating-4"
    _tab_to(page, "rating-send")
    press("Enter")
    expect(chat.hook("rating")).to_have_count(0, timeout=PATIENCE)
    assert _focused(page) == "input"
    press("Escape")
    expect(chat.hook("launcher")).to_be_visible()
    assert _focused(page) == "launcher", "the focus is where it came from"


def test_the_keyboard_is_never_caught_in_the_chat(new_page: NewPage, front_desk: FrontDesk) -> None:
    page = new_page(locale="de-DE")
    chat = Widget(page, front_desk.url).open()
    expect(chat.hook("input")).to_be_focused()
    _tab_to(page, "brand", "Shift+Tab")  # the shop's own first link


# For a screen reader


def test_each_message_is_told_once_with_who_said_it(chat: Widget, owner: Owner) -> None:
    log = chat.page.locator("erstkontakt-chat .log")
    assert (log.get_attribute("role"), log.get_attribute("aria-live")) == ("log", "polite")
    log.evaluate(
        """(log) => { window.told = [];
          new MutationObserver((changes) => changes.forEach((change) => change.addedNodes.forEach((node) =>
            node.dataset && node.dataset.ek === "message" && window.told.push(node.textContent))))
            .observe(log, { childList: true }); }"""
    )
    chat.say("Der Kompressor ist kaputt.")
    expect(chat.messages("customer").locator(".status")).to_have_text("", timeout=PATIENCE)
    customer = owner(chat)
    customer.hears("Das tut mir leid.")
    customer.hears("Ich helfe Ihnen.")
    chat.hears("Ich helfe Ihnen.")
    told = chat.page.evaluate("window.told")
    for said, by in (
        ("Der Kompressor ist kaputt.", "Sie"),
        ("Das tut mir leid.", "KI-Assistent"),
        ("Ich helfe Ihnen.", "KI-Assistent"),
    ):
        [once] = [text for text in told if said in text]
        assert by in once
    expect(chat.page.locator("erstkontakt-chat [role=status]").first).to_be_attached()


def test_what_changes_without_a_message_is_told_as_a_status(shaky: Widget, owner: Owner) -> None:
    def told(text: str) -> Locator:
        return shaky.page.locator("erstkontakt-chat [role=status]").filter(has_text=text)

    owner(shaky).hold("queue")
    expect(told("Warten auf einen Menschen")).to_be_visible(timeout=PATIENCE)
    shaky.page.context.set_offline(True)
    expect(told("Keine Verbindung")).to_be_visible(timeout=PATIENCE)


# Not by colour, not by motion


def test_nothing_is_told_by_colour_alone(chat: Widget, owner: Owner) -> None:
    chat.say("Siehe https://example.org")
    owner(chat).hears("Reparatur oder Ersatz?", buttons=BUTTONS)
    chat.press("Ja, gern")
    shape = """n => { const s = getComputedStyle(n);
                      return [s.borderStyle, s.borderWidth, s.fontWeight, s.textDecorationLine]; }"""
    chosen, other = (chat.hook("quick-reply").filter(has_text=title) for title in ("Ja, gern", "Nein"))
    assert chosen.evaluate(shape) != other.evaluate(shape)
    expect(chosen.locator("svg")).to_be_visible()
    expect(chosen).to_contain_text("gewählt")
    link = chat.messages("customer").first.locator("a")
    assert link.evaluate("n => getComputedStyle(n).textDecorationLine") == "underline"
    assert chat.hook("locale-de").evaluate(shape) != chat.hook("locale-en").evaluate(shape)
    for author, name in (("customer", "Sie"), ("bot", "KI-Assistent")):
        expect(chat.messages(author).first.locator(".author")).to_have_text(name)
    chat.choose("end")
    chat.hook("rating-2").check()
    scores = chat.page.locator("erstkontakt-chat .score")
    assert scores.nth(1).evaluate(shape) != scores.nth(0).evaluate(shape)


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_nothing_moves_for_those_who_want_it_still(
    new_page: NewPage, front_desk: FrontDesk, owner: Owner, motion: str
) -> None:
    page = new_page(locale="de-DE", reduced_motion=motion)
    moving = "document.querySelector('erstkontakt-chat').shadowRoot.getAnimations().length"
    found = []

    def look(_state: str) -> None:
        found.append(page.evaluate(moving))

    tour = Tour(page, front_desk.url, owner, "de", look)
    tour.chat.open()
    tour.people()
    assert (sum(found) == 0) == (motion == "reduce")
