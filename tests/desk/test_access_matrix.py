"""Who may call what: every address of the whole app, for every role and for nobody.

The addresses come from the router. One that is not in the matrix fails: say who may use it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from bot.config import Settings
from bot.desk import live, sessions
from bot.desk.wording import Words
from bot.frontdesk import app as frontdesk
from bot.frontdesk.model import ROLES, User

from .conftest import Browser, Office

ANYBODY = "anybody"  # no log-in: what customers and browsers need, or a form with a token of its own
CUSTOMER = "customer"  # the signed token of a chat
TELEGRAM = "telegram"  # the secret that Telegram was given
LINK = "link"  # a secret in the address itself
READ = ("staff", "trainer", "lead", "admin", "auditor")
WRITE = ("staff", "lead", "admin")
TEACH = ("trainer", "lead", "admin")
ADMIN = ("admin",)
APPROVE = ("lead", "admin")

MATRIX: dict[str, str | tuple[str, ...]] = {
    "GET /": ANYBODY,
    "GET /healthz": ANYBODY,
    "GET /readyz": ANYBODY,
    "GET /widget/*": ANYBODY,
    "GET /chat/openapi.json": ANYBODY,
    "POST /chat/sessions": ANYBODY,
    "POST /chat/messages": CUSTOMER,
    "GET /chat/messages": CUSTOMER,
    "POST /chat/attachments": CUSTOMER,
    "GET /chat/attachments/{id}": CUSTOMER,
    "POST /chat/typing": CUSTOMER,
    "POST /chat/end": CUSTOMER,
    "POST /chat/transcript": CUSTOMER,
    "POST /chat/rating": CUSTOMER,
    "GET /chat/transcript": CUSTOMER,
    "WS /chat/socket": CUSTOMER,
    "GET /privacy/copy/{token}": LINK,
    "POST /telegram/webhook": TELEGRAM,
    "GET /desk/static/*": ANYBODY,
    "GET /desk/login": ANYBODY,
    "POST /desk/login": ANYBODY,
    "POST /desk/login/code": ANYBODY,
    "POST /desk/logout": READ,
    "POST /desk/language": READ,
    "GET /desk/": READ,
    "GET /desk/events": READ,
    "GET /desk/cases": READ,
    "GET /desk/cases/{number}": READ,
    "POST /desk/views": READ,
    "POST /desk/views/{id}/remove": READ,
    "GET /desk/attachments/{id}": READ,
    "GET /desk/conversations/{id}": READ,
    "GET /desk/conversations/{id}/events": READ,
    "POST /desk/conversations/{id}/claim": WRITE,
    "POST /desk/conversations/{id}/say": WRITE,
    "POST /desk/conversations/{id}/note": WRITE,
    "POST /desk/conversations/{id}/release": WRITE,
    "POST /desk/conversations/{id}/return": WRITE,
    "POST /desk/conversations/{id}/resolve": WRITE,
    "POST /desk/conversations/{id}/grant": WRITE,
    "POST /desk/conversations/{id}/ask": WRITE,
    "POST /desk/conversations/{id}/typing": WRITE,
    "POST /desk/conversations/{id}/wait": WRITE,
    "POST /desk/conversations/{id}/snooze": WRITE,
    "POST /desk/conversations/{id}/reassign": WRITE,
    "POST /desk/conversations/{id}/transfer": WRITE,
    "POST /desk/conversations/{id}/escalate": WRITE,
    "POST /desk/conversations/{id}/correct": WRITE,
    "GET /desk/conversations/{id}/modules": WRITE,
    "GET /desk/conversations/{id}/colleagues": WRITE,
    "POST /desk/conversations/{id}/seen": READ,
    "GET /desk/mentions": READ,
    "GET /desk/approvals": READ,
    "POST /desk/approvals/{id}/approve": APPROVE,
    "POST /desk/approvals/{id}/refuse": APPROVE,
    "GET /desk/duties": READ,
    "POST /desk/duties/{id}/take": WRITE,
    "POST /desk/duties/{id}/done": WRITE,
    "GET /desk/training": TEACH,
    "GET /desk/training/neighbours": TEACH,
    "GET /desk/training/messages/{id}": TEACH,
    "POST /desk/training/messages/{id}": TEACH,
    "POST /desk/training/messages/{id}/dismiss": TEACH,
    "POST /desk/training/changes/{id}/undo": TEACH,
    "GET /desk/me": READ,
    "POST /desk/me/password": READ,
    "POST /desk/me/factor": READ,
    "POST /desk/me/factor/confirm": READ,
    "POST /desk/me/factor/codes": READ,
    "POST /desk/me/factor/off": READ,
    "POST /desk/me/sessions": READ,
    "POST /desk/me/notices": READ,
    "POST /desk/me/notices/test": READ,
    "POST /desk/me/telegram": READ,
    "POST /desk/me/telegram/off": READ,
    "GET /desk/notices": READ,
    "GET /desk/notices/events": READ,
    "POST /desk/notices/shown": READ,
    "POST /desk/notices/read": READ,
    "GET /desk/users": ADMIN,
    "POST /desk/users": ADMIN,
    "GET /desk/users/{id:int}": ADMIN,
    "POST /desk/users/{id:int}": ADMIN,
    "POST /desk/users/{id:int}/password": ADMIN,
    "POST /desk/users/{id:int}/sessions": ADMIN,
    "POST /desk/users/{id:int}/factor": ADMIN,
    "POST /desk/users/{id:int}/lock": ADMIN,
    "POST /desk/users/{id:int}/unlock": ADMIN,
}
"""`METHOD /path` -> who may: a word above, or the roles. Confidential cases are a matter of test_rights.py."""

GERMAN = Words("de")
AS_SCRIPT = {"Accept": "application/json"}


def addresses(routes: Iterable[BaseRoute], under: str = "") -> Iterator[str]:
    for route in routes:
        if isinstance(route, Mount):
            yield from addresses(route.routes, under + route.path) if route.routes else (f"GET {under}{route.path}/*",)
        elif isinstance(route, WebSocketRoute):
            yield f"WS {under}{route.path}"
        else:
            assert isinstance(route, Route), f"what is {route!r}?"
            yield from (f"{method} {under}{route.path}" for method in route.methods or () if method != "HEAD")


@pytest.fixture
def whole(office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Starlette:
    """The whole app on the office's database, Telegram's webhook included; nothing is started."""
    monkeypatch.setattr(frontdesk, "configure_logs", lambda config: None)
    given = {"telegram_token": "1:x", "telegram_webhook_url": "https://desk.example", "secret": "for tests only"}
    return frontdesk.create_app(Settings(var=tmp_path, database_url=office.database.url, **given))


class Caller:
    """Calls any address of the matrix on things that exist: a waiting conversation, its case, somebody's account."""

    def __init__(self, office: Office, whole: Starlette) -> None:
        self._office, self._whole = office, whole
        self._conversation = office.conversation()
        self._number = office.case_number(self._conversation)
        self._somebody = office.user("Somebody", "admin")  # so that the caller is not the last admin

    def browser(self, user: User | None = None) -> Browser:
        logged_in = self._office.client(user)
        browser = Browser(self._whole, base_url="http://testserver", follow_redirects=False)
        browser.cookies, browser.csrf = logged_in.cookies, logged_in.csrf
        return browser

    def call(self, browser: TestClient, address: str, **more: Any) -> Any:
        method, path = address.split(" ")
        path = path.replace("{id:int}", str(self._somebody.id)).replace("{number}", self._number)
        path = path.replace("{id}", self._conversation if "conversations" in path else "nothing")
        return browser.request(method, path.replace("*", "nothing"), **more)


