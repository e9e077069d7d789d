"""Photos and receipts: type sniffed from the bytes, size capped, metadata stripped, stored under an unguessable id."""

from __future__ import annotations

import io
import warnings
from pathlib import Path
from typing import Any

from PIL import Image, ImageOps
from sqlalchemy.orm import Session

from bot.config import settings
from bot.frontdesk.messages import new_id
from bot.frontdesk.model import Attachment

MAX_BYTES = 10 * 1024 * 1024
MAX_PIXELS = 40_000_000
"""A picture that unpacks to more is a bomb."""

_PICTURES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp", "GIF": "image/gif"}


class BadAttachment(ValueError):
    """A file that is not taken; `code`: file_too_big, file_type."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def store(session: Session, conversation_id: str, name: str, data: bytes) -> dict[str, Any]:
    """Keep a file of a conversation; returns what stands on the message: id, name, type, size, url."""
    kind, data = _sanitise(data)
    attachment = Attachment(
        id=new_id(), conversation_id=conversation_id, name=_safe_name(name), type=kind, size=len(data)
    )
    path(attachment.id).parent.mkdir(parents=True, exist_ok=True)
    path(attachment.id).write_bytes(data)
    session.add(attachment)
    return {
        "id": attachment.id,
        "name": attachment.name,
        "type": kind,
        "size": len(data),
        "url": f"/chat/attachments/{attachment.id}",
    }


def path(attachment_id: str) -> Path:
    """Where a file's bytes are."""
    return settings().var / "attachments" / attachment_id


def _sanitise(data: bytes) -> tuple[str, bytes]:
    if len(data) > MAX_BYTES:
        raise BadAttachment("file_too_big")
    if data.startswith(b"%PDF-"):
        return "application/pdf", data
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(data), formats=tuple(_PICTURES))
            if picture.width * picture.height > MAX_PIXELS:
                raise BadAttachment("file_too_big")
            kind = picture.format or "PNG"
            upright = ImageOps.exif_transpose(picture)
            if upright.mode not in ("RGB", "L", "RGBA"):
                upright = upright.convert("RGBA" if "A" in upright.mode or upright.mode == "P" else "RGB")
            if kind == "JPEG":
                upright = upright.convert("RGB")
            clean = io.BytesIO()
            # Pixels only: location, camera and comments stay behind.
            Image.frombytes(upright.mode, upright.size, upright.tobytes()).save(clean, format=kind, quality=88)
    except BadAttachment:
        raise
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise BadAttachment("file_type") from error
    return _PICTURES[kind], clean.getvalue()


def _safe_name(name: str) -> str:
    kept = "".join(c for c in name.replace("\\", "/").rsplit("/", 1)[-1] if c.isprintable() and c not in "<>\"&'")
    return kept.strip()[-120:] or "file"
