"""The tables of notifications: what somebody should hear of, by which way it goes out, and what everybody chose."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import JSON, Column, ForeignKey, Index, Integer, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped

from bot.database import Base, UtcTime, utcnow
from bot.frontdesk.model import User

KINDS = (
    "danger", "new", "assigned", "reply", "woken", "mention", "approval", "answered", "promise_due", "promise_broken",
)  # fmt: skip
"""What may be told: somebody new waits in danger (severity 4) or otherwise, a conversation was given to you, your
customer wrote, what you put aside is due again, a colleague named you, somebody asks for your approval, your own
request was answered, a promise is due soon, a promise is broken."""

PERSONAL = tuple(kind for kind in KINDS if kind not in ("danger", "new"))
"""What is meant for one person; who waits in the queue is told to many and seen there."""

CHANNELS = ("browser", "email", "telegram")

USUALLY: dict[str, tuple[str, ...]] = {
    "browser": KINDS,
    "email": tuple(kind for kind in KINDS if kind != "new"),  # in a busy hour one mail a case would be too many
    "telegram": KINDS,
}
"""What goes where until somebody chooses for themselves."""


class Notice(Base):
    """One thing that one person should hear of. `key` makes it known when the same thing happens again."""

    __tablename__ = "notices"
    __table_args__ = (UniqueConstraint("user_id", "key"),)

    id: Mapped[int] = Column(Integer, primary_key=True)
    user_id: Mapped[int] = Column(ForeignKey("users.id"), nullable=False)
    key: Mapped[str] = Column(String(100), nullable=False)
    kind: Mapped[str] = Column(String(16), nullable=False)
    conversation_id: Mapped[str] = Column(ForeignKey("conversations.id"), nullable=False, index=True)
    case_number: Mapped[str | None] = Column(String(16))
    severity: Mapped[int] = Column(Integer, nullable=False)
    by: Mapped[str | None] = Column(String(80))  # the colleague who did it
    at: Mapped[dt.datetime] = Column(UtcTime, nullable=False, default=utcnow, index=True)
    seen_at: Mapped[dt.datetime | None] = Column(UtcTime)  # when this person looked at the conversation


Index(
    "ix_notices_unseen",
    Notice.user_id,
    Notice.kind,
    sqlite_where=text("seen_at IS NULL"),
    postgresql_where=text("seen_at IS NULL"),
)


class NoticeDelivery(Base):
    """The outbox of notifications: one way by which one notice has to go out."""

    __tablename__ = "notice_deliveries"

    id: Mapped[int] = Column(Integer, primary_key=True)
    notice_id: Mapped[int] = Column(ForeignKey("notices.id"), nullable=False, index=True)
    user_id: Mapped[int] = Column(ForeignKey("users.id"), nullable=False, index=True)
    channel: Mapped[str] = Column(String(8), nullable=False)
    attempts: Mapped[int] = Column(Integer, nullable=False, default=0)
    next_at: Mapped[dt.datetime] = Column(UtcTime, nullable=False, default=utcnow)
    done_at: Mapped[dt.datetime | None] = Column(UtcTime)
    error: Mapped[str | None] = Column(String(120))  # why it is late, was given up or needed no sending any more


Index(
    "ix_notice_deliveries_due",
    NoticeDelivery.channel,
    NoticeDelivery.user_id,
    NoticeDelivery.next_at,
    sqlite_where=text("done_at IS NULL"),
    postgresql_where=text("done_at IS NULL"),
)


class NoticeSettings(Base):
    """How somebody wants to be told. Nobody needs a row: then it is the browser, with everything, at any hour."""

    __tablename__ = "notice_settings"

    user_id: Mapped[int] = Column(ForeignKey("users.id"), primary_key=True, autoincrement=False)
    email: Mapped[str | None] = Column(String(254))
    choices: Mapped[dict[str, list[str]]] = Column(JSON, nullable=False, default=dict)  # channel -> kinds
    quiet_from: Mapped[str | None] = Column(String(5))  # "22:00", in the company's time zone
    quiet_until: Mapped[str | None] = Column(String(5))

    def wants(self, user: User, channel: str, kind: str) -> bool:
        """Whether `user` wants to hear of `kind` by `channel`, and can be reached by it."""
        reachable = {"browser": True, "email": bool(self.email), "telegram": user.telegram_id is not None}[channel]
        return reachable and kind in (self.choices or {}).get(channel, USUALLY[channel])
