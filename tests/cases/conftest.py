"""Both databases, a policy whose budget a test may set, and cases that are ready for a decision."""

from __future__ import annotations

import datetime as dt
import itertools
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from bot.cases import store
from bot.cases.model import Case, Order
from bot.database import Database
from bot.goodwill.policy import FILES, Policy
from bot.migrate import load_models
from tests.services.tables import create_tables

FOLDER = Path(__file__).resolve().parents[2] / "policy"
NOW = dt.datetime(2026, 11, 23, 10, 0, tzinfo=dt.timezone.utc)

PolicyMaker = Callable[..., Policy]
CaseMaker = Callable[..., Case]


_names = itertools.count(1)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty database with all tables, on SQLite and on PostgreSQL."""
    load_models()
    if request.param == "sqlite":
        database = Database(f"sqlite:///{tmp_path / 'cases.db'}")
        create_tables(database)
        yield database
        database.dispose()
        return
    server = request.getfixturevalue("postgres")
    name = f"test_{next(_names)}"
    admin = create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    database = Database(server.rsplit("/", 1)[0] + f"/{name}")
    create_tables(database)
    yield database
    database.dispose()
    with admin.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name}")
    admin.dispose()


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Session]:
    """One transaction on SQLite, for what does not depend on the database."""
    load_models()
    database = Database(f"sqlite:///{tmp_path / 'office.db'}")
    create_tables(database)
    with database.begin() as session:
        yield session
    database.dispose()


@pytest.fixture(scope="session")
def policy_with() -> PolicyMaker:
    """The delivered policy with other values in goodwill.yml, e.g. `month_cents=4500` or `voucher={...}`."""
    texts = {name: (FOLDER / name).read_text(encoding="utf-8") for name in FILES}

    def make(**values: object) -> Policy:
        goodwill = texts["goodwill.yml"]
        for key, value in values.items():
            goodwill, found = re.subn(rf"(?m)^(\s+{key}: ).*$", rf"\g<1>{value}", goodwill, count=1)
            assert found == 1, key
        return Policy.from_texts({**texts, "goodwill.yml": goodwill})

    return make


@pytest.fixture(scope="session")
def policy(policy_with: PolicyMaker) -> Policy:
    return policy_with()


@pytest.fixture(scope="session")
def case_for_voucher() -> CaseMaker:
    """A case whose facts are worth a voucher of 10 euros: told again, our fault, a proven order of 89 euros."""

    def make(
        session: Session, number: int = 1, *, price_cents: int | None = 8900, item: str = "Wartung", **about: Any
    ) -> Case:
        key = about.pop("order_number", f"LH-{number:06d}")
        given = {"channel": "web", "language": "de", "category": "staff_conduct", "flags": ["repeat_contact"], **about}
        given = {"conversation": f"c{number}", "text": "Schon wieder so ein Ton.", "now": NOW, **given}
        case = store.open_case(session, **given)
        order = session.get(Order, key)
        if order is None:
            order = Order(
                order_number=key, item=item, price_cents=price_cents, currency="EUR",
                ordered_on=dt.date(2026, 10, 1), delivered_on=dt.date(2026, 10, 4), email=f"{key}@example.org",
                postcode="80331",
            )  # fmt: skip
            session.add(order)
            session.flush()
        store.attach_order(session, case, order, "postcode")
        return case

    return make