@pytest.fixture
def caller(office: Office, whole: Starlette) -> Caller:
    return Caller(office, whole)


@pytest.fixture
def short_streams(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every stream finds at its first look that its session has ended, and ends, too."""
    really = sessions.find

    def find(session: Any, token_hash: str, *, touch: bool = True) -> sessions.SignedIn | None:
        return really(session, token_hash) if touch else None

    monkeypatch.setattr(live.sessions, "find", find)


def test_every_address_is_in_the_matrix_and_nothing_else(whole: Starlette) -> None:
    found = list(addresses(whole.routes))
    assert sorted(set(found) - set(MATRIX)) == [], "who may use this? add it to MATRIX"
    assert sorted(set(MATRIX) - set(found)) == [], "this is gone: take it out of MATRIX"
    assert len(found) == len(set(found)), "two routes answer the same address: the second is never reached"


def test_nobody_gets_in_without_proving_who_they_are(caller: Caller, whole: Starlette) -> None:
    for address, who in MATRIX.items():
        browser = caller.browser()
        if address.startswith("WS"):
            with pytest.raises(WebSocketDisconnect), browser.websocket_connect(address.split()[1]) as socket:
                socket.receive_json()
            continue
        as_page, as_script = caller.call(browser, address), caller.call(browser, address, headers=AS_SCRIPT)
        if isinstance(who, tuple):
            assert as_page.status_code == 303 and "/desk/login" in as_page.headers["location"], address
            assert as_script.status_code == 401 and as_script.json()["ok"] is False, address
        elif who in (CUSTOMER, TELEGRAM):
            assert as_page.status_code == as_script.status_code == (401 if who == CUSTOMER else 403), address
        elif who == LINK:
            assert as_page.status_code == 404, address  # a guess tells nothing
        elif address.startswith("POST /desk/login"):
            assert as_page.status_code == 403, address  # no form token: the page was not ours
        else:
            assert as_page.status_code not in (401, 403, 405, 500), address


@pytest.mark.usefixtures("short_streams")
@pytest.mark.parametrize("role", ROLES)
def test_each_role_may_do_what_it_should_and_nothing_more(office: Office, caller: Caller, role: str) -> None:
    user = office.user("Robin", role)
    refusals = {GERMAN(key, role=GERMAN.name("role", role)) for key in ("error_role", "error_role_page")}
    for address, who in MATRIX.items():
        if not isinstance(who, tuple):
            continue
        browser = caller.browser(user)
        answer = caller.call(browser, address, headers={**AS_SCRIPT, "X-CSRF-Token": browser.csrf})
        assert answer.status_code not in (401, 405, 500), address
        refused = answer.status_code == 403 and answer.json()["error"] in refusals
        assert refused == (role not in who), (address, answer.status_code)


def test_whatever_is_not_just_reading_needs_the_form_token(office: Office, caller: Caller) -> None:
    admin = office.user("Robin", "admin")
    other = office.client(admin).csrf
    writing = [address for address, who in MATRIX.items() if isinstance(who, tuple) and not address.startswith("GET")]
    assert len(writing) > 20
    for address in writing:
        for token in ("", "wrong", other):  # also not the one of the same person's other session
            browser = caller.browser(admin)
            fields = {"csrf": token, "text": "x", "agreed": "x", "name": "Mallory", "role": "admin", "language": "de"}
            answer = caller.call(browser, address, data=fields, headers=AS_SCRIPT)
            assert (answer.status_code, answer.json()["error"]) == (403, GERMAN("error_csrf")), address
            assert browser.get("/desk/").status_code == 200  # and log-out did not happen either
    with office.database.begin() as session:
        assert {user.name for user in session.query(User)} == {"Robin", "Somebody"}


def test_what_customers_call_takes_no_cookie_so_no_page_can_forge_it(office: Office, caller: Caller) -> None:
    browser = caller.browser(office.user("Robin", "admin"))
    for address, who in MATRIX.items():
        if who == CUSTOMER and not address.startswith("WS"):
            assert caller.call(browser, address).status_code == 401, address
