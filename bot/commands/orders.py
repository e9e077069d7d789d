"""`erstkontakt orders` and `erstkontakt demo`: the shop's order list."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands.console import err, fail, out, ready_database

if TYPE_CHECKING:
    from bot.cases.orders import ImportReport

app = typer.Typer(help="The shop's order list.", no_args_is_help=True)


@app.callback()
def orders() -> None:
    """The shop's order list."""


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="The CSV file; its columns are described in demo/README.md.")],
    all_or_nothing: Annotated[
        bool, typer.Option("--all-or-nothing", help="Import nothing when any line is broken.")
    ] = False,
) -> None:
    """Import orders from a CSV file; orders that are there already are updated. Ends with 1 when a line is broken."""
    from bot.cases.orders import import_orders, product_names

    try:
        data = file.read_bytes()
    except OSError as error:
        fail(f"{file} cannot be read: {error.strerror}. Give the path of the CSV file.")
    with ready_database().begin() as session:
        report = import_orders(session, data, all_or_nothing=all_or_nothing)
        names = product_names(session)
    _publish(names)
    _say(report, file.name)
    if report.errors:
        raise typer.Exit(1)


def demo(
    csv: Annotated[Path | None, typer.Option(help="Also write the orders to this CSV file.")] = None,
) -> None:
    """Create the demo orders of "Lindenhof", with days that count from today."""
    import datetime as dt

    from bot.cases.orders import product_names
    from bot.demo import create_demo_orders, demo_csv

    today = dt.date.today()
    with ready_database().begin() as session:
        report = create_demo_orders(session, today)
        names = product_names(session)
    _publish(names)
    if csv is not None:
        csv.write_text(demo_csv(today), encoding="utf-8")
    _say(report, "demo orders")
    out.print("Which of them to try: demo/README.md")


def _publish(names: list[str]) -> None:
    """The running dialogue recognises these products from its next message on."""
    from bot.catalogue import Catalogue
    from bot.config import settings

    Catalogue(settings().var).write(names)


def _say(report: ImportReport, what: str) -> None:
    out.print(f"{what}: {report.imported} imported, {report.updated} updated", markup=False)
    for error in report.errors:
        err.print(str(error), style="red", markup=False, soft_wrap=True)
    if report.errors and not report.imported and not report.updated:
        err.print("Nothing was imported.", style="red")
