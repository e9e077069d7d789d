"""`erstkontakt evaluate`, `promote`, `rollback`: which model is live."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands.console import err, fail, out

if TYPE_CHECKING:
    from bot.training.answers import Reader
    from bot.training.evaluate import Evaluation

Author = Annotated[str, typer.Option(help="Who does this, kept with the change; without it your log-in name.")]


def evaluate(
    model: Annotated[Path | None, typer.Argument(help="The candidate; without it the newest model.")] = None,
    cases: Annotated[
        Path | None, typer.Option(help="Labelled messages: a .jsonl file or a folder with de.jsonl and en.jsonl.")
    ] = None,
    to: Annotated[Path | None, typer.Option(help="Folder for the pictures and the page.")] = None,
) -> None:
    """Compare a new model with the live one. Ends with 1 when a protected case gets worse."""
    from bot.config import settings
    from bot.training.answers import ModelUnusable
    from bot.training.evaluate import HELD_OUT, read_cases
    from bot.training.evaluate import evaluate as compare
    from bot.training.label import BadExample
    from bot.training.live import live_model
    from bot.training.report import write_report

    candidate = _candidate(model)
    live = live_model(settings().models)
    try:
        with out.status("Both models read the messages ..."):
            found = compare(candidate, live if live != candidate else None, read_cases(cases or HELD_OUT))
        with out.status("Drawing ..."):
            page = write_report(found, to or settings().var / "evaluation" / candidate.name.removesuffix(".tar.gz"))
    except BadExample as bad:
        fail(str(bad))
    except ModelUnusable as unusable:
        fail(str(unusable))
    _print(found)
    out.print(f"Pictures and everything else: {page}", markup=False, soft_wrap=True)
    if found.worse:
        raise typer.Exit(1)


def promote(
    model: Annotated[Path | None, typer.Argument(help="The model; without it the newest.")] = None,
    author: Author = "",
) -> None:
    """Make a model live, in the running server too. Refused when a protected case gets worse."""
    promote_model(_candidate(model), author or getpass.getuser())


def promote_model(candidate: Path, who: str, *, reader: Reader | None = None) -> None:
    """Check `candidate` and make it live; says what happened, or fails with what to do."""
    from bot.config import settings
    from bot.training import live
    from bot.training.answers import ModelUnusable
    from bot.training.promote import NotPromoted
    from bot.training.promote import promote as make_live

    if live.decided(settings().models) and live.live_model(settings().models) == candidate:
        out.print(f"{candidate.name} is live already.", markup=False)
        return
    try:
        with out.status("Checking the protected cases, then changing over ..."):
            done = make_live(settings(), candidate, who, reader=reader)
    except (NotPromoted, ModelUnusable) as refused:
        fail(str(refused))
    _say_live(done.model, done.running)


def rollback(author: Author = "") -> None:
    """Go back to the model that was live before."""
    from bot.config import settings
    from bot.training.live import NoModelBefore
    from bot.training.promote import NotPromoted
    from bot.training.promote import rollback as go_back

    try:
        done = go_back(settings(), author or getpass.getuser())
    except (NoModelBefore, NotPromoted) as refused:
        fail(str(refused))
    _say_live(done.model, done.running)


def _say_live(model: Path, running: bool) -> None:
    where = "the running server answers with it" if running else "no server is running; the next start takes it"
    out.print(f"{model.name} is live: {where}.", markup=False, soft_wrap=True)


def _candidate(model: Path | None) -> Path:
    from bot.config import settings
    from bot.trained import newest_model

    found = model or newest_model(settings().models)
    if found is None:
        fail("there is no model yet: erstkontakt train makes it")
    if not found.exists() and (settings().models / found.name).exists():
        found = settings().models / found.name
    if not found.exists():
        fail(f"there is no model {found}: see the folder {settings().models}")
    return found


def _print(found: Evaluation) -> None:
    from rich.table import Table

    from bot.training.report import rows_of_labels, rows_of_measures

    table = Table("measure", "German live", "candidate", "English live", "candidate")
    styles = {"better": "green", "worse": "red", "same": ""}
    for name, cells in rows_of_measures(found):
        row = []
        for live, candidate, change in cells:
            row += [_share(live), f"[{styles[change]}]{_share(candidate)}[/]" if styles[change] else _share(candidate)]
        table.add_row(name, *row)
    out.print(table)
    changed = [(name, cells) for name, cells in rows_of_labels(found) if any(o not in (None, n) for o, n, _ in cells)]
    if changed:
        table = Table("label", "German live", "candidate", "English live", "candidate")
        for name, labels in changed:
            table.add_row(name, *(cell for o, n, a in labels for cell in ("" if o is None else f"{o}", f"{n} of {a}")))
        out.print(table)
    for each in found.worse:
        err.print(f"worse: {each}", style="red", markup=False, soft_wrap=True)
    if found.live_answers is None:
        out.print("There is no live model to compare with.")
    elif not found.worse:
        out.print(f"No protected case gets worse ({len(found.protected)} looked at). Next: erstkontakt promote")


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.1%}"
