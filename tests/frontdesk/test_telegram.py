"""Customers on Telegram: what they send is written down once and in order, what we say arrives once and in order."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session
from starlette.applications import Starlette

from bot import config, texts
from bot.config import Settings
from bot.database import Base, Database
from bot.frontdesk import attachments, messages
from bot.frontdesk.channels.telegram.channel import TelegramChannel
from bot.frontdesk.channels.telegram.connection import WEBHOOK_PATH
from bot.frontdesk.channels.telegram.pieces import split_text
from bot.frontdesk.hub import EVERYTHING, Hub
from bot.frontdesk.messages import Reply
from bot.frontdesk.model import Conversation, Delivery, Message
from tests.services.telegram_double import TelegramDouble

ANNA, BEN = 11, 22  # chat ids
aio = pytest.mark.asyncio


class Desk:
    """A running Telegram channel on a database of its own, without a dialogue behind it."""

    def __init__(self, double: TelegramDouble, folder: Path, attach: Any = attachments.store, **more: Any) -> None:
        self.double, self.hub = double, Hub()
        self.database = Database(f"sqlite:///{folder / 'desk.db'}")
        Base.metadata.create_all(self.database.engine)
        self.settings = Settings(var=folder, telegram_token=double.token, telegram_api=double.url, **more)
        self.woken: asyncio.Queue[str] = asyncio.Queue()
        self.channel = TelegramChannel(
            database=self.database, settings=self.settings, wake=self.woken.put_nowait, hub=self.hub, attach=attach
        )

    async def heard(self, count: int = 1) -> list[str]:
        """Wait until so many customer messages were passed on; their conversations."""
        return [await asyncio.wait_for(self.woken.get(), 15) for _ in range(count)]

    def log(self, chat: int, author: str = "customer") -> list[Message]:
        with self.database.begin() as session:
            statement = select(Message).join(Conversation).where(Conversation.channel_key == str(chat))
            return list(session.scalars(statement.where(Message.author == author).order_by(Message.seq)))

    def said(self, chat: int, author: str = "customer") -> list[str]:
        return [message.text for message in self.log(chat, author)]

    def say(self, chat: int, *replies: Reply) -> None:
        with self.database.begin() as session:
            conversation = messages.open_conversation(session, "telegram", "de", str(chat))
            for reply in replies:
                messages.append(session, messages.locked(session, conversation.id), reply)
        self.channel.kick()

    async def sees(self, look: Callable[[TelegramDouble], Any]) -> Any:
        return await asyncio.to_thread(self.double.wait_for, look)

    async def arrived(self, chat: int, count: int) -> list[str]:
        """Wait for so many messages in a chat; their texts."""
        await self.sees(lambda double: len(double.sent(chat)) >= count)
        return [message["text"] for message in self.double.sent(chat)]

    async def deliveries(self, open_rows: int = 0) -> list[Delivery]:
        """The outbox once no more than `open_rows` wait in it."""
        while True:
            with self.database.begin() as session:
                rows = list(session.scalars(select(Delivery).order_by(Delivery.id)))
            if sum(row.done_at is None for row in rows) <= open_rows:
                return rows
            await self.hub.news(EVERYTHING, 1)


@pytest.fixture
def double() -> Iterator[TelegramDouble]:
    with TelegramDouble() as running:
        yield running


@asynccontextmanager
async def running(double: TelegramDouble, folder: Path, **more: Any) -> AsyncIterator[Desk]:
    desk = Desk(double, folder, **more)
    await desk.channel.start()
    try:
        yield desk
    finally:
        await desk.channel.stop()
        desk.database.dispose()


@pytest.fixture
def own_var(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Attachments go to the test's own folder."""
    monkeypatch.setenv("ERSTKONTAKT_VAR", str(tmp_path))
    config.settings.cache_clear()
    yield tmp_path
    config.settings.cache_clear()


def picture() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(file, "JPEG")
    return file.getvalue()


def ask(*payloads: str) -> Reply:
    return Reply("bot", "Welche Ware?", tuple({"title": f"Ware {p}", "payload": p} for p in payloads))


