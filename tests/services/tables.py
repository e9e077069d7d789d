"""All tables, at once: a SQLite file is copied from one that was made once in this process, with every table known."""

from __future__ import annotations

import shutil
import tempfile
from functools import cache
from pathlib import Path

import bot.cases.model
import bot.frontdesk.model
import bot.training.model  # noqa: F401 - their tables belong to the same metadata
from bot.database import Base, Database


def create_tables(database: Database) -> None:
    """Every table in an empty database that nobody has connected to yet."""
    url = database.engine.url
    if url.get_backend_name() == "sqlite" and url.database and not Path(url.database).exists():
        shutil.copyfile(_template(), url.database)
    else:
        Base.metadata.create_all(database.engine)


@cache
def _template() -> Path:
    path = Path(tempfile.mkdtemp(prefix="erstkontakt-tables-")) / "empty.db"
    database = Database(f"sqlite:///{path}")
    Base.metadata.create_all(database.engine)
    database.dispose()  # the last one who goes writes everything into the file
    return path
