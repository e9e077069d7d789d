"""Rules for what must never be missed: danger, injury, despair, threats, lawyers, press, discrimination, data leaks.

A rule matches words; a `but` pattern takes the match back ("ich sterbe vor Lachen"). Rules and classifier vote
together in classifier.py; each flag found here names what it matched, so that a decision can be explained.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from ruamel.yaml import YAML

RULES = Path(__file__).with_name("alarms.yml")


@dataclass(frozen=True)
class Alarm:
    """A flag that a rule found, and the words it found it in."""

    flag: str
    matched: str


@dataclass(frozen=True)
class _Rule:
    flag: str
    pattern: re.Pattern[str]
    but: re.Pattern[str] | None


class Alarms:
    """The rules of alarms.yml, compiled once."""

    def __init__(self, path: Path = RULES) -> None:
        rules = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
        self._rules = [
            _Rule(flag, _compile(rule["words"]), _compile(rule["but"]) if "but" in rule else None)
            for flag, rules_of_flag in rules.items()
            for rule in rules_of_flag
        ]

    def find(self, text: str) -> list[Alarm]:
        """Every flag that a rule finds in `text`, the first match of each."""
        plain = text.lower().replace("’", "'").replace("ß", "ss")
        found: dict[str, Alarm] = {}
        for rule in self._rules:
            if rule.flag in found:
                continue
            match = rule.pattern.search(plain)
            if match and not (rule.but and rule.but.search(plain)):
                found[rule.flag] = Alarm(rule.flag, match.group(0).strip())
        return list(found.values())


def _compile(words: list[str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{word})" for word in words))
