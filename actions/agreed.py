"""What people agreed with the customer before they gave the conversation back: the bot stands by it.

The front desk writes it into the tracker with everything that was said (bot/dialogue/retelling.py). While it stands,
the bot asks nothing about that case again and offers nothing of its own.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from actions.base import Turn
from bot.cases.model import Case


@dataclass(frozen=True)
class Agreed:
    """`note` as the customer read it, from the colleague `name`; it holds for cases that were there `at` that time."""

    note: str
    name: str
    at: dt.datetime
    case_number: str | None

    def about(self, case: Case | None) -> bool:
        """Whether it is about this case: the one that was handed over, or any that was open then."""
        if case is None:
            return False
        return case.number == self.case_number if self.case_number else case.received_at <= self.at


def agreed(turn: Turn, case: Case | None) -> Agreed | None:
    """What was agreed about this case, None where it is still the bot's."""
    known = turn.tracker.get_slot("agreed")
    if not isinstance(known, dict) or not known.get("note"):
        return None
    found = Agreed(
        note=str(known["note"]),
        name=str(known.get("name") or ""),
        at=dt.datetime.fromisoformat(str(known["at"])),
        case_number=known.get("case_number") or None,
    )
    return found if found.about(case) else None


def stand_by(turn: Turn, found: Agreed) -> None:
    """The message is on the case; what was agreed goes on, and a person is a press away."""
    turn.say("utter_agreed_stands", name=found.name, note=found.note)
