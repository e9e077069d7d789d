"""People look after their own account, and admins after everybody's."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pyotp
import pytest

from bot.database import utcnow
from bot.desk import second_factor, sessions, users
from bot.desk.model import RecoveryCode, SecondFactor
from bot.desk.wording import Words
from bot.frontdesk.model import DeskSession, User

from .conftest import PASSWORD, Browser, Office, form_token

GERMAN = Words("de")
NOW = dt.datetime(2026, 11, 25, 9, 0, tzinfo=dt.timezone.utc)


def press(browser: Browser, path: str, **fields: str) -> Any:
    """What a form on the page does, as a script."""
    return browser.post(
        f"/desk{path}", data=fields, headers={"Accept": "application/json", "X-CSRF-Token": browser.csrf}
    )


def first_step(browser: Browser, name: str, password: str = PASSWORD) -> Any:
    token = form_token(browser.get("/desk/login").text)
    return browser.post("/desk/login", data={"csrf": token, "name": name, "password": password, "next": "/desk/cases"})


def second_step(browser: Browser, page: str, code: str, **more: str) -> Any:
    ticket = re.search(r'name="ticket" value="([^"]+)"', page)
    assert ticket is not None
    fields = {"csrf": form_token(page), "ticket": ticket[1], "code": code, "next": "/desk/cases", **more}
    return browser.post("/desk/login/code", data=fields)


def with_factor(office: Office, user: User) -> tuple[pyotp.TOTP, list[str]]:
    """Switch the second factor on, some time ago; the app and the recovery codes."""
    before = utcnow() - dt.timedelta(minutes=10)
    with office.database.begin() as session:
        mine = session.get(User, user.id)
        totp = pyotp.TOTP(second_factor.begin(session, mine))
        outcome, codes = second_factor.confirm(session, mine, totp.at(before), before)
    assert outcome == "right"
    return totp, codes


# One's own account


def test_somebody_changes_their_password_and_stays_here_but_nowhere_else(office: Office) -> None:
    alex = office.user("Alex")
    here, elsewhere = office.client(alex), office.client(alex)
    assert press(here, "/me/password", old=PASSWORD, new="something longer").json()["ok"]
    assert here.get("/desk/").status_code == 200
    assert elsewhere.get("/desk/").status_code == 303
    assert first_step(office.client(), "Alex").status_code == 401
    assert first_step(office.client(), "Alex", "something longer").status_code == 303


@pytest.mark.parametrize(
    ("old", "new", "error"),
    [("wrong", "something longer", "error_own_password"), (PASSWORD, "short", "error_user_password"),
     (PASSWORD, PASSWORD, "error_same_password")],
)  # fmt: skip
def test_a_password_is_not_changed_without_the_old_one_or_to_a_bad_one(
    office: Office, old: str, new: str, error: str
) -> None:
    browser = office.client(office.user("Alex"))
    assert press(browser, "/me/password", old=old, new=new).json()["error"] == GERMAN(error)
    assert first_step(office.client(), "Alex").status_code == 303


def test_an_open_browser_alone_cannot_guess_the_password(office: Office) -> None:
    browser = office.client(office.user("Alex"))
    tried = [press(browser, "/me/password", old=f"guess {n}", new="something longer").status_code for n in range(6)]
    assert tried == [403] * sessions.FAILURES + [429]


def test_sessions_are_listed_by_browser_and_can_be_ended(office: Office) -> None:
    alex, mira = office.user("Alex"), office.user("Mira")
    here, hers = office.client(alex), office.client(mira)
    elsewhere = office.client()
    token = form_token(elsewhere.get("/desk/login").text)
    firefox = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}
    elsewhere.post("/desk/login", data={"csrf": token, "name": "Alex", "password": PASSWORD}, headers=firefox)
    page = here.get("/desk/me").text
    assert "Firefox, Linux" in page
    with office.database.begin() as session:
        theirs = session.query(DeskSession).filter_by(user_id=mira.id).one().token_hash
    press(here, "/me/sessions", session=theirs)  # somebody else's: nothing happens
    assert hers.get("/desk/").status_code == 200
    shown = re.findall(r'name="session" value="(\w+)"', page)
    assert len(shown) == 1 and theirs not in page
    press(here, "/me/sessions", session=shown[0])
    assert (here.get("/desk/").status_code, elsewhere.get("/desk/").status_code) == (200, 303)


@pytest.mark.parametrize(
    ("agent", "device"),
    [
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0", "Edge, Windows"),
        ("Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36", "Chrome, Android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1", "Safari, iPhone"),
        ("curl/8.5", ""),
    ],
)
def test_a_browser_is_named_as_people_name_it(agent: str, device: str) -> None:
    assert sessions.device_of(agent) == device


# The second factor


def test_setting_up_shows_a_code_to_scan_and_recovery_codes_once(office: Office) -> None:
    alex = office.user("Alex")
    browser = office.client(alex)
    assert press(browser, "/me/factor").json()["ok"]
    page = browser.get("/desk/me").text
    secret = "".join(re.search(r"<code>([A-Z2-7 ]+)</code>", page)[1].split())  # type: ignore[index]
    assert "<svg" in page and " style=" not in page
    wrong = press(browser, "/me/factor/confirm", code="000000")
    assert wrong.status_code == 403
    assert first_step(office.client(), "Alex").status_code == 303  # it does not count yet
    shown = press(browser, "/me/factor/confirm", code=pyotp.TOTP(secret).now()).text
    codes = re.findall(r"<code>([A-Z2-7]{4}(?:-[A-Z2-7]{4}){3})</code>", shown)
    assert len(codes) == second_factor.RECOVERY_CODES
    page = browser.get("/desk/me").text
    assert secret not in page.replace(" ", "") and codes[0] not in page
    with office.database.begin() as session:
        assert not {code.replace("-", "") for code in codes} & {row.code_hash for row in session.query(RecoveryCode)}


def test_the_password_alone_is_not_enough_any_more(office: Office) -> None:
    alex = office.user("Alex")
    totp, _codes = with_factor(office, alex)
    browser = office.client()
    page = first_step(browser, "Alex")
    assert page.status_code == 200 and sessions.COOKIE not in browser.cookies
    assert browser.get("/desk/").status_code == 303
    answer = second_step(browser, page.text, totp.now())
    assert (answer.status_code, answer.headers["location"]) == (303, "/desk/cases")
    assert browser.get("/desk/").status_code == 200


def test_a_code_works_once(office: Office) -> None:
    alex = office.user("Alex")
    totp, codes = with_factor(office, alex)
    app = totp.now()
    for code in (app, codes[0], codes[1].lower().replace("-", " ")):
        browser = office.client()
        assert second_step(browser, first_step(browser, "Alex").text, code).status_code == 303
        again = office.client()
        assert second_step(again, first_step(again, "Alex").text, code).status_code == 401
        assert sessions.COOKIE not in again.cookies
    with office.database.begin() as session:
        assert second_factor.recovery_codes_left(session, session.get(User, alex.id)) == 8


def test_an_older_code_does_not_work_after_a_newer_one(office: Office) -> None:
    alex = office.user("Alex")
    with office.database.begin() as session:
        user = session.get(User, alex.id)
        totp = pyotp.TOTP(second_factor.begin(session, user))
        assert second_factor.check(session, user, totp.at(NOW), NOW) == "right"
        assert second_factor.check(session, user, totp.at(NOW - dt.timedelta(seconds=30)), NOW) == "wrong"


def test_codes_cannot_be_guessed(office: Office) -> None:
    alex = office.user("Alex")
    totp, _codes = with_factor(office, alex)
    browser = office.client()
    page = first_step(browser, "Alex").text
    tried = []
    for _guess in range(second_factor.TRIES):
        answer = second_step(browser, page, "000000")
        tried.append(answer.status_code)
        page = answer.text
    assert tried == [401] * second_factor.TRIES
    other = office.client()  # another browser has no more tries, and the right code is not looked at
    answer = second_step(other, first_step(other, "Alex").text, totp.now())
    assert answer.status_code == 429 and answer.headers["retry-after"] == "300"
    with office.database.begin() as session:
        session.get(SecondFactor, alex.id).tried_at = utcnow() - second_factor.PAUSE
    assert second_step(other, first_step(other, "Alex").text, totp.now()).status_code == 303


def test_the_second_step_belongs_to_this_browser_this_password_and_not_for_long(office: Office) -> None:
    alex = office.user("Alex")
    totp, _codes = with_factor(office, alex)
    browser, thief = office.client(), office.client()
    page = first_step(browser, "Alex").text
    theirs = form_token(thief.get("/desk/login").text)
    assert second_step(thief, page, totp.now(), csrf=theirs).status_code == 403
    assert second_step(browser, page, totp.now(), ticket="forged").status_code == 403
    with office.database.begin() as session:
        users.set_password(session, session.get(User, alex.id), "something longer", by="Ada")
    assert second_step(browser, page, totp.now()).status_code == 403


def test_switching_it_off_and_new_codes_need_the_password(office: Office) -> None:
    alex = office.user("Alex")
    _totp, codes = with_factor(office, alex)
    browser = office.client(alex)
    for action in ("/me/factor/off", "/me/factor/codes"):
        assert press(browser, action, password="wrong").status_code == 403
    anew = press(browser, "/me/factor/codes", password=PASSWORD).text
    assert codes[0] not in anew and "<code>" in anew
    other = office.client()
    assert second_step(other, first_step(other, "Alex").text, codes[0]).status_code == 401
    assert press(browser, "/me/factor/off", password=PASSWORD).json()["ok"]
    assert first_step(office.client(), "Alex").status_code == 303


# Everybody's accounts


def test_an_admin_makes_an_account_whose_password_has_to_be_replaced(office: Office) -> None:
    ada = office.client(office.user("Ada", "admin"))
    page = press(ada, "/users", name="Toni Berg", role="lead", language="en", confidential="yes").text
    password = re.search(r"data-password>([^<]+)<", page)[1]  # type: ignore[index]
    toni = office.client()
    assert first_step(toni, "Toni Berg", password).status_code == 303
    assert toni.get("/desk/").headers["location"] == "/desk/me"
    toni.csrf = form_token(toni.get("/desk/me").text)
    assert press(toni, "/users/1/lock").status_code == 403
    assert press(toni, "/me/password", old=password, new="my own password").json()["ok"]
    assert toni.get("/desk/").status_code == 200
    with office.database.begin() as session:
        user = users.find_user(session, "Toni Berg")
        assert user is not None and (user.role, user.language, user.confidential) == ("lead", "en", True)


@pytest.mark.parametrize(
    ("fields", "error"),
    [({"name": "", "role": "staff"}, "name"), ({"name": "Ada", "role": "staff"}, "taken"),
     ({"name": "Bo", "role": "boss"}, "role"), ({"name": "Bo", "role": "staff", "language": "fr"}, "language")],
)  # fmt: skip
def test_an_account_that_cannot_be_is_refused_with_a_sentence(
    office: Office, fields: dict[str, str], error: str
) -> None:
    ada = office.client(office.user("Ada", "admin"))
    answer = press(ada, "/users", **{"language": "de", **fields})
    assert (answer.status_code, answer.json()["error"]) == (409, GERMAN(f"error_user_{error}"))


def test_locking_somebody_ends_everything_at_once_and_their_customers_wait_again(office: Office) -> None:
    ada, alex = office.client(office.user("Ada", "admin")), office.user("Alex")
    browser, conversation = office.client(alex), office.conversation()
    browser.act(conversation, "claim")
    assert press(ada, f"/users/{alex.id}/lock").json()["ok"]
    assert browser.act(conversation, "say", text="Noch etwas").status_code == 401
    assert office.holder(conversation) == "queue"
    assert press(ada, f"/users/{alex.id}/unlock").json()["ok"]
    assert browser.get("/desk/").status_code == 303  # the old session does not come back
    assert first_step(office.client(), "Alex").status_code == 303
    assert "Gesperrt" in ada.get(f"/desk/users/{alex.id}").text  # in the history


def test_what_is_under_way_when_somebody_is_locked_out_is_not_done(office: Office) -> None:
    alex, conversation = office.user("Alex"), office.conversation()
    browser = office.client(alex)
    really = office.database.run

    async def locked_in_between(work: Any, *args: Any, **more: Any) -> Any:
        done = await really(work, *args, **more)
        if work.__name__ == "_who":  # the door has let the request in
            with office.database.begin() as session:
                users.deactivate(session, session.get(User, alex.id), by="Ada")
        return done

    office.database.run = locked_in_between  # type: ignore[method-assign]
    assert browser.act(conversation, "claim").status_code == 401
    assert office.holder(conversation) == "queue"


def test_another_role_counts_from_the_next_click_on(office: Office) -> None:
    ada, alex = office.client(office.user("Ada", "admin")), office.user("Alex", confidential=True)
    browser, conversation = office.client(alex), office.conversation()
    assert press(ada, f"/users/{alex.id}", role="auditor", language="en").json()["ok"]
    assert browser.act(conversation, "claim").status_code == 403
    with office.database.begin() as session:
        user = session.get(User, alex.id)
        assert (user.role, user.language, user.confidential) == ("auditor", "en", False)


def test_who_takes_no_conversations_any_more_gives_theirs_back(office: Office) -> None:
    ada, alex = office.client(office.user("Ada", "admin")), office.user("Alex")
    conversation = office.conversation()
    office.client(alex).act(conversation, "claim")
    assert press(ada, f"/users/{alex.id}", role="trainer").json()["ok"]
    assert office.holder(conversation) == "queue"


def test_people_are_put_into_teams(office: Office) -> None:
    ada, alex = office.client(office.user("Ada", "admin")), office.user("Alex")
    assert press(ada, f"/users/{alex.id}", team=" Werkstatt ").json()["ok"]
    assert "Werkstatt" in ada.get("/desk/users").text
    assert press(ada, f"/users/{alex.id}", team="x" * 41).json()["error"] == GERMAN("error_user_team")
    assert press(ada, f"/users/{alex.id}", team="").json()["ok"]
    with office.database.begin() as session:
        assert session.get(User, alex.id).team is None


def test_there_is_always_an_admin(office: Office) -> None:
    only = office.user("Ada", "admin")
    office.user("Gone", "admin", active=False)
    ada = office.client(only)
    for answer in (press(ada, f"/users/{only.id}/lock"), press(ada, f"/users/{only.id}", role="staff")):
        assert (answer.status_code, answer.json()["error"]) == (409, GERMAN("error_user_last_admin"))
    assert ada.get("/desk/users").status_code == 200


def test_a_lost_phone_is_replaced_by_an_admin(office: Office) -> None:
    ada, alex = office.client(office.user("Ada", "admin")), office.user("Alex")
    with_factor(office, alex)
    assert press(ada, f"/users/{alex.id}/factor").json()["ok"]
    assert first_step(office.client(), "Alex").status_code == 303
    assert press(ada, "/users/999/factor").status_code == 404
