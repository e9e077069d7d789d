"""Requests about personal data (Art. 15 and 17 GDPR): taken down with a promise, decided by a person."""

from __future__ import annotations

from actions.base import Events, Step, Turn
from actions.handover import bring_person
from actions.logbook import log_complaint, take_down_data_request


class Privacy(Step):
    def name(self) -> str:
        return "action_privacy"

    def take(self, turn: Turn) -> Events:
        case = turn.case() or log_complaint(turn, "privacy")
        take_down_data_request(turn, case)
        return bring_person(turn, case, reason=turn.intent)
