"""`erstkontakt search`: the full text index of the desk."""

from __future__ import annotations

import typer

from bot.commands.console import out, ready_database

app = typer.Typer(help="The full text search of the desk.", no_args_is_help=True)


@app.callback()
def search() -> None:
    """The full text search of the desk."""


@app.command()
def rebuild() -> None:
    """Make the index of all messages and cases anew. It keeps itself up to date: only needed after repairs by hand."""
    from bot.search import index

    with ready_database().begin() as session:
        count = index.rebuild(session)
    out.print(f"Indexed: {count} messages and cases.")
