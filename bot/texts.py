"""The texts that customers read: domain.yml is their one home, whoever speaks them.

Rasa speaks `utter_*` by itself. Where the front desk or an action speaks (a person joins, the dialogue is down),
it takes the same response from here, in the conversation's language.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from ruamel.yaml import YAML

from bot.config import ROOT
from bot.policies import company_values

LANGUAGES = ("de", "en")

_PLACEHOLDER = re.compile(r"\{(\w+)\}")


class NoSuchText(KeyError):
    """A response that domain.yml does not have: add it there in German and English."""


@lru_cache(maxsize=1)
def _responses() -> dict[str, dict[str, dict[str, Any]]]:
    """Response name -> language -> variant; `""` is the unconditional default."""
    with open(ROOT / "domain.yml", encoding="utf-8") as file:
        responses = YAML(typ="safe").load(file)["responses"]
    table: dict[str, dict[str, dict[str, Any]]] = {}
    for name, variants in responses.items():
        table[name] = {}
        for variant in variants:
            language = next((c["value"] for c in variant.get("condition", ()) if c["name"] == "language"), "")
            table[name].setdefault(language, variant)
    return table


def has(name: str) -> bool:
    """Whether domain.yml has this response."""
    return name in _responses()


def text(name: str, language: str, /, **values: object) -> str:
    """The response `name` in `language` (or its default), with `{placeholders}` filled.

    The company's own (`{company}`, `{phone}`, `{privacy_url}`, ...) are filled from policy/company.yml.
    """
    return _fill(str(_variant(name, language).get("text", "")), language, values)


def buttons(name: str, language: str, /, **values: object) -> list[dict[str, str]]:
    """The buttons of a response: title and payload, placeholders filled."""
    return [
        {key: _fill(str(button[key]), language, values) for key in ("title", "payload")}
        for button in _variant(name, language).get("buttons", ())
    ]


def _fill(text: str, language: str, values: dict[str, object]) -> str:
    if "{" not in text:
        return text
    known = {**company_values(language if language in LANGUAGES else "de"), **values}
    # One pass, and only known names: a value that itself holds braces stays as it is.
    return _PLACEHOLDER.sub(lambda found: str(known.get(found[1], found[0])), text)


def _variant(name: str, language: str) -> dict[str, Any]:
    variants = _responses().get(name)
    if not variants:
        raise NoSuchText(f"domain.yml has no response {name!r}: add it there in German and English")
    return variants.get(language) or variants.get("") or next(iter(variants.values()))
