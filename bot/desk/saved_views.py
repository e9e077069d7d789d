"""Views of the case list: a few that everybody has, and one's own, saved under a name."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session
from starlette.responses import Response

from bot.desk import finding
from bot.desk.context import PREFIX
from bot.desk.finding import Filters
from bot.desk.guard import Refused, Visit
from bot.desk.model import SavedView
from bot.frontdesk.model import User

MOST = 30
"""Views of one user."""

LONGEST_NAME = 60

FOR_EVERYBODY: dict[str, Filters] = {
    "view_mine": {"with": "me_ever"},
    "view_open": {"state": finding.OPEN},
    "view_grave": {"state": finding.OPEN, "severity": "3"},
    "view_late": {"promise": "late"},
}
"""Keys of texts.yml and what they show."""


@dataclass(frozen=True)
class View:
    """A view as the page shows it. `id` None: everybody has it, nobody can remove it."""

    id: int | None
    name: str
    filters: Filters


def of(session: Session, user: User) -> list[View]:
    """The views of a user, by name. Filters that this version does not know any more are left out."""
    saved = session.scalars(select(SavedView).where(SavedView.user_id == user.id).order_by(SavedView.name))
    return [View(view.id, view.name, finding.clean(view.filters)) for view in saved]


async def save(visit: Visit) -> Response:
    """Keep filters (field `filters`, as in an address) under `name`; the same name again replaces them."""
    filters = finding.clean(dict(parse_qsl(visit.fields.get("filters", ""))))
    await visit.run(_save, visit.user, visit.fields.get("name", ""), filters)
    return visit.done(_address(filters))


async def remove(visit: Visit) -> Response:
    """Forget one of one's own views."""
    number = visit.request.path_params["id"]
    await visit.run(_remove, visit.user, int(number) if number.isdecimal() and len(number) < 10 else 0)
    return visit.done(f"{PREFIX}/cases")


def _save(session: Session, user: User, name: str, filters: Filters) -> None:
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise Refused(400, "error_view_name")
    if not filters:
        raise Refused(400, "error_view_empty")
    known = session.scalars(select(SavedView).where(SavedView.user_id == user.id, SavedView.name == name)).first()
    if known is not None:
        known.filters = filters
        return
    count = session.execute(select(func.count(SavedView.id)).where(SavedView.user_id == user.id)).scalar_one()
    if count >= MOST:
        raise Refused(409, "error_view_many")
    session.add(SavedView(user_id=user.id, name=name, filters=filters))


def _remove(session: Session, user: User, view_id: int) -> None:
    """Somebody else's view is not found."""
    mine = delete(SavedView).where(SavedView.id == view_id, SavedView.user_id == user.id)
    if not session.execute(mine).rowcount:
        raise Refused(404, "error_view_gone")


def _address(filters: Filters) -> str:
    return f"{PREFIX}/cases?{urlencode(filters)}"
