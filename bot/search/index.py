"""Full text over messages and cases: written with them in one transaction, forgotten with them, found by stems."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, column, delete, event, func, insert, literal_column, or_, select, table, text, update
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import get_history

from bot.search.model import SQLITE_TABLE, VECTOR, SearchText
from bot.search.stems import is_beginning, stems, wanted

AT_ONCE = 500
"""Rows that a rebuild writes together."""


@dataclass(frozen=True)
class Entry:
    """What of one row can be found; `text` empty: nothing."""

    kind: str
    ref: str
    conversation_id: str
    at: dt.datetime
    text: str


Reader = Callable[[Any], Entry]

_followed: dict[type, Reader] = {}


def follow(model: type, read: Reader, columns: Collection[str]) -> None:
    """Keep the index true to a table from now on, whoever writes to it through the session.

    `columns` are those that `read` looks at. Statements that change many rows at once do not pass here: whoever
    writes one calls :func:`forget`.
    """

    def updated(_mapper: Any, connection: Connection, thing: Any) -> None:
        if any(get_history(thing, name).has_changes() for name in columns):
            _changed(connection, read(thing))

    def inserted(_mapper: Any, connection: Connection, thing: Any) -> None:
        entry = read(thing)
        if entry.text:
            connection.execute(insert(SearchText).values(**_row(entry)))

    _followed[model] = read
    event.listen(model, "after_insert", inserted)
    event.listen(model, "after_update", updated)


def forget(session: Session, conversation_id: str, before: dt.datetime | None = None) -> int:
    """Nothing that was said in a conversation (before a moment) can be found any more; how much that was.

    Its cases follow by themselves. Call :func:`scrub` when all is forgotten.
    """
    gone = delete(SearchText).where(SearchText.kind == "message", SearchText.conversation_id == conversation_id)
    if before is not None:
        gone = gone.where(SearchText.at < before)
    return int(session.execute(gone.execution_options(synchronize_session=False)).rowcount)


def scrub(session: Session) -> None:
    """Rewrite SQLite's index: until then it only marks forgotten words as deleted."""
    session.flush()
    if _dialect(session) == "sqlite":
        session.execute(text(f"INSERT INTO {SQLITE_TABLE}({SQLITE_TABLE}) VALUES ('optimize')"))


def rebuild(session: Session) -> int:
    """Make the whole index anew; how many rows it has."""
    session.flush()
    session.execute(delete(SearchText).execution_options(synchronize_session=False))
    count = 0
    for model, read in _followed.items():
        rows: list[dict[str, Any]] = []
        for thing in session.scalars(select(model).execution_options(yield_per=AT_ONCE)):
            entry = read(thing)
            if entry.text:
                rows.append(_row(entry))
            if len(rows) == AT_ONCE:
                count += _insert(session, rows)
        count += _insert(session, rows)
    scrub(session)
    return count


def is_empty(session: Session) -> bool:
    """Whether nothing is indexed although there is something: a database from before there was an index."""
    if session.execute(select(SearchText.id).limit(1)).first() is not None:
        return False
    return any(session.execute(select(func.count()).select_from(model)).scalar_one() for model in _followed)


def conversations(session: Session, question: str) -> list[Any]:
    """A select of conversation ids for each word of `question`: what is looked for is in all of them."""
    dialect = _dialect(session)
    return [
        select(SearchText.conversation_id).where(_matches(dialect, beginnings, number))
        for number, beginnings in enumerate(wanted(question))
    ]


def said(session: Session, question: str, conversation_ids: Collection[str]) -> dict[str, str]:
    """For each of these conversations the id of its newest message in which a word of `question` stands."""
    asked = [_matches(_dialect(session), beginnings, number) for number, beginnings in enumerate(wanted(question))]
    if not asked or not conversation_ids:
        return {}
    found = select(SearchText.conversation_id, SearchText.ref).where(
        SearchText.kind == "message", SearchText.conversation_id.in_(conversation_ids), or_(*asked)
    )
    return dict(session.execute(found.order_by(SearchText.at)).all())  # the newest stays


def _matches(dialect: str, beginnings: tuple[str, ...], number: int) -> Any:
    """The condition that a row has a stem with one of these beginnings. Stems are letters and digits only."""
    if dialect == "sqlite":
        asked = " OR ".join(f'"{stem}"{" *" if is_beginning(stem) else ""}' for stem in beginnings)
        index = table(SQLITE_TABLE, column("rowid"))
        hit = literal_column(SQLITE_TABLE).op("MATCH")(bindparam(f"asked_{number}", asked, unique=True))
        return SearchText.id.in_(select(index.c.rowid).where(hit))
    asked = " | ".join(f"'{stem}'{':*' if is_beginning(stem) else ''}" for stem in beginnings)
    return text(f"{VECTOR.replace('stems', 'search_texts.stems')} @@ CAST(:asked_{number} AS tsquery)").bindparams(
        bindparam(f"asked_{number}", asked, unique=True)
    )


def _changed(connection: Connection, entry: Entry) -> None:
    mine = (SearchText.kind == entry.kind, SearchText.ref == entry.ref)
    if not entry.text:
        connection.execute(delete(SearchText).where(*mine))
        return
    row = _row(entry)
    changed = {name: row[name] for name in ("conversation_id", "at", "stems")}
    if not connection.execute(update(SearchText).where(*mine).values(**changed)).rowcount:
        connection.execute(insert(SearchText).values(**row))


def _row(entry: Entry) -> dict[str, Any]:
    return {
        "kind": entry.kind, "ref": entry.ref, "conversation_id": entry.conversation_id, "at": entry.at,
        "stems": stems(entry.text),
    }  # fmt: skip


def _insert(session: Session, rows: list[dict[str, Any]]) -> int:
    if rows:
        session.execute(insert(SearchText), rows)
    count = len(rows)
    rows.clear()
    return count


def _dialect(session: Session) -> str:
    return str(session.get_bind().dialect.name)
