"""A model goes live, or back: in the running server without losing a conversation, and for the next start."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import httpx

from bot.config import Settings, rasa_token
from bot.training import live
from bot.training.answers import Reader
from bot.training.evaluate import evaluate
from bot.training.protected import Worse

LOADING = 120.0
"""Seconds that Rasa may take to load a model; it answers nobody meanwhile, the front desk keeps messages."""


class NotPromoted(Exception):
    """The model does not go live; the message says why and what to do. Nothing has changed."""


class GetsWorse(NotPromoted):
    """Protected cases get worse with the candidate."""

    def __init__(self, cases: list[Worse]) -> None:
        self.cases = cases
        lines = "\n".join(f"  {case}" for case in cases)
        count = f"{len(cases)} protected case{'s get' if len(cases) > 1 else ' gets'} worse"
        remedy = "Add examples like these in other words and train again, or undo the last examples."
        super().__init__(f"{count}:\n{lines}\n{remedy}")


@dataclass(frozen=True)
class Done:
    """What happened: the model that is live now, and whether a running server has taken it."""

    model: Path
    running: bool


def promote(settings: Settings, candidate: Path, who: str, *, reader: Reader | None = None) -> Done:
    """Make `candidate` live, if no protected case gets worse.

    Raises :class:`GetsWorse`, :class:`NotPromoted` when the running server cannot load it, and
    :class:`bot.training.answers.ModelUnusable` when it cannot be loaded at all.
    """
    check(settings.models, candidate, reader=reader)
    running = swap(settings, candidate)
    live.take(settings.models, candidate, who)
    return Done(candidate, running)


def check(models: Path, candidate: Path, *, reader: Reader | None = None) -> None:
    """Raise :class:`GetsWorse` when `candidate` may not replace the live model."""
    now = live.live_model(models) if live.decided(models) else None
    cases = evaluate(candidate, now if now != candidate else None, (), reader=reader).worse
    if cases:
        raise GetsWorse(cases)


def rollback(settings: Settings, who: str) -> Done:
    """Go back to the model that was live before. Raises :class:`bot.training.live.NoModelBefore`."""
    running = swap(settings, live.before(settings.models))
    return Done(live.back(settings.models, who), running)


def swap(settings: Settings, model: Path) -> bool:
    """Let the running Rasa server load `model`; False when no server runs. Conversations stay in its tracker store.

    Rasa loads the new model beside the old one and then changes over: when loading fails, the old one stays.
    Raises :class:`NotPromoted` then.
    """
    token = {"token": rasa_token(settings)}
    try:
        with httpx.Client(base_url=settings.rasa_url, params=token, timeout=LOADING, trust_env=False) as rasa:
            answer = rasa.put("/model", json={"model_file": str(model.resolve())})
            if answer.status_code == 204:
                loaded = str(rasa.get("/status").json().get("model_file", ""))
                if Path(loaded).name == model.name:
                    return True
                raise NotPromoted(f"the running server says that it uses {Path(loaded).name}: restart erstkontakt run")
    except httpx.ConnectError:
        return False
    except (httpx.HTTPError, ValueError) as error:
        raise NotPromoted(f"the running server did not load {model.name} ({type(error).__name__}): "
                          "see rasa.log, the live model stays") from error  # fmt: skip
    if answer.status_code == 401:
        raise NotPromoted(f"on {settings.rasa_url} answers a server of another installation: check ERSTKONTAKT_VAR")
    raise NotPromoted(f"the running server did not load {model.name} (status {answer.status_code}): see rasa.log, "
                      "the live model stays")  # fmt: skip
