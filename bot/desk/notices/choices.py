"""How somebody wants to be told: which things by which way, address, quiet hours, Telegram. A part of "my account"."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session
from starlette.responses import Response

from bot.config import Settings
from bot.database import utcnow
from bot.desk.context import PREFIX
from bot.desk.guard import Refused, Visit
from bot.desk.notices.quiet import is_time
from bot.desk.topics import links
from bot.frontdesk.mail import Mail, NotTaken
from bot.frontdesk.model import User
from bot.frontdesk.notifications.model import CHANNELS, KINDS, USUALLY, NoticeSettings

HERE = f"{PREFIX}/me"

_ADDRESS = re.compile(r"[^\s@<>()\[\],;:\"\\]{1,64}@[\w-]+(\.[\w-]+)*\.?")


def values(session: Session, user: User, settings: Settings) -> dict[str, Any]:
    """What the page shows."""
    wish = session.get(NoticeSettings, user.id) or NoticeSettings(user_id=user.id, choices={})
    chosen = {channel: (wish.choices or {}).get(channel, USUALLY[channel]) for channel in CHANNELS}
    return {
        "wish": wish,
        "kinds": KINDS,
        "channels": [channel for channel in CHANNELS if _is_there(channel, settings)],
        "chosen": chosen,
        "linked": user.telegram_id is not None,
    }


async def save(visit: Visit) -> Response:
    """Keep the choices (fields `CHANNEL-KIND`, `email`, `quiet_from`, `quiet_until`)."""
    await visit.run(_save, visit.user.id, visit.fields, visit.desk.settings)
    return visit.done(f"{HERE}?done=notices#notices")


async def try_mail(visit: Visit) -> Response:
    """Send a test to the address that is kept."""
    address = await visit.run(_address, visit.user.id)
    if not address or not visit.desk.settings.smtp_host:
        raise Refused(409, "error_no_address")
    if not visit.desk.mails.allows(str(visit.user.id)):
        raise Refused(429, "error_too_many_mails")
    words = visit.words
    try:
        body = f"{words('notice_test_text')}\n\n{visit.desk.settings.base_url}{HERE}#notices\n"
        await Mail(visit.desk.settings).send(address, words("notice_test_subject"), body)
    except NotTaken as failed:
        raise Refused(502, "error_mail", why=str(failed)) from failed
    return visit.done(f"{HERE}?done=mail#notices")


async def link_telegram(visit: Visit) -> Response:
    """A code that links this user's Telegram account, shown once."""
    code = await visit.run(_offer, visit.user.id)
    minutes = int(links.VALID.total_seconds() // 60)
    message, bot = f"/start {links.START}{code}", visit.desk.telegram_name
    address = f"https://t.me/{bot}?start={links.START}{code}" if bot else ""
    return visit.page("telegram_code.html", here="me", message=message, address=address, minutes=minutes)


async def unlink_telegram(visit: Visit) -> Response:
    """The bot does not write to this user any more, and they cannot act in the team's group."""
    await visit.run(_unlink, visit.user.id)
    return visit.done(f"{HERE}?done=telegram_off#notices")


def _is_there(channel: str, settings: Settings) -> bool:
    return {"browser": True, "email": bool(settings.smtp_host), "telegram": bool(settings.telegram_token)}[channel]


def _save(session: Session, user_id: int, fields: Mapping[str, str], settings: Settings) -> None:
    wish = session.get(NoticeSettings, user_id)
    if wish is None:
        wish = NoticeSettings(user_id=user_id, choices={})
        session.add(wish)
    if _is_there("email", settings):
        wish.email = _checked_address(fields.get("email", "").strip())
    begin, end = fields.get("quiet_from", "").strip(), fields.get("quiet_until", "").strip()
    if bool(begin) != bool(end) or not all(is_time(each) for each in (begin, end) if each):
        raise Refused(400, "error_quiet_hours")
    wish.quiet_from, wish.quiet_until = begin or None, end or None
    shown = [channel for channel in CHANNELS if _is_there(channel, settings)]  # what is not shown stays as it was
    chosen = {channel: [kind for kind in KINDS if f"{channel}-{kind}" in fields] for channel in shown}
    wish.choices = {**(wish.choices or {}), **chosen}


def _checked_address(address: str) -> str | None:
    if not address:
        return None
    if len(address) > 254 or not address.isprintable() or not _ADDRESS.fullmatch(address):
        raise Refused(400, "error_address")
    return address


def _address(session: Session, user_id: int) -> str | None:
    wish = session.get(NoticeSettings, user_id)
    return wish.email if wish is not None else None


def _offer(session: Session, user_id: int) -> str:
    return links.offer(session, session.get(User, user_id), utcnow())


def _unlink(session: Session, user_id: int) -> None:
    links.unlink(session.get(User, user_id))
