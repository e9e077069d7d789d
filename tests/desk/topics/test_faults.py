"""Whatever Telegram does and whenever we stop: everything comes into its topic, once and in order."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from bot.desk.topics import due
from bot.desk.wording import Words
from bot.frontdesk.channels.telegram import connection
from bot.frontdesk.context_package import ContextPackage
from tests.desk.topics.conftest import GROUP, MIRA, Shop, running
from tests.services.telegram_double import TelegramDouble

aio = pytest.mark.asyncio
DE = Words("de")


def texts(double: TelegramDouble, thread: int) -> list[str]:
    return [str(post["text"]) for post in double.posts(thread)]


def customers(double: TelegramDouble, thread: int) -> list[str]:
    return [text for text in texts(double, thread) if text.startswith("💬")]


@aio
async def test_flood_control_is_obeyed_for_the_whole_group(double: TelegramDouble, tmp_path: Path) -> None:
    async with running(double, tmp_path) as shop:
        first, second = shop.waiting("eins", severity=3), shop.waiting("zwei", severity=1)
        threads = [await shop.thread(conversation) for conversation in (first, second)]
        double.too_many(1, retry_after=1)
        shop.customer(second, "mehr von zwei")
        (refused,) = await shop.sees(lambda d: d.called("sendMessage", ok=False))
        shop.customer(first, "mehr von eins")
        await shop.posted(threads[0], "mehr von eins")
        await shop.posted(threads[1], "mehr von zwei")
        after = [c for c in double.called("sendMessage", ok=None) if c.at > refused.at]
        assert after[0].at - refused.at >= 1, "the other topic waits too: the limit is the group's"
        assert "eins" in after[0].params["text"], "the gravest first"


@aio
@pytest.mark.parametrize(
    ("method", "status"),
    [("createForumTopic", 500), ("sendMessage", 502), ("pinChatMessage", 500), ("createForumTopic", 429)],
)
async def test_a_failing_telegram_loses_and_repeats_nothing(
    double: TelegramDouble, tmp_path: Path, method: str, status: int
) -> None:
    async with running(double, tmp_path) as shop:
        double.fail(method, 1, status=status) if status != 429 else double.too_many(1, 1, method)
        thread = await shop.thread(shop.waiting("Der Toaster brennt"))
        found = texts(double, thread)
        assert len(found) == 3 and "Der Toaster brennt" in found[0] and found[2].startswith("🟠")
        assert len(double.called("createForumTopic")) == 1


@aio
async def test_an_answer_that_never_comes_is_asked_for_again(
    double: TelegramDouble, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "READ_TIMEOUT", 0.3)
    async with running(double, tmp_path) as shop:
        conversation = shop.waiting()
        thread = await shop.thread(conversation)
        double.silence("sendMessage")
        shop.customer(conversation, "eins")
        shop.customer(conversation, "zwei")
        await shop.posted(thread, "zwei")
        # Telegram has no key against repeats: rather once too often than never, and in order.
        assert customers(double, thread) == ["💬 eins", "💬 eins", "💬 zwei"]


@aio
async def test_a_restart_in_the_middle_goes_on_where_it_was(double: TelegramDouble, tmp_path: Path) -> None:
    async with running(double, tmp_path) as shop:
        shop.user("Mira", MIRA)
        conversation = shop.waiting()
        thread = await shop.thread(conversation)
        claim = double.push_topic(GROUP, thread, MIRA, "/claim")
        said = double.push_topic(GROUP, thread, MIRA, "Ich bin da")
        await shop.until(lambda: shop.said(conversation) == ["Ich bin da"])
    shop = Shop(double, tmp_path)
    shop.customer(conversation, "während niemand lief")
    double.push_again(claim)
    double.push_again(said)
    async with running(double, tmp_path) as shop:
        await shop.posted(thread, "während niemand lief")
        double.push_topic(GROUP, thread, MIRA, "Wieder da")
        await shop.until(lambda: shop.said(conversation) == ["Ich bin da", "Wieder da"])
        assert len(double.called("createForumTopic")) == 1
        assert len([text for text in texts(double, thread) if "Im Wortlaut" in text]) == 1
        assert customers(double, thread) == ["💬 während niemand lief"]


@aio
async def test_a_topic_that_somebody_deleted_is_made_anew(double: TelegramDouble, tmp_path: Path) -> None:
    async with running(double, tmp_path) as shop:
        conversation = shop.waiting()
        thread = await shop.thread(conversation)
        del double.topics[thread]
        shop.customer(conversation, "Hallo?")
        await shop.until(lambda: (t := shop.topic(conversation)) and t.thread_id not in (None, thread))
        anew = await shop.thread(conversation)
        assert "Kunde: Hallo?" in texts(double, anew)[1]


@aio
async def test_a_topic_that_somebody_closed_or_opened_by_hand_is_no_trouble(
    double: TelegramDouble, tmp_path: Path
) -> None:
    async with running(double, tmp_path) as shop:
        shop.user("Mira", MIRA)
        conversation = shop.waiting()
        thread = await shop.thread(conversation)
        shop.at_the_desk(conversation, "Mira", "claim")
        double.topics[thread] = "closed"
        shop.at_the_desk(conversation, "Mira", "return", agreed="gut")
        await shop.until(lambda: (t := shop.topic(conversation)) and not t.is_open)
        double.topics[thread] = "open"
        shop.again(conversation)
        await shop.until(lambda: (t := shop.topic(conversation)) and t.is_open and t.status_post)


@aio
async def test_a_bot_without_rights_tries_on_and_the_desk_works(double: TelegramDouble, tmp_path: Path) -> None:
    async with running(double, tmp_path) as shop:
        shop.user("Mira", MIRA)
        double.fail("createForumTopic", 1, status=400, why="Bad Request: not enough rights to create a topic")
        conversation = shop.waiting()
        await shop.until(lambda: (t := shop.topic(conversation)) and t.error)
        shop.at_the_desk(conversation, "Mira", "claim")
        thread = await shop.thread(conversation)
        assert DE("topic_status_held", name="Mira") in texts(double, thread)


@aio
async def test_another_group_gets_the_topics_that_are_open(double: TelegramDouble, tmp_path: Path) -> None:
    async with running(double, tmp_path) as shop:
        conversation = shop.waiting()
        thread = await shop.thread(conversation)
    async with running(double, tmp_path, telegram_staff_group=-100777) as shop:
        await shop.until(lambda: (t := shop.topic(conversation)) and t.group_id == -100777 and t.status_post)
        assert await shop.thread(conversation) != thread


@aio
async def test_without_a_group_the_bot_declines_groups_as_ever(double: TelegramDouble, tmp_path: Path) -> None:
    async with running(double, tmp_path, telegram_staff_group=0) as shop:
        conversation = shop.waiting()
        double.push_group_text(-5, "hallo")
        await shop.sees(lambda d: d.called("leaveChat"))
        assert shop.topic(conversation) is None and double.called("createForumTopic") == []


@aio
async def test_a_photo_that_telegram_does_not_show_comes_as_a_file(double: TelegramDouble, own_var: Path) -> None:
    from tests.desk.topics.test_carried import picture

    async with running(double, own_var) as shop:
        conversation = shop.waiting()
        thread = await shop.thread(conversation)
        double.fail("sendPhoto", 1, status=400, why="Bad Request: PHOTO_INVALID_DIMENSIONS")
        shop.photo(conversation, picture(), "zu lang")
        await shop.posted(thread, "zu lang")
        assert len(double.called("sendDocument")) == 1


@aio
async def test_one_conversation_that_breaks_us_keeps_nobody_waiting(
    double: TelegramDouble, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = due.context_package

    def broken(session: Session, conversation_id: str, **more: Any) -> ContextPackage:
        if conversation_id == bad[0]:
            raise ValueError("something that nobody thought of")
        return whole(session, conversation_id, **more)

    bad = [""]
    monkeypatch.setattr(due, "context_package", broken)
    shop = Shop(double, tmp_path)
    bad[0] = shop.waiting("kaputt", severity=4)
    good = shop.waiting("heil", severity=1)
    async with running(double, tmp_path) as shop:
        await shop.thread(good)
        assert (found := shop.topic(bad[0])) is not None and found.status_post is None