@aio
async def test_a_text_is_written_down_and_passed_on(double: TelegramDouble, tmp_path: Path) -> None:
    async with running(double, tmp_path) as desk:
        double.push_text(ANNA, "Mein Toaster brennt", language="de-AT")
        double.push_text(BEN, "My toaster is on fire", language="fr")
        woken = await desk.heard(2)
        with desk.database.begin() as session:
            found = {c.channel_key: c for c in session.scalars(select(Conversation))}
    assert desk.said(ANNA) == ["Mein Toaster brennt"] and desk.said(BEN) == ["My toaster is on fire"]
    assert set(woken) == {c.id for c in found.values()}
    assert (found[str(ANNA)].language, found[str(BEN)].language) == ("de", "en")


@aio
async def test_an_update_that_comes_twice_is_one_message(double: TelegramDouble, tmp_path: Path) -> None:
    async with running(double, tmp_path) as desk:
        first = double.push_text(ANNA, "eins")
        await desk.heard()
        double.push_again(first)
        double.push_text(ANNA, "zwei")
        await desk.heard()
        assert desk.said(ANNA) == ["eins", "zwei"] and desk.woken.empty()


@aio
async def test_each_chat_keeps_its_order(double: TelegramDouble, tmp_path: Path) -> None:
    chats = (ANNA, BEN, 33)
    for number in range(12):
        for chat in chats:
            double.push_text(chat, f"{chat}-{number}")
    async with running(double, tmp_path) as desk:
        await desk.heard(36)
        for chat in chats:
            assert desk.said(chat) == [f"{chat}-{number}" for number in range(12)]


@aio
async def test_a_slow_photo_holds_up_its_own_chat_only(double: TelegramDouble, own_var: Path) -> None:
    double.fail("getFile", 1)
    double.push_photo(ANNA, picture(), "Der Kratzer")
    double.push_text(ANNA, "sehen Sie?")
    double.push_text(BEN, "Hallo")
    async with running(double, own_var) as desk:
        first, second, third = await desk.heard(3)
        assert first != second == third
        assert desk.said(ANNA) == ["Der Kratzer", "sehen Sie?"]


@aio
async def test_what_could_not_be_written_comes_again_in_order(double: TelegramDouble, own_var: Path) -> None:
    down = iter([True])

    def attach(session: Session, conversation: str, name: str, data: bytes) -> dict[str, Any]:
        if next(down, False):
            raise OperationalError("INSERT", {}, Exception("the database is away"))
        return attachments.store(session, conversation, name, data)

    double.push_photo(ANNA, picture(), "eins")
    double.push_text(ANNA, "zwei")
    double.push_text(BEN, "drei")
    async with running(double, own_var, attach=attach) as desk:
        await desk.heard(3)
        assert desk.said(ANNA) == ["eins", "zwei"] and desk.said(BEN) == ["drei"] and desk.woken.empty()


@aio
async def test_a_button_is_pressed_once(double: TelegramDouble, tmp_path: Path) -> None:
    async with running(double, tmp_path) as desk:
        desk.say(ANNA, ask('/choose{"item": "' + "x" * 80 + '"}', "/other"))
        await desk.arrived(ANNA, 1)
        message = double.sent(ANNA)[0]
        rows = message["reply_markup"]["inline_keyboard"]
        assert [row[0]["text"][:5] for row in rows] == ["Ware ", "Ware "]
        press = double.press(ANNA, message["message_id"], rows[0][0]["callback_data"])
        await desk.heard()
        double.push_again(press)
        await desk.sees(lambda d: len(d.called("answerCallbackQuery")) == 2)
        (answer,) = desk.log(ANNA)
        assert (
            (answer.payload or "").startswith("/choose")
            and answer.text.startswith("Ware /choose")
            and desk.woken.empty()
        )
        (edit, *_again) = await desk.sees(lambda d: d.called("editMessageReplyMarkup"))
        (chosen,) = edit.params["reply_markup"]["inline_keyboard"][0]
        assert int(edit.params["message_id"]) == message["message_id"] and chosen["text"].startswith("✓ Ware /choose")
        assert "text" not in double.called("answerCallbackQuery")[1].params


