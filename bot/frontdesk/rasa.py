"""Asking the dialogue: one turn of a conversation over loopback HTTP to Rasa (bot/dialogue/channel.py)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import httpx

from bot.config import Settings, rasa_token


class DialogueDown(Exception):
    """Rasa or its actions did not answer this turn: keep the message and try again later."""


@dataclass(frozen=True)
class Turn:
    """What the dialogue says to one message.

    `replies` are texts with buttons, in order. `handoff` asks for a person: reason, severity, case_number,
    confidential. `privacy`: "export" or "erase", once the customer may have it. `understood` is what the NLU made of
    the message.
    """

    replies: list[dict[str, Any]]
    language: str | None = None
    handoff: dict[str, Any] | None = None
    close: bool = False
    privacy: str | None = None
    understood: dict[str, Any] = field(default_factory=dict)


class Dialogue:
    """The Rasa server. One instance per front desk; connections are kept."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._client = httpx.AsyncClient(base_url=settings.rasa_url, timeout=settings.rasa_timeout, trust_env=False)
        self._actions = httpx.AsyncClient(base_url=settings.actions_url, timeout=2.0, trust_env=False)
        self._token = {"token": rasa_token(settings)}

    async def turn(self, conversation: str, message_id: str, text: str, **about: Any) -> Turn:
        """Let the dialogue answer one message; the same `message_id` again gives the same answer.

        Raises :class:`DialogueDown` when nobody answers or the turn failed inside.
        """
        body = {"sender": conversation, "message_id": message_id, "text": text, "metadata": about}
        answer = await self._ask("turn", body)
        replies, handoff, close, privacy = [], None, False, None
        for message in answer["messages"]:
            command = message.get("custom") or {}
            handoff = command.get("handoff") or handoff
            close = close or bool(command.get("close"))
            privacy = command.get("privacy") or privacy
            if message.get("text"):
                replies.append({"text": message["text"], "buttons": message.get("buttons") or []})
        return Turn(replies, answer.get("language"), handoff, close, privacy, answer.get("understood") or {})

    async def retell(self, conversation: str, story: dict[str, Any]) -> None:
        """Tell the dialogue what was said and agreed while people had the conversation (bot/frontdesk/retelling.py).

        The same story again changes nothing. Raises :class:`DialogueDown` like a turn.
        """
        await self._ask("retell", {"sender": conversation, "story": story})

    async def _ask(self, what: str, body: dict[str, Any]) -> dict[str, Any]:
        try:
            response = await self._client.post(f"/webhooks/frontdesk/{what}", json=body, params=self._token)
        except httpx.HTTPError as error:
            raise DialogueDown(type(error).__name__) from error
        if response.status_code != 200:
            raise DialogueDown(f"status {response.status_code}")
        return dict(response.json())

    async def ready(self) -> dict[str, bool]:
        """Whether Rasa (with a model) and the action server answer now."""
        return {
            "rasa": await _answers(self._client, "/status", self._token),
            "actions": await _answers(self._actions, "/health"),
        }

    async def close(self) -> None:
        await self._client.aclose()
        await self._actions.aclose()


def as_typed(text: str) -> str:
    """Typed text never reaches Rasa as a command: `/intent{...}` loses its slash, see Rasa's own shortcut."""
    return text.lstrip("/ \t\n") or "?"


async def _answers(client: httpx.AsyncClient, path: str, params: dict[str, str] | None = None) -> bool:
    try:
        return (await client.get(path, params=params, timeout=2.0)).status_code == 200
    except httpx.HTTPError:
        return False
