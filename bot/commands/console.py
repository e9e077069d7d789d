"""What every command shares: where it writes, how it fails, and the database brought up to date."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

import typer
from rich.console import Console

if TYPE_CHECKING:
    from bot.database import Database

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)


def fail(message: str, code: int = 1) -> NoReturn:
    """Say what is wrong and what to do, and end."""
    err.print(message, style="red", markup=False, soft_wrap=True)
    raise typer.Exit(code)


def ready_database() -> Database:
    """The database of the settings, with all its tables."""
    from bot.config import settings
    from bot.database import database
    from bot.migrate import upgrade

    upgrade(settings().db_url)
    return database()
