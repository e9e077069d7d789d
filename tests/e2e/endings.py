"""How a hard case ends: what is asserted of every one of them, and words that hurt."""

from __future__ import annotations

from sqlalchemy import func, select

from bot.cases.model import Budget
from bot.database import Database
from tests.e2e.talk import Chat, money

FAVOURS = ("Kulanz", "kulant", "goodwill", "gesture", "Gutschein", "voucher")
FAULT = ("schuld", "Schuld", "fault", "to blame")
ACCUSING = (
    "Missbrauch",
    "missbrauch",
    "zu oft",
    "zu viele",
    "verdächtig",
    "abuse",
    "too often",
    "too many",
    "suspicious",
)
PITY = ("leider", "unfortunately", "afraid")


def without(said: str, words: tuple[str, ...]) -> None:
    """None of these words was said."""
    found = [word for word in words if word in said]
    assert not found, f"said {found}: {said}"


def in_queue(chat: Chat, *, severity: int, reason: str | None = "severity", queue: str = "general") -> None:
    """A person is on the way, knows why, and has promised to answer by a time."""
    assert chat.holder == "queue"
    case = chat.case()
    assert case["severity"] >= severity
    [handoff] = case["handoffs"]
    assert (handoff["state"], handoff["queue"]) == ("queued", queue)
    assert reason in (None, handoff["reason"])
    assert handoff["severity"] >= severity
    assert case["state"] == "in_review"
    assert [promise["what"] for promise in case["promises"]].count("first_answer") == 1


def offers_nothing(chat: Chat) -> None:
    """No form, no offer, no amount, no word about fault or favours."""
    said = chat.text("bot", "system")
    assert chat.case()["offers"] == [] and chat.titles == [] and not money(said)
    without(said, (*FAVOURS, *FAULT))


def reserved(database: Database) -> int:
    """Cents of goodwill that are reserved in all months."""
    with database.begin() as session:
        total = session.scalar(select(func.sum(Budget.reserved_cents)).where(Budget.scope == "all"))
    return int(total or 0)
