"""Accounts at the desk, as people use them: the first password, the second factor; for everybody's eyes and hands."""

from __future__ import annotations

from typing import Any

import pyotp
import pytest
from playwright.sync_api import Page, expect

from bot.database import Database
from bot.desk.users import add_user, find_user
from bot.run import Stack
from tests.browser.conftest import NewDesk, NewPage
from tests.browser.pages import PATIENCE, accessible
from tests.conftest import PASSWORD


@pytest.fixture
def admin(database: Database) -> str:
    with database.begin() as session:
        if find_user(session, "Ada") is None:
            add_user(session, "Ada", "admin", PASSWORD)
    return "Ada"


def log_in(page: Page, stack: Stack, name: str, password: str) -> None:
    page.goto(f"{stack.base_url}/desk/login")
    page.fill("#name", name)
    page.fill("#password", password)
    page.keyboard.press("Enter")


def test_from_the_first_password_to_the_second_factor(
    admin: str, desk: NewDesk, new_page: NewPage, stack: Stack
) -> None:
    ada = desk(admin).page
    ada.click("nav a[href$='/users']")
    ada.fill("#name", "Toni Berg")
    ada.press("#name", "Enter")
    password = ada.locator("[data-password]").inner_text()

    toni = new_page(locale="de-DE")
    log_in(toni, stack, "Toni Berg", password)
    expect(toni).to_have_url(f"{stack.base_url}/desk/me", timeout=PATIENCE)
    toni.fill("#old", password)
    toni.fill("#new", PASSWORD)
    toni.press("#new", "Enter")
    expect(toni.locator("[role=status].notice")).to_have_text("Das Passwort ist geändert.", timeout=PATIENCE)

    toni.click("#factor button")
    secret = toni.locator("#factor code").inner_text().replace(" ", "")
    toni.fill("#code", pyotp.TOTP(secret).now())
    toni.press("#code", "Enter")
    recovery = toni.locator(".codes code").first.inner_text()

    other = new_page(locale="de-DE")
    log_in(other, stack, "Toni Berg", PASSWORD)
    other.fill("#code", recovery)
    other.press("#code", "Enter")
    expect(other.locator("[data-queue]")).to_be_visible(timeout=PATIENCE)

    ada.goto(f"{stack.base_url}/desk/users")  # locked in the middle of the work: out at once, wherever they are
    ada.click("text=Toni Berg")
    ada.click("button.danger")
    expect(other).to_have_url(f"{stack.base_url}/desk/login?next=/desk/", timeout=PATIENCE)


@pytest.mark.parametrize("options", [{}, {"color_scheme": "dark", "viewport": {"width": 360, "height": 740}}])
def test_axe_finds_nothing_on_the_pages_of_accounts(
    admin: str, desk: NewDesk, stack: Stack, database: Database, options: dict[str, Any]
) -> None:
    page = desk(admin, bypass_csp=True, **options).page
    with database.begin() as session:
        somebody = find_user(session, admin)
        assert somebody is not None
    for path in ("me", "notices", "users", f"users/{somebody.id}"):
        page.goto(f"{stack.base_url}/desk/{path}")
        if path == "me" and page.locator("text=Einrichten").count():
            page.click("text=Einrichten")
            expect(page.locator(".qr svg")).to_be_visible(timeout=PATIENCE)
        accessible(page, path)
        wide = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
        assert not wide, f"{path} does not fit"
