"""The database follows the version: tables are made, kept, and the same as the models say."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text

from bot.database import Base, Database
from bot.migrate import TABLES, exists, load_models, newest_revision, revision_of, upgrade
from bot.search.model import is_own

BOT = Path(__file__).resolve().parents[2] / "bot"


def test_the_revisions_make_exactly_the_tables_of_the_models(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'new.db'}"
    upgrade(url)
    load_models()
    with Database(url).engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False, "include_name": is_own})
        missing = compare_metadata(context, Base.metadata)
    assert not missing, 'write a revision: python -m bot.migrate "what changed"'


def test_every_module_with_tables_is_known() -> None:
    found = {
        ".".join(path.relative_to(BOT.parent).with_suffix("").parts)
        for path in BOT.rglob("*.py")
        if "(Base):" in path.read_text(encoding="utf-8")
    }
    assert found == set(TABLES)


def test_upgrading_again_keeps_what_is_there(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'new.db'}"
    assert not exists(url)
    upgrade(url)
    assert exists(url)
    with Database(url).begin() as session:
        session.execute(text("INSERT INTO case_counters (year, last) VALUES (2026, 41)"))
    upgrade(url)
    assert revision_of(url) == newest_revision()
    with Database(url).begin() as session:
        assert session.execute(text("SELECT last FROM case_counters")).scalar_one() == 41


def test_several_processes_may_start_at_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'new.db'}"
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(upgrade, [url] * 4))
    assert revision_of(url) == newest_revision()
