"""`erstkontakt train` and `erstkontakt parse`: what the bot understands."""

from __future__ import annotations

import io
import os
import sys
import threading
from pathlib import Path
from typing import Annotated

import typer

from bot.commands.console import fail, out


def train(
    force: Annotated[bool, typer.Option("--force", help="Train even though nothing changed.")] = False,
) -> None:
    """Train the dialogue model when its data changed."""
    from bot.config import settings
    from bot.trained import TrainingFailed, changes

    models = settings().models
    changed = changes(models)
    if not changed and not force:
        out.print("Nothing changed since the last training. --force trains all the same.")
        return
    try:
        model = train_with_progress(models, changed)
    except TrainingFailed as error:
        fail(f"{error}\n\nThe model in force is still the one from before, if there was one.")
    out.print(f"Trained {model.name}.", markup=False)


def train_with_progress(models: Path, changed: list[str], stop: threading.Event | None = None) -> Path:
    """Say what changed, then train with one line that shows what Rasa is at. Ended early when `stop` is set."""
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    from bot.trained import TrainingFailed, train

    if changed:
        more = f" and {len(changed) - 8} more" if len(changed) > 8 else ""
        out.print(f"Changed: {', '.join(changed[:8])}{more}", markup=False)
    columns = (SpinnerColumn(), TextColumn("Training"), TimeElapsedColumn(), TextColumn("{task.fields[at]}"))
    with Progress(*columns, console=out, transient=True) as progress:
        task = progress.add_task("training", total=None, at="")

        def show(line: str) -> None:
            if stop is not None and stop.is_set():
                raise TrainingFailed("The training was stopped.")
            progress.update(task, at=line.split("  - ")[-1].strip()[:70].replace("[", "("))

        return train(models, show)


def parse() -> None:
    """Read one message a line (or JSON lines with "text") and write what is understood, one JSON object a line."""
    from bot.config import settings
    from bot.trained import QUIET, newest_model

    model = newest_model(settings().models)
    if model is None:
        fail("there is no model yet: erstkontakt train makes it")
    os.environ.update(QUIET)  # before Rasa is loaded
    from bot.nlu.parse import parse_lines

    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(encoding="utf-8", errors="replace")
    for line in parse_lines(sys.stdin, model):
        sys.stdout.write(line + "\n")
        sys.stdout.flush()
