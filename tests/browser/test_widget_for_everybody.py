"""The widget for everybody: accessible in each of its states, on a narrow phone, in light and dark."""

from __future__ import annotations

from tests.browser.conftest import NewDesk, NewPage, NewWidget
from tests.browser.pages import Widget, accessible

PHONE = {"width": 360, "height": 740}


def nothing_sticks_out(chat: Widget) -> None:
    """No sideways scrolling, and every control is inside the window and big enough for a thumb (WCAG 2.5.8)."""
    page = chat.page
    width = page.viewport_size["width"] if page.viewport_size else 0
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for name in ("input", "send", "photo", "quick-reply", "close"):
        for node in chat.hook(name).all():
            box = node.bounding_box()
            assert box is not None and box["x"] >= 0 and box["x"] + box["width"] <= width + 0.5, name
            assert min(box["width"], box["height"]) >= 24, name


def test_every_state_of_a_real_conversation_is_accessible(widget: NewWidget) -> None:
    # on a phone and in the light; test_widget_accessible.py has the rest, without the dialogue.
    # axe asks for imported style sheets at a wrong address (404)
    chat = widget("de", color_scheme="light", viewport=PHONE, bypass_csp=True, trouble=True)
    accessible(chat.page, "welcome")
    chat.say("Der Kompressor springt nicht mehr an.")
    chat.hears("Bestell- oder Auftragsnummer")
    accessible(chat.page, "question with a button")
    nothing_sticks_out(chat)
    chat.press("Habe ich nicht")
    chat.hears("beste Lösung")
    nothing_sticks_out(chat)
    chat.hook("human").click()
    chat.speaks("Warten auf einen Menschen")
    accessible(chat.page, "waiting for a person")
    nothing_sticks_out(chat)
    chat.hook("close").click()
    accessible(chat.page, "closed")


def test_light_and_dark_are_different_and_follow_the_system(widget: NewWidget) -> None:
    colours = {}
    for scheme in ("light", "dark"):
        chat = widget("en", color_scheme=scheme)
        text = chat.messages("bot").locator(".bubble").first
        colours[scheme] = text.evaluate("n => [getComputedStyle(n).color, getComputedStyle(n).backgroundColor]")
    assert colours["light"] != colours["dark"]


def test_what_customers_write_is_never_markup(widget: NewWidget, desk: NewDesk, new_page: NewPage) -> None:
    chat, alex = widget("de"), desk("Alex")
    evil = "<img src=x onerror=\"document.title='hacked'\"><b>Mein Kompressor</b> ist kaputt."
    chat.say(evil)
    chat.hears("Ich bin eine KI")
    chat.hook("human").click()
    chat.speaks("Warten auf einen Menschen")
    assert evil in chat.log()
    row = alex.row("<b>Mein Kompressor</b>")
    assert row.locator("img, b").count() == 0
    row.locator("[data-link]").click()
    alex.hears(evil)
    for page in (chat.page, alex.page):
        assert page.title() != "hacked"
