"""Notifications reach people by the ways they chose, when they want them, as long as they matter."""

from __future__ import annotations

import datetime as dt
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from starlette.testclient import TestClient

from bot.checkup import mail as mail_checkup
from bot.config import Settings
from bot.database import utcnow
from bot.desk.notices import due
from bot.desk.notices.courier import Courier
from bot.desk.notices.mail import Postman
from bot.desk.notices.quiet import quiet_until
from bot.frontdesk import app as frontdesk
from bot.frontdesk import handoff as steps
from bot.frontdesk.mail import Mail
from bot.frontdesk.model import User
from bot.frontdesk.notifications import notify
from bot.frontdesk.notifications.events import AWAY, KEPT, forget
from bot.frontdesk.notifications.model import Notice, NoticeDelivery, NoticeSettings
from tests.services.smtp_server import PASSWORD, USER, SmtpServer

from .conftest import Office

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture(scope="module")
def mail_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmtpServer]:
    with SmtpServer(tmp_path_factory.mktemp("post") / "mail") as server:
        yield server


@pytest.fixture
def smtp(mail_server: SmtpServer) -> SmtpServer:
    mail_server.clear()
    return mail_server


class Post:
    """The courier with a mail server, and short ways to look at what it did."""

    def __init__(self, office: Office, smtp: SmtpServer) -> None:
        self.office, self.smtp = office, smtp
        self.settings = Settings(
            smtp_host="127.0.0.1", smtp_port=smtp.port, smtp_security="none", smtp_from="desk@shop.example",
            public_url="https://desk.shop.example", secret="s",
        )  # fmt: skip
        self.courier = Courier(office.database, office.desk.hub, retry_delay=5)

    async def goes_out(self, now: dt.datetime | None = None) -> list[Any]:
        """One round of the courier; everything the server has by now."""
        await self.courier.look("email", Postman(self.settings), now or utcnow())
        return self.smtp.messages()

    def reachable(self, user: User, **wish: Any) -> None:
        with self.office.database.begin() as session:
            session.add(
                NoticeSettings(user_id=user.id, **{"email": f"{user.name}@shop.example", "choices": {}, **wish})
            )

    def notify(self, user: User, kind: str, conversation: str, **about: Any) -> None:
        with self.office.database.begin() as session:
            assert notify(session, session.get(User, user.id), kind, conversation, **about) is not None

    def deliveries(self) -> list[NoticeDelivery]:
        with self.office.database.begin() as session:
            return list(session.query(NoticeDelivery).filter_by(channel="email").order_by(NoticeDelivery.id))


@pytest.fixture
def post(office: Office, smtp: SmtpServer) -> Post:
    return Post(office, smtp)


async def test_an_email_names_case_and_severity_and_never_what_the_customer_wrote(office: Office, post: Post) -> None:
    alex = office.user("Alex")
    post.reachable(alex)
    conversation = office.conversation("Anna Brandl, anna@brandl.example: alles kaputt", severity=2)
    post.notify(alex, "mention", conversation, by="Mira")
    (mail,) = await post.goes_out()
    number = office.case_number(conversation)
    assert mail["To"] == "Alex@shop.example" and mail["From"] == "desk@shop.example"
    assert mail["Subject"].startswith(f"Mira hat Sie in {number} erwähnt")
    text = mail.get_content()
    assert f"https://desk.shop.example/desk/conversations/{conversation}" in text and "/desk/me#notices" in text
    assert "Anna" not in mail.as_string() and "kaputt" not in text
    assert mail["Auto-Submitted"] == "auto-generated"
    assert len(await post.goes_out(utcnow() + due.LEASE["email"])) == 1  # it goes once


async def test_it_speaks_the_language_of_the_person(office: Office, post: Post) -> None:
    mira = office.user("Mira", "lead", language="en")
    post.reachable(mira)
    office.conversation(severity=4)
    (mail,) = await post.goes_out()
    assert mail["Subject"].startswith("Danger: ")


async def test_what_is_due_together_comes_in_one_message_the_gravest_first(office: Office, post: Post) -> None:
    alex = office.user("Alex")
    post.reachable(alex)
    slight, grave = office.conversation(severity=1, queued=False), office.conversation(severity=3, queued=False)
    post.notify(alex, "mention", slight, by="Mira")
    post.notify(alex, "mention", grave, by="Mira")
    (mail,) = await post.goes_out()
    assert office.case_number(grave) in mail["Subject"] and "und 1 weitere" in mail["Subject"]
    assert office.case_number(slight) in mail.get_content()


