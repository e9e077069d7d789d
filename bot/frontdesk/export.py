"""The right of access (Art. 15 GDPR): everything that is stored about a conversation, as JSON and files in one ZIP.

Decisions come with their inputs and the path through the rules (Art. 15(1)(h)). Notes among staff may be about other
people, too, and are left for a person to decide on (Art. 15(4)).
"""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.cases.model import Case, Order, Verification
from bot.cases.report import case_as_dict
from bot.config import Settings
from bot.frontdesk.messages import history
from bot.frontdesk.model import Attachment, Conversation
from bot.frontdesk.privacy import NoSuchConversation

ZIP = "application/zip"
"""The type of a copy that was handed out; no customer can send such a file."""

_MESSAGE = ("seq", "at", "author", "author_name", "text", "buttons", "attachments", "understood", "edited_at")


def collect(session: Session, conversations: Sequence[str]) -> dict[str, Any]:
    """What is stored about these conversations, as plain data. Raises :class:`NoSuchConversation`."""
    return {"conversations": [_conversation(session, conversation_id) for conversation_id in conversations]}


def write(settings: Settings, data: dict[str, Any], target: Path) -> int:
    """Write what :func:`collect` found into a ZIP that only its owner can read: data.json and attachments/.

    Returns the number of files beside data.json.
    """
    handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.fchmod(handle, 0o600)
    count = 0
    with os.fdopen(handle, "wb") as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("data.json", json.dumps(data, ensure_ascii=False, indent=2))
        for conversation in data["conversations"]:
            for attachment in conversation["attachments"]:
                source = settings.var / "attachments" / attachment["id"]
                if source.exists():
                    archive.write(source, f"attachments/{attachment['id'][:8]}-{attachment['name']}")
                    count += 1
    return count


def _conversation(session: Session, conversation_id: str) -> dict[str, Any]:
    conversation = session.get(Conversation, conversation_id)
    cases = list(session.scalars(select(Case).where(Case.conversation == conversation_id).order_by(Case.number)))
    if conversation is None and not cases:
        raise NoSuchConversation(f"there is no conversation {conversation_id}")
    files = session.scalars(
        select(Attachment).where(Attachment.conversation_id == conversation_id, Attachment.type != ZIP)
    )
    return {
        "id": conversation_id,
        "channel": conversation.channel if conversation is not None else None,
        "address": conversation.channel_key if conversation is not None else None,
        "language": conversation.language if conversation is not None else None,
        "created_at": _plain(conversation.created_at) if conversation is not None else None,
        "messages": [
            {name: _plain(getattr(message, name)) for name in _MESSAGE} for message in history(session, conversation_id)
        ],
        "cases": [case_as_dict(session, case) for case in cases],
        "attachments": [
            {name: _plain(getattr(file, name)) for name in ("id", "name", "type", "size", "at")} for file in files
        ],
        "orders": _orders(session, conversation_id, cases),
    }


def _orders(session: Session, conversation_id: str, cases: Sequence[Case]) -> list[dict[str, Any]]:
    """The orders that were proven to be theirs, and no others."""
    proven = {case.order_number for case in cases if case.verified and case.order_number}
    proof = session.get(Verification, conversation_id)
    if proof is not None and proof.order_number:
        proven.add(proof.order_number)
    found = session.scalars(select(Order).where(Order.order_number.in_(proven)).order_by(Order.order_number))
    columns = [column.name for column in Order.__table__.columns]
    return [{name: _plain(getattr(order, name)) for name in columns} for order in found]


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value
