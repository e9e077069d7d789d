"""A team works in Telegram: a topic for each conversation, and what is written there reaches the customer."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.cases.model import Case, Offer
from bot.database import Database, utcnow
from bot.desk.topics.written import NOTED, SENT
from bot.desk.wording import Words
from bot.frontdesk.model import Handoff
from tests.desk.topics.conftest import ALEX, GROUP, MIRA, Shop, running
from tests.services.telegram_double import TelegramDouble

aio = pytest.mark.asyncio
DE = Words("de")
CUSTOMER = 4711
STRANGER = 666


async def claimed(shop: Shop, double: TelegramDouble, chat: int | None = None) -> tuple[str, int]:
    """A conversation that Mira has claimed in its topic; its id and its topic."""
    shop.user("Mira", MIRA)
    shop.user("Alex", ALEX)
    conversation = shop.waiting(chat=chat)
    thread = await shop.thread(conversation)
    double.push_topic(GROUP, thread, MIRA, "/claim")
    await shop.until(lambda: shop.holder(conversation) == "staff")
    return conversation, thread


@aio
async def test_a_topic_begins_with_the_package_and_then_says_who_has_it(double: TelegramDouble, tmp_path: Path) -> None:
    async with running(double, tmp_path) as shop:
        shop.user("Mira", MIRA)
        conversation = shop.waiting(severity=4, text="Der Akku brennt")
        thread = await shop.thread(conversation)
        (made,) = double.called("createForumTopic")
        assert made.params["name"].startswith("🔴 EK-") and int(made.params["icon_color"]) == 16478047
        package, turns, status = double.posts(thread)
        assert "Gefahr" in package["text"] and "Der Akku brennt" in package["text"]
        assert f"/desk/conversations/{conversation}" in package["text"]
        assert "Kunde: Der Akku brennt" in turns["text"]
        assert status["text"].startswith(DE("topic_status_queued"))
        (pinned,) = await shop.sees(lambda d: d.called("pinChatMessage"))
        assert int(pinned.params["message_id"]) == status["message_id"]
        button = status["reply_markup"]["inline_keyboard"][0][0]
        double.press_in_group(GROUP, MIRA, status["message_id"], button["callback_data"])
        (edit,) = await shop.sees(lambda d: d.called("editMessageText"))
        assert edit.params["text"] == DE("topic_status_held", name="Mira") and "reply_markup" not in edit.params
        assert shop.holder(conversation) == "staff"


@aio
async def test_what_the_holder_writes_goes_to_the_customer_and_is_not_echoed(
    double: TelegramDouble, tmp_path: Path
) -> None:
    async with running(double, tmp_path) as shop:
        conversation, thread = await claimed(shop, double, chat=CUSTOMER)
        said = double.push_topic(GROUP, thread, MIRA, "Guten Tag, ich bin Mira.")
        await shop.sees(lambda d: any("ich bin Mira" in m["text"] for m in d.sent(CUSTOMER)))
        double.push_again(said)
        shop.customer(conversation, "Endlich ein Mensch!")
        await shop.posted(thread, "💬 Endlich ein Mensch!")
        assert shop.said(conversation) == ["Guten Tag, ich bin Mira."]
        assert not any("ich bin Mira" in str(post["text"]) for post in double.posts(thread))
        signs = await shop.sees(lambda d: [c.params for c in d.called("setMessageReaction")][1:])
        assert signs[0]["message_id"] == str(said["message"]["message_id"]) and SENT in str(signs[0]["reaction"])


@aio
async def test_nobody_claims_by_writing_and_only_the_holder_speaks(double: TelegramDouble, tmp_path: Path) -> None:
    async with running(double, tmp_path) as shop:
        shop.user("Mira", MIRA)
        shop.user("Alex", ALEX)
        conversation = shop.waiting()
        thread = await shop.thread(conversation)
        double.push_topic(GROUP, thread, MIRA, "Den kenne ich, ein Nörgler")
        await shop.posted(thread, DE("topic_claim_first"))
        double.push_topic(GROUP, thread, ALEX, "/nehmen")
        await shop.until(lambda: shop.holder(conversation) == "staff")
        double.push_topic(GROUP, thread, MIRA, "Ich bin auch da")
        await shop.posted(thread, DE("topic_held_by", name="Alex"))
        double.push_topic(GROUP, thread, MIRA, "/claim")
        await shop.posted(thread, DE("error_faster", name="Alex"))
        assert shop.said(conversation) == []


@aio
async def test_a_stranger_in_the_group_can_do_nothing_and_reads_how(double: TelegramDouble, tmp_path: Path) -> None:
    async with running(double, tmp_path) as shop:
        shop.user("Tom", 777, role="auditor")
        conversation = shop.waiting()
        thread = await shop.thread(conversation)
        for text in ("/claim", "Hallo Kunde", "/offer 20 weil", "/resolve fertig"):
            double.push_topic(GROUP, thread, STRANGER, text)
        double.push_topic(GROUP, thread, 777, "/claim")
        await shop.posted(thread, DE("error_role", role=DE.name("role", "auditor")))
        assert [p["text"] for p in double.posts(thread)].count(DE("topic_not_linked")) == 2
        assert shop.holder(conversation) == "queue" and shop.said(conversation) == []
        status = double.posts(thread)[2]
        double.press_in_group(GROUP, STRANGER, status["message_id"], "claim:" + "0" * 32)
        button = status["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
        double.press_in_group(GROUP, STRANGER, status["message_id"], button)
        answers = await shop.sees(lambda d: len(c := d.called("answerCallbackQuery")) == 2 and c)
        assert answers[1].params["text"] == DE("topic_not_linked")
        assert shop.holder(conversation) == "queue"


@aio
async def test_notes_stay_among_staff(double: TelegramDouble, tmp_path: Path) -> None:
    async with running(double, tmp_path) as shop:
        conversation, thread = await claimed(shop, double, chat=CUSTOMER)
        double.push_topic(GROUP, thread, ALEX, "/note Teil ist bestellt")
        await shop.until(lambda: shop.said(conversation) == ["Teil ist bestellt"])
        shop.at_the_desk(conversation, "Alex", "note", text="vom Arbeitsplatz")
        await shop.posted(thread, "📝 Alex: vom Arbeitsplatz")
        assert not any("bestellt" in m["text"] or "Arbeitsplatz" in m["text"] for m in double.sent(CUSTOMER))
        assert await shop.sees(lambda d: [c for c in d.called("setMessageReaction") if NOTED in str(c.params)])
        double.push_topic(GROUP, thread, MIRA, "/note")
        await shop.posted(thread, DE("topic_note_how"))


@aio
async def test_an_offer_keeps_within_ones_authority(double: TelegramDouble, tmp_path: Path) -> None:
    async with running(double, tmp_path) as shop:
        _conversation, thread = await claimed(shop, double)
        double.push_topic(GROUP, thread, ALEX, "/offer 20 nett")
        await shop.posted(thread, DE("error_not_yours"))
        double.push_topic(GROUP, thread, MIRA, "/offer 5000 sehr nett")
        await shop.posted(thread, "mehr, als Sie selbst geben dürfen")
        double.push_topic(GROUP, thread, MIRA, "/ask 150 musste dreimal kommen")
        await shop.posted(thread, DE("topic_asked", amount="150"))
        double.push_topic(GROUP, thread, MIRA, "/offer viel")
        await shop.posted(thread, DE("topic_offer_how"))
        given = double.push_topic(GROUP, thread, MIRA, "/offer 20,50 musste zweimal kommen")
        await shop.posted(thread, DE("topic_offered", amount="20,50"))
        double.push_again(given)
        double.push_topic(GROUP, thread, MIRA, "/kulanz 20")
        await shop.posted(thread, DE("topic_offered", amount="20"))
        with shop.database.begin() as session:
            offers = session.scalars(select(Offer).order_by(Offer.made_at)).all()
            assert [(o.amount_cents, o.by, o.form) for o in offers] == [
                (2050, "Mira", "voucher"),
                (2000, "Mira", "voucher"),
            ]
            assert offers[0].reason == "musste zweimal kommen" and offers[1].reason == DE("topic_offer_no_reason")


@aio
@pytest.mark.parametrize(
    ("command", "holder", "status"), [("return", "bot", "returned"), ("erledigt", "nobody", "resolved")]
)
async def test_the_end_closes_the_topic_and_a_new_wait_opens_it_again(
    double: TelegramDouble, tmp_path: Path, command: str, holder: str, status: str
) -> None:
    async with running(double, tmp_path) as shop:
        conversation, thread = await claimed(shop, double, chat=CUSTOMER)
        double.push_topic(GROUP, thread, MIRA, f"/{command}")
        await shop.sees(lambda d: any(str(p["text"]).startswith("So: /") for p in d.posts(thread)))
        double.push_topic(GROUP, thread, MIRA, f"/{command} Ersatz kommt am Freitag")
        await shop.sees(lambda d: d.topics[thread] == "closed")
        assert shop.holder(conversation) == holder
        await shop.sees(lambda d: any("Ersatz kommt am Freitag" in m["text"] for m in d.sent(CUSTOMER)))
        assert any("Ersatz kommt am Freitag" in str(p["text"]) for p in double.posts(thread))
        last = double.called("editMessageText")[-1].params["text"]
        assert last == DE(f"topic_status_{status}", name="Mira")
        if status == "resolved":
            with shop.database.begin() as session:
                assert session.scalars(select(Case.state)).one() == "resolved"
        before = len(double.posts(thread))
        shop.customer(conversation, "Nur für den Bot")
        shop.again(conversation)
        await shop.sees(lambda d: d.topics[thread] == "open" and len(d.posts(thread)) >= before + 3)
        again = [str(post["text"]) for post in double.posts(thread)[before:]]
        assert "Früher vereinbart: Mira: Ersatz kommt am Freitag" in again[0] and "Nur für den Bot" in again[1]
        assert again[2].startswith("🟠") and len(double.called("createForumTopic")) == 1


@aio
async def test_desk_and_telegram_show_the_same_state(double: TelegramDouble, tmp_path: Path) -> None:
    async with running(double, tmp_path) as shop:
        conversation, thread = await claimed(shop, double, chat=CUSTOMER)
        double.push_topic(GROUP, thread, MIRA, "/release muss weg")
        await shop.until(lambda: shop.holder(conversation) == "queue")
        await shop.sees(lambda d: any("muss weg" in c.params["text"] for c in d.called("editMessageText")))
        shop.at_the_desk(conversation, "Alex", "claim")
        await shop.sees(
            lambda d: (
                d.called("editMessageText")[-1:]
                and d.called("editMessageText")[-1].params["text"] == DE("topic_status_held", name="Alex")
            )
        )
        shop.at_the_desk(conversation, "Alex", "say", text="Hier ist Alex")
        await shop.posted(thread, "👤 Alex: Hier ist Alex")
        shop.at_the_desk(conversation, "Alex", "resolve", agreed="Erledigt am Arbeitsplatz")
        await shop.sees(lambda d: d.topics[thread] == "closed")


@aio
async def test_sqlite_and_postgresql_do_the_same(double: TelegramDouble, own_var: Path, both: Database) -> None:
    async with running(double, own_var, database=both) as shop:
        conversation, thread = await claimed(shop, double, chat=CUSTOMER)
        said = double.push_topic(GROUP, thread, MIRA, "Am Freitg")
        await shop.sees(lambda d: any("Am Freitg" in m["text"] for m in d.sent(CUSTOMER)))
        double.push_topic_edit(said, "Am Freitag")
        await shop.sees(lambda d: any("Am Freitag" in str(c.params["text"]) for c in d.called("editMessageText")))
        double.push_topic(GROUP, thread, MIRA, "/offer 5000 zu viel")
        await shop.posted(thread, "mehr, als Sie selbst geben dürfen")
        shop.ask(conversation)
        await shop.sees(lambda d: any("reply_markup" in m for m in d.sent(CUSTOMER)))
        question = next(m for m in double.sent(CUSTOMER) if "reply_markup" in m)
        await shop.until(lambda: not shop.undelivered())
        double.press(
            CUSTOMER, question["message_id"], question["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
        )
        await shop.sees(lambda d: "✓ Ja" in str([c.params for c in d.called("editMessageReplyMarkup")]))
        double.push_topic(GROUP, thread, MIRA, "/resolve gut")
        await shop.sees(lambda d: d.topics[thread] == "closed")


@aio
async def test_what_is_confidential_never_comes_into_the_group(double: TelegramDouble, tmp_path: Path) -> None:
    async with running(double, tmp_path) as shop:
        secret = shop.waiting("Ihr Herr Keller hat mich beleidigt", category="staff_conduct", confidential=True)
        ordinary = shop.waiting("Der Toaster ist kaputt")
        await shop.thread(ordinary)
        (notice,) = await shop.sees(
            lambda d: d.sent(GROUP) and [m for m in d.sent(GROUP) if "message_thread_id" not in m]
        )
        assert notice["text"] == DE("topic_confidential", link=f"http://127.0.0.1:8000/desk/conversations/{secret}")
        assert len(double.called("createForumTopic")) == 1 and "Keller" not in str(double.calls)


@aio
async def test_what_becomes_confidential_is_taken_out_of_the_group(double: TelegramDouble, tmp_path: Path) -> None:
    async with running(double, tmp_path) as shop:
        conversation = shop.waiting()
        thread = await shop.thread(conversation)
        shop.again(conversation, confidential=True)
        await shop.sees(lambda d: thread not in d.topics)
        await shop.sees(lambda d: any("vertraulich" in m["text"] for m in d.sent(GROUP)))
        shop.customer(conversation, "Frau Meier war es")
        await shop.until(lambda: shop.log(conversation)[-1].text == "Frau Meier war es")
        assert "Meier" not in str(double.calls)


@aio
async def test_a_conversation_is_put_aside_given_on_and_passed_up_from_its_topic(
    double: TelegramDouble, tmp_path: Path
) -> None:
    async with running(double, tmp_path) as shop:
        shop.user("Vera", role="lead")
        conversation, thread = await claimed(shop, double)

        def steps() -> list[tuple[str, str | None]]:
            with shop.database.begin() as session:
                return [(step.what, step.note) for step in shop.history(session, conversation)]

        double.push_topic(GROUP, thread, MIRA, "/snooze 2 h Werkstatt fragen")
        await shop.until(lambda: ("snoozed", "Werkstatt fragen") in steps())
        with shop.database.begin() as session:
            until = session.scalars(select(Handoff.snoozed_until).where(Handoff.ended_at.is_(None))).one()
        assert dt.timedelta(hours=1, minutes=58) < until - utcnow() <= dt.timedelta(hours=2)
        double.push_topic(GROUP, thread, MIRA, "/weitergeben @alex: kennt die Kundin")
        await shop.until(lambda: any(what == "reassigned" for what, _note in steps()))
        assert "kennt die Kundin" in str(steps()[-1][1])
        double.push_topic(GROUP, thread, ALEX, "/leitung mehr als ich darf")
        await shop.until(lambda: ("escalated", "mehr als ich darf") in steps())
        assert shop.holder(conversation) == "queue"


@aio
@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("/snooze", "topic_snooze_how"),
        ("/spaeter irgendwann", "topic_snooze_how"),
        ("/snooze 90d", "error_snooze"),
        ("/escalate", "topic_escalate_how"),
        ("/escalate zu teuer", "error_no_lead"),
        ("/reassign Alexander", "topic_reassign_how"),
    ],
)
async def test_who_hands_on_wrongly_reads_how_it_is_done(
    double: TelegramDouble, tmp_path: Path, said: str, answer: str
) -> None:
    async with running(double, tmp_path) as shop:
        conversation, thread = await claimed(shop, double)
        double.push_topic(GROUP, thread, MIRA, said)
        await shop.posted(thread, DE(answer, names="Alex"))
        assert shop.holder(conversation) == "staff"