@aio
@pytest.mark.parametrize("data", ["1:0", "1:7", "99:0", "quatsch"])
async def test_a_button_of_an_earlier_question_says_so(double: TelegramDouble, tmp_path: Path, data: str) -> None:
    async with running(double, tmp_path) as desk:
        desk.say(ANNA, ask("/affirm"), ask("/affirm", "/deny"))
        await desk.arrived(ANNA, 2)
        double.press(ANNA, double.sent(ANNA)[0]["message_id"], data)
        (call,) = await desk.sees(lambda d: d.called("answerCallbackQuery"))
        assert call.params["text"] == texts.text("utter_stale_button", "de")
        assert desk.log(ANNA) == [] and desk.woken.empty()


@aio
async def test_too_many_requests_wait_and_arrive_once(double: TelegramDouble, tmp_path: Path) -> None:
    async with running(double, tmp_path) as desk:
        double.too_many(1, retry_after=1)
        desk.say(ANNA, Reply("bot", "eins"), Reply("bot", "zwei"))
        (refused,) = await desk.sees(lambda d: d.called("sendMessage", ok=False))
        desk.say(BEN, Reply("bot", "Sie zuerst"))
        await desk.arrived(BEN, 1)
        assert double.sent(ANNA) == []
        assert await desk.arrived(ANNA, 2) == ["eins", "zwei"]
        assert double.called("sendMessage")[1].at - refused.at >= 1
        rows = await desk.deliveries()
    assert [row.external_id for row in rows[:2]] == [str(m["message_id"]) for m in double.sent(ANNA)]
    assert len(double.called("sendMessage", ok=None)) == 4


@aio
async def test_a_failing_telegram_neither_loses_nor_reorders(double: TelegramDouble, tmp_path: Path) -> None:
    async with running(double, tmp_path) as desk:
        double.fail("sendMessage", 2)
        desk.say(ANNA, Reply("bot", "eins"), Reply("bot", "zwei"))
        assert await desk.arrived(ANNA, 2) == ["eins", "zwei"]
        await desk.deliveries()


@aio
async def test_a_restart_neither_loses_nor_repeats(double: TelegramDouble, tmp_path: Path) -> None:
    Desk(double, tmp_path).say(ANNA, Reply("bot", "vor dem Start"))
    async with running(double, tmp_path) as desk:
        first = double.push_text(ANNA, "eins")
        await desk.heard()
        await desk.deliveries()
    double.push_again(first)
    double.push_text(ANNA, "zwei")
    async with running(double, tmp_path) as desk:
        await desk.heard()
        desk.say(ANNA, Reply("bot", "danach"))
        assert await desk.arrived(ANNA, 2) == ["vor dem Start", "danach"]
        assert desk.said(ANNA) == ["eins", "zwei"]


@aio
async def test_a_customer_who_blocked_us_ends_the_deliveries(double: TelegramDouble, tmp_path: Path) -> None:
    async with running(double, tmp_path) as desk:
        double.block(ANNA)
        desk.say(ANNA, Reply("bot", "eins"), Reply("bot", "zwei"))
        assert [row.error for row in await desk.deliveries()] == ["blocked", "blocked"]
    assert len(double.called("sendMessage", ok=False)) == 1


@aio
async def test_a_long_text_arrives_in_pieces_each_once(double: TelegramDouble, tmp_path: Path) -> None:
    long = "\n\n".join(f"Absatz {n}. " + "Das dauert noch. " * 60 + "Ende." for n in range(9))
    async with running(double, tmp_path) as desk:
        desk.say(ANNA, Reply("bot", long, ask("/ok").buttons))
        await desk.sees(lambda d: len(d.sent(ANNA)) == 1)
        double.fail("sendMessage", 1)
        await desk.arrived(ANNA, len(split_text(long)))
        await desk.deliveries()
    sent = double.sent(ANNA)
    assert "\n\n".join(m["text"] for m in sent) == long
    assert ["reply_markup" in m for m in sent] == [False] * (len(sent) - 1) + [True]


