"""`erstkontakt train` and `erstkontakt parse`: what the bot understands."""

from __future__ import annotations

import getpass
import io
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands.console import fail, out

if TYPE_CHECKING:
    from bot.training.answers import Reader
    from bot.training.manifest import Difference


def train(
    force: Annotated[bool, typer.Option("--force", help="Train even though nothing changed.")] = False,
    promote: Annotated[
        bool, typer.Option("--promote", help="Make the new model live when no protected case gets worse.")
    ] = False,
) -> None:
    """Train a new model when its data changed. Customers talk to it after `erstkontakt promote`."""
    from bot.config import settings
    from bot.trained import TrainingFailed, changes
    from bot.training import live

    models = settings().models
    changed = changes(models)
    if not changed and not force:
        out.print("Nothing changed since the last training. --force trains all the same.")
        return
    first = not live.decided(models)
    with _early_reader(models, wanted=promote and not first) as reader:
        try:
            model = train_with_progress(models, changed)
        except TrainingFailed as error:
            fail(f"{error}\n\nThe live model is still the one from before, if there was one.")
        if first:
            live.take(models, model, "train")
            out.print(f"Trained {model.name}. It is the first one, so it is live.", markup=False)
        elif promote:
            from bot.commands.training import promote_model

            promote_model(model, getpass.getuser(), reader=reader)
        else:
            out.print(f"Trained {model.name}. Next: erstkontakt evaluate, erstkontakt promote.", markup=False)


@contextmanager
def _early_reader(models: Path, *, wanted: bool) -> Iterator[Reader | None]:
    """A process that will check the new model. While that is being trained it reads the protected cases with the live
    one, and has loaded what both need."""
    if not wanted:
        yield None
        return
    from bot.training.answers import ModelUnusable, Reader, answers
    from bot.training.live import live_model
    from bot.training.protected import read_protected

    def read_with(model: Path) -> None:
        with suppress(ModelUnusable):  # made by older code: then there is nothing to compare with
            reader.read(model, [])  # loads it, also where its answers are known
            answers(model, [case.text for case in read_protected()], reader)

    live = live_model(models)
    with Reader() as reader:
        meanwhile = threading.Thread(target=read_with, args=(live,), daemon=True) if live else None
        if meanwhile:
            meanwhile.start()
        yield reader


def train_with_progress(models: Path, changed: list[str], stop: threading.Event | None = None) -> Path:
    """Say what changed, then train with one line that shows what Rasa is at. Ended early when `stop` is set.

    The examples are checked first: what is wrong with them is said with file, line and remedy.
    """
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    from bot.trained import TrainingFailed, train
    from bot.training import live, manifest
    from bot.training.examples import read

    examples, problems = read()
    if problems:
        more = f"\n... and {len(problems) - 20} more" if len(problems) > 20 else ""
        raise TrainingFailed("\n".join(map(str, problems[:20])) + more)
    now = live.live_model(models)
    _say_what_changed(changed, manifest.difference(now, examples) if now is not None else None)
    columns = (SpinnerColumn(), TextColumn("Training"), TimeElapsedColumn(), TextColumn("{task.fields[at]}"))
    with Progress(*columns, console=out, transient=True) as progress:
        task = progress.add_task("training", total=None, at="")

        def show(line: str) -> None:
            if stop is not None and stop.is_set():
                raise TrainingFailed("The training was stopped.")
            progress.update(task, at=line.split("  - ")[-1].strip()[:70].replace("[", "("))

        model = train(models, show)
    manifest.write(model, examples)
    return model


def _say_what_changed(changed: list[str], differences: list[Difference] | None) -> None:
    """Files that changed since the last training, and examples per label since the live model."""
    files = [name for name in changed if differences is None or not name.startswith("data/nlu/")]
    if files:
        more = f" and {len(files) - 8} more" if len(files) > 8 else ""
        out.print(f"Changed: {', '.join(files[:8])}{more}", markup=False)
    if not differences:
        return
    from rich.table import Table

    table = Table("examples since the live model", "language", "added", "removed", box=None)
    for each in differences[:30]:
        table.add_row(each.label, each.language, f"+{each.added}" if each.added else "",
                      f"-{each.removed}" if each.removed else "")  # fmt: skip
    out.print(table)
    if len(differences) > 30:
        out.print(f"... and {len(differences) - 30} more labels")


def parse() -> None:
    """Read one message a line (or JSON lines with "text") and write what is understood, one JSON object a line."""
    from bot.config import settings
    from bot.trained import QUIET
    from bot.training.live import live_model

    model = live_model(settings().models)
    if model is None:
        fail("there is no model yet: erstkontakt train makes it")
    os.environ.update(QUIET)  # before Rasa is loaded
    from bot.nlu.parse import ModelUnusable, parse_lines

    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(encoding="utf-8", errors="replace")
    try:
        for line in parse_lines(sys.stdin, model):
            sys.stdout.write(line + "\n")
            sys.stdout.flush()
    except ModelUnusable as error:
        fail(str(error))
