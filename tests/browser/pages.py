"""The chat widget and the desk as people use them, in a real browser. Waits are for what shows on the page."""

from __future__ import annotations

import shutil

from axe_playwright_python.base import AXE_SCRIPT, AxeResults
from playwright.sync_api import Browser, Locator, Page, Playwright, expect

PATIENCE = 30_000
"""Milliseconds until something must be seen."""


def launch(playwright: Playwright) -> Browser:
    """The system's chromium where there is one, else the one that playwright installed."""
    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    return playwright.chromium.launch(executable_path=shutil.which("chromium"), args=flags)


def accessible(page: Page, state: str) -> None:
    """Axe finds nothing. The page needs `bypass_csp`: axe measures with inline styles, which our own policy forbids.

    The script stays in the page and only violations come back: half a second of work is the rules' own.
    """
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    found = page.evaluate("axe.run({resultTypes: ['violations']}).then(({violations}) => ({violations}))")
    assert found == {"violations": []}, f"{state}:\n{AxeResults(found).generate_report()}"


class Widget:
    """A customer on the demo page."""

    def __init__(self, page: Page, base_url: str) -> None:
        self.page, self.base_url = page, base_url

    def open(self, locale: str = "de") -> Widget:
        """The demo page with the chat open, in this language; the shop's page itself is German."""
        self.page.goto(f"{self.base_url}/")
        self.page.evaluate("([name, value]) => localStorage.setItem(name, value)", [self._key("locale"), locale])
        return self.again()

    def again(self) -> Widget:
        """Reload the page and open the chat."""
        self.page.reload()
        self.hook("launcher").click()
        expect(self.hook("message").first).to_be_visible(timeout=PATIENCE)
        return self

    def hook(self, name: str) -> Locator:
        return self.page.locator(f"[data-ek={name}]")

    def choose(self, entry: str) -> None:
        """Choose from the menu in the header."""
        self.hook("menu").click()
        self.hook(entry).click()

    @property
    def token(self) -> str:
        """What proves the conversation to be this browser's."""
        return str(self.page.evaluate("name => localStorage.getItem(name)", self._key("token")))

    def say(self, text: str) -> None:
        """Type and send."""
        self.hook("input").fill(text)
        self.hook("send").click()
        expect(self.messages("customer").filter(has_text=text).last).to_be_visible(timeout=PATIENCE)

    def press(self, title: str) -> None:
        """Press a live answer button."""
        button = self.hook("quick-reply").filter(has_text=title).last
        expect(button).to_be_enabled(timeout=PATIENCE)
        button.click()

    def messages(self, author: str) -> Locator:
        return self.page.locator(f"[data-ek=message][data-author={author}]")

    def hears(self, text: str, author: str = "bot") -> None:
        expect(self.messages(author).filter(has_text=text).last).to_be_visible(timeout=PATIENCE)

    def speaks(self, who: str) -> None:
        """The header says who is writing now."""
        expect(self.hook("speaker")).to_contain_text(who, timeout=PATIENCE)

    def log(self) -> list[str]:
        """Every message's words, in order."""
        return [str(text) for text in self.page.locator("[data-ek=message] .text").all_inner_texts()]

    def _key(self, name: str) -> str:
        return f"erstkontakt:{self.base_url}:{name}"


class Desk:
    """A member of staff at the desk."""

    def __init__(self, page: Page, base_url: str) -> None:
        self.page, self.base_url = page, f"{base_url}/desk"

    def log_in(self, name: str, password: str) -> Desk:
        self.page.goto(f"{self.base_url}/login")
        self.page.fill("#name", name)
        self.page.fill("#password", password)
        self.page.click("form button.primary")
        expect(self.page.locator("[data-queue]")).to_be_visible(timeout=PATIENCE)
        return self

    def row(self, words: str) -> Locator:
        """The row of the queue with these words; it comes without reloading."""
        row = self.page.locator("[data-row]").filter(has_text=words).first
        expect(row).to_be_visible(timeout=PATIENCE)
        return row

    def claim(self, words: str) -> None:
        """Take the conversation with these words from the queue."""
        self.row(words).locator("[data-claim]").click()
        expect(self.page.locator("#reply")).to_be_enabled(timeout=PATIENCE)
        self.live()

    def live(self) -> None:
        """The page's script runs; before, Enter begins a new line instead of sending."""
        expect(self.page.locator("[data-connection].on")).to_be_visible(timeout=PATIENCE)

    def say(self, text: str) -> None:
        self.page.fill("#reply", text)
        self.page.press("#reply", "Enter")
        expect(self.messages("staff").filter(has_text=text)).to_be_visible(timeout=PATIENCE)

    def messages(self, author: str) -> Locator:
        return self.page.locator(f"[data-transcript] .message.by-{author}")

    def hears(self, text: str, author: str = "customer") -> None:
        expect(self.messages(author).filter(has_text=text).last).to_be_visible(timeout=PATIENCE)

    def typing(self) -> Locator:
        """Who is writing now, as the desk shows it."""
        return self.page.locator("[data-typing]")

    def end(self, action: str, agreed: str) -> None:
        """`return` to the assistant or `resolve`, with what was agreed."""
        form = self.page.locator(f"form[action$='/{action}']")
        self.page.locator(f"details.act:has(form[action$='/{action}']) > summary").click()
        form.locator("textarea").fill(agreed)
        form.locator("button").click()
        expect(self.page.locator("[data-queue]")).to_be_visible(timeout=PATIENCE)

    def open(self, words: str) -> None:
        """Open the conversation with these words from the queue."""
        self.page.goto(f"{self.base_url}/")
        self.row(words).locator("[data-link]").click()
        expect(self.page.locator("[data-conversation]")).to_be_visible(timeout=PATIENCE)
        self.live()

    def hand_on(self, action: str, **fields: str) -> None:
        """`snooze`, `reassign`, `transfer` or `escalate`; a field is filled in, or chosen by what it says."""
        form = self.page.locator(f"form[action$='/{action}']")
        self.page.locator(f"details.act:has(form[action$='/{action}']) > summary").click()
        for name, value in fields.items():
            field = form.locator(f"[name={name}]")
            if field.evaluate("node => node.tagName") == "SELECT":
                choice = field.locator("option").filter(has_text=value).first
                field.select_option(value=choice.get_attribute("value"))
            else:
                field.fill(value)
        form.locator("button").click()
        expect(self.page.locator("[data-queue]")).to_be_visible(timeout=PATIENCE)
