"""The table that full text is looked up in, on SQLite and PostgreSQL.

`search_texts` holds the stems of one message or case a row. SQLite finds them through the FTS5 table `search_words`,
which triggers keep; PostgreSQL through an index over the same column.
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy import DDL, Column, Integer, String, Text, UniqueConstraint, event
from sqlalchemy.orm import Mapped

from bot.database import Base, UtcTime

SQLITE_TABLE = "search_words"
"""The FTS5 table; SQLite keeps its parts in tables whose names begin alike."""

VECTOR = "array_to_tsvector(string_to_array(stems, ' '))"
"""What PostgreSQL's index is over. The stems are lexemes already: no parser cuts them again."""


class SearchText(Base):
    """The stems of one message (`ref` its id) or one case (`ref` its number)."""

    __tablename__ = "search_texts"
    __table_args__ = (UniqueConstraint("kind", "ref"),)

    id: Mapped[int] = Column(Integer, primary_key=True)
    kind: Mapped[str] = Column(String(8), nullable=False)  # message | case
    ref: Mapped[str] = Column(String(32), nullable=False)
    conversation_id: Mapped[str] = Column(String(40), nullable=False, index=True)
    at: Mapped[dt.datetime] = Column(UtcTime, nullable=False)
    stems: Mapped[str] = Column(Text, nullable=False)


SQLITE = (
    f"CREATE VIRTUAL TABLE {SQLITE_TABLE} USING fts5(stems, content='search_texts', content_rowid='id', detail=none,"
    " columnsize=0, tokenize='unicode61 remove_diacritics 0')",
    f"CREATE TRIGGER search_texts_insert AFTER INSERT ON search_texts BEGIN"
    f" INSERT INTO {SQLITE_TABLE}(rowid, stems) VALUES (new.id, new.stems); END",
    f"CREATE TRIGGER search_texts_delete AFTER DELETE ON search_texts BEGIN"
    f" INSERT INTO {SQLITE_TABLE}({SQLITE_TABLE}, rowid, stems) VALUES ('delete', old.id, old.stems); END",
    f"CREATE TRIGGER search_texts_update AFTER UPDATE OF stems ON search_texts BEGIN"
    f" INSERT INTO {SQLITE_TABLE}({SQLITE_TABLE}, rowid, stems) VALUES ('delete', old.id, old.stems);"
    f" INSERT INTO {SQLITE_TABLE}(rowid, stems) VALUES (new.id, new.stems); END",
)
POSTGRESQL = (f"CREATE INDEX ix_search_texts_stems ON search_texts USING gin ({VECTOR})",)

for _dialect, _statements in (("sqlite", SQLITE), ("postgresql", POSTGRESQL)):
    for _statement in _statements:
        event.listen(SearchText.__table__, "after_create", DDL(_statement).execute_if(dialect=_dialect))
event.listen(
    SearchText.__table__, "before_drop", DDL(f"DROP TABLE IF EXISTS {SQLITE_TABLE}").execute_if(dialect="sqlite")
)


def is_own(name: str | None, kind: str, _parents: object = None) -> bool:
    """Whether Alembic should compare this; the parts of SQLite's index are no tables of a model."""
    return not (kind == "table" and (name or "").startswith(SQLITE_TABLE))