async def test_the_next_mail_waits_a_little_unless_there_is_danger(office: Office, post: Post) -> None:
    alex = office.user("Alex")
    post.reachable(alex)
    now = utcnow()
    post.notify(alex, "mention", office.conversation(queued=False), by="Mira", now=now)
    assert len(await post.goes_out(now)) == 1
    post.notify(alex, "mention", office.conversation(queued=False), by="Mira", now=now)
    assert len(await post.goes_out(now + dt.timedelta(seconds=30))) == 1
    office.conversation(severity=4)
    assert len(await post.goes_out(now + dt.timedelta(seconds=40))) == 2
    assert len(await post.goes_out(utcnow() + due.GAP + dt.timedelta(seconds=1))) == 3


async def test_a_server_that_is_down_gets_it_when_it_is_back(office: Office, post: Post) -> None:
    alex = office.user("Alex")
    post.reachable(alex)
    post.notify(alex, "mention", office.conversation(queued=False), by="Mira")
    post.smtp.stop()
    await post.goes_out()
    (row,) = post.deliveries()
    assert row.done_at is None and "cannot be reached" in (row.error or "")
    post.smtp.start()
    assert await post.goes_out() == []  # not yet: the next try is in five seconds
    assert len(await post.goes_out(utcnow() + dt.timedelta(seconds=6))) == 1
    assert post.deliveries()[0].done_at is not None


async def test_a_refused_address_is_given_up_and_a_full_one_tried_again(office: Office, post: Post) -> None:
    for name in ("gone", "full"):
        user = office.user(name)
        post.reachable(user)
        post.notify(user, "mention", office.conversation(queued=False), by="Mira")
    assert await post.goes_out() == []
    gone, full = post.deliveries()
    assert gone.done_at is not None and "550" in (gone.error or "")
    assert full.done_at is None and "452" in (full.error or "") and full.next_at > utcnow()


async def test_two_couriers_send_it_once(office: Office, post: Post) -> None:
    alex = office.user("Alex")
    post.reachable(alex)
    post.notify(alex, "mention", office.conversation(queued=False), by="Mira")
    with office.database.begin() as session:
        (letter,) = due.take(session, "email", utcnow(), BERLIN)
    assert await post.goes_out() == []  # somebody else is at it
    assert len(await post.goes_out(utcnow() + due.LEASE["email"])) == 1  # who died: the lease is over
    with office.database.begin() as session:
        due.sent(session, letter.deliveries, utcnow())


async def test_the_same_letter_sent_twice_is_known_as_one(office: Office, post: Post) -> None:
    alex = office.user("Alex")
    post.reachable(alex)
    post.notify(alex, "mention", office.conversation(queued=False), by="Mira")
    await post.goes_out()
    with office.database.begin() as session:  # the confirmation was lost
        session.query(NoticeDelivery).update({"done_at": None, "next_at": utcnow()})
    first, second = await post.goes_out(utcnow() + dt.timedelta(seconds=1))
    assert first["Message-ID"] == second["Message-ID"]


