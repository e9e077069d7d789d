"""How long one decision takes: without I/O, with SQLite and with PostgreSQL; and fifty deciders on one budget at once.

    .venv/bin/python -m benchmarks.decide

A decision with a database goes from the case to the committed offer, each time another case. Targets: p50 of 2 ms
without I/O, of 15 ms with SQLite; fifty at once never overspend. PostgreSQL is measured where it is installed.
"""

from __future__ import annotations

import datetime as dt
import random
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import func, select

from benchmarks.simulate import END, some_facts
from bot.cases import offers, store
from bot.cases.model import Budget, Case, Order
from bot.config import ROOT
from bot.database import Base, Database
from bot.goodwill.engine import decide
from bot.goodwill.policy import Policy, load_policy
from bot.migrate import load_models
from tests.services.postgres_cluster import NotInstalled, cluster

DECIDERS = 50
BUDGET_CENTS = 8_500
"""Enough for eight vouchers and a half: most of fifty deciders have to go without."""


def timed(work: Callable[[], object], times: int) -> list[float]:
    """Milliseconds of each of so many calls."""
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        taken.append((time.perf_counter() - began) * 1_000)
    return taken


def say(what: str, taken: list[float]) -> None:
    """Print median and 95th percentile."""
    ordered = sorted(taken)
    p50, p95 = statistics.median(ordered), ordered[int(len(ordered) * 0.95)]
    print(f"{what}: p50 {p50:.2f} ms, p95 {p95:.2f} ms ({len(ordered)} times)")


def open_case(database: Database, key: str) -> str:
    """A case that is worth a voucher; its number."""
    with database.begin() as session:
        order = Order(
            order_number=key, item="Wartung", price_cents=8_900, email=f"{key}@example.org",
            ordered_on=dt.date(2026, 10, 1), delivered_on=dt.date(2026, 10, 4),
        )  # fmt: skip
        session.add(order)
        case = store.open_case(
            session, conversation=key, channel="web", language="de", category="staff_conduct", text="So ein Ton.",
            flags=["repeat_contact"], now=END,
        )  # fmt: skip
        store.attach_order(session, case, order, "postcode")
        return str(case.number)


def one_after_the_other(database: Database, policy: Policy, name: str, count: int = 300) -> None:
    """Decide so many cases, and say how long each took and how much of the processor we had."""
    numbers = iter([open_case(database, f"B-{serial}") for serial in range(count)])

    def decide_next() -> None:
        with database.begin() as session:
            offers.decide_case(session, session.get(Case, next(numbers)), policy, now=END)

    began, cpu = time.perf_counter(), time.process_time()
    taken = timed(decide_next, count)
    share = (time.process_time() - cpu) / (time.perf_counter() - began)
    say(f"one decision with {name}, stored and committed", taken)
    print(f"  this process had a processor for {share:.0%} of that time")


def all_at_once(database: Database, policy: Policy, name: str) -> None:
    """Fifty deciders on one small budget: how long they take together, and that the budget holds."""
    december = END + dt.timedelta(days=30)  # a month of its own
    numbers = [open_case(database, f"C-{serial}") for serial in range(DECIDERS)]
    start = threading.Barrier(DECIDERS)

    def work(number: str) -> None:
        start.wait()
        with database.begin() as session:
            offers.decide_case(session, session.get(Case, number), policy, now=december)

    began = time.perf_counter()
    with ThreadPoolExecutor(DECIDERS) as pool:
        list(pool.map(work, numbers))
    took = time.perf_counter() - began
    with database.begin() as session:
        spent = int(session.scalar(select(func.sum(Budget.reserved_cents)).where(Budget.month == "2026-12")) or 0)
    verdict = "held" if spent <= BUDGET_CENTS else "OVERSPENT"
    print(f"{DECIDERS} deciders at once with {name}: {took:.2f} s, {spent} of {BUDGET_CENTS} cents: {verdict}")


def measure(url: str, policy: Policy, small: Policy, name: str) -> None:
    """Both measurements on one database."""
    database = Database(url)
    Base.metadata.create_all(database.engine)
    one_after_the_other(database, policy, name)
    all_at_once(database, small, name)
    database.dispose()


def with_budget(policy: Policy, cents: int) -> Policy:
    """The same policy with so much goodwill in a month."""
    goodwill = policy.files["goodwill.yml"].replace("month_cents: 200000", f"month_cents: {cents}")
    return Policy.from_texts({**policy.files, "goodwill.yml": goodwill})


def main() -> None:
    load_models()
    policy = load_policy(ROOT / "policy")
    small, wide = with_budget(policy, BUDGET_CENTS), with_budget(policy, 9_999_999)
    dice = random.Random(1)
    samples = [some_facts(dice, END.date(), 200_000) for _ in range(2_000)]
    facts = iter(samples)
    say("one decision without I/O", timed(lambda: decide(next(facts), policy), len(samples)))
    with tempfile.TemporaryDirectory() as folder:
        measure(f"sqlite:///{folder}/cases.db", wide, small, "SQLite")
    try:
        with cluster() as url:
            measure(url, wide, small, "PostgreSQL")
    except NotInstalled as missing:
        print(f"PostgreSQL is not measured: {missing}")


if __name__ == "__main__":
    main()
