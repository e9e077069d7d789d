"""The one door of the desk: who is logged in, in which role, with a valid form token; and what a refusal looks like."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import quote

from sqlalchemy.orm import Session
from starlette.datastructures import UploadFile
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from bot.desk import counts, sessions
from bot.desk.context import PREFIX, Desk
from bot.desk.view import harden, page
from bot.desk.wording import Words
from bot.frontdesk import attachments
from bot.frontdesk.model import DeskSession, User

T = TypeVar("T")


class Refused(Exception):
    """A request that is not done: an HTTP status and the key of a sentence in texts.yml."""

    def __init__(self, status: int, key: str, **values: object) -> None:
        super().__init__(key)
        self.status, self.key, self.values = status, key, values


@dataclass(frozen=True)
class Upload:
    """A file that came with a form, as the browser named it; nothing about it is checked yet."""

    name: str
    data: bytes


@dataclass(frozen=True)
class Visit:
    """One request of somebody who is logged in."""

    request: Request
    desk: Desk
    user: User
    token_hash: str
    csrf: str
    words: Words
    fields: Mapping[str, str] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)
    upload: Upload | None = None

    async def run(self, work: Callable[..., T], *args: object) -> T:
        """`work(session, ...)` in one transaction. Nothing is written for somebody who was locked out meanwhile."""
        if self.request.method in _READING:
            return await self.desk.database.run(work, *args)
        return await self.desk.database.run(while_let_in, self.token_hash, work, args)

    async def look(self, work: Callable[..., T], *args: object) -> T:
        """`work(session, ...)` that only reads, for streams: many look every second, and nobody waits for them."""
        return await self.desk.database.look(work, *args)

    def page(self, template: str, **values: Any) -> Response:
        """A whole page in the user's language."""
        return page(template, self.words, user=self.user, csrf=self.csrf, counts=self.counts, **values)

    def done(self, where: str) -> Response:
        """The action succeeded: JSON for a script, the page `where` for a plain form."""
        if wants_json(self.request):
            return JSONResponse({"ok": True, "next": where})
        return RedirectResponse(where, status_code=303)


Endpoint = Callable[[Visit], Awaitable[Response]]

_READING = ("GET", "HEAD")
_WITH_ANY_PASSWORD = (f"{PREFIX}/me", f"{PREFIX}/me/password", f"{PREFIX}/logout", f"{PREFIX}/language")
"""What somebody may do before a password that others know has been replaced."""


def require(desk: Desk, *roles: str) -> Callable[..., Callable[[Request], Awaitable[Response]]]:
    """Let only logged-in users with one of `roles` in; whatever is not just reading must carry the form token.

    The token is the form field `csrf` or the header `X-CSRF-Token`. With `files=True` a form may bring one file, the
    field `file`.
    """

    def door(endpoint: Endpoint, *, files: bool = False) -> Callable[[Request], Awaitable[Response]]:
        async def guarded(request: Request) -> Response:
            words = Words.preferred(request.headers.get("accept-language", ""))
            signed: sessions.SignedIn | None = None
            try:
                signed = await desk.database.run(_who, request.cookies.get(sessions.COOKIE, ""))
                if signed is None:
                    return harden(_log_in_first(request, words))
                words = Words(signed.user.language)
                fields, upload = await _fields(request, files)
                if request.method not in _READING:
                    _check_token(request, fields, signed.csrf)
                if signed.user.temporary_password and request.url.path not in _WITH_ANY_PASSWORD:
                    return harden(_choose_password_first(request, words))
                if signed.user.role not in roles:
                    key = "error_role_page" if request.method in _READING else "error_role"
                    raise Refused(403, key, role=words.name("role", signed.user.role))
                counted = await desk.database.run(counts.of, signed.user) if _is_page(request) else {}
                visit = Visit(
                    request, desk, signed.user, signed.token_hash, signed.csrf, words, fields, counted, upload
                )
                return harden(await endpoint(visit))
            except Refused as refused:
                return harden(_refusal(request, refused, words, signed))
            except ClientDisconnect:  # the page was left while it was sending: nobody reads an answer
                return harden(Response(status_code=400))

        return guarded

    return door


def wants_json(request: Request) -> bool:
    """Whether a script asks, not a page."""
    return "application/json" in request.headers.get("accept", "")


def _is_page(request: Request) -> bool:
    """Whether a whole page is asked for, with the numbers in its menu."""
    return request.method == "GET" and "text/html" in request.headers.get("accept", "")


def _who(session: Session, token: str) -> sessions.SignedIn | None:
    return sessions.find(session, sessions.hash_token(token)) if token else None


def while_let_in(session: Session, token_hash: str, work: Callable[..., T], args: tuple[object, ...]) -> T:
    """`work` while the session is there: locking somebody out deletes it, before or after, but not meanwhile."""
    if session.get(DeskSession, token_hash, with_for_update={"read": True}) is None:
        raise Refused(401, "error_signed_out")
    return work(session, *args)


async def _fields(request: Request, files: bool) -> tuple[dict[str, str], Upload | None]:
    """The text fields of a form or of a JSON object, and the file where one may come."""
    if request.method in _READING:
        return {}, None
    if request.headers.get("content-type", "").startswith("application/json"):
        try:
            body = await request.json()
        except ValueError as error:
            raise Refused(400, "error_form") from error
        return {k: v for k, v in body.items() if isinstance(v, str)} if isinstance(body, dict) else {}, None
    async with request.form(max_files=int(files), max_fields=48) as form:
        file = form.get("file")
        upload = None
        if isinstance(file, UploadFile) and file.filename:
            upload = Upload(file.filename, await file.read(attachments.MAX_BYTES + 1))
        return {key: value for key, value in form.items() if isinstance(value, str)}, upload


def _check_token(request: Request, fields: Mapping[str, str], csrf: str) -> None:
    given = request.headers.get("x-csrf-token") or fields.get("csrf", "")
    if not secrets.compare_digest(given.encode(), csrf.encode()):
        raise Refused(403, "error_csrf")


def _log_in_first(request: Request, words: Words) -> Response:
    if wants_json(request) or "text/event-stream" in request.headers.get("accept", ""):
        return JSONResponse({"ok": False, "error": words("error_signed_out")}, status_code=401)
    address = request.url.path if request.method == "GET" else f"{PREFIX}/"
    return RedirectResponse(f"{PREFIX}/login?next={quote(address, safe='/')}", status_code=303)


def _choose_password_first(request: Request, words: Words) -> Response:
    if wants_json(request) or "text/event-stream" in request.headers.get("accept", ""):
        return JSONResponse({"ok": False, "error": words("error_temporary_password")}, status_code=403)
    return RedirectResponse(f"{PREFIX}/me", status_code=303)


def _refusal(request: Request, refused: Refused, words: Words, signed: sessions.SignedIn | None) -> Response:
    sentence = words(refused.key, **refused.values)
    if wants_json(request):
        return JSONResponse({"ok": False, "error": sentence}, status_code=refused.status)
    return page(
        "error.html",
        words,
        status=refused.status,
        user=signed.user if signed else None,
        csrf=signed.csrf if signed else "",
        counts={},
        sentence=sentence,
    )
