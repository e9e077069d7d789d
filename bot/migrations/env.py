"""How Alembic runs the revisions: inside the transaction that bot.migrate has opened."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context

from bot.database import Base, UtcTime
from bot.migrate import load_models
from bot.search.model import is_own


def render_item(kind: str, thing: Any, _autogenerate: Any) -> str | Literal[False]:
    """Revisions are frozen: they name SQLAlchemy's types only, never ours that may change."""
    if kind == "type" and isinstance(thing, UtcTime):
        return "sa.DateTime(timezone=True)"
    return False


load_models()
context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    render_item=render_item,
    compare_type=False,
    include_name=is_own,
)
context.run_migrations()
