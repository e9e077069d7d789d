"""Logging in and out, and the language of the desk."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import re
import secrets

from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.desk import sessions
from bot.desk.context import PREFIX, Desk
from bot.desk.guard import Visit
from bot.desk.users import check_password, find_user
from bot.desk.view import harden, page
from bot.desk.wording import LANGUAGES, Words
from bot.frontdesk.model import User

_FORM_COOKIE = "desk_login"
_FORM_COOKIE_SHAPE = re.compile(r"[\w-]{43}")


class LogIn:
    """The log-in page. Its form token is bound to a cookie, because there is no session yet."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._guesses = sessions.Guesses()
        self._secure = desk.settings.base_url.startswith("https:")

    async def show(self, request: Request) -> Response:
        return self._form(request, 200, "")

    async def log_in(self, request: Request) -> Response:
        async with request.form(max_files=0, max_fields=10) as form:
            fields = {key: value for key, value in form.items() if isinstance(value, str)}
        nonce = request.cookies.get(_FORM_COOKIE, "")
        if not nonce or not secrets.compare_digest(fields.get("csrf", "").encode(), self._form_token(nonce).encode()):
            return self._form(request, 403, "error_csrf")
        name, password = fields.get("name", "").strip(), fields.get("password", "")
        key = f"{name.casefold()[:100]} {request.client.host if request.client else '?'}"
        if not self._guesses.allow(key):
            return self._form(request, 429, "error_too_many_guesses", name)
        user = await self._desk.database.run(find_user, name)
        # Outside of a transaction: the check is slow on purpose and would hold the database's write lock.
        if not await asyncio.to_thread(check_password, user, password):
            return self._form(request, 401, "error_password", name)
        assert user is not None
        self._guesses.forget(key)
        token = await self._desk.database.run(sessions.start, user)
        response = RedirectResponse(inside(fields.get("next", "")), status_code=303)
        self._set_cookie(response, sessions.COOKIE, token, int(sessions.LONGEST.total_seconds()))
        response.delete_cookie(_FORM_COOKIE, path=f"{PREFIX}/login")
        return harden(response)

    def _form(self, request: Request, status: int, problem: str, name: str = "") -> Response:
        chosen = request.query_params.get("lang", "")
        words = Words(chosen) if chosen in LANGUAGES else Words.preferred(request.headers.get("accept-language", ""))
        nonce = request.cookies.get(_FORM_COOKIE, "")
        if not _FORM_COOKIE_SHAPE.fullmatch(nonce):
            nonce = secrets.token_urlsafe(32)
        response = page(
            "login.html",
            words,
            status=status,
            user=None,
            csrf=self._form_token(nonce),
            problem=words(problem) if problem else "",
            name=name,
            next=inside(request.query_params.get("next", "")),
        )
        if status == 429:
            response.headers["Retry-After"] = str(int(sessions.FAILURE_WINDOW))
        response.set_cookie(
            _FORM_COOKIE, nonce, path=f"{PREFIX}/login", httponly=True, samesite="strict", secure=self._secure
        )
        return harden(response)

    def _form_token(self, nonce: str) -> str:
        key = self._desk.settings.signing_key().encode()
        return hmac.new(key, b"desk-login " + nonce.encode(), hashlib.sha256).hexdigest()

    def _set_cookie(self, response: Response, name: str, value: str, seconds: int) -> None:
        response.set_cookie(
            name, value, max_age=seconds, path=PREFIX, httponly=True, samesite="lax", secure=self._secure
        )


async def log_out(visit: Visit) -> Response:
    """End this session; others of the same user stay."""
    await visit.run(sessions.end, visit.token_hash)
    response = visit.done(f"{PREFIX}/login")
    response.delete_cookie(sessions.COOKIE, path=PREFIX)
    return response


async def choose_language(visit: Visit) -> Response:
    """The language of the desk for this user, kept for the next log-in."""
    language = visit.fields.get("language", "")
    if language in LANGUAGES:
        await visit.run(_set_language, visit.user.id, language)
    return visit.done(inside(visit.fields.get("next", "")))


def inside(address: str) -> str:
    """An address of the desk to go to; anything else becomes the desk's first page."""
    plain = address.isascii() and address.isprintable() and "\\" not in address and "//" not in address
    return address if plain and address.startswith(f"{PREFIX}/") else f"{PREFIX}/"


def _set_language(session: Session, user_id: int, language: str) -> None:
    session.get(User, user_id).language = language
