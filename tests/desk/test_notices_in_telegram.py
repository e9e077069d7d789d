"""The bot writes to members of staff who linked their account; what goes wrong there is tried again or given up."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient
from telegram import Bot

from bot.config import Settings
from bot.database import utcnow
from bot.desk.notices.chat import Chat
from bot.desk.notices.courier import Courier
from bot.desk.wording import Words
from bot.frontdesk import app as frontdesk
from bot.frontdesk.model import Conversation, User
from bot.frontdesk.notifications import notify
from bot.frontdesk.notifications.model import NoticeDelivery
from tests.services.telegram_double import TelegramDouble

from .conftest import Office

ALEX = 502


@pytest.fixture
async def chat(double: TelegramDouble) -> AsyncIterator[Chat]:
    bot = Bot(double.token, base_url=f"{double.url}/bot")
    async with bot:
        yield Chat(bot, "https://desk.shop.example")


def tell(office: Office, user: User, **about: Any) -> str:
    conversation = office.conversation("Die Bremsen versagen", queued=False, **about)
    with office.database.begin() as session:
        notify(session, session.get(User, user.id), "mention", conversation, by="Mira")
    return conversation


def deliveries(office: Office) -> list[NoticeDelivery]:
    with office.database.begin() as session:
        return list(session.query(NoticeDelivery).filter_by(channel="telegram"))


async def test_a_linked_colleague_reads_case_and_address_and_no_word_of_the_customer(
    office: Office, double: TelegramDouble, chat: Chat
) -> None:
    conversation = tell(office, office.user("Alex", telegram_id=ALEX))
    tell(office, office.user("Mira"))  # not linked
    await Courier(office.database, office.desk.hub, retry_delay=5).look("telegram", chat)
    (message,) = double.sent(ALEX)
    assert office.case_number(conversation) in message["text"]
    assert f"https://desk.shop.example/desk/conversations/{conversation}" in message["text"]
    assert "Bremsen" not in message["text"]
    assert len(double.called("sendMessage")) == 1


async def test_rate_limits_are_obeyed_and_outages_waited_out(
    office: Office, double: TelegramDouble, chat: Chat
) -> None:
    courier = Courier(office.database, office.desk.hub, retry_delay=5)
    tell(office, office.user("Alex", telegram_id=ALEX))
    double.too_many(1, retry_after=40)
    await courier.look("telegram", chat)
    (row,) = deliveries(office)
    assert 35 < (row.next_at - utcnow()).total_seconds() <= 40
    double.fail("sendMessage", 1)
    later = utcnow() + dt.timedelta(seconds=41)
    await courier.look("telegram", chat, later)
    assert double.sent(ALEX) == []
    await courier.look("telegram", chat, later + dt.timedelta(minutes=1))
    assert len(double.sent(ALEX)) == 1
    assert deliveries(office)[0].done_at is not None


async def test_who_blocked_the_bot_is_not_tried_again(office: Office, double: TelegramDouble, chat: Chat) -> None:
    tell(office, office.user("Alex", telegram_id=ALEX))
    double.block(ALEX)
    await Courier(office.database, office.desk.hub, retry_delay=5).look("telegram", chat)
    (row,) = deliveries(office)
    assert row.done_at is not None and "does not take it" in (row.error or "")


def test_somebody_links_telegram_on_their_page_and_hears_of_the_next_case(
    office: Office, double: TelegramDouble, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(frontdesk, "configure_logs", lambda config: None)
    alex = office.user("Alex")
    office.desk.settings.telegram_token = double.token
    browser = office.client(alex)
    page = browser.post("/desk/me/telegram", data={"csrf": browser.csrf}).text
    message = re.search(r"data-code>([^<]+)<", page)[1]  # type: ignore[index]
    assert message.startswith("/start link_")
    config = Settings(var=tmp_path, database_url=office.database.url, telegram_token=double.token,
                      telegram_api=double.url, secret="for tests only")  # fmt: skip
    with TestClient(frontdesk.create_app(config)):
        double.push_text(ALEX, message)
        double.wait_for(lambda double: double.sent(ALEX))
        assert double.sent(ALEX)[0]["text"] == Words("de")("telegram_linked", name="Alex")
        conversation = office.conversation(severity=4)
        double.wait_for(lambda double: len(double.sent(ALEX)) == 2)
    assert office.case_number(conversation) in double.sent(ALEX)[1]["text"]
    with office.database.begin() as session:  # linking is no customer's conversation
        assert session.query(Conversation).filter_by(channel="telegram").count() == 0
    assert browser.post("/desk/me/telegram/off", data={"csrf": browser.csrf}).status_code == 303
    with office.database.begin() as session:
        assert session.get(User, alex.id).telegram_id is None
