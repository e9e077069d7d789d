"""Browsers for customers and staff; every page must stay free of script errors."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright
from sqlalchemy import update

from bot.database import Database, utcnow
from bot.frontdesk.model import Conversation, Handoff
from bot.run import Stack
from bot.services import free_ports
from tests.browser.pages import Desk, Widget, launch
from tests.conftest import PASSWORD
from tests.desk.conftest import data, office, serve  # noqa: F401  # a desk without the dialogue
from tests.frontdesk.web.conftest import Customer, FrontDesk, running
from tests.services.shop_page import ShopPage, shop_page

NewWidget = Callable[..., Widget]
NewDesk = Callable[..., Desk]
NewPage = Callable[..., Page]
Owner = Callable[[Widget], Customer]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Closed after each file: as long as it is open no asyncio can run in its process, and other tests need that."""
    with sync_playwright() as playwright:
        opened = launch(playwright)
        yield opened
        opened.close()


@pytest.fixture
def new_page(browser: Browser) -> Iterator[NewPage]:
    """Pages that share nothing; the test fails on an uncaught error or a refused resource in one of them.

    `trouble=True` is for tests in which something is refused or does not answer on purpose.
    """
    contexts, wrong = [], []

    def make(*, trouble: bool = False, **options: Any) -> Page:
        options = {"viewport": {"width": 1200, "height": 820}, "reduced_motion": "reduce", **options}
        contexts.append(browser.new_context(**options))
        page = contexts[-1].new_page()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        if not trouble:
            page.on("console", lambda said: wrong.append(f"{said.text} {said.location}") if _is_wrong(said) else None)
        return page

    yield make
    for context in contexts:
        context.close()
    assert wrong == []


def _is_wrong(said: ConsoleMessage) -> bool:
    """Errors, but for the icon that a browser looks for by itself."""
    return said.type == "error" and not said.location["url"].endswith("/favicon.ico")


@pytest.fixture
def widget(new_page: NewPage, stack: Stack, database: Database) -> NewWidget:
    """A customer with the chat open: `widget("en", color_scheme="dark")`."""
    _nobody_waits(database)

    def make(locale: str = "de", **options: Any) -> Widget:
        page = new_page(locale={"de": "de-DE", "en": "en-GB"}[locale], **options)
        return Widget(page, stack.base_url).open(locale)

    return make


def _nobody_waits(database: Database) -> None:
    """Who waited in earlier tests would fill the first page of the queue."""
    with database.begin() as session:
        at_once = {"synchronize_session": False}
        waiting = update(Handoff).where(Handoff.ended_at.is_(None)).values(state="resolved", ended_at=utcnow())
        held = update(Conversation).where(Conversation.holder.in_(("queue", "staff"))).values(holder="nobody")
        session.execute(waiting.execution_options(**at_once))
        session.execute(held.execution_options(**at_once))


@pytest.fixture
def desk(new_page: NewPage, stack: Stack) -> NewDesk:
    """Somebody at the desk: `desk("Mira")`."""

    def make(name: str = "Alex", **options: Any) -> Desk:
        return Desk(new_page(locale="de-DE", **options), stack.base_url).log_in(name, PASSWORD)

    return make


# The widget alone: a front desk with nobody to answer, and a shop's site on another origin


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


@pytest.fixture
def owner(front_desk: FrontDesk) -> Owner:
    """The conversation of a browser, seen from the server: `owner(chat).said()`."""
    return lambda chat: front_desk.with_token(chat.token)
