"""The copy of their data that a verified customer gets in the chat: a file there, a signed link on other channels."""

from __future__ import annotations

from itsdangerous import BadSignature, URLSafeTimedSerializer
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

from bot import texts
from bot.config import Settings
from bot.database import Database, utcnow
from bot.frontdesk import export, messages
from bot.frontdesk.messages import PUSHED_CHANNELS, Reply
from bot.frontdesk.model import Attachment, Conversation

LINK_DAYS = 7
"""How long a link to a copy works."""

_PATH = "/privacy/copy"


def hand_out(session: Session, conversation: Conversation, settings: Settings) -> None:
    """Write the copy and say it in a locked conversation. Only this conversation: what others wrote is not theirs."""
    data = export.collect(session, [conversation.id])
    file_id, name = messages.new_id(), f"daten-{utcnow():%Y-%m-%d}.zip"
    target = settings.var / "attachments" / file_id
    target.parent.mkdir(parents=True, exist_ok=True)
    export.write(settings, data, target)
    size = target.stat().st_size
    session.add(Attachment(id=file_id, conversation_id=conversation.id, name=name, type=export.ZIP, size=size))
    said = texts.text("utter_privacy_copy", conversation.language)
    file = {"id": file_id, "name": name, "type": export.ZIP, "size": size, "url": f"/chat/attachments/{file_id}"}
    if conversation.channel in PUSHED_CHANNELS:
        link = f"{settings.base_url}{_PATH}/{_signer(settings).dumps(file_id)}"
        said += " " + texts.text("utter_privacy_copy_link", conversation.language, days=LINK_DAYS, link=link)
    messages.append(session, conversation, Reply("system", said), attachments=[file])


def routes(database: Database, settings: Settings) -> list[Route]:
    """Where the links lead."""

    async def fetch(request: Request) -> Response:
        try:
            file_id = _signer(settings).loads(request.path_params["token"], max_age=LINK_DAYS * 86_400)
        except BadSignature:
            return _gone()
        found = await database.run(lambda session: session.get(Attachment, file_id))
        path = settings.var / "attachments" / str(file_id)
        if found is None or found.type != export.ZIP or not path.exists():
            return _gone()
        headers = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
        return FileResponse(path, media_type=found.type, filename=found.name, headers=headers)

    return [Route(f"{_PATH}/{{token}}", fetch, methods=["GET"])]


def _gone() -> Response:
    return PlainTextResponse("Dieser Link gilt nicht mehr. / This link does not work any more.", status_code=404)


def _signer(settings: Settings) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(settings.signing_key(), salt="privacy-copy")
