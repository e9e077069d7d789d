"""Photos, replies and edits are carried, from the customer into the topic and back."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from bot.desk.wording import Words
from bot.frontdesk import attachments
from tests.desk.topics.conftest import ALEX, GROUP, MIRA, Shop, running
from tests.services.telegram_double import TelegramDouble

aio = pytest.mark.asyncio
DE = Words("de")
CUSTOMER = 4711


def picture(colour: str = "red") -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(file, "JPEG")
    return file.getvalue()


def to_customer(double: TelegramDouble, method: str) -> list[dict[str, Any]]:
    """The calls of a method that went to the customer's chat."""
    return [call.params for call in double.called(method) if int(call.params["chat_id"]) == CUSTOMER]


async def talking(shop: Shop, double: TelegramDouble) -> tuple[str, int]:
    """A customer on Telegram and Mira, who has claimed the conversation in its topic."""
    shop.user("Mira", MIRA)
    shop.user("Alex", ALEX)
    conversation = shop.waiting(chat=CUSTOMER)
    thread = await shop.thread(conversation)
    double.push_topic(GROUP, thread, MIRA, "/claim")
    await shop.until(lambda: shop.holder(conversation) == "staff")
    return conversation, thread


@aio
async def test_a_photo_of_the_customer_is_in_the_topic_before_and_after_the_handoff(
    double: TelegramDouble, own_var: Path
) -> None:
    async with running(double, own_var) as shop:
        double.push_photo(CUSTOMER, picture(), "So sieht es aus")
        await shop.woken.get()
        conversation, thread = await talking(shop, double)
        first = await shop.posted(thread, "💬 So sieht es aus")
        assert Image.open(io.BytesIO(first["file"])).size == (40, 30)
        double.push_document(CUSTOMER, b"%PDF-1.7 Rechnung", "Rechnung.pdf")
        await shop.sees(lambda d: [p for p in d.posts(thread) if p.get("file") == b"%PDF-1.7 Rechnung"])
        assert len(shop.log(conversation)[-1].attachments) == 1


@aio
async def test_a_photo_of_a_colleague_arrives_with_its_words(double: TelegramDouble, own_var: Path) -> None:
    async with running(double, own_var) as shop:
        conversation, thread = await talking(shop, double)
        double.push_topic(GROUP, thread, MIRA, photo=double.picture(picture("blue")), caption="Dieses Teil kommt")
        sent = await shop.sees(lambda d: to_customer(d, "sendPhoto"))
        assert sent[0]["caption"] == "👤 Mira:\nDieses Teil kommt" and sent[0]["file"][:3] == b"\xff\xd8\xff"
        message = shop.log(conversation)[-1]
        assert message.author == "staff" and message.attachments[0]["type"] == "image/jpeg"
        assert attachments.path(message.attachments[0]["id"]).exists()
        double.push_topic(GROUP, thread, MIRA, document={**double.picture(b"MZ\x90")[0], "file_name": "x.exe"})
        await shop.posted(thread, DE("topic_file_type"))
        double.push_topic(GROUP, thread, MIRA, voice={**double.picture(b"ogg")[0], "duration": 3})
        await shop.posted(thread, DE("topic_unsendable"))
        double.push_topic(GROUP, thread, MIRA, photo=double.picture(picture()), caption="/return Foto anbei")
        await shop.posted(thread, DE("topic_file_apart"))
        assert len(shop.said(conversation)) == 1


@aio
async def test_replies_quote_on_both_sides(double: TelegramDouble, own_var: Path) -> None:
    async with running(double, own_var) as shop:
        conversation, thread = await talking(shop, double)
        asked = double.push_text(CUSTOMER, "Wann kommt das Teil?")
        shown = await shop.posted(thread, "Wann kommt das Teil?")
        double.push_topic(GROUP, thread, MIRA, "Am Freitag", reply_to=shown["message_id"])
        answer = await shop.sees(lambda d: next((m for m in d.sent(CUSTOMER) if "Am Freitag" in m["text"]), None))
        assert answer["reply_parameters"]["message_id"] == asked["message"]["message_id"]
        await shop.until(lambda: not shop.undelivered())  # its number is written down
        double.push_text(CUSTOMER, "Das ist zu spät", reply_to=answer["message_id"])
        late = await shop.posted(thread, "Das ist zu spät")
        assert late["reply_parameters"]["message_id"] == shop.post_of(conversation, "Am Freitag")
        seqs = {m.text: (m.seq, m.reply_to) for m in shop.log(conversation)}
        assert seqs["Das ist zu spät"][1] == seqs["Am Freitag"][0]
        assert seqs["Am Freitag"][1] == seqs["Wann kommt das Teil?"][0]


