"""What was erased does not stay in the team's group."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from bot.database import utcnow
from bot.frontdesk import messages, privacy
from tests.desk.topics.conftest import MIRA, running
from tests.services.telegram_double import TelegramDouble

aio = pytest.mark.asyncio


@aio
async def test_an_erased_conversation_takes_its_topic_with_it(double: TelegramDouble, own_var: Path) -> None:
    async with running(double, own_var) as shop:
        shop.user("Mira", MIRA)
        conversation = shop.waiting("Meine Adresse ist geheim")
        thread = await shop.thread(conversation)
        shop.at_the_desk(conversation, "Mira", "claim")
        shop.at_the_desk(conversation, "Mira", "resolve", agreed="gut")
        await shop.sees(lambda d: d.topics[thread] == "closed")
        privacy.erase(shop.database, shop.settings, conversation, utcnow(), who="Mira")
        shop.hub.tell(conversation)
        await shop.sees(lambda d: thread not in d.topics)
        await shop.until(lambda: (t := shop.topic(conversation)) and t.thread_id is None)
        assert len(double.called("createForumTopic")) == 1


@aio
async def test_who_is_still_waiting_gets_a_topic_of_what_is_left(double: TelegramDouble, own_var: Path) -> None:
    async with running(double, own_var) as shop:
        conversation = shop.waiting("Der Toaster ist kaputt")
        shop.customer(conversation, "Meine Adresse ist geheim")
        with shop.database.begin() as session:
            said = messages.history(session, conversation)[-1]
            said.at = said.at - dt.timedelta(hours=2)  # long before the claim, which has to stay
        thread = await shop.thread(conversation)
        assert "geheim" in str(double.posts(thread))
        privacy.erase(shop.database, shop.settings, conversation, utcnow(), who="bot")
        shop.hub.tell(conversation)
        await shop.sees(lambda d: thread not in d.topics)
        await shop.until(lambda: (t := shop.topic(conversation)) and t.thread_id not in (None, thread))
        anew = await shop.thread(conversation)
        assert "Toaster" in str(double.posts(anew)) and "geheim" not in str(double.posts(anew))


@aio
async def test_a_bot_that_may_not_delete_tries_again_and_says_why(double: TelegramDouble, own_var: Path) -> None:
    async with running(double, own_var) as shop:
        double.rights["can_delete_messages"] = False
        conversation = shop.waiting()
        thread = await shop.thread(conversation)
        shop.again(conversation, confidential=True)
        await shop.until(lambda: (t := shop.topic(conversation)) and "Not enough rights" in (t.error or ""))
        double.rights["can_delete_messages"] = True
        await shop.sees(lambda d: thread not in d.topics)
