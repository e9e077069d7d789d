"""What a request to the web chat must be like, and how it is refused: a code for programs, a sentence for people."""

from __future__ import annotations

import json
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bot import texts

MAX_BODY = 128 * 1024
"""Bytes of a JSON body: 8,000 characters, escaped as clumsily as JSON allows."""

STATUS = {
    "empty": 400,
    "bad_request": 400,
    "no_such_button": 400,
    "not_signed_in": 401,
    "wrong_origin": 403,
    "not_found": 404,
    "stale_button": 409,
    "no_address": 409,
    "too_long": 413,
    "file_too_big": 413,
    "file_type": 415,
    "too_fast": 429,
}


class Refused(Exception):
    """A request that is answered with an error: `code` names it, its sentence is `utter_error_<code>`."""

    def __init__(self, code: str, language: str = "") -> None:
        super().__init__(code)
        self.code, self.language = code, language


async def refused(_request: Request, error: Exception) -> Response:
    """The answer to a request that raised :class:`Refused`."""
    assert isinstance(error, Refused)
    return refusal(error.code, error.language)


def refusal(code: str, language: str = "") -> Response:
    """The error answer with this code."""
    sentence = texts.text(f"utter_error_{code}", language)
    return JSONResponse({"error": {"code": code, "message": sentence}}, status_code=STATUS[code])


def language_of(request: Request) -> str:
    """The language of somebody whose conversation is not known (yet)."""
    wanted = request.headers.get("accept-language", "")[:2].lower()
    return wanted if wanted in texts.LANGUAGES else "de"


async def json_body(request: Request, language: str = "", *, optional: bool = False) -> dict[str, Any]:
    """The JSON object that was sent; `{}` for nothing when it is optional."""
    raw = await _body(request, language)
    if optional and not raw.strip():
        return {}
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError) as error:  # not JSON, or brackets nested a thousand deep
        raise Refused("bad_request", language) from error
    if not isinstance(body, dict):
        raise Refused("bad_request", language)
    return body


def one_string(text: object, payload: object) -> bool:
    """Exactly one of the two, and a string."""
    given = [value for value in (text, payload) if value is not None]
    return len(given) == 1 and isinstance(given[0], str)


def number(value: str | None, language: str) -> float:
    """A number of the query, 0 when it is missing."""
    try:
        found = float(value or 0)
    except ValueError as error:
        raise Refused("bad_request", language) from error
    if not 0 <= found < 2**31:
        raise Refused("bad_request", language)
    return found


async def _body(request: Request, language: str) -> bytes:
    """The bytes, counted while they come: a chunked request does not say how many there will be."""
    kept = bytearray()
    async for chunk in request.stream():
        kept += chunk
        if len(kept) > MAX_BODY:
            raise Refused("too_long", language)
    return bytes(kept)