@aio
async def test_an_edit_of_a_colleague_changes_what_the_customer_reads(double: TelegramDouble, own_var: Path) -> None:
    async with running(double, own_var) as shop:
        conversation, thread = await talking(shop, double)
        said = double.push_topic(GROUP, thread, MIRA, "Am Freitg")
        sent = await shop.sees(lambda d: next((m for m in d.sent(CUSTOMER) if "Freitg" in m["text"]), None))
        edited = double.push_topic_edit(said, "Am Freitag")
        edit = await shop.sees(lambda d: to_customer(d, "editMessageText"))
        assert (int(edit[0]["message_id"]), edit[0]["text"]) == (sent["message_id"], "👤 Mira:\nAm Freitag")
        double.push_again(edited)
        note = double.push_topic(GROUP, thread, MIRA, "/note Tiel da")
        await shop.until(lambda: "Tiel da" in shop.said(conversation))
        double.push_topic_edit(note, "/note Teil da")
        await shop.until(lambda: shop.said(conversation) == ["Am Freitag", "Teil da"])
        double.push_topic_edit(note, "Teil ist für alle da")
        await shop.posted(thread, DE("topic_stays"))
        assert shop.said(conversation) == ["Am Freitag", "Teil da"]
        with shop.database.begin() as session:
            kept = shop.history(session, conversation)
        assert [event.note for event in kept if event.what == "edited"] == ["Am Freitg", "Tiel da"]
        double.push_topic(GROUP, thread, MIRA, "/return Alles klar")
        await shop.until(lambda: shop.holder(conversation) == "bot")
        double.push_topic_edit(said, "Am Montag")
        await shop.posted(thread, DE("topic_too_late"))
        assert shop.said(conversation)[0] == "Am Freitag"


@aio
async def test_a_long_answer_that_went_out_in_pieces_is_corrected_by_another(
    double: TelegramDouble, own_var: Path
) -> None:
    async with running(double, own_var) as shop:
        _conversation, thread = await talking(shop, double)
        said = double.push_topic(GROUP, thread, MIRA, "Wort " * 819)
        await shop.sees(lambda d: len([m for m in d.sent(CUSTOMER) if "Wort" in m["text"]]) == 2)
        double.push_topic_edit(said, "Kurz gesagt: ja")
        await shop.sees(lambda d: any(m["text"] == "✏️ 👤 Mira:\nKurz gesagt: ja" for m in d.sent(CUSTOMER)))


@aio
async def test_an_edit_of_the_customer_stands_under_what_it_changes(double: TelegramDouble, own_var: Path) -> None:
    async with running(double, own_var) as shop:
        _conversation, thread = await talking(shop, double)
        said = double.push_text(CUSTOMER, "Bestellung 4711")
        first = await shop.posted(thread, "💬 Bestellung 4711")
        double.push({**said["message"], "text": "Bestellung 4712", "edit_date": 2}, kind="edited_message")
        edit = await shop.posted(thread, "💬 ✏️ Bestellung 4712")
        assert edit["reply_parameters"]["message_id"] == first["message_id"]


@aio
async def test_a_customer_who_blocked_the_bot_is_no_secret(double: TelegramDouble, own_var: Path) -> None:
    async with running(double, own_var) as shop:
        _conversation, thread = await talking(shop, double)
        double.block(CUSTOMER)
        for text in ("Sind Sie noch da?", "Hallo?"):
            double.push_topic(GROUP, thread, MIRA, text)
        await shop.posted(thread, "hat den Bot in Telegram blockiert")
        await shop.until(lambda: not shop.undelivered())
        assert len([p for p in double.posts(thread) if "blockiert" in str(p["text"])]) == 1


@aio
@pytest.mark.parametrize("words", ["Dieses Teil kommt", None])
async def test_a_colleague_who_replaces_a_photo_reads_that_it_did_not_arrive(
    double: TelegramDouble, own_var: Path, words: str | None
) -> None:
    async with running(double, own_var) as shop:
        conversation, thread = await talking(shop, double)
        said = double.push_topic(GROUP, thread, MIRA, photo=double.picture(picture("blue")), caption=words)
        await shop.sees(lambda d: to_customer(d, "sendPhoto"))
        before = shop.log(conversation)[-1]
        double.push({**said["message"], "photo": double.picture(picture("red")), "edit_date": 2}, kind="edited_message")
        await shop.posted(thread, DE("topic_file_stays"))
        after = shop.log(conversation)[-1]
        assert (after.text, after.attachments, after.edited_at) == (before.text, before.attachments, None)


@aio
async def test_a_photo_that_a_customer_replaces_is_in_the_topic(double: TelegramDouble, own_var: Path) -> None:
    async with running(double, own_var) as shop:
        conversation, thread = await talking(shop, double)
        said = double.push_photo(CUSTOMER, picture("red"), "Der Riss")
        await shop.posted(thread, "💬 Der Riss")
        double.push(
            {**said["message"], "photo": double.picture(picture("blue")), "edit_date": 2}, kind="edited_message"
        )
        shown = await shop.posted(thread, "✏️ Der Riss")
        red, _green, blue = Image.open(io.BytesIO(shown["file"])).convert("RGB").getpixel((5, 5))
        assert blue > 200 > red, "the new one"
        assert shop.log(conversation)[-1].reply_to == shop.log(conversation)[-2].seq
