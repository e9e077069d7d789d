"""What Rasa remembers of a conversation: the events of its tracker, in a database of its own (bot/services.py)."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import MetaData, create_engine, inspect
from sqlalchemy.engine import Engine

from bot.config import Settings

_SENDER = "sender_id"
"""The column that says whose events they are, in every table that Rasa makes."""


def forget(settings: Settings, conversations: Iterable[str]) -> int:
    """Erase the trackers of these conversations; the number of events. Nothing where Rasa has stored none yet."""
    ids = sorted(set(conversations))
    if not ids:
        return 0
    engine = _engine(settings)
    if engine is None:
        return 0
    try:
        return sum(_delete(engine, table, ids) for table in inspect(engine).get_table_names())
    finally:
        engine.dispose()


def _engine(settings: Settings) -> Engine | None:
    if not settings.db_url.startswith("sqlite"):
        return create_engine(settings.db_url, future=True, hide_parameters=True)
    file = settings.var / "trackers.db"
    if not file.exists():
        return None
    return create_engine(f"sqlite:///{file}", future=True, hide_parameters=True, connect_args={"timeout": 30})


def _delete(engine: Engine, name: str, ids: list[str]) -> int:
    if not any(column["name"] == _SENDER for column in inspect(engine).get_columns(name)):
        return 0
    known = MetaData()
    known.reflect(engine, only=[name])
    table = known.tables[name]
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA secure_delete=ON")
        return int(connection.execute(table.delete().where(table.c[_SENDER].in_(ids))).rowcount)
