"""Bringing a database to the tables that this version needs. Alembic, configured here instead of in an ini file.

A changed model needs a new revision: `python -m bot.migrate "what changed"` writes it into bot/migrations/versions.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.orm import Session

from bot.database import Base, Database
from bot.search import index

MIGRATIONS = Path(__file__).resolve().parent / "migrations"

TABLES = (
    "bot.cases.model",
    "bot.desk.model",
    "bot.frontdesk.model",
    "bot.frontdesk.notifications.model",
    "bot.search.model",
    "bot.training.model",
)
"""The modules that have tables: a new one is added here."""

_LOCK = 0x454B  # any number that no other program on the same PostgreSQL uses


def upgrade(url: str) -> None:
    """Create or change the tables of the database at `url`. Several processes may call it at once.

    What was said before there was a search is indexed with it.
    """
    load_models()
    with _Migration(url) as connection:
        command.upgrade(_config(connection), "head")
        with Session(connection, future=True) as session:
            if index.is_empty(session):
                index.rebuild(session)
                session.flush()


def revision_of(url: str) -> str | None:
    """The revision that the database stands at; None when it has no tables of ours."""
    database = Database(url)
    try:
        with database.engine.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision()
    finally:
        database.dispose()


def newest_revision() -> str:
    """The revision that this version needs."""
    head = ScriptDirectory.from_config(_config(None)).get_current_head()
    assert head is not None, "bot/migrations/versions is empty"
    return head


def exists(url: str) -> bool:
    """Whether there is a database to look at; asking does not create the SQLite file."""
    place = make_url(url)
    if place.get_backend_name() != "sqlite" or not place.database:
        return True
    return Path(place.database).exists()


def load_models() -> None:
    """Import the modules that have tables, so that Base.metadata knows all of them."""
    for name in TABLES:
        importlib.import_module(name)


class _Migration:
    """One transaction for all steps, alone on the database."""

    def __init__(self, url: str) -> None:
        self._database = Database(url)

    def __enter__(self) -> Connection:
        self._connection = self._database.engine.connect()
        if self._connection.dialect.name == "sqlite":
            # A changed SQLite table is copied and dropped: rows that refer to it must survive. Not possible inside
            # a transaction, so it is said to the driver's connection before one begins.
            self._connection.connection.dbapi_connection.execute("PRAGMA foreign_keys=OFF")
        self._transaction = self._connection.begin()
        if self._connection.dialect.name == "postgresql":
            self._connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
        return self._connection

    def __exit__(self, kind: type[BaseException] | None, *_rest: object) -> None:
        if kind is None:
            self._transaction.commit()
        else:
            self._transaction.rollback()
        self._connection.close()
        self._database.dispose()


def _config(connection: Connection | None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def new_revision(message: str) -> None:
    """Write the revision that leads from the newest one to the tables of the models: for developers."""
    load_models()
    database = Database("sqlite://")
    with database.engine.begin() as connection:
        config = _config(connection)
        command.upgrade(config, "head")
        head = ScriptDirectory.from_config(config).get_current_head()
        number = int(head or "0") + 1
        command.revision(config, message, autogenerate=True, rev_id=f"{number:04d}")
    assert Base.metadata.tables


if __name__ == "__main__":
    new_revision(sys.argv[1])
