"""Only people who prove who they are reach the desk, and only as long as they should."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from bot.config import Settings
from bot.database import utcnow
from bot.desk import sessions, users
from bot.desk.login import inside
from bot.desk.routes import Desk, routes
from bot.frontdesk.model import DeskSession, User

from .conftest import PASSWORD, Browser, Office, form_token


def log_in(browser: Browser, name: str, password: str = PASSWORD, **more: str) -> Any:
    token = form_token(browser.get("/desk/login").text)
    return browser.post("/desk/login", data={"csrf": token, "name": name, "password": password, **more})


def test_the_right_password_opens_the_desk(office: Office) -> None:
    office.user("Alex")
    browser = office.client()
    answer = log_in(browser, "Alex", next="/desk/cases")
    assert (answer.status_code, answer.headers["location"]) == (303, "/desk/cases")
    assert browser.get("/desk/").status_code == 200


def test_the_cookie_is_for_the_server_only_and_its_token_is_stored_nowhere(office: Office) -> None:
    office.user("Alex")
    answer = log_in(office.client(), "Alex")
    cookie = next(c for c in answer.headers.get_list("set-cookie") if c.startswith(sessions.COOKIE))
    assert "HttpOnly" in cookie and "samesite=lax" in cookie.lower() and "Secure" not in cookie
    token = cookie.split("=", 1)[1].split(";", 1)[0]
    with office.database.begin() as session:
        stored = session.query(DeskSession).one()
        assert stored.token_hash == sessions.hash_token(token) != token
        assert token not in (stored.csrf, stored.token_hash)


def test_behind_https_the_cookie_never_travels_in_the_clear(office: Office) -> None:
    from starlette.applications import Starlette
    from starlette.routing import Mount

    office.user("Alex")
    desk = Desk(office.database, office.desk.hub, Settings(secret="s", public_url="https://shop.example"))
    app = Starlette(routes=[Mount("/desk", routes=routes(desk))])
    browser = Browser(app, base_url="https://shop.example", follow_redirects=False)
    answer = log_in(browser, "Alex")
    assert all("Secure" in c for c in answer.headers.get_list("set-cookie") if c.startswith(sessions.COOKIE))


@pytest.mark.parametrize(("name", "password"), [("Alex", "wrong"), ("Nobody", PASSWORD), ("Alex", ""), ("", "")])
def test_a_wrong_name_or_password_gets_one_and_the_same_answer(office: Office, name: str, password: str) -> None:
    office.user("Alex")
    answer = log_in(office.client(), name, password)
    assert answer.status_code == 401
    assert "Name oder Passwort stimmt nicht." in answer.text


def test_the_sixth_guess_within_five_minutes_is_refused_even_if_right(office: Office) -> None:
    office.user("Alex")
    office.user("Mira")
    browser = office.client()
    for _ in range(5):
        assert log_in(browser, "Alex", "wrong").status_code == 401
    answer = log_in(browser, "alex ")
    assert answer.status_code == 429 and "warten Sie fünf Minuten" in answer.text
    assert answer.headers["retry-after"] == "300"
    assert log_in(browser, "Mira").status_code == 303  # somebody else is not locked out


def test_guessing_one_name_from_everywhere_or_every_name_from_one_place_ends_too(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "WIDELY", 4)
    office.user("Alex")
    browser = office.client()
    assert log_in(browser, "Alex").status_code == 303  # what was right does not count
    names = [f"Nobody {n}" for n in range(4)]
    assert [log_in(office.client(), name).status_code for name in names] == [401] * 4
    assert log_in(office.client(), "Alex").status_code == 429


def test_guesses_are_forgotten_after_the_window_and_after_success() -> None:
    now = [0.0]
    guesses = sessions.Guesses(lambda: now[0])
    assert [guesses.allow("a") for _ in range(6)] == [True] * 5 + [False]
    now[0] = 300.0
    assert guesses.allow("a")
    guesses.forget("a")
    assert [guesses.allow("a") for _ in range(6)] == [True] * 5 + [False]


def test_the_log_in_form_needs_its_own_token(office: Office) -> None:
    office.user("Alex")
    browser = office.client()
    browser.get("/desk/login")
    for fields in ({}, {"csrf": "0" * 64}):
        answer = browser.post("/desk/login", data={"name": "Alex", "password": PASSWORD, **fields})
        assert answer.status_code == 403 and sessions.COOKIE not in browser.cookies


def test_logging_out_ends_the_session_on_the_server(office: Office) -> None:
    alex = office.user("Alex")
    browser = office.client(alex)
    token = browser.cookies[sessions.COOKIE]
    assert browser.post("/desk/logout", data={"csrf": browser.csrf}).status_code == 303
    thief = office.client()
    thief.cookies.set(sessions.COOKIE, token, path="/desk")
    assert thief.get("/desk/").status_code == 303


def test_a_deactivated_user_is_out_at_once_and_their_customers_wait_again(office: Office) -> None:
    alex = office.user("Alex")
    browser, conversation = office.client(alex), office.conversation()
    browser.act(conversation, "claim")
    with office.database.begin() as session:
        assert users.deactivate(session, session.get(User, alex.id), by="Ada") == [conversation]
    assert browser.get("/desk/").status_code == 303
    assert log_in(office.client(), "Alex").status_code == 401
    assert office.holder(conversation) == "queue"


def test_sessions_run_out(office: Office) -> None:
    alex = office.user("Alex")
    for column, age in (("seen_at", sessions.IDLE), ("created_at", sessions.LONGEST)):
        browser = office.client(alex)
        with office.database.begin() as session:
            found = session.get(DeskSession, sessions.hash_token(browser.cookies[sessions.COOKIE]))
            setattr(found, column, utcnow() - age - dt.timedelta(seconds=1))
        assert browser.get("/desk/").headers["location"] == "/desk/login?next=/desk/"


def test_a_new_password_ends_old_sessions(office: Office) -> None:
    alex = office.user("Alex")
    browser = office.client(alex)
    with office.database.begin() as session:
        users.set_password(session, session.get(User, alex.id), "another good one", by="Ada")
    assert browser.get("/desk/").status_code == 303
    assert log_in(office.client(), "Alex", "another good one").status_code == 303


@pytest.mark.parametrize(
    ("name", "role", "password"),
    [("", "staff", PASSWORD), ("x" * 81, "staff", PASSWORD), ("Alex", "boss", PASSWORD), ("Alex", "staff", "short"),
     ("A\nB", "staff", PASSWORD), ("Taken", "staff", PASSWORD)],
)  # fmt: skip
def test_a_user_who_cannot_be_made_is_refused_with_a_reason(
    office: Office, name: str, role: str, password: str
) -> None:
    office.user("Taken")
    with office.database.begin() as session, pytest.raises(users.BadUser):
        users.add_user(session, name, role, password)


def test_a_new_user_can_be_checked(office: Office) -> None:
    with office.database.begin() as session:
        user = users.add_user(session, " Sandra ", "lead", PASSWORD, language="en", confidential=True)
    assert (user.name, user.language, user.confidential) == ("Sandra", "en", True)
    assert PASSWORD not in user.password_hash
    assert users.check_password(user, PASSWORD) and not users.check_password(user, PASSWORD + "x")
    assert not users.check_password(None, PASSWORD)


@pytest.mark.parametrize("address", ["https://evil.example/", "//evil.example", "/desk//evil", "/chat", "", "/desk/\\x",
                                     "/desk/\r\nSet-Cookie: a=b"])  # fmt: skip
def test_after_logging_in_one_never_leaves_the_desk(address: str) -> None:
    assert inside(address) == "/desk/"


def test_the_desk_speaks_the_language_of_browser_and_user(office: Office) -> None:
    browser = office.client()
    assert 'lang="en"' in browser.get("/desk/login", headers={"accept-language": "en-GB,de"}).text
    assert 'lang="de"' in browser.get("/desk/login?lang=de", headers={"accept-language": "en"}).text
    alex = office.client(office.user("Alex"))
    assert "Warteschlange" in alex.get("/desk/").text
    answer = alex.post("/desk/language", data={"csrf": alex.csrf, "language": "en", "next": "/desk/cases"})
    assert answer.headers["location"] == "/desk/cases"
    assert "All cases" in alex.get("/desk/cases").text
