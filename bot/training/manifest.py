"""What a model was taught: kept beside it, so that the next one can say what is new. Hashes only, no texts."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from bot.training.examples import Example


@dataclass(frozen=True)
class Difference:
    """Examples added to and removed from one label in one language since another model."""

    language: str
    label: str
    added: int
    removed: int


def write(model: Path, examples: Iterable[Example]) -> None:
    """Keep what `model` was taught in `<model>.examples.json`."""
    _path(model).write_text(json.dumps(_hashes(examples)), encoding="utf-8")


def difference(model: Path, examples: Iterable[Example]) -> list[Difference] | None:
    """What `examples` have that `model` was not taught, and the reverse; None when nobody knows."""
    try:
        taught: dict[str, list[str]] = json.loads(_path(model).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    now = _hashes(examples)
    found = []
    for key in sorted(taught.keys() | now.keys()):
        old, new = set(taught.get(key, ())), set(now.get(key, ()))
        if old != new:
            language, _, label = key.partition(" ")
            found.append(Difference(language, label, len(new - old), len(old - new)))
    return found


def _hashes(examples: Iterable[Example]) -> dict[str, list[str]]:
    table: dict[str, list[str]] = defaultdict(list)
    for example in examples:
        label = example.label
        meant = f"{example.marked}|{sorted(label.flags)}|{sorted(label.remedies)}"
        table[f"{label.language} {label.name}"].append(hashlib.sha1(meant.encode()).hexdigest()[:10])
    return table


def _path(model: Path) -> Path:
    return model.with_name(model.name.removesuffix(".tar.gz") + ".examples.json")
