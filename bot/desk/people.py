"""User administration in the browser: the same steps as `erstkontakt user`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.responses import Response

from bot.desk import second_factor, sessions, users
from bot.desk.context import PREFIX
from bot.desk.guard import Refused, Visit
from bot.desk.wording import LANGUAGES
from bot.frontdesk.handing_on import teams
from bot.frontdesk.model import ROLES, User

HERE = f"{PREFIX}/users"

Step = Callable[[Session, User, str, Mapping[str, str]], Iterable[str] | None]
"""One change of an account: session, whose it is, the name of who changes it, the form's fields. Gives the ids of the
conversations that wait again for that."""


async def everybody(visit: Visit) -> Response:
    """All accounts, and the form for a new one."""
    found = await visit.run(_everybody)
    return visit.page("users.html", here="users", users=found, roles=ROLES, languages=LANGUAGES)


async def one(visit: Visit) -> Response:
    """One account: what can be changed, who is logged in with it, what was done to it."""
    values = await visit.run(_one, visit.request.path_params["id"])
    return visit.page("user.html", here="users", roles=ROLES, languages=LANGUAGES, **values)


async def add(visit: Visit) -> Response:
    """A new account (fields `name`, `role`, `language`, `confidential`). Its password is shown once."""
    password = users.new_password()
    name = await visit.run(_add, visit.fields, password, visit.user.name)
    return visit.page("password_once.html", here="users", name=name, password=password)


async def change(visit: Visit) -> Response:
    """Role, team, language, confidential queue."""
    return await _step(visit, _change)


async def new_password(visit: Visit) -> Response:
    """A new password, shown once; whoever is logged in with this account is logged out."""
    password = users.new_password()

    def step(session: Session, user: User, by: str, _fields: Mapping[str, str]) -> None:
        users.set_password(session, user, password, by=by, temporary=True)

    user, _held = await visit.run(_do, visit.request.path_params["id"], step, visit.user.name, visit.fields)
    return visit.page("password_once.html", here="users", name=user.name, password=password)


async def lock(visit: Visit) -> Response:
    """Lock somebody out at once; their conversations wait again."""
    return await _step(visit, lambda session, user, by, _fields: users.deactivate(session, user, by=by))


async def unlock(visit: Visit) -> Response:
    """Let somebody in again."""
    return await _step(visit, lambda session, user, by, _fields: users.activate(session, user, by=by))


async def end_sessions(visit: Visit) -> Response:
    """Log somebody out everywhere."""
    return await _step(visit, _end_sessions)


async def remove_factor(visit: Visit) -> Response:
    """The phone is lost, and the recovery codes, too: the password alone is enough until it is set up again."""
    return await _step(visit, _remove_factor)


async def _step(visit: Visit, step: Step) -> Response:
    user, held = await visit.run(_do, visit.request.path_params["id"], step, visit.user.name, visit.fields)
    for conversation_id in held:
        visit.desk.hub.tell(conversation_id)
    return visit.done(f"{HERE}/{user.id}")


def _do(session: Session, user_id: int, step: Step, by: str, fields: Mapping[str, str]) -> tuple[User, Iterable[str]]:
    user = _found(session, user_id)
    try:
        held = step(session, user, by, fields) or ()
    except users.BadUser as bad:
        raise Refused(409, f"error_user_{bad.code}") from bad
    return user, held


def _found(session: Session, user_id: int) -> User:
    user = session.get(User, user_id)
    if user is None:
        raise Refused(404, "error_no_user")
    return user  # type: ignore[no-any-return]  # SQLAlchemy 1.4 is untyped


def _everybody(session: Session) -> list[dict[str, Any]]:
    people = session.scalars(select(User).order_by(User.active.desc(), User.name))
    return [
        {"user": user, "factor": second_factor.is_on(session, user), "sessions": len(sessions.of(session, user.id))}
        for user in people
    ]


def _one(session: Session, user_id: int) -> dict[str, Any]:
    user = _found(session, user_id)
    return {
        "person": user,
        "factor": second_factor.is_on(session, user),
        "sessions": sessions.of(session, user.id),
        "history": users.history(session, user),
        "teams": teams(session),
    }


def _add(session: Session, fields: Mapping[str, str], password: str, by: str) -> str:
    try:
        user = users.add_user(
            session,
            fields.get("name", ""),
            fields.get("role", ""),
            password,
            language=fields.get("language", ""),
            confidential=bool(fields.get("confidential")),
            by=by,
            temporary=True,
        )
    except users.BadUser as bad:
        raise Refused(409, f"error_user_{bad.code}") from bad
    return str(user.name)


def _change(session: Session, user: User, by: str, fields: Mapping[str, str]) -> list[str]:
    role, language = fields.get("role") or None, fields.get("language") or None
    confidential, team = bool(fields.get("confidential")), fields.get("team")
    return users.change(session, user, by=by, role=role, language=language, confidential=confidential, team=team)


def _end_sessions(session: Session, user: User, by: str, _fields: Mapping[str, str]) -> None:
    if sessions.end_all(session, user.id):
        users.record(session, user, by, "logged_out")


def _remove_factor(session: Session, user: User, by: str, _fields: Mapping[str, str]) -> None:
    second_factor.remove(session, user)
    users.record(session, user, by, "factor_off")
