"""Takes the pictures of the documentation: real conversations with the real bot, in a real browser.

`make shots` (or `python -m docs.shots [FOLDER]`) writes docs/images/*.png. Nothing in them is drawn by hand.
"""

from __future__ import annotations

import datetime as dt
import secrets
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from bot.config import ROOT, settings
from bot.database import Database
from bot.demo import create_demo_orders
from bot.desk.users import add_user
from bot.run import Stack
from bot.trained import changes, newest_model, train
from tests.browser.pages import PATIENCE, Desk, Widget, launch
from tests.e2e.talk import Chat

IMAGES = ROOT / "docs" / "images"
DESKTOP = {"width": 1180, "height": 800}
PHONE = {"width": 390, "height": 780}

OTHERS = [
    ("en", "The e-bike battery caught fire in our garage and I burnt my hand."),
    ("de", "Zum zweiten Mal ist die falsche Dachbox gekommen. Mein Anwalt schreibt Ihnen."),
    ("en", "Nobody answers your phone. I would like to talk to a person, please."),
]
"""Who else waits in the queue."""


def main(folder: Path = IMAGES) -> None:
    """Play the conversations and write the pictures into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    password = secrets.token_urlsafe(12)
    with Stack({"smtp_host": "mail.shop.example"}, model=_model()) as stack:  # so that e-mail can be chosen
        database = Database(stack.settings.db_url)
        with database.begin() as session:
            create_demo_orders(session, dt.date.today())
            add_user(session, "Alex", "staff", password)
        with sync_playwright() as playwright:
            browser = launch(playwright)
            shots = Shots(browser, stack, folder)
            shots.conversation_de()
            shots.conversation_en()
            shots.phone()
            shots.rating()
            for locale, text in OTHERS:
                Chat(stack, database, locale).say(text)
            shots.desk(password)
            shots.account(password)
            browser.close()
        database.dispose()


class Shots:
    """One method for each picture or pair of pictures."""

    def __init__(self, browser: Browser, stack: Stack, folder: Path) -> None:
        self.browser, self.stack, self.folder = browser, stack, folder

    def conversation_de(self) -> None:
        """A right, told before any favour."""
        customer = self._customer("de", DESKTOP)
        customer.say("Der Hochdruckreiniger LH-104325 baut keinen Druck mehr auf. Meine Postleitzahl ist 80939.")
        customer.hears("Was ist Ihnen lieber?")
        self._take(customer.page, "conversation-de")

    def conversation_en(self) -> None:
        """A favour within the bot's authority, in the dark."""
        customer = self._customer("en", DESKTOP, color_scheme="dark")
        customer.say("This is the third time I am writing: my kettle is broken, it does not heat any more.")
        customer.hears("order or job number")
        customer.say("LH-103018, postcode 80995")
        customer.hears("The offer stands until")
        self._take(customer.page, "conversation-en")

    def phone(self) -> None:
        """The widget on a phone, with a question and its buttons."""
        customer = self._customer("de", PHONE, device_scale_factor=2)
        customer.say("Meine Standluftpumpe ist kaputt, sie hält keinen Druck mehr.")
        customer.press("Habe ich nicht")
        customer.hears("Was wäre für Sie die beste Lösung?")
        self._take(customer.page, "widget-phone")

    def rating(self) -> None:
        """The widget on a phone in the dark: the chat is ended and rated, in English."""
        customer = self._customer("en", PHONE, device_scale_factor=2, color_scheme="dark")
        customer.say("My air pump is broken, it does not hold the pressure any more.")
        customer.press("I don't have it")
        customer.hears("best solution")
        customer.choose("end")
        customer.hook("rating-4").check(timeout=PATIENCE)
        self._take(customer.page, "widget-rating")

    def desk(self, password: str) -> None:
        """The queue, and a conversation that Alex has taken over."""
        customer = self._customer("de", DESKTOP)
        customer.say("Seit der Auspuffreparatur klappert es wieder. Auftrag LH-104638, Postleitzahl 81549.")
        customer.press("Nein")
        customer.hears("Ich hole jetzt einen Menschen dazu")
        page = self._page("de", {"width": 1280, "height": 970})
        alex = Desk(page, self.stack.base_url).log_in("Alex", password)
        alex.row("Angebot abgelehnt")
        self._take(page, "desk-queue")
        alex.claim("Angebot abgelehnt")
        alex.say(
            "Guten Tag, hier ist Alex aus der Werkstatt. Passt es Ihnen morgen um 8? Sie bekommen einen Leihwagen."
        )
        customer.hears("hier ist Alex", "staff")
        customer.say("Morgen um 8 passt gut. Danke, dass Sie sich gleich melden!")
        alex.hears("passt gut")
        self._take(page, "desk-conversation")

    def account(self, password: str) -> None:
        """What Alex is told, and how."""
        page = self._page("en", {"width": 1240, "height": 1080})
        Desk(page, self.stack.base_url).log_in("Alex", password)
        page.click("button[name=language][value=en]")
        page.goto(f"{self.stack.base_url}/desk/me")
        page.fill("#quiet-from", "20:00")
        page.fill("#quiet-until", "07:30")
        page.evaluate("document.activeElement.blur()")
        page.locator("#notices").evaluate("section => section.scrollIntoView()")
        self._take(page, "desk-account")

    def _customer(self, locale: str, viewport: dict[str, int], **options: Any) -> Widget:
        return Widget(self._page(locale, viewport, **options), self.stack.base_url).open(locale)

    def _page(self, locale: str, viewport: dict[str, int], **options: Any) -> Page:
        language = {"de": "de-DE", "en": "en-GB"}[locale]
        context = self.browser.new_context(
            viewport=viewport, locale=language, timezone_id="Europe/Berlin", reduced_motion="reduce", **options
        )
        return context.new_page()

    def _take(self, page: Page, name: str) -> None:
        page.mouse.move(0, 0)  # no button looks as if it were touched
        page.screenshot(path=self.folder / f"{name}.png", animations="disabled", caret="hide")
        print(self.folder / f"{name}.png")


def _model() -> Path:
    """The model that fits the training data; trained now when there is none."""
    folder = settings().models
    newest = newest_model(folder)
    say: Callable[[str], None] = print
    return newest if newest is not None and not changes(folder) else train(folder, say)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else IMAGES)
