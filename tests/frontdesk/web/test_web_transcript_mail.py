"""The transcript by e-mail: to the address of a proven order and nobody else's, through a real mail server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot import texts
from bot.frontdesk.channels import web_ending
from tests.frontdesk.web.conftest import FrontDesk, refused, running
from tests.services.smtp_server import SmtpServer


@pytest.fixture
def mail_server(tmp_path: Path) -> Iterator[SmtpServer]:
    with SmtpServer(tmp_path / "mail") as server:
        yield server


@pytest.fixture
def mailing(tmp_path: Path, mail_server: SmtpServer) -> Iterator[FrontDesk]:
    """A front desk that can send e-mail."""
    smtp = {"smtp_host": "127.0.0.1", "smtp_port": mail_server.port, "smtp_security": "none"}
    with running(tmp_path, **smtp, smtp_from="service@lindenhof.example") as desk:
        yield desk


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


def test_a_mail_server_that_is_away_is_tried_again(
    mailing: FrontDesk, mail_server: SmtpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web_ending, "TRY_AGAIN_AFTER", (0.1,) * 50)
    customer = mailing.customer()
    customer.proves()
    mail_server.stop()
    assert customer.http.post("/chat/transcript").status_code == 202
    mail_server.start()
    mail_server.wait()


def test_the_customer_hears_when_it_could_not_be_delivered(mailing: FrontDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web_ending, "TRY_AGAIN_AFTER", (0.01,))
    customer = mailing.customer()
    customer.proves("gone@example.org")
    customer.http.post("/chat/transcript")
    news = customer.view(after=customer.view()["messages"][-1]["seq"], wait=20)
    assert [m["text"] for m in news["messages"]] == [texts.text("utter_transcript_failed", "de")]
