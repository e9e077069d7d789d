"""Notifications on the pages of the desk: the stream that a browser listens to, the list, and everybody's choices."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from bot.database import utcnow
from bot.desk.notices import due
from bot.desk.wording import Words
from bot.frontdesk.model import User
from bot.frontdesk.notifications import notify
from bot.frontdesk.notifications.model import KINDS, NoticeDelivery, NoticeSettings

from .conftest import Browser, Office
from .test_live import stream, until

GERMAN = Words("de")


def press(browser: Browser, path: str, **fields: str) -> Any:
    return browser.post(
        f"/desk{path}", data=fields, headers={"Accept": "application/json", "X-CSRF-Token": browser.csrf}
    )


def mention(office: Office, user: User, conversation: str) -> None:
    with office.database.begin() as session:
        notify(session, session.get(User, user.id), "mention", conversation, by="Mira")
    office.desk.hub.tell(conversation)


def with_notices(news: dict[str, Any]) -> bool:
    return bool(news["notices"])


def test_an_open_page_hears_what_is_new_and_how_much_there_is(office: Office, serve: Callable[[], str]) -> None:
    alex = office.user("Alex")
    browser = office.client(alex)
    with stream(serve(), "/notices/events", browser) as events:
        assert until(events, "notices")["unseen"] == 0
        conversation = office.conversation("Anna Brandl schreibt")
        office.desk.hub.tell(conversation)
        (new,) = until(events, "notices", with_notices)["notices"]
        assert (new["kind"], new["conversation"]) == ("new", conversation)
        assert office.case_number(conversation) in new["text"] and "Brandl" not in str(new)
        mention(office, alex, conversation)
        news = until(events, "notices", with_notices)
        assert news["unseen"] == 1 and news["label"] == "Hinweise: 1 neue"
        press(browser, "/notices/shown", deliveries=",".join(map(str, news["deliveries"])), conversation=conversation)
        office.desk.hub.tell(conversation)
        assert until(events, "notices")["unseen"] == 0


def test_what_no_page_has_shown_comes_again_and_what_was_shown_does_not(
    office: Office, serve: Callable[[], str]
) -> None:
    alex = office.user("Alex")
    browser, base = office.client(alex), serve()
    mention(office, alex, office.conversation(queued=False))
    with stream(base, "/notices/events", browser) as events:
        lost = until(events, "notices", with_notices)
    with office.database.begin() as session:  # the page was closed before it showed it, and its time is over
        session.query(NoticeDelivery).update({"next_at": utcnow() - dt.timedelta(seconds=1)})
    with stream(base, "/notices/events", browser) as events:
        again = until(events, "notices", with_notices)
    assert again["deliveries"] == lost["deliveries"]
    press(browser, "/notices/shown", deliveries=str(again["deliveries"][0]))
    with office.database.begin() as session:
        assert due.take(session, "browser", utcnow() + dt.timedelta(minutes=5), _zone()) == []


def test_nobody_confirms_for_somebody_else(office: Office) -> None:
    alex, mira = office.user("Alex"), office.client(office.user("Mira"))
    mention(office, alex, office.conversation(queued=False))
    with office.database.begin() as session:
        number = session.query(NoticeDelivery).filter_by(channel="browser").one().id
    press(mira, "/notices/shown", deliveries=str(number))
    with office.database.begin() as session:
        assert session.get(NoticeDelivery, number).done_at is None


def test_the_list_shows_what_is_new_until_somebody_looked(office: Office) -> None:
    alex = office.user("Alex")
    browser, conversation = office.client(alex), office.conversation()
    mention(office, alex, conversation)
    page = browser.get("/desk/notices").text
    assert page.count('class="tag strong"') == 1 and "Mira hat Sie in" in page
    browser.get(f"/desk/conversations/{conversation}")
    assert "tag strong" not in browser.get("/desk/notices").text
    mention(office, alex, conversation)
    assert press(browser, "/notices/read").json()["ok"]
    assert "tag strong" not in browser.get("/desk/notices").text


def test_everybody_chooses_what_they_hear_and_when_not(office: Office) -> None:
    alex = office.user("Alex")
    browser = office.client(alex)
    office.desk.settings.smtp_host = "mail.shop.example"
    wish = {"email": "alex@shop.example", "quiet_from": "20:00", "quiet_until": "07:30", "email-mention": "yes"}
    assert press(browser, "/me/notices", **wish).json()["ok"]
    with office.database.begin() as session:
        kept = session.get(NoticeSettings, alex.id)
        assert (kept.email, kept.quiet_from, kept.quiet_until) == ("alex@shop.example", "20:00", "07:30")
        assert kept.choices == {"browser": [], "email": ["mention"]}
        assert [kind for kind in KINDS if kept.wants(alex, "email", kind)] == ["mention"]
        assert not kept.wants(alex, "telegram", "new")
    page = browser.get("/desk/me").text
    assert 'value="20:00"' in page and "alex@shop.example" in page
    assert page.count('type="checkbox" name="email-') == len(KINDS) and "telegram-new" not in page


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"email": "alex"}, "error_address"),
        ({"email": "alex@shop.example\nBcc: all@shop.example"}, "error_address"),
        ({"email": "a@b@c.example"}, "error_address"),
        ({"email": f"{'a' * 250}@b.example"}, "error_address"),
        ({"quiet_from": "20:00"}, "error_quiet_hours"),
        ({"quiet_from": "25:00", "quiet_until": "07:00"}, "error_quiet_hours"),
    ],
)
def test_a_wrong_address_or_hour_is_a_clear_error(office: Office, fields: dict[str, str], error: str) -> None:
    office.desk.settings.smtp_host = "mail.shop.example"
    browser = office.client(office.user("Alex"))
    answer = press(browser, "/me/notices", **fields)
    assert (answer.status_code, answer.json()["error"]) == (400, GERMAN(error))


def test_a_test_mail_needs_an_address_and_is_not_for_flooding(office: Office) -> None:
    alex = office.user("Alex")
    browser = office.client(alex)
    assert press(browser, "/me/notices/test").json()["error"] == GERMAN("error_no_address")
    office.desk.settings.smtp_host, office.desk.settings.smtp_port = "127.0.0.1", 9  # nobody listens there
    with office.database.begin() as session:
        session.add(NoticeSettings(user_id=alex.id, email="alex@shop.example", choices={}))
    tried = [press(browser, "/me/notices/test").status_code for _ in range(6)]
    assert tried == [502] * 5 + [429]


def _zone() -> Any:
    from bot.policies import current_policy

    return current_policy().hours.zone
