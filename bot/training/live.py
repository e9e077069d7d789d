"""Which model is live: written down in models/live.json, with those that were live before it.

Training only adds archives to the folder; nothing but :func:`take` and :func:`back` changes what customers talk to.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.database import utcnow
from bot.trained import newest_model

LIVE = "live.json"
KEPT = 5
"""Models that were live before and can be gone back to."""


class NoModelBefore(Exception):
    """There is no earlier model to go back to."""


@dataclass(frozen=True)
class Live:
    """A model with since when it is live (ISO time) and by whose decision."""

    model: str
    since: str
    by: str


def live_model(models: Path) -> Path | None:
    """The archive that customers talk to; where nobody has decided, the newest one. None when there is no model."""
    for entry in history(models)[:1]:
        path = models / entry.model
        if path.exists():
            return path
    return newest_model(models)


def decided(models: Path) -> bool:
    """Whether a live model is written down and still there."""
    return any((models / entry.model).exists() for entry in history(models)[:1])


def history(models: Path) -> list[Live]:
    """The live model first, then those before it."""
    try:
        entries: list[dict[str, Any]] = json.loads((models / LIVE).read_text(encoding="utf-8"))
        return [Live(str(entry["model"]), str(entry["since"]), str(entry["by"])) for entry in entries]
    except (OSError, ValueError, KeyError, TypeError):
        return []


def take(models: Path, model: Path, who: str) -> None:
    """Write down that `model` is live from now on; the one before is kept for :func:`back`."""
    before = [entry for entry in history(models) if entry.model != model.name]
    _write(models, [Live(model.name, utcnow().isoformat(timespec="seconds"), who), *before[:KEPT]])


def before(models: Path) -> Path:
    """The model that was live before this one. Raises :class:`NoModelBefore`."""
    for entry in history(models)[1:]:
        if (models / entry.model).exists():
            return models / entry.model
    raise NoModelBefore("no earlier model was live here: erstkontakt promote makes one live")


def back(models: Path, who: str) -> Path:
    """Write down that the model before is live again. Raises :class:`NoModelBefore`."""
    model = before(models)
    rest = history(models)[1:]
    rest = rest[[entry.model for entry in rest].index(model.name) + 1 :]
    _write(models, [Live(model.name, utcnow().isoformat(timespec="seconds"), who), *rest])
    return model


def _write(models: Path, entries: list[Live]) -> None:
    models.mkdir(parents=True, exist_ok=True)
    half = models / f".{LIVE}.{os.getpid()}"
    half.write_text(json.dumps([vars(entry) for entry in entries], indent=1) + "\n", encoding="utf-8")
    os.replace(half, models / LIVE)
