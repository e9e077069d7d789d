"""Case numbers are gapless, whoever opens cases at the same time."""

from __future__ import annotations

import threading
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import pytest
from sqlalchemy.orm import Session

from bot.cases.numbering import find_number, next_number
from bot.database import Database
from tests.services.processes import FORKED

WORKERS = 20


class Abandoned(Exception):
    """The transaction is rolled back, as after an error."""


def take(database: Database, times: int, worker: int) -> list[str]:
    taken = []
    for round_ in range(times):
        try:
            with database.begin() as session:
                number = next_number(session, 2026)
                if (worker + round_) % 4 == 0:
                    raise Abandoned
            taken.append(number)
        except Abandoned:
            continue
    return taken


def in_process(url: str, times: int, worker: int) -> list[str]:
    database = Database(url)
    try:
        return take(database, times, worker)
    finally:
        database.dispose()


def test_twenty_at_once_leave_no_gap_even_where_some_give_up(database: Database) -> None:
    start = threading.Barrier(WORKERS)

    def work(worker: int) -> list[str]:
        start.wait()
        return take(database, 5, worker)

    with ThreadPoolExecutor(WORKERS) as pool:
        taken = sorted(number for numbers in pool.map(work, range(WORKERS)) for number in numbers)
    assert taken == [f"EK-2026-{serial:06d}" for serial in range(1, len(taken) + 1)]
    assert len(taken) == 75  # of 100, every fourth gave up


def test_processes_share_one_sequence(database: Database) -> None:
    with ProcessPoolExecutor(4, mp_context=FORKED) as pool:
        url = database.url
        done = [pool.submit(in_process, url, 10, worker) for worker in range(4)]
        taken = sorted(number for each in done for number in each.result())
    assert taken == [f"EK-2026-{serial:06d}" for serial in range(1, len(taken) + 1)]


def test_every_year_begins_with_one(office: Session) -> None:
    assert [next_number(office, year) for year in (2026, 2026, 2027, 2026)] == [
        "EK-2026-000001",
        "EK-2026-000002",
        "EK-2027-000001",
        "EK-2026-000003",
    ]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("EK-2026-000123", "EK-2026-000123"),
        ("mein Fall ek 2026 000123, bitte", "EK-2026-000123"),
        ("EK2026000123", "EK-2026-000123"),
        ("EK-2026-00012", None),
        ("LH-104711", None),
    ],
)
def test_a_number_is_found_as_people_write_it(text: str, number: str | None) -> None:
    assert find_number(text) == number
