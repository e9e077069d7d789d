"""Photos and receipts: type sniffed from the bytes, size capped, metadata stripped, stored under an unguessable id."""

from __future__ import annotations

import io
import threading
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image, ImageOps
from sqlalchemy.orm import Session

from bot.config import settings
from bot.frontdesk.messages import new_id
from bot.frontdesk.model import Attachment

MAX_BYTES = 10 * 1024 * 1024
MAX_PIXELS = 60_000_000
"""A picture that unpacks to more is a bomb: 60 megapixels are 240 MB, and more than nearly every camera has."""

MAX_SIDE = 4096
"""Pixels; a bigger picture is made smaller. Text on a receipt stays readable."""

_PICTURES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp", "GIF": "image/gif"}
_ENDINGS = {
    "image/jpeg": (".jpg", ".jpeg"),
    "image/png": (".png",),
    "image/webp": (".webp",),
    "image/gif": (".gif",),
    "application/pdf": (".pdf",),
}
_ONE_AT_A_TIME = threading.Lock()  # many big pictures at once would need more memory than a small server has


class BadAttachment(ValueError):
    """A file that is not taken; `code`: file_too_big, file_type."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Examined:
    """A file that may be kept: its name, its type as its bytes say, and its bytes as they are kept."""

    name: str
    type: str
    data: bytes


def examine(name: str, data: bytes) -> Examined:
    """What is kept of a file. Takes up to some seconds. Raises :class:`BadAttachment`.

    The ending follows the type: a PDF that calls itself `bill.html` would run as a page once somebody saved it.
    """
    kind, data = _sanitise(data)
    name = _safe_name(name)
    if not name.lower().endswith(_ENDINGS[kind]):
        name += _ENDINGS[kind][0]
    return Examined(name, kind, data)


def keep(session: Session, conversation_id: str, file: Examined) -> dict[str, Any]:
    """Keep a file of a conversation; returns what stands on the message: id, name, type, size, url."""
    attachment = Attachment(
        id=new_id(), conversation_id=conversation_id, name=file.name, type=file.type, size=len(file.data)
    )
    path(attachment.id).parent.mkdir(parents=True, exist_ok=True)
    path(attachment.id).write_bytes(file.data)
    session.add(attachment)
    return {
        "id": attachment.id,
        "name": attachment.name,
        "type": attachment.type,
        "size": attachment.size,
        "url": f"/chat/attachments/{attachment.id}",
    }


def store(session: Session, conversation_id: str, name: str, data: bytes) -> dict[str, Any]:
    """Examine and keep."""
    return keep(session, conversation_id, examine(name, data))


def path(attachment_id: str) -> Path:
    """Where a file's bytes are."""
    return settings().var / "attachments" / attachment_id


def _sanitise(data: bytes) -> tuple[str, bytes]:
    if len(data) > MAX_BYTES:
        raise BadAttachment("file_too_big")
    if data.startswith(b"%PDF-"):
        return "application/pdf", data
    try:
        with _ONE_AT_A_TIME, warnings.catch_warnings():
            # Pillow's own alarm is lower than our limit, and a metadata block may be damaged in a good picture.
            warnings.simplefilter("ignore")
            return _redrawn(data)
    except BadAttachment:
        raise
    except Image.DecompressionBombError as error:
        raise BadAttachment("file_too_big") from error
    except (OSError, ValueError, SyntaxError, KeyError, IndexError, TypeError, EOFError, ArithmeticError) as error:
        # Pillow has many ways to stumble over bytes that are no picture.
        raise BadAttachment("file_type") from error


def _redrawn(data: bytes) -> tuple[str, bytes]:
    """The pixels in a new file of the same kind: location, camera, comments and whatever else was in it stay behind.

    Of an animation the first picture is kept.
    """
    picture = Image.open(io.BytesIO(data), formats=tuple(_PICTURES))
    if picture.width * picture.height > MAX_PIXELS:
        raise BadAttachment("file_too_big")
    kind = picture.format or "PNG"
    picture.thumbnail((MAX_SIDE, MAX_SIDE))  # of a JPEG, only as much is unpacked as is needed
    upright = ImageOps.exif_transpose(picture)
    if upright.mode not in ("RGB", "L", "RGBA"):
        upright = upright.convert("RGBA" if "A" in upright.mode or upright.mode == "P" else "RGB")
    if kind == "JPEG":
        upright = upright.convert("RGB")
    upright.info = {}
    clean = io.BytesIO()
    upright.save(clean, format=kind, quality=88)
    return _PICTURES[kind], clean.getvalue()


def _safe_name(name: str) -> str:
    kept = "".join(c for c in name.replace("\\", "/").rsplit("/", 1)[-1] if c.isprintable() and c not in "<>\"&'")
    return kept.strip()[-110:] or "file"
