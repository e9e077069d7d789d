"""`erstkontakt case`: looking at cases from the command line."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from bot.commands.console import fail, out, ready_database

app = typer.Typer(help="Look at cases.", no_args_is_help=True)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]


@app.command("list")
def list_(
    as_json: AsJson = False,
    state: Annotated[str | None, typer.Option(help="Only cases in this state, for example offer_made.")] = None,
) -> None:
    """List the newest cases."""
    from bot.cases.model import STATES
    from bot.cases.report import list_cases

    if state is not None and state not in STATES:
        fail(f"there is no state {state}: choose one of {', '.join(STATES)}")
    with ready_database().begin() as session:
        rows = list_cases(session, state=state)
    if as_json:
        _print_json(rows)
        return
    from rich.table import Table

    table = Table("number", "received", "state", "category", "severity", "flags", "order", "verified")
    for row in rows:
        cells = [row["number"], row["received_at"], row["state"], row["category"], row["severity"]]
        cells += [" ".join(row["flags"]), row["order_number"] or "", "yes" if row["verified"] else "no"]
        table.add_row(*(str(cell) for cell in cells))
    out.print(table if rows else "No cases yet.")


@app.command()
def show(
    number: Annotated[str, typer.Argument(help="The case number, for example EK-2026-000123.")], as_json: AsJson = False
) -> None:
    """Show everything about one case."""
    from bot.cases.model import Case
    from bot.cases.report import case_as_dict

    with ready_database().begin() as session:
        case = session.get(Case, number.strip().upper())
        fields = case_as_dict(session, case) if case is not None else None
    if fields is None:
        fail(f"there is no case {number}: see erstkontakt case list")
    if as_json:
        _print_json(fields)
        return
    from rich.table import Table
    from rich.text import Text

    table = Table(show_header=False, box=None)
    for name, value in fields.items():
        if value not in (None, "", []):
            table.add_row(Text(name, style="bold"), Text(_readable(value)))
    out.print(table)


@app.command()
def cause(
    number: Annotated[str, typer.Argument(help="The case number, for example EK-2026-000123.")],
    words: Annotated[str, typer.Argument(help="What went wrong in the house; it names nobody.")],
    who: Annotated[str, typer.Option("--who", help="Who found it out: it stands in the audit.")],
) -> None:
    """Note what went wrong on our side, so that it can be mended and counted."""
    from bot.cases import store

    with ready_database().begin() as session:
        case = store.find(session, number.strip().upper())
        if case is not None:
            store.note_root_cause(session, case, words, who=who)
    if case is None:
        fail(f"there is no case {number}: see erstkontakt case list")
    out.print("Noted.")


def _readable(value: Any) -> str:
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return ", ".join(value)
    return json.dumps(value, ensure_ascii=False, indent=2) if isinstance(value, (list, dict)) else str(value)


def _print_json(value: Any) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))