async def test_letters_are_encrypted_and_the_desk_logs_in(office: Office, tmp_path: Path,
                                                          monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", "-days", "2"]
    make += ["-addext", "subjectAltName=DNS:localhost", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(make, check=True, capture_output=True)
    with SmtpServer(tmp_path / "mail", (certificate, key)) as server:
        given = {"smtp_host": "localhost", "smtp_port": server.port, "smtp_user": USER, "secret": "s"}
        good, wrong = (Settings(**given, smtp_password=password) for password in (PASSWORD, "wrong"))
        assert mail_checkup(good).grade == "missing"  # nobody trusts this certificate yet
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert mail_checkup(good).grade == "ok"
        assert "password" in mail_checkup(wrong).remedy.casefold()
        await Mail(good).send("alex@shop.example", "Grüße", "Hallo")
        assert [str(message["Subject"]) for message in server.messages()] == ["Grüße"]


def test_doctor_says_what_is_wrong_with_the_mail_server(smtp: SmtpServer) -> None:
    assert mail_checkup(Settings()).grade == "note"
    settings = Settings(smtp_host="127.0.0.1", smtp_port=smtp.port, smtp_security="none")
    assert mail_checkup(settings).grade == "ok"
    plain = mail_checkup(Settings(smtp_host="127.0.0.1", smtp_port=smtp.port))
    assert plain.grade == "missing" and "STARTTLS" in plain.what
    smtp.stop()
    assert mail_checkup(settings).grade == "missing"


def test_the_front_desk_carries_letters_by_itself(
    office: Office, post: Post, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(frontdesk, "configure_logs", lambda config: None)
    post.reachable(office.user("Alex"))
    config = Settings(var=tmp_path, database_url=office.database.url, smtp_host="127.0.0.1", smtp_port=post.smtp.port,
                      smtp_security="none", secret="s")  # fmt: skip
    with TestClient(frontdesk.create_app(config)):
        office.conversation(severity=4)
        post.smtp.wait()
    assert len(post.smtp.messages()) == 1


# What still matters


async def test_nobody_is_called_to_what_a_colleague_has_taken(office: Office, post: Post) -> None:
    alex, mira = office.user("Alex"), office.user("Mira")
    post.reachable(alex, choices={"email": ["new"]})
    conversation = office.conversation()
    with office.database.begin() as session:
        steps.claim(session, office.handoff(conversation).id, session.get(User, mira.id))
    assert await post.goes_out() == []
    assert [row.error for row in post.deliveries()] == ["settled"]


async def test_a_reply_goes_out_only_when_nobody_answered_for_two_minutes(office: Office, post: Post) -> None:
    alex = office.user("Alex")
    post.reachable(alex)
    browser = office.client(alex)
    for answered in (True, False):
        conversation = office.conversation()
        browser.act(conversation, "claim")
        office.customer_says(conversation, "Und jetzt?")
        if answered:
            browser.act(conversation, "say", text="Ich sehe nach.")
    assert await post.goes_out() == []
    (mail,) = await post.goes_out(utcnow() + AWAY)
    assert office.case_number(conversation) in mail["Subject"] and "weitere" not in mail["Subject"]


async def test_who_has_looked_is_not_told_again(office: Office, post: Post) -> None:
    alex = office.user("Alex")
    post.reachable(alex)
    conversation = office.conversation()
    post.notify(alex, "mention", conversation, by="Mira")
    assert office.client(alex).get(f"/desk/conversations/{conversation}").status_code == 200
    assert await post.goes_out() == []


async def test_what_became_confidential_is_told_to_nobody_who_may_not_see_it(office: Office, post: Post) -> None:
    alex = office.user("Alex")
    post.reachable(alex, choices={"email": ["new"]})
    conversation = office.conversation("Wegen meines Kopftuchs kein Termin", category="billing")
    with office.database.begin() as session:
        from bot.cases import store

        store.add_facts(session, store.latest(session, conversation), who="bot", flags=["discrimination"])  # type: ignore[arg-type]
    assert await post.goes_out() == []


async def test_after_a_day_it_is_too_late(office: Office, post: Post) -> None:
    alex = office.user("Alex")
    post.reachable(alex)
    post.notify(alex, "mention", office.conversation(queued=False), by="Mira")
    assert await post.goes_out(utcnow() + due.TOO_LATE) == []
    assert [row.error for row in post.deliveries()] == ["too late"]


def test_old_notices_are_forgotten(office: Office) -> None:
    alex, conversation = office.user("Alex"), office.conversation()
    with office.database.begin() as session:
        notify(session, session.get(User, alex.id), "mention", conversation, now=utcnow() - KEPT - dt.timedelta(days=1))
        forget(session, utcnow())
    with office.database.begin() as session:
        assert [notice.kind for notice in session.query(Notice)] == ["new"]
        assert session.query(NoticeDelivery).count() == 1


# Quiet hours


@pytest.mark.parametrize(
    ("begin", "end", "now", "until"),
    [
        ("22:00", "07:00", "2026-11-25 23:30", "2026-11-26 07:00"),
        ("22:00", "07:00", "2026-11-25 06:59", "2026-11-25 07:00"),
        ("22:00", "07:00", "2026-11-25 07:00", None),
        ("22:00", "07:00", "2026-11-25 12:00", None),
        ("12:00", "13:00", "2026-11-25 12:30", "2026-11-25 13:00"),
        ("12:00", "13:00", "2026-11-25 11:59", None),
        ("22:00", "07:00", "2026-10-24 23:00", "2026-10-25 07:00"),  # the night has an hour more
        ("08:00", "08:00", "2026-11-25 08:00", None),
        (None, None, "2026-11-25 08:00", None),
    ],
)
def test_quiet_hours_go_by_the_clock_on_the_wall(begin: Any, end: Any, now: str, until: str | None) -> None:
    moment = dt.datetime.fromisoformat(now).replace(tzinfo=BERLIN)
    expected = dt.datetime.fromisoformat(until).replace(tzinfo=BERLIN) if until else None
    assert quiet_until(begin, end, moment, BERLIN) == expected


async def test_in_quiet_hours_only_danger_comes_through_and_the_rest_after_them(office: Office, post: Post) -> None:
    alex = office.user("Alex")
    night = dt.datetime(2026, 11, 25, 23, 0, tzinfo=BERLIN)
    post.reachable(alex, quiet_from="22:00", quiet_until="07:00")
    post.notify(alex, "mention", office.conversation(queued=False), by="Mira", now=night)
    assert await post.goes_out(night) == []
    post.notify(alex, "mention", office.conversation(queued=False, severity=4), by="Mira", now=night)
    (grave,) = await post.goes_out(night)
    assert "weitere" not in grave["Subject"]
    morning = night + dt.timedelta(hours=8)
    assert morning.hour == 7 and len(await post.goes_out(morning)) == 2
