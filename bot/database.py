"""One database for everything: an engine, short transactions, and the base class of all tables.

SQLite in WAL mode by default; any PostgreSQL by URL. Times are stored as timezone-aware UTC.
"""

from __future__ import annotations

import asyncio
import contextvars
import datetime as dt
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, TypeVar

from sqlalchemy import DateTime, MetaData, create_engine, event
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session, declarative_base, sessionmaker
from sqlalchemy.pool import QueuePool
from sqlalchemy.types import TypeDecorator

from bot.config import settings

Base = declarative_base(
    metadata=MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
)

T = TypeVar("T")

THREADS = 16
"""How many transactions of one process run side by side."""

_READING = "erstkontakt_reading"
"""The execution option of transactions that only read."""


def utcnow() -> dt.datetime:
    """Now, timezone-aware. The one place that reads the clock for stored times."""
    return dt.datetime.now(dt.timezone.utc)


class UtcTime(TypeDecorator):
    """A timezone-aware moment; SQLite forgets the zone, so it is put back on the way out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Any) -> dt.datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a stored time needs a time zone: use bot.database.utcnow()")
        return value.astimezone(dt.timezone.utc)

    def process_result_value(self, value: dt.datetime | None, dialect: Any) -> dt.datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=dt.timezone.utc) if value.tzinfo is None else value.astimezone(dt.timezone.utc)


class Database:
    """Short, whole transactions on one engine.

    ``with database.begin() as session`` commits at the end and rolls back on an error.
    ``await database.run(work, ...)`` does the same for ``work(session, ...)`` in a thread, for async callers.
    ``await database.look(work, ...)`` is for work that only reads: it waits for nobody and keeps nobody waiting.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine = _engine(url)
        self._sessions = sessionmaker(self.engine, future=True, expire_on_commit=False)
        readers = self.engine.execution_options(**{_READING: True})
        self._readers = sessionmaker(readers, future=True, expire_on_commit=False)
        # SQLite lets one write at a time. A queue of our own is fair and immediate; its waiters sleep up to 100 ms.
        self._writers = ThreadPoolExecutor(1 if url.startswith("sqlite") else THREADS, "write")
        self._lookers = ThreadPoolExecutor(THREADS, "look")

    @contextmanager
    def begin(self) -> Iterator[Session]:
        with self._sessions() as session, session.begin():
            yield session

    async def run(self, work: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        return await self._in(self._writers, self._call, work, args, kwargs)

    async def look(self, work: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        return await self._in(self._lookers, self._look, work, args, kwargs)

    @staticmethod
    async def _in(pool: ThreadPoolExecutor, call: Callable[..., T], *args: Any) -> T:
        context = contextvars.copy_context()  # what the log knows of the request goes along
        return await asyncio.get_running_loop().run_in_executor(pool, lambda: context.run(call, *args))

    def _look(self, work: Callable[..., T], args: tuple[Any, ...], kwargs: dict[str, Any]) -> T:
        with self._readers() as session, session.begin():
            return work(session, *args, **kwargs)

    def _call(self, work: Callable[..., T], args: tuple[Any, ...], kwargs: dict[str, Any]) -> T:
        with self.begin() as session:
            return work(session, *args, **kwargs)

    def dispose(self) -> None:
        self._writers.shutdown(wait=False)
        self._lookers.shutdown(wait=False)
        self.engine.dispose()


@lru_cache(maxsize=4)
def _database(url: str) -> Database:
    return Database(url)


def database() -> Database:
    """The database of this process."""
    return _database(settings().db_url)


def _engine(url: str) -> Engine:
    if not url.startswith("sqlite"):
        # An error of the database never quotes values: they are what customers wrote.
        return create_engine(url, future=True, hide_parameters=True, pool_pre_ping=True, pool_size=10, max_overflow=20)
    engine = create_engine(
        url,
        future=True,
        hide_parameters=True,
        connect_args={"timeout": 30, "check_same_thread": False},
        # Connections to the file are kept: opening one with its pragmas costs as much as a decision.
        poolclass=QueuePool,
        max_overflow=-1,
    )

    @event.listens_for(engine, "connect")
    def _configure(connection: Any, _record: Any) -> None:
        # The driver's own BEGIN comes too late to take the write lock before reading: we send it ourselves.
        connection.isolation_level = None
        # secure_delete: what is erased is overwritten, not only forgotten.
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "secure_delete=ON"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("PRAGMA busy_timeout=30000")

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        # IMMEDIATE: a transaction that will write never finds its snapshot outdated half-way.
        reading = connection.get_execution_options().get(_READING)
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    return engine
