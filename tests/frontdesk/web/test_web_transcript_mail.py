"""The transcript by e-mail: to the address of a proven order and nobody else's, through a real mail server."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot import texts
from bot.config import Settings
from bot.database import utcnow
from bot.frontdesk import privacy, transcripts
from bot.frontdesk.hub import Hub
from bot.frontdesk.mail import Mail
from bot.frontdesk.model import TranscriptMail
from bot.frontdesk.transcripts import GIVEN_UP_AFTER, Transcripts
from bot.services import free_ports
from tests.frontdesk.web.conftest import FrontDesk, refused, running
from tests.services.smtp_server import SmtpServer


@pytest.fixture
def mail_server(tmp_path: Path) -> Iterator[SmtpServer]:
    with SmtpServer(tmp_path / "mail") as server:
        yield server


@pytest.fixture
def mailing(tmp_path: Path, mail_server: SmtpServer) -> Iterator[FrontDesk]:
    """A front desk that can send e-mail."""
    with running(tmp_path, **mails(mail_server)) as desk:
        yield desk


def mails(server: SmtpServer) -> dict[str, Any]:
    """The settings that send e-mail by this server, and try again soon."""
    smtp = {"smtp_host": "127.0.0.1", "smtp_port": server.port, "smtp_security": "none"}
    return {**smtp, "smtp_from": "service@lindenhof.example", "retry_delay": 0.2}


def test_it_goes_to_the_address_of_the_proven_order(mailing: FrontDesk, mail_server: SmtpServer) -> None:
    customer = mailing.customer()
    customer.post(text="Der Kompressor ist kaputt. Bcc: evil@example.org")
    customer.proves("anna.brandl@example.org")
    assert customer.view()["mail"] is True
    sent = customer.http.post("/chat/transcript", json={"email": "evil@example.org"})
    assert (sent.status_code, sent.content) == (202, b""), "an address in the request is not looked at"
    mail_server.wait()
    [letter] = mail_server.messages()
    assert letter["To"] == "anna.brandl@example.org" and letter["Bcc"] is None
    assert "Lindenhof" in letter["Subject"]
    assert "Sie: Der Kompressor ist kaputt. Bcc: evil@example.org" in letter.get_content().replace("\r\n", "\n")


def test_without_a_proven_order_there_is_no_address(mailing: FrontDesk) -> None:
    for customer in (mailing.customer(), mailing.customer()):
        assert customer.view()["mail"] is False
        refused(customer.http.post("/chat/transcript"), 409, "no_address")
        customer.proves(email=None)
        refused(customer.http.post("/chat/transcript"), 409, "no_address")


def test_without_a_mail_server_it_is_not_offered(front_desk: FrontDesk) -> None:
    customer = front_desk.customer()
    customer.proves()
    assert customer.view()["mail"] is False
    refused(customer.http.post("/chat/transcript"), 409, "no_address")


def test_it_is_sent_three_times_an_hour_at_most(mailing: FrontDesk, mail_server: SmtpServer) -> None:
    customer = mailing.customer()
    customer.proves()
    answers = [customer.http.post("/chat/transcript") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [202, 202, 202, 429]
    mail_server.wait(3)


def test_a_mail_server_that_is_away_is_tried_again(mailing: FrontDesk, mail_server: SmtpServer) -> None:
    customer = mailing.customer()
    customer.proves()
    mail_server.stop()
    assert customer.http.post("/chat/transcript").status_code == 202
    mail_server.start()
    mail_server.wait()


def test_it_arrives_once_though_the_front_desk_was_restarted_while_the_mail_server_was_down(
    tmp_path: Path, mail_server: SmtpServer
) -> None:
    mail_server.stop()
    with running(tmp_path, **mails(mail_server)) as before:
        customer = before.customer()
        customer.post(text="Der Kompressor ist kaputt")
        customer.proves("anna.brandl@example.org")
        assert customer.http.post("/chat/transcript").status_code == 202
    with running(tmp_path, **mails(mail_server)) as after:
        mail_server.start()
        mail_server.wait()
        other = after.customer()
        other.proves("jonas.wimmer@example.org")
        other.http.post("/chat/transcript")
        mail_server.wait(2)
        addresses = sorted(str(letter["To"]) for letter in mail_server.messages())
    assert addresses == ["anna.brandl@example.org", "jonas.wimmer@example.org"]
    assert waiting(after) == 0


def test_the_customer_hears_when_it_could_not_be_delivered(mailing: FrontDesk) -> None:
    customer = mailing.customer()
    customer.proves("gone@example.org")
    customer.http.post("/chat/transcript")
    news = customer.view(after=customer.view()["messages"][-1]["seq"], wait=20)
    assert [m["text"] for m in news["messages"]] == [texts.text("utter_transcript_failed", "de")]


def test_after_a_day_without_a_mail_server_the_customer_hears_so(front_desk: FrontDesk) -> None:
    customer = front_desk.customer()
    customer.proves()
    nowhere = Settings(smtp_host="127.0.0.1", smtp_port=free_ports(1)[0], smtp_security="none", secret="s")
    mailing = Transcripts(front_desk.database, Hub(), Mail(nowhere), retry_delay=60)
    with front_desk.database.begin() as session:
        transcripts.ask(session, customer.id)
    failed = texts.text("utter_transcript_failed", "de")
    asyncio.run(mailing.look(utcnow()))
    assert waiting(front_desk) == 1 and failed not in [m.text for m in customer.stored()]
    asyncio.run(mailing.look(utcnow() + dt.timedelta(seconds=30)))  # not due yet
    asyncio.run(mailing.look(utcnow() + GIVEN_UP_AFTER))
    assert waiting(front_desk) == 0 and [m.text for m in customer.stored()].count(failed) == 1


def test_what_was_erased_is_not_sent_any_more(front_desk: FrontDesk) -> None:
    customer = front_desk.customer()
    with front_desk.database.begin() as session:
        transcripts.ask(session, customer.id)
    privacy.erase(front_desk.database, front_desk.settings, customer.id, utcnow(), who="customer")
    assert waiting(front_desk) == 0


def waiting(desk: FrontDesk) -> int:
    """How many letters are still to be sent."""
    with desk.database.begin() as session:
        return len(list(session.scalars(select(TranscriptMail))))
