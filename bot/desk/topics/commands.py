"""The commands of a topic, German and English: each takes the same step as a button at the desk."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from bot.desk import favours, handing_on
from bot.desk.actions import STEPS
from bot.desk.colleagues import others
from bot.desk.topics.written import SENT, Act, Outcome

COMMANDS = {
    "claim": "claim", "nehmen": "claim",
    "note": "note", "notiz": "note",
    "offer": "offer", "kulanz": "offer",
    "ask": "ask", "anfrage": "ask",
    "release": "release", "freigeben": "release",
    "return": "return", "zurueck": "return",
    "resolve": "resolve", "erledigt": "resolve",
    "snooze": "snooze", "spaeter": "snooze",
    "reassign": "reassign", "weitergeben": "reassign",
    "escalate": "escalate", "leitung": "escalate",
    "help": "help", "hilfe": "help",
}  # fmt: skip
"""Command -> what it does, in English and German."""

_OFFER = re.compile(r"(\d{1,6}(?:[.,]\d{1,2})?)\s*(?:€|EUR\b|Euro\b)?\s*(.*)", re.IGNORECASE | re.DOTALL)

_UNTIL = re.compile(
    r"(?:(\d{1,4})\s*(m(?:in(?:ute[ns]?)?)?|h(?:ours?)?|std|stunden?|d(?:ays?)?|t(?:agen?|ag)?)|(morgen|tomorrow))\b",
    re.IGNORECASE,
)
_UNITS = {"m": "m", "h": "h", "s": "h", "d": "d", "t": "d"}
"""The first letter of a unit, German or English -> the unit of a span at the desk."""


def _claim(act: Act) -> Outcome:
    act.step(STEPS["claim"], {})
    return Outcome(sign=SENT)


def _offer(act: Act) -> Outcome:
    found = _OFFER.fullmatch(act.written.text)
    if found is None:
        return Outcome(act.words("topic_offer_how"))
    reason = found[2].strip() or act.words("topic_offer_no_reason")
    act.step(favours.give, {"amount": found[1], "reason": reason})
    return Outcome(act.words("topic_offered", amount=found[1]))


def _ask(act: Act) -> Outcome:
    found = _OFFER.fullmatch(act.written.text)
    if found is None or not found[2].strip():
        return Outcome(act.words("topic_ask_how"))
    act.step(favours.ask_for, {"amount": found[1], "reason": found[2]})
    return Outcome(act.words("topic_asked", amount=found[1]))


def _release(act: Act) -> Outcome:
    act.step(STEPS["release"], {"why": act.written.text})
    return Outcome(sign=SENT)


def _return(act: Act) -> Outcome:
    if not act.written.text:
        return Outcome(act.words("topic_return_how"))
    act.step(STEPS["return"], {"agreed": act.written.text})
    return Outcome(sign=SENT)


def _resolve(act: Act) -> Outcome:
    if not act.written.text:
        return Outcome(act.words("topic_resolve_how"))
    act.step(STEPS["resolve"], {"agreed": act.written.text})
    return Outcome(sign=SENT)


def _snooze(act: Act) -> Outcome:
    """`/snooze 2h reason`, `/spaeter morgen Grund`."""
    found = _UNTIL.match(act.written.text)
    if found is None:
        return Outcome(act.words("topic_snooze_how"))
    number, unit, _tomorrow = found.groups()
    until = f"{number}{_UNITS[unit.casefold()[0]]}" if number else handing_on.OPENING
    act.step(handing_on.STEPS["snooze"], {"until": until, "why": act.written.text[found.end() :].strip()})
    return Outcome(sign=SENT)


def _reassign(act: Act) -> Outcome:
    """`/reassign Mira reason`: to a colleague who may have it, by the name at the desk."""
    colleagues = others(act.session, act.user, act.topic.conversation_id).colleagues
    given = act.written.text.removeprefix("@")
    for user_id, name, _there in sorted(colleagues, key=lambda colleague: -len(colleague[1])):
        why = given[len(name) :]
        if given.casefold().startswith(name.casefold()) and not why[:1].isalnum():
            act.step(handing_on.STEPS["reassign"], {"to": str(user_id), "why": why.lstrip(" :,-")})
            return Outcome(sign=SENT)
    names = ", ".join(name for _id, name, _there in colleagues) or "–"
    return Outcome(act.words("topic_reassign_how", names=names))


def _escalate(act: Act) -> Outcome:
    if not act.written.text:
        return Outcome(act.words("topic_escalate_how"))
    act.step(handing_on.STEPS["escalate"], {"why": act.written.text})
    return Outcome(sign=SENT)


def _help(act: Act) -> Outcome:
    return Outcome(act.words("topic_help"))


ACTS: Mapping[str, Callable[[Act], Outcome]] = {
    "claim": _claim, "offer": _offer, "ask": _ask, "release": _release, "return": _return, "resolve": _resolve,
    "snooze": _snooze, "reassign": _reassign, "escalate": _escalate, "help": _help,
}  # fmt: skip
"""What a command does."""
