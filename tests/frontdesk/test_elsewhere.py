"""What another process writes is heard by those who wait in this one."""

from __future__ import annotations

from bot.frontdesk import messages
from bot.frontdesk.elsewhere import Elsewhere
from bot.frontdesk.hub import EVERYTHING, Hub
from bot.frontdesk.messages import Reply
from bot.frontdesk.model import Conversation
from tests.frontdesk.conftest import Desk


async def test_a_message_from_elsewhere_wakes_its_conversation_and_no_other(desk: Desk) -> None:
    first, second = desk.talk(), desk.talk()
    hub = Hub()
    elsewhere = Elsewhere(desk.database, hub)
    await elsewhere.look()
    with hub.listen(first) as mine, hub.listen(second) as others, hub.listen(EVERYTHING) as everything:
        await elsewhere.look()
        assert not everything.event.is_set(), "nothing is new"
        with desk.database.begin() as session:
            messages.append(session, session.get(Conversation, first), Reply("staff", "Guten Tag", author_name="Mira"))
        await elsewhere.look()
        assert mine.event.is_set() and everything.event.is_set() and not others.event.is_set()
        mine.event.clear()
        await elsewhere.look()
        assert not mine.event.is_set(), "it is told once"


async def test_the_first_message_ever_is_heard(desk: Desk) -> None:
    hub = Hub()
    elsewhere = Elsewhere(desk.database, hub)
    await elsewhere.look()
    with hub.listen(EVERYTHING) as everything:
        desk.talk()
        await elsewhere.look()
        assert everything.event.is_set()
