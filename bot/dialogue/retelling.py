"""Telling Rasa what people and the customer said while the bot was silent, as events of its tracker.

A customer's turn is understood like any other: what it says (an order number, a proof, a wish) lands in the slots and
on the case, by the same action that runs first in every turn. Only nothing is answered. What staff said stands in the
tracker as said by us, and what was agreed in the slot `agreed`, which the actions stand by.
"""

from __future__ import annotations

from typing import Any

import rasa.core.actions.action as actions
from rasa.core.channels.channel import CollectingOutputChannel, UserMessage
from rasa.core.processor import MessageProcessor
from rasa.shared.core.constants import ACTION_EXTRACT_SLOTS, ACTION_LISTEN_NAME, REQUESTED_SLOT
from rasa.shared.core.events import ActionExecuted, ActiveLoop, BotUttered, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

AGREED = "agreed"


class NotTaken(Exception):
    """The actions did not take a turn in: try again later."""


async def retell(processor: MessageProcessor, conversation: str, story: dict[str, Any], channel: str) -> None:
    """Put a story (bot/frontdesk/retelling.py) into the tracker; the same handoff again changes nothing.

    Raises :class:`NotTaken` when the actions do not answer; then nothing of it is kept.
    """
    out = CollectingOutputChannel()
    tracker = await processor.fetch_tracker_with_initial_session(conversation, out)
    known = tracker.get_slot(AGREED)
    if isinstance(known, dict) and known.get("handoff") == story["handoff"]:
        return
    for turn in story["turns"]:
        if turn["author"] == "staff":
            tracker.update(BotUttered(turn["text"], metadata={"author": "staff", "name": turn["name"]}))
        else:
            await _heard(processor, tracker, out, turn, channel)
    tracker.update_with_events(
        [
            ActiveLoop(None),
            SlotSet(REQUESTED_SLOT, None),
            SlotSet("misunderstood", 0.0),
            SlotSet(AGREED, {**story["agreed"], "handoff": story["handoff"]}),
            ActionExecuted(ACTION_LISTEN_NAME),
        ],
        processor.domain,
    )
    await processor.save_tracker(tracker)


async def _heard(
    processor: MessageProcessor,
    tracker: DialogueStateTracker,
    out: CollectingOutputChannel,
    turn: dict[str, Any],
    channel: str,
) -> None:
    message = UserMessage(turn["text"], out, tracker.sender_id, input_channel=channel, message_id=turn["id"])
    parsed = await processor.parse_message(message, tracker)
    tracker.update(
        UserUttered(
            turn["text"],
            parsed["intent"],
            parsed["entities"],
            parsed,
            input_channel=channel,
            message_id=turn["id"],
            metadata={"retold": True},
        ),
        processor.domain,
    )
    extract = actions.action_for_name_or_text(ACTION_EXTRACT_SLOTS, processor.domain, processor.action_endpoint)
    events = await extract.run(out, processor.nlg, tracker, processor.domain)
    if not any(isinstance(e, SlotSet) and e.key == "understood" and e.value == turn["id"] for e in events):
        raise NotTaken(turn["id"])
    # What the action would have said (a proof that does not fit) was for the person who answered.
    tracker.update_with_events([e for e in events if not isinstance(e, BotUttered)], processor.domain)
    tracker.update(ActionExecuted(ACTION_LISTEN_NAME))
