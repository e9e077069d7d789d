"""What a notification says: the case number, how grave it is, what happened. Never a customer's words or name.

It is shown on locked screens and travels by other people's servers.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.desk.context import PREFIX
from bot.desk.wording import Words
from bot.frontdesk.notifications.model import Notice

MOST = 15
"""Notices in one message, so that it fits into Telegram's 4096 characters; the rest is counted."""


def line(words: Words, notice: Notice) -> str:
    """One notice as a sentence."""
    case = notice.case_number or words("notice_no_case")
    said = words(f"notice_{notice.kind}", case=case, by=notice.by or words("app"))
    return f"{said} ({words.name('severity', notice.severity)})"


def subject(words: Words, notices: Sequence[Notice]) -> str:
    """The gravest of them, and how many more there are."""
    more = len(notices) - 1
    return line(words, notices[0]) + (f" {words('notice_more', n=more)}" if more else "")


def text(words: Words, notices: Sequence[Notice], base_url: str) -> str:
    """All of them with their addresses, the gravest first."""
    parts = [f"{line(words, notice)}\n{address(notice, base_url)}" for notice in notices[:MOST]]
    if len(notices) > MOST:
        parts.append(f"{words('notice_more', n=len(notices) - MOST)}\n{base_url}{PREFIX}/notices")
    return "\n\n".join(parts)


def footer(words: Words, base_url: str) -> str:
    """Why somebody gets this, and where to change it."""
    return f"{words('notice_why')}\n{base_url}{PREFIX}/me#notices"


def address(notice: Notice, base_url: str = "") -> str:
    """Where to look at it; within the desk without `base_url`."""
    return f"{base_url}{PREFIX}/conversations/{notice.conversation_id}"
