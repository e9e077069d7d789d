"""Signed tokens of the web chat: who shows one may read and write the conversation it names, for 30 days."""

from __future__ import annotations

from itsdangerous import BadData, URLSafeTimedSerializer
from starlette.requests import Request

from bot.config import Settings
from bot.database import Database
from bot.frontdesk.channels.web_requests import Refused, language_of
from bot.frontdesk.model import Conversation

SESSION_DAYS = 30


class Sessions:
    def __init__(self, database: Database, settings: Settings) -> None:
        self._database = database
        self._signer = URLSafeTimedSerializer(settings.signing_key(), salt="web-chat")

    def token(self, conversation_id: str) -> str:
        """What proves this conversation to be one's own."""
        return str(self._signer.dumps(conversation_id))

    async def find(self, token: str) -> Conversation | None:
        """The conversation of a token; None when it is forged, too old, or its conversation was erased."""
        try:
            conversation_id = str(self._signer.loads(token, max_age=SESSION_DAYS * 86_400))
        except BadData:
            return None
        return await self._database.look(lambda s: s.get(Conversation, conversation_id))  # type: ignore[no-any-return]

    async def conversation(self, request: Request) -> Conversation:
        """Whose request this is, by its bearer token or `?token=`. Raises :class:`Refused`."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            token = request.query_params.get("token", "")
        found = await self.find(token)
        if found is None:
            raise Refused("not_signed_in", language_of(request))
        return found
