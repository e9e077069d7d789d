"""Requests about personal data (Art. 15 and 17 GDPR): taken down with a promise, decided by a person."""

from __future__ import annotations

from actions.base import Events, Step, Turn
from actions.logbook import log_complaint
from actions.handover import bring_person

ARTICLES = {"access_data": 15, "delete_data": 17}


class Privacy(Step):
    def name(self) -> str:
        return "action_privacy"

    def take(self, turn: Turn) -> Events:
        case = turn.case() or log_complaint(turn, "privacy")
        promised = turn.promise(case, "decision")
        turn.say(
            "utter_privacy_received",
            number=case.number,
            article=ARTICLES.get(turn.intent, 15),
            when=turn.when(promised.due_at),
        )
        return bring_person(turn, case, reason=turn.intent)
