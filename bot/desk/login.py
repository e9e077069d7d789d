"""Logging in and out, and the language of the desk."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import re
import secrets

from itsdangerous import BadSignature, URLSafeTimedSerializer
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.database import utcnow
from bot.desk import second_factor, sessions
from bot.desk.context import PREFIX, Desk
from bot.desk.guard import Visit
from bot.desk.users import check_password, find_user
from bot.desk.view import harden, page
from bot.desk.wording import LANGUAGES, Words
from bot.frontdesk import absence
from bot.frontdesk.model import User

_FORM_COOKIE = "desk_login"
_FORM_COOKIE_SHAPE = re.compile(r"[\w-]{43}")

TICKET_AGE = 300
"""Seconds between the password and the code."""


class LogIn:
    """The log-in page. Its form token is bound to a cookie, because there is no session yet."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._tickets = URLSafeTimedSerializer(desk.settings.signing_key(), salt="desk-second-factor")
        self._secure = desk.settings.base_url.startswith("https:")

    async def show(self, request: Request) -> Response:
        return self._form(request, 200, "")

    async def log_in(self, request: Request) -> Response:
        fields, nonce = await self._fields(request), request.cookies.get(_FORM_COOKIE, "")
        if not self._is_our_form(fields, nonce):
            return self._form(request, 403, "error_csrf")
        name, password = fields.get("name", "").strip(), fields.get("password", "")
        guesses, key, wide = self._desk.guesses, *_counted(request, name)
        if not guesses.allow(key) or not all(guesses.allow(each, sessions.WIDELY) for each in wide):
            return self._form(request, 429, "error_too_many_guesses", name)
        user = await self._desk.database.run(find_user, name)
        # Outside of a transaction: the check is slow on purpose and would hold the database's write lock.
        if not await asyncio.to_thread(check_password, user, password):
            return self._form(request, 401, "error_password", name)
        assert user is not None
        guesses.forget(key)
        for each in wide:
            guesses.take_back(each)
        if await self._desk.database.run(second_factor.is_on, user):
            ticket = self._tickets.dumps([user.id, nonce, _fingerprint(user)])
            return self._code_form(request, 200, "", ticket, inside(fields.get("next", "")))
        return await self._let_in(request, user, fields)

    async def check_code(self, request: Request) -> Response:
        """The second step, for who has switched it on. The ticket says that this browser knew the password just now."""
        fields, nonce = await self._fields(request), request.cookies.get(_FORM_COOKIE, "")
        if not self._is_our_form(fields, nonce):
            return self._form(request, 403, "error_csrf")
        ticket = fields.get("ticket", "")
        user = await self._desk.database.run(self._holder_of, ticket, nonce)
        if user is None:
            return self._form(request, 403, "error_login_again")
        outcome = await self._desk.database.run(second_factor.check, user, fields.get("code", "")[:40], utcnow())
        if outcome == "right":
            return await self._let_in(request, user, fields)
        status, problem = {"wrong": (401, "error_code"), "too_many": (429, "error_too_many_guesses")}[outcome]
        return self._code_form(request, status, problem, ticket, inside(fields.get("next", "")))

    async def _let_in(self, request: Request, user: User, fields: dict[str, str]) -> Response:
        device = sessions.device_of(request.headers.get("user-agent", ""))
        token = await self._desk.database.run(sessions.start, user, device)
        response = RedirectResponse(inside(fields.get("next", "")), status_code=303)
        self._set_cookie(response, sessions.COOKIE, token, int(sessions.LONGEST.total_seconds()))
        response.delete_cookie(_FORM_COOKIE, path=f"{PREFIX}/login")
        return harden(response)

    async def _fields(self, request: Request) -> dict[str, str]:
        async with request.form(max_files=0, max_fields=10) as form:
            return {key: value for key, value in form.items() if isinstance(value, str)}

    def _is_our_form(self, fields: dict[str, str], nonce: str) -> bool:
        given = fields.get("csrf", "").encode()
        return bool(nonce) and secrets.compare_digest(given, self._form_token(nonce).encode())

    def _holder_of(self, session: Session, ticket: str, nonce: str) -> User | None:
        """Who got this ticket in this browser, while the password and the account are still the same."""
        try:
            user_id, for_nonce, fingerprint = self._tickets.loads(ticket, max_age=TICKET_AGE)
        except (BadSignature, ValueError, TypeError):
            return None
        user = session.get(User, user_id)
        known = user is not None and user.active and fingerprint == _fingerprint(user)
        return user if known and for_nonce == nonce and second_factor.is_on(session, user) else None

    def _form(self, request: Request, status: int, problem: str, name: str = "") -> Response:
        words = _words(request)
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

    def _code_form(self, request: Request, status: int, problem: str, ticket: str, after: str) -> Response:
        words = _words(request)
        csrf = self._form_token(request.cookies[_FORM_COOKIE])
        said = words(problem) if problem else ""
        values = {"user": None, "csrf": csrf, "problem": said, "ticket": ticket, "next": after}
        response = page("login_code.html", words, status=status, **values)
        if status == 429:
            response.headers["Retry-After"] = str(int(second_factor.PAUSE.total_seconds()))
        return harden(response)

    def _form_token(self, nonce: str) -> str:
        key = self._desk.settings.signing_key().encode()
        return hmac.new(key, b"desk-login " + nonce.encode(), hashlib.sha256).hexdigest()

    def _set_cookie(self, response: Response, name: str, value: str, seconds: int) -> None:
        response.set_cookie(
            name, value, max_age=seconds, path=PREFIX, httponly=True, samesite="lax", secure=self._secure
        )


async def log_out(visit: Visit) -> Response:
    """End this session; others of the same user stay. With the last one customers who wait go back to the queue."""
    for conversation_id in await visit.run(_log_out, visit.user.id, visit.token_hash):
        visit.desk.hub.tell(conversation_id)
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


def _words(request: Request) -> Words:
    """The language that was chosen on the log-in page, else the browser's."""
    chosen = request.query_params.get("lang", "")
    return Words(chosen) if chosen in LANGUAGES else Words.preferred(request.headers.get("accept-language", ""))


def _counted(request: Request, name: str) -> tuple[str, tuple[str, str]]:
    """What a try to log in counts for: this name from this address, and each of them by itself."""
    name, address = name.casefold()[:100], request.client.host if request.client else "?"
    return f"{name} {address}", (f"name {name}", f"from {address}")


def _fingerprint(user: User) -> str:
    """Changes with the password: a ticket from before is void then."""
    return hashlib.sha256(user.password_hash.encode()).hexdigest()[:16]


def _set_language(session: Session, user_id: int, language: str) -> None:
    session.get(User, user_id).language = language


def _log_out(session: Session, user_id: int, token_hash: str) -> list[str]:
    sessions.end(session, token_hash)
    if sessions.of(session, user_id):
        return []
    return absence.logged_out(session, session.get(User, user_id))
