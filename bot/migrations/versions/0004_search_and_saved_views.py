"""Full text search over messages and cases; saved views of the case list."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_WORDS = "search_words"
_SQLITE = (
    f"CREATE VIRTUAL TABLE {_WORDS} USING fts5(stems, content='search_texts', content_rowid='id', detail=none,"
    " columnsize=0, tokenize='unicode61 remove_diacritics 0')",
    "CREATE TRIGGER search_texts_insert AFTER INSERT ON search_texts BEGIN"
    f" INSERT INTO {_WORDS}(rowid, stems) VALUES (new.id, new.stems); END",
    "CREATE TRIGGER search_texts_delete AFTER DELETE ON search_texts BEGIN"
    f" INSERT INTO {_WORDS}({_WORDS}, rowid, stems) VALUES ('delete', old.id, old.stems); END",
    "CREATE TRIGGER search_texts_update AFTER UPDATE OF stems ON search_texts BEGIN"
    f" INSERT INTO {_WORDS}({_WORDS}, rowid, stems) VALUES ('delete', old.id, old.stems);"
    f" INSERT INTO {_WORDS}(rowid, stems) VALUES (new.id, new.stems); END",
)
_POSTGRESQL = (
    "CREATE INDEX ix_search_texts_stems ON search_texts USING gin (array_to_tsvector(string_to_array(stems, ' ')))",
)


def upgrade() -> None:
    op.create_table(
        "search_texts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("ref", sa.String(length=32), nullable=False),
        sa.Column("conversation_id", sa.String(length=40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stems", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_texts")),
        sa.UniqueConstraint("kind", "ref", name=op.f("uq_search_texts_kind_ref")),
    )
    op.create_index(op.f("ix_search_texts_conversation_id"), "search_texts", ["conversation_id"])
    for statement in _SQLITE if op.get_bind().dialect.name == "sqlite" else _POSTGRESQL:
        op.execute(statement)
    op.create_table(
        "saved_views",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("filters", sa.JSON(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_saved_views_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_views")),
        sa.UniqueConstraint("user_id", "name", name=op.f("uq_saved_views_user_id_name")),
    )


def downgrade() -> None:
    op.drop_table("saved_views")
    if op.get_bind().dialect.name == "sqlite":
        op.execute(f"DROP TABLE {_WORDS}")
    op.drop_table("search_texts")