def test_a_text_is_cut_where_it_hurts_least() -> None:
    assert split_text("kurz") == ["kurz"]
    assert split_text("Ein Satz hier. Noch ein Satz.", 20) == ["Ein Satz hier.", "Noch ein Satz."]
    assert split_text("Absatz eins.\n\nAbsatz zwei. Ende.", 26) == ["Absatz eins.", "Absatz zwei. Ende."]
    assert split_text("x" * 25, 10) == ["x" * 10, "x" * 10, "x" * 5]
    assert split_text("😀" * 12, 10) == ["😀" * 5, "😀" * 5, "😀" * 2]


@aio
async def test_people_are_named_and_the_house_is_marked(double: TelegramDouble, tmp_path: Path) -> None:
    async with running(double, tmp_path) as desk:
        desk.say(ANNA, Reply("system", "Alex ist da."), Reply("staff", "Guten Tag *Anna*", author_name="Alex"))
        assert await desk.arrived(ANNA, 2) == ["ℹ️ Alex ist da.", "👤 Alex:\nGuten Tag *Anna*"]
        assert "parse_mode" not in double.sent(ANNA)[1]


@aio
async def test_a_photo_is_kept_with_its_caption(double: TelegramDouble, own_var: Path) -> None:
    async with running(double, own_var) as desk:
        double.push_photo(ANNA, picture(), "Der Kratzer")
        double.push_document(ANNA, b"%PDF-1.7 Rechnung", "Rechnung.pdf")
        await desk.heard(2)
        photo, receipt = desk.log(ANNA)
    assert photo.text == "Der Kratzer" and photo.attachments[0]["type"] == "image/jpeg"
    assert receipt.text == "" and receipt.attachments[0]["name"] == "Rechnung.pdf"
    assert attachments.path(receipt.attachments[0]["id"]).read_bytes() == b"%PDF-1.7 Rechnung"


@aio
async def test_what_we_cannot_take_is_said_and_the_caption_kept(double: TelegramDouble, own_var: Path) -> None:
    async with running(double, own_var) as desk:
        double.push_photo(ANNA, picture(), "zu gross", size=21 * 1024 * 1024)
        double.push_document(ANNA, b"MZ\x90", "virus.exe", "nur ein Programm")
        voice = double.push_voice(ANNA)
        names = ("utter_file_too_big", "utter_error_file_type", "utter_no_voice")
        assert await desk.arrived(ANNA, 3) == [texts.text(name, "de") for name in names]
        double.push_again(voice)
        double.push_text(ANNA, "und jetzt?")
        await desk.heard(3)
        assert desk.said(ANNA) == ["zu gross", "nur ein Programm", "und jetzt?"]
        assert all(message.attachments == [] for message in desk.log(ANNA))
        await desk.deliveries()
    assert len(double.sent(ANNA)) == 3


@aio
async def test_a_photo_that_never_comes_asks_to_send_it_again(double: TelegramDouble, own_var: Path) -> None:
    async with running(double, own_var) as desk:
        double.fail("getFile", 1, status=400)
        double.push_photo(ANNA, picture())
        assert await desk.arrived(ANNA, 1) == [texts.text("utter_file_not_received", "de")]


@aio
async def test_an_edit_is_a_new_message(double: TelegramDouble, tmp_path: Path) -> None:
    async with running(double, tmp_path) as desk:
        double.push_text(ANNA, "Bestellung 4711")
        double.push_edit(ANNA, "Bestellung 4712")
        await desk.heard(2)
        assert desk.said(ANNA) == ["Bestellung 4711", "✏️ Bestellung 4712"]


@aio
async def test_a_group_is_declined_once_and_left(double: TelegramDouble, tmp_path: Path) -> None:
    async with running(double, tmp_path) as desk:
        double.push_group_text(-5, "@erstkontakt_bot hallo")
        double.push_group_text(-5, "noch da?")
        assert await desk.arrived(-5, 1) == [texts.text("utter_no_groups", "de")]
        await desk.sees(lambda d: len(d.called("leaveChat")) == 2)
        double.push_text(ANNA, "danach")
        await desk.heard()
        assert len(double.sent(-5)) == 1 and desk.log(-5) == []


