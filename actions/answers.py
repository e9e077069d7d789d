"""Side questions: who are you, how do I reach you, say that again, in English please."""

from __future__ import annotations

import re

from rasa_sdk.events import SlotSet

from actions.base import Events, Step, Turn
from actions.feedback import answers_invitation
from actions.logbook import start_case
from actions.why import asks_why, tell_why
from bot import texts

OTHER = {"de": "en", "en": "de"}
_NAMES = {
    "de": ("deutsch", "german", "allemand", "tedesco"),
    "en": ("englis", "inglis", "anglais", "inglese"),
}


_OTHERS = re.compile(
    r"\b(franz|french|fran[cç]ais|t[uü]r[kc]|spani|espa[nñ]ol|italian|italien|poln|polish|polsk|russ|ukrain|arab|chines"
    r"|griech|greek|kroat|croat|serb|rumän|romanian|ungar|hungarian|tschech|czech|portug|niederl|dutch|persisch|farsi)"
)
"""Languages that people ask for and that we do not speak."""


class Say(Step):
    """Answers that need the company's particulars."""

    def name(self) -> str:
        return "action_say"

    def take(self, turn: Turn) -> Events:
        turn.say("utter_contact" if turn.intent == "ask_contact" else "utter_ask_bot")
        return []


class Praise(Step):
    """Thanks for praise; "Great service, wrong for the third time!" is none: with a flag it is a complaint."""

    def name(self) -> str:
        return "action_praise"

    def take(self, turn: Turn) -> Events:
        if not turn.message.get("flags"):
            turn.say("utter_praise")
            return []
        case = turn.case()
        if case is None:
            return start_case(turn)
        turn.say("utter_detail_noted", number=case.number)
        return []


class NotUnderstood(Step):
    """Once: ask for other words. Twice in a row a person takes over: bot/dialogue/person_first.py."""

    def name(self) -> str:
        return "action_not_understood"

    def take(self, turn: Turn) -> Events:
        if answers_invitation(turn):  # words about how it was need no understanding: they are kept as they are
            turn.say("utter_feedback_thanks")
            return []
        case = turn.case()
        if case is not None and case.decisions and asks_why(turn):
            tell_why(turn, case)
            return [SlotSet("misunderstood", 0.0)]
        turn.say("utter_not_understood")
        return []


class Repeat(Step):
    """Say the last thing again; its buttons too."""

    def name(self) -> str:
        return "action_repeat"

    def take(self, turn: Turn) -> Events:
        last = next(
            (e for e in reversed(turn.tracker.events) if e.get("event") == "bot" and e.get("text")),
            None,
        )
        if last is None:
            turn.say("utter_nothing_to_repeat")
        else:
            text = texts.text("utter_in_other_words", turn.language, last=last["text"])
            turn.say_text(text, (last.get("data") or {}).get("buttons") or [])
        return []


class ChangeLanguage(Step):
    """Go on in the language asked for: named in the message, else the other one of the two."""

    def name(self) -> str:
        return "action_change_language"

    def take(self, turn: Turn) -> Events:
        wanted = _wanted(turn)
        if wanted is None:
            turn.say("utter_language_unknown")
            return []
        turn.said.append({"text": texts.text("utter_language_changed", wanted), "buttons": []})
        return [SlotSet("language", wanted)]


def _wanted(turn: Turn) -> str | None:
    text = turn.text.lower()
    if not text:  # a button carries the language as its entity
        return turn.entity("language")
    named = [language for language, names in _NAMES.items() if any(name in text for name in names)]
    if len(named) == 1:
        return named[0]
    if _OTHERS.search(text):
        return None
    before = next(
        (
            e.get("value")
            for e in reversed(turn.tracker.events[:-4])
            if e.get("event") == "slot" and e.get("name") == "language"
        ),
        None,
    )
    return None if named or before is None else OTHER.get(str(before))
