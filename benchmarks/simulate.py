"""How long `erstkontakt policy simulate` takes: on generated cases, in a database of its own.

    .venv/bin/python -m benchmarks.simulate [--cases 10000] [--picture FILE.png]

The cases have every category, severities 0-3, prices up to 900 euros, and lie between 5 days and 4 years after the
delivery. Target: 10,000 cases in 10 seconds.
"""

from __future__ import annotations

import argparse
import datetime as dt
import random
import tempfile
import time
from pathlib import Path

from bot.cases import versions
from bot.cases.model import Case, Decision
from bot.cases.simulate import Period, simulate
from bot.cases.simulate_picture import draw
from bot.config import ROOT
from bot.database import Base, Database
from bot.goodwill.engine import decide
from bot.goodwill.facts import CATEGORIES, Facts, OrderFacts
from bot.goodwill.policy import FILES, Policy, load_policy
from bot.migrate import load_models

END = dt.datetime(2026, 11, 23, 12, tzinfo=dt.timezone.utc)
PART = 2_000
"""Rows that are written in one go."""


def some_facts(dice: random.Random, today: dt.date, left: int) -> Facts:
    """A complaint like many; the same seed gives the same ones."""
    delivered = today - dt.timedelta(days=dice.randrange(5, 1_460))
    order = OrderFacts(
        item="Kaffeemaschine",
        price_cents=dice.randrange(990, 90_000),
        ordered_on=delivered - dt.timedelta(days=dice.randrange(2, 9)),
        delivered_on=delivered,
        customer_since=today - dt.timedelta(days=dice.randrange(1_465, 4_000)),
        prior_grants_12m=dice.choice([0, 0, 0, 0, 1, 2, 3]),
    )
    severity = dice.choices([0, 1, 2, 3], [1, 5, 4, 1])[0]
    flags = {2: ["repeat_contact"], 3: ["legal"]}.get(severity, [])
    return Facts(
        today=today,
        category=dice.choice(sorted(CATEGORIES - {"privacy"})),
        severity=severity,
        flags=frozenset(flags),
        remedies=frozenset(),
        verified=dice.random() < 0.85,
        order=order,
        budget_left_cents=left,
    )


def fill(database: Database, policy: Policy, count: int) -> None:
    """So many decided cases in the last year."""
    dice = random.Random(2026)
    left: dict[str, int] = {}
    for start in range(0, count, PART):
        cases, decisions = [], []
        for serial in range(start, min(start + PART, count)):
            at = END - dt.timedelta(minutes=(count - serial) * 525_600 // count)
            month = f"{at:%Y-%m}"
            facts = some_facts(dice, at.date(), left.setdefault(month, policy.goodwill.month_cents))
            answer = decide(facts, policy)
            left[month] -= answer.offer.amount_cents if answer.offer else 0
            result = answer.to_json()
            number = f"EK-{at.year}-{serial + 1:06d}"
            cases.append({
                "number": number, "channel": "web", "language": "de", "conversation": f"c{serial}", "received_at": at,
                "category": facts.category, "text": "Das ist passiert.",
            })  # fmt: skip
            decisions.append({
                "id": f"{serial:016x}", "case_number": number, "at": at, "by": "bot", "outcome": answer.outcome,
                "inputs": facts.to_json(), "path": result.pop("path"), "result": result,
                "rule_version": policy.version,
            })  # fmt: skip
        with database.begin() as session:
            versions.keep(session, policy)
            session.bulk_insert_mappings(Case, cases)
            session.bulk_insert_mappings(Decision, decisions)


def cheaper(policy: Policy) -> Policy:
    """Another policy: vouchers from 5 points on, twice the budget."""
    texts = {name: policy.files[name] for name in FILES}
    changed = texts["goodwill.yml"].replace("    from: 6\n", "    from: 5\n")
    changed = changed.replace("month_cents: 200000", "month_cents: 400000")
    assert changed != texts["goodwill.yml"]
    return Policy.from_texts({**texts, "goodwill.yml": changed})


def main() -> None:
    options = argparse.ArgumentParser(description="Measure policy simulate.")
    options.add_argument("--cases", type=int, default=10_000)
    options.add_argument("--picture", type=Path)
    given = options.parse_args()
    load_models()
    policy = load_policy(ROOT / "policy")
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/cases.db")
        Base.metadata.create_all(database.engine)
        fill(database, policy, given.cases)
        other = cheaper(policy)
        began, cpu = time.perf_counter(), time.process_time()
        with database.begin() as session:
            found = simulate(session, other, Period(None, END))
        took, worked = time.perf_counter() - began, time.process_time() - cpu
        print(f"policy simulate: {found.cases} cases in {took:.2f} s ({worked:.2f} s of work), {found.changed} change")
        if given.picture:
            began = time.perf_counter()
            draw(found, given.picture)
            print(f"picture: {time.perf_counter() - began:.2f} s")
        database.dispose()


if __name__ == "__main__":
    main()