@aio
async def test_commands_are_plain_words(double: TelegramDouble, tmp_path: Path) -> None:
    async with running(double, tmp_path) as desk:
        for text in ("/mensch", "/human@erstkontakt_bot", "/start LH-104711", "/unbekannt etwas"):
            double.push_text(ANNA, text)
        double.push_text(BEN, "/human", language="en")
        double.push_text(BEN, "/start 4500771204", language="en")
        await desk.heard(6)
        person = "Ich möchte mit einem Menschen sprechen"
        assert desk.said(ANNA) == [person, person, "Bestellnummer LH-104711", "/unbekannt etwas"]
        assert desk.said(BEN) == ["I'd like to talk to a person", "Order number 4500771204"]


@aio
@pytest.mark.parametrize("text", ["/start", "/start newsletter"])
async def test_start_greets_once(double: TelegramDouble, tmp_path: Path, text: str) -> None:
    async with running(double, tmp_path) as desk:
        start = double.push_text(ANNA, text)
        assert await desk.arrived(ANNA, 1) == [texts.text("utter_greet_telegram", "de")]
        double.push_again(start)
        double.push_text(ANNA, "Hallo")
        await desk.heard()
        assert len(desk.log(ANNA, "bot")) == 1 and desk.said(ANNA) == ["Hallo"]


@aio
async def test_the_menu_speaks_both_languages(double: TelegramDouble, tmp_path: Path) -> None:
    async with running(double, tmp_path) as desk:
        english, german = await desk.sees(lambda d: len(c := d.called("setMyCommands")) == 2 and c)
    assert german.params["language_code"] == "de" and "language_code" not in english.params
    assert [c["command"] for c in german.params["commands"]] == ["hilfe", "mensch", "status", "sprache", "datenschutz"]


@aio
async def test_telegram_away_at_the_start_stops_nothing(
    double: TelegramDouble, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG", logger="bot")
    double.fail("getMe", 1, status=401)
    double.fail("setMyCommands", 2)
    double.push_text(ANNA, "Hallo")
    async with running(double, tmp_path) as desk:
        await desk.heard()
        assert desk.said(ANNA) == ["Hallo"]
    ours = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith("bot."))
    assert "telegram.not_connected" in ours and double.token not in ours


@aio
async def test_without_a_token_there_is_no_telegram(double: TelegramDouble, tmp_path: Path) -> None:
    async with running(double, tmp_path) as desk:
        assert desk.channel.routes() == []
    desk = Desk(double, tmp_path)
    desk.settings.telegram_token = ""
    before = len(double.calls)
    await desk.channel.start()
    await desk.channel.stop()
    assert len(double.calls) == before


@aio
async def test_the_webhook_takes_only_telegram(double: TelegramDouble, tmp_path: Path) -> None:
    address = "https://desk.example.org"
    async with running(double, tmp_path, telegram_webhook_url=address, telegram_webhook_secret="geheim") as desk:
        (call,) = double.called("setWebhook")
        assert call.params["url"] == address + WEBHOOK_PATH and call.params["secret_token"] == "geheim"
        transport = httpx.ASGITransport(Starlette(routes=desk.channel.routes()))
        async with httpx.AsyncClient(transport=transport, base_url=address) as telegram:
            update = double.push_text(ANNA, "Hallo", send=False)
            for wrong in ("", "geheim2", "gehéim"):
                headers = {b"X-Telegram-Bot-Api-Secret-Token": wrong.encode()}
                assert (await telegram.post(WEBHOOK_PATH, json=update, headers=headers)).status_code == 403
            assert (await telegram.post(WEBHOOK_PATH, json=update)).status_code == 403
            assert desk.log(ANNA) == []
            right = {"X-Telegram-Bot-Api-Secret-Token": "geheim"}
            for _twice in range(2):
                assert (await telegram.post(WEBHOOK_PATH, json=update, headers=right)).status_code == 200
            assert (await telegram.post(WEBHOOK_PATH, content=b"[", headers=right)).status_code == 400
        await desk.heard()
        assert desk.said(ANNA) == ["Hallo"] and desk.woken.empty() and double.called("getUpdates", ok=None) == []
