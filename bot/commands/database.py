"""`erstkontakt migrate`: bringing the database to this version."""

from __future__ import annotations

from bot.commands.console import out


def migrate() -> None:
    """Create or change the database's tables. `run` does this by itself."""
    from bot.config import settings
    from bot.migrate import newest_revision, upgrade

    upgrade(settings().db_url)
    out.print(f"The database is at revision {newest_revision()}.")
