"""The door through which the front desk talks to Rasa: one turn, one answer, and the truth about whether it worked.

Rasa's own REST channel hides two things that the front desk must know: that a message was answered before (a crash
between answer and log), and that an action failed (Rasa goes on as if it had run). So here
- a `message_id` that the tracker has seen gets the answer it got then;
- a turn in which an action failed, that the actions did not take in, or that said nothing, is taken back and reported
  as failed: else a case that could not be opened would be answered as if there were none.
What was said while people had the conversation comes in by `retell`, before the next turn.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from functools import wraps
from typing import Any

from rasa.core.actions.action import ActionExecutionRejection, RemoteAction
from rasa.core.channels.channel import CollectingOutputChannel, InputChannel, UserMessage
from rasa.core.processor import MessageProcessor
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.events import ActionExecuted, BotUttered, Event, SlotSet, UserUtteranceReverted, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from bot.dialogue import retelling

log = logging.getLogger(__name__)

Handler = Callable[[dict[str, Any], MessageProcessor], Awaitable[HTTPResponse]]

UNDERSTOOD = ("intent", "intent_ranking", "category", "flags", "severity", "remedies", "language", "why")


_FAILED: ContextVar[list[str] | None] = ContextVar("failed", default=None)
"""The actions that failed in this turn."""


def _remember_failures() -> None:
    """Rasa logs that an action failed and goes on; the turn that it belongs to learns of it here."""
    run = RemoteAction.run

    async def remembered(action: RemoteAction, *given: Any, **named: Any) -> list[Event]:
        try:
            return await run(action, *given, **named)
        except ActionExecutionRejection:
            raise  # said on purpose: the policies shall choose another one
        except Exception:
            failed = _FAILED.get()
            if failed is not None:
                failed.append(action.name())
            raise

    RemoteAction.run = remembered


_remember_failures()


class FrontDeskInput(InputChannel):
    """`POST /webhooks/frontdesk/turn` with sender, message_id, text, metadata. Needs Rasa's own token."""

    def __init__(self, token: str | None) -> None:
        self._token = token

    @classmethod
    def name(cls) -> str:
        return "frontdesk"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> InputChannel:
        # Asked for here and not at import: Rasa trains without the front desk's secret.
        from bot.config import rasa_token, settings

        return cls(rasa_token(settings()))

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        blueprint = Blueprint("frontdesk_webhook", "bot.dialogue.channel")

        @blueprint.route("/turn", methods=["POST"])
        @self._opened
        async def turn(body: dict[str, Any], processor: MessageProcessor) -> HTTPResponse:
            failed: list[str] = []
            _FAILED.set(failed)
            before = await processor.get_tracker(body["sender"])
            if _events_of(before, body["message_id"]) is None:
                await on_new_message(
                    UserMessage(
                        body["text"],
                        CollectingOutputChannel(),
                        body["sender"],
                        input_channel=self.name(),
                        message_id=body["message_id"],
                        metadata=body.get("metadata"),
                    )
                )
            tracker = await processor.get_tracker(body["sender"])
            events = _events_of(tracker, body["message_id"]) or []
            if failed or not _worked(events, body["message_id"]):
                tracker.update(UserUtteranceReverted())
                # Taking back a message takes back the listening before it: without it no rule fits the next try.
                tracker.update(ActionExecuted(ACTION_LISTEN_NAME))
                await processor.save_tracker(tracker)
                return response.json({"error": "an action failed"}, status=502)
            return response.json(_answer(tracker, events))

        @blueprint.route("/retell", methods=["POST"])
        @self._opened
        async def retell(body: dict[str, Any], processor: MessageProcessor) -> HTTPResponse:
            await retelling.retell(processor, body["sender"], body["story"], self.name())
            return response.json({"ok": True})

        return blueprint

    def _opened(self, handler: Handler) -> Callable[[Request], Awaitable[HTTPResponse]]:
        """A route that only the front desk's token opens, and only while there is a model; what goes wrong in it is
        logged and told as failed, so that the front desk tries again."""

        @wraps(handler)
        async def opened(request: Request) -> HTTPResponse:
            if self._token and request.args.get("token") != self._token:
                return response.json({"error": "wrong token"}, status=401)
            processor = request.app.ctx.agent.processor
            if processor is None:
                return response.json({"error": "no model"}, status=503)
            try:
                return await handler(request.json, processor)
            except Exception:
                log.exception("%s failed", handler.__name__)
                return response.json({"error": "failed"}, status=502)

        return opened


def _events_of(tracker: DialogueStateTracker | None, message_id: str) -> list[Event] | None:
    """The events of the turn with this message, None where it was not seen or was taken back.

    From the raw events: the tracker's own list of applied events leaves out turns inside a form.
    """
    found: list[Event] | None = None
    for event in tracker.events if tracker is not None else ():
        if isinstance(event, UserUttered):
            if event.message_id == message_id:
                found = [event]
            elif found is not None:
                break
        elif isinstance(event, UserUtteranceReverted):
            found = None
        elif found is not None:
            found.append(event)
    return found


def _worked(events: list[Event], message_id: str) -> bool:
    understood = any(isinstance(e, SlotSet) and e.key == "understood" and e.value == message_id for e in events)
    return understood and any(isinstance(e, BotUttered) for e in events)


def _answer(tracker: DialogueStateTracker, events: list[Event]) -> dict[str, Any]:
    said = [e for e in events if isinstance(e, BotUttered)]
    parsed: dict[str, Any] = next((dict(e.parse_data) for e in events if isinstance(e, UserUttered)), {})
    return {
        "messages": [
            {"text": e.text, "buttons": e.data.get("buttons") or [], "custom": e.data.get("custom")} for e in said
        ],
        "language": tracker.get_slot("language"),
        "understood": {name: parsed[name] for name in UNDERSTOOD if name in parsed},
    }
