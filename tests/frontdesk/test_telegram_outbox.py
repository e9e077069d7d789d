"""What we say on Telegram arrives once and in order, whatever Telegram does; buttons are live, used or gone."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from bot import texts
from bot.database import utcnow
from bot.frontdesk.channels.telegram import connection, parcels
from bot.frontdesk.channels.telegram.pieces import split_text
from bot.frontdesk.messages import Reply
from tests.frontdesk.telegram_desk import ANNA, BEN, Desk, ask, running
from tests.services.telegram_double import TelegramDouble

aio = pytest.mark.asyncio


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
async def test_buttons_of_an_earlier_question_go_and_a_typed_answer_marks_its_own(
    double: TelegramDouble, tmp_path: Path
) -> None:
    async with running(double, tmp_path) as desk:
        desk.say(ANNA, ask("/eins", "/zwei"))
        await desk.arrived(ANNA, 1)
        double.push_text(ANNA, "Ware /zwei")  # typed what stands on the button
        await desk.heard()
        (marked,) = await desk.sees(lambda d: d.called("editMessageReplyMarkup"))
        assert marked.params["reply_markup"]["inline_keyboard"][0][0]["text"] == "✓ Ware /zwei"
        desk.say(ANNA, ask("/drei"))
        await desk.arrived(ANNA, 2)
        desk.say(ANNA, ask("/vier"), ask('/answer_offer{"offer": "1"}'))
        await desk.sees(lambda d: len(d.called("editMessageReplyMarkup")) == 3)
        gone = double.called("editMessageReplyMarkup")[1:]
        assert [int(c.params["message_id"]) for c in gone] == [m["message_id"] for m in double.sent(ANNA)[1:3]]
        assert all("reply_markup" not in call.params for call in gone)
        desk.say(ANNA, ask("/fuenf"))  # an offer's buttons stay until they are used
        await desk.arrived(ANNA, 5)
        double.press(ANNA, double.sent(ANNA)[3]["message_id"], "5:0")
        await desk.heard()
        await desk.sees(lambda d: "✓" in str(d.called("editMessageReplyMarkup")[-1].params))


@aio
async def test_a_mark_that_fails_comes_with_the_next_message(double: TelegramDouble, tmp_path: Path) -> None:
    async with running(double, tmp_path) as desk:
        desk.say(ANNA, ask("/eins"))
        await desk.arrived(ANNA, 1)
        double.fail("editMessageReplyMarkup", 1)
        message = double.sent(ANNA)[0]
        double.press(ANNA, message["message_id"], "1:0")
        await desk.sees(lambda d: d.called("editMessageReplyMarkup", ok=False))
        desk.say(ANNA, Reply("bot", "Danke"))
        (mark,) = await desk.sees(lambda d: d.called("editMessageReplyMarkup"))
        assert int(mark.params["message_id"]) == message["message_id"]


@aio
async def test_an_answer_that_never_comes_is_sent_once_more_and_order_stays(
    double: TelegramDouble, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "READ_TIMEOUT", 0.3)
    async with running(double, tmp_path) as desk:
        double.silence("sendMessage")
        desk.say(ANNA, Reply("bot", "eins"), Reply("bot", "zwei"))
        # Telegram has no key against repeats: rather once too often than never.
        assert await desk.arrived(ANNA, 3) == ["eins", "eins", "zwei"]


@aio
async def test_what_a_dead_process_had_taken_is_sent_by_the_next(
    double: TelegramDouble, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parcels, "LEASE", dt.timedelta(seconds=1))
    dead = Desk(double, tmp_path)
    dead.say(ANNA, Reply("bot", "eins"), Reply("bot", "zwei"))
    with dead.database.begin() as session:
        taken = parcels.claim(session, parcels.due(session, utcnow())[0], utcnow())
    assert taken is not None and taken.text == "eins"  # and now it dies, before it has sent
    async with running(double, tmp_path) as desk:
        assert await desk.arrived(ANNA, 2) == ["eins", "zwei"]
        await desk.deliveries()


@aio
async def test_whoever_unblocks_us_hears_what_is_said_from_then_on(double: TelegramDouble, tmp_path: Path) -> None:
    async with running(double, tmp_path) as desk:
        double.block(ANNA)
        desk.say(ANNA, Reply("bot", "eins"))
        await desk.deliveries()
        double.unblock(ANNA)
        desk.say(ANNA, Reply("bot", "zwei"))
        assert await desk.arrived(ANNA, 1) == ["zwei"]
