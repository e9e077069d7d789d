"""`erstkontakt promises` and `erstkontakt surprises`: what we owe customers, and how often we keep our word."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from typing import Annotated, Any

import typer

from bot.commands.console import fail, out, ready_database

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]

surprises_app = typer.Typer(help="Surprises that somebody has to carry out.", invoke_without_command=True)


def promises(
    as_json: AsJson = False,
    days: Annotated[int, typer.Option(min=1, help="Count promises that ended in so many days.")] = 30,
) -> None:
    """List open promises, the next one first, and how many were kept."""
    from bot.cases.promises import overview
    from bot.database import utcnow
    from bot.policies import current_policy

    now = utcnow()
    with ready_database().begin() as session:
        record = overview(session, now, days=days)
    if as_json:
        fields = {"kept": record.kept, "broken": record.broken, "kept_rate": record.kept_rate, "days": record.days}
        _print_json({**fields, "open": [dataclasses.asdict(made) for made in record.open]})
        return
    from rich.table import Table

    zone = current_policy().hours.zone
    table = Table("due", "case", "what", "by", "severity", "")
    for made in record.open:
        state = "late" if made.late else "reminded" if made.reminded_at else ""
        due = f"{made.due_at.astimezone(zone):%Y-%m-%d %H:%M}"
        table.add_row(due, made.case_number, made.what, made.by, str(made.severity), state)
    out.print(table if record.open else "No open promises.")
    ended = record.kept + record.broken
    rate = f"{record.kept_rate:.0%} kept" if record.kept_rate is not None else "none has ended"
    out.print(f"Last {days} days: {rate} ({record.kept} of {ended}).", markup=False)


@surprises_app.callback()
def surprises(
    context: typer.Context,
    as_json: AsJson = False,
    days: Annotated[
        int | None, typer.Option("--done", min=1, help="List those carried out in so many days instead.")
    ] = None,
) -> None:
    """List the surprises that customers wait for, the most urgent first."""
    if context.invoked_subcommand is not None:
        return
    from bot.cases.surprises import list_done, list_open
    from bot.database import utcnow
    from bot.policies import current_policy

    with ready_database().begin() as session:
        carried_out = list_done(session, utcnow() - dt.timedelta(days=days)) if days else []
        tasks = list_open(session) if not days else []
    if as_json:
        _print_json([dataclasses.asdict(each) for each in (carried_out if days else tasks)])
        return
    from rich.table import Table

    if days:
        table = Table("surprise", "case", "what", "who", "done")
        for each in carried_out:
            at = f"{each.at.astimezone(current_policy().hours.zone):%Y-%m-%d %H:%M}"
            table.add_row(each.offer_id, each.case_number, each.form, each.who, at)
        out.print(table if carried_out else f"No surprise was carried out in the last {days} days.")
        return

    zone = current_policy().hours.zone
    table = Table("surprise", "case", "what", "item", "language", "due", "who")
    for task in tasks:
        due = f"{task.due_at.astimezone(zone):%Y-%m-%d %H:%M}" if task.due_at else ""
        table.add_row(task.offer_id, task.case_number, task.form, task.item, task.language, due, task.owner)
    out.print(table if tasks else "No open surprises.")


@surprises_app.command()
def take(
    surprise: Annotated[str, typer.Argument(help="Its id, see erstkontakt surprises.")],
    who: Annotated[str, typer.Option("--who", help="Who carries it out.")],
) -> None:
    """Say who carries a surprise out."""
    from bot.cases.surprises import NoSuchTask
    from bot.cases.surprises import take as take_on

    try:
        with ready_database().begin() as session:
            take_on(session, surprise, who)
    except NoSuchTask as refused:
        fail(str(refused))
    out.print(f"{who} does it.", markup=False)


@surprises_app.command()
def done(
    surprise: Annotated[str, typer.Argument(help="Its id, see erstkontakt surprises.")],
    who: Annotated[str, typer.Option("--who", help="Who carried it out.")],
) -> None:
    """Say that a surprise was carried out."""
    from bot.cases.surprises import NoSuchTask
    from bot.cases.surprises import done as carried_out
    from bot.database import utcnow

    try:
        with ready_database().begin() as session:
            first = carried_out(session, surprise, who, now=utcnow())
    except NoSuchTask as refused:
        fail(str(refused))
    out.print("Done." if first else "It was done before.")


def _print_json(value: Any) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2, default=_day))


def _day(value: Any) -> str:
    if isinstance(value, dt.datetime):
        return value.isoformat(timespec="seconds")
    raise TypeError(f"no JSON for {type(value).__name__}")
