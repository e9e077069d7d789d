"""Policy texts of older formats as today's readers want them, so that decisions of those days can be computed again.

A step is needed only where a setting was renamed or moved: one that was added takes its neutral value in stored texts,
see :mod:`bot.goodwill.reading`. A test computes a decision of every older format again; add yours there.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError


def of_today(files: Mapping[str, str]) -> dict[str, str]:
    """The same rules in the files and settings of today. What no step knows how to say stays as it is."""
    return _surprises_of_their_own(dict(files))


def _surprises_of_their_own(files: dict[str, str]) -> dict[str, str]:
    """Before delight.yml a step of the ladder named its `kind` and had the surprise in itself: one for everybody, and
    under `instead` those for some categories."""
    if "delight.yml" in files or "goodwill.yml" not in files:
        return files
    try:
        goodwill = YAML().load(files["goodwill.yml"])
        steps = [step for step in goodwill["ladder"] if step.pop("kind") == "surprise"]
        (step,) = steps  # only one can be said in today's words
        surprises = [_surprise(each, step) for each in [*step.pop("instead", ()), step]]
    except (YAMLError, KeyError, TypeError, ValueError, AttributeError):
        return files
    for name in set(step) - {"name", "from"}:
        del step[name]
    step["surprise"] = True
    return {**files, "goodwill.yml": _written(goodwill), "delight.yml": _written({"surprises": surprises})}


def _surprise(each: dict[str, Any], step: dict[str, Any]) -> dict[str, Any]:
    """`each` as delight.yml has it; how long it stands was said by the step."""
    kept: dict[str, Any] = {name: each[name] for name in ("form", "promise", "needs_answer", "text") if name in each}
    if "categories" in each:
        kept["when"] = {"categories": list(each["categories"])}
    return {**kept, "valid_days": step.get("valid_days", 0)}


def _written(data: Any) -> str:
    text = io.StringIO()
    YAML().dump(data, text)
    return text.getvalue()
