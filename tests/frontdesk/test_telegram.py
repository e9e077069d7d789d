"""What customers send on Telegram is written down once and in order, and what we cannot take is said."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session
from starlette.applications import Starlette

from bot import texts
from bot.cases import store
from bot.database import utcnow
from bot.frontdesk import attachments, handoff, messages
from bot.frontdesk.channels.telegram.commands import WORDS
from bot.frontdesk.channels.telegram.connection import WEBHOOK_PATH
from bot.frontdesk.channels.telegram.customers import PER_MINUTE
from bot.frontdesk.messages import Reply
from bot.frontdesk.model import Conversation
from tests.frontdesk.telegram_desk import ANNA, BEN, Desk, picture, running
from tests.services.telegram_double import TelegramDouble

aio = pytest.mark.asyncio


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

    def attach(session: Session, conversation: str, file: attachments.Examined) -> dict[str, Any]:
        if next(down, False):
            raise OperationalError("INSERT", {}, Exception("the database is away"))
        return attachments.keep(session, conversation, file)

    double.push_photo(ANNA, picture(), "eins")
    double.push_text(ANNA, "zwei")
    double.push_text(BEN, "drei")
    async with running(double, own_var, attach=attach) as desk:
        await desk.heard(3)
        assert desk.said(ANNA) == ["eins", "zwei"] and desk.said(BEN) == ["drei"] and desk.woken.empty()


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


@aio
async def test_a_poll_that_fails_loses_no_update(double: TelegramDouble, tmp_path: Path) -> None:
    async with running(double, tmp_path) as desk:
        double.fail("getUpdates", 1, status=502)
        double.push_text(ANNA, "eins")
        double.push_text(ANNA, "zwei")
        await desk.heard(2)
        assert desk.said(ANNA) == ["eins", "zwei"]


@aio
async def test_every_command_stands_for_plain_words_in_the_language_of_the_talk(
    double: TelegramDouble, tmp_path: Path
) -> None:
    names = {"hilfe": "help", "mensch": "human", "status": "status", "sprache": "language"}
    async with running(double, tmp_path) as desk:
        for german, english in names.items():
            double.push_text(ANNA, f"/{german}")
            double.push_text(BEN, f"/{english}", language="en")
        await desk.heard(8)
        assert desk.said(ANNA) == [WORDS[name]["de"] for name in names.values()]
        assert desk.said(BEN) == [WORDS[name]["en"] for name in names.values()]


@aio
async def test_the_privacy_command_says_at_once_what_can_be_asked_for(double: TelegramDouble, tmp_path: Path) -> None:
    async with running(double, tmp_path) as desk:
        double.push_text(ANNA, "/datenschutz")
        double.push_text(BEN, "/privacy", language="en")
        assert await desk.arrived(ANNA, 1) == [texts.text("utter_privacy_notice", "de")]
        assert await desk.arrived(BEN, 1) == [texts.text("utter_privacy_notice", "en")]
        assert desk.woken.empty(), "nobody has demanded anything yet"


@aio
async def test_while_people_have_it_the_menu_answers_what_it_can_and_tells_them_the_rest(
    double: TelegramDouble, tmp_path: Path
) -> None:
    async with running(double, tmp_path) as desk:
        double.push_text(ANNA, "Die Kaffeemaschine ist kaputt")
        await desk.heard()
        with desk.database.begin() as session:
            conversation = session.scalars(select(Conversation)).one()
            talk = messages.locked(session, conversation.id)
            found = store.open_case(
                session, conversation=talk.id, channel="telegram", language="de", category="product_defect", text="…"
            )
            store.promise(session, found, "first_answer", utcnow() + dt.timedelta(hours=3))
            handoff.hand_over(session, talk, reason="asked_for_person", severity=1, case_number=found.number)
            number = found.number
        for text in ("/hilfe", "/status", "/sprache", "/mensch"):
            double.push_text(ANNA, text)
        await desk.heard(2)
        helped, standing, changed = await desk.arrived(ANNA, 3)
        assert helped == texts.text("utter_people_read", "de")
        assert number in standing and "Zugesagt ist eine Antwort bis" in standing
        assert changed == texts.text("utter_language_changed", "en")
        assert desk.said(ANNA)[1:] == [WORDS["language"]["de"], WORDS["human"]["en"]], "people read what is theirs"


@aio
async def test_whoever_floods_us_is_slowed_down_and_told_once(double: TelegramDouble, tmp_path: Path) -> None:
    for number in range(PER_MINUTE + 10):
        double.push_text(ANNA, f"Nummer {number}")
    double.push_text(BEN, "Ich auch")
    async with running(double, tmp_path) as desk:
        await desk.heard(PER_MINUTE + 1)
        assert await desk.arrived(ANNA, 1) == [texts.text("utter_error_too_fast", "de")]
        assert len(desk.said(ANNA)) == PER_MINUTE and desk.said(BEN) == ["Ich auch"]


@aio
async def test_an_answer_and_a_correction_know_what_they_belong_to(double: TelegramDouble, tmp_path: Path) -> None:
    async with running(double, tmp_path) as desk:
        desk.say(ANNA, Reply("bot", "Wie ist die Bestellnummer?"))
        await desk.arrived(ANNA, 1)
        await desk.deliveries()
        said = double.push_text(ANNA, "LH-1", reply_to=double.sent(ANNA)[0]["message_id"])
        await desk.heard()
        double.push({**said["message"], "text": "LH-2", "edit_date": 2}, kind="edited_message")
        await desk.heard()
        answer, correction = desk.log(ANNA)
        assert (answer.seq, answer.reply_to, correction.reply_to) == (2, 1, 2)
