"""What the queue costs the desk's server while many wait: the page, the live update, and the number of queries.

    .venv/bin/python -m benchmarks.queue --cases 1000

Fills a database of its own with conversations that wait, each with its messages and case, and asks the desk's app for
the page as a member of staff and as somebody who sees the confidential queue. No network: the server's time alone.
CPU time is printed beside it: on a machine that does other things it is the figure to compare.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import event
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient

from bot.cases import store
from bot.config import Settings
from bot.database import Base, Database, utcnow
from bot.desk import lists, sessions
from bot.desk.routes import Desk, routes
from bot.frontdesk import handoff, messages
from bot.frontdesk.hub import Hub
from bot.frontdesk.messages import Reply
from bot.frontdesk.model import User
from bot.migrate import load_models

ROUNDS = 40
TURNS = 6
"""Messages of each conversation."""

CONFIDENTIAL_EVERY = 25
TARGET_MS = 200


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=1000, help="how many wait")
    cases = parser.parse_args().cases
    load_models()
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'queue.db'}")
        Base.metadata.create_all(database.engine)
        _fill(database, cases)
        desk = Desk(database, Hub(), Settings(var=Path(folder), secret="for the benchmark only"))
        app = Starlette(routes=[Mount("/desk", routes=routes(desk))])
        worst = 0.0
        for name, confidential in (("Alex", False), ("Mira", True)):
            user = _user(database, name, confidential)
            browser = _browser(app, database, user)
            page = _p95(lambda browser=browser: _page(browser))  # type: ignore[misc]
            look = _p95(lambda user=user: _look(database, user))  # type: ignore[misc]
            worst = max(worst, page[1])
            print(
                f"{cases} waiting, {'confidential' if confidential else 'ordinary'} user: page p50 {page[0]:.0f} ms, "
                f"p95 {page[1]:.0f} ms (CPU {page[2]:.0f} ms); lists alone p50 {look[0]:.0f} ms, p95 {look[1]:.0f} ms "
                f"(CPU {look[2]:.0f} ms), {_queries(database, user)} queries"
            )
        database.dispose()
    print(f"target: page p95 within {TARGET_MS} ms - {'met' if worst <= TARGET_MS else 'missed'}")
    return 0 if worst <= TARGET_MS else 1


def _fill(database: Database, cases: int) -> None:
    for start in range(0, cases, 100):
        with database.begin() as session:
            for n in range(start, min(start + 100, cases)):
                talk = messages.open_conversation(session, "web", "de" if n % 3 else "en")
                for turn in range(TURNS):
                    author = "bot" if turn % 2 else "customer"
                    messages.append(session, talk, Reply(author, f"Nachricht {turn} von Fall {n}. " * 5))
                secret = n % CONFIDENTIAL_EVERY == 0
                case = store.open_case(
                    session,
                    conversation=talk.id,
                    channel="web",
                    language=talk.language,
                    category="staff_conduct" if secret else "product_defect",
                    text=f"Die Kaffeemaschine Nummer {n} ist kaputt. " * 20,
                )
                handoff.hand_over(
                    session,
                    talk,
                    reason="asked_for_person",
                    severity=n % 4 + 1,
                    case_number=case.number if n % 10 else None,
                    confidential=secret,
                )


def _user(database: Database, name: str, confidential: bool) -> User:
    with database.begin() as session:
        user = User(name=name, role="staff", password_hash="-", confidential=confidential)
        session.add(user)
    return user


def _browser(app: Starlette, database: Database, user: User) -> TestClient:
    with database.begin() as session:
        token = sessions.start(session, session.get(User, user.id))
    browser = TestClient(app, base_url="http://testserver", follow_redirects=False)
    browser.cookies.set(sessions.COOKIE, token, path="/desk")
    return browser


def _page(browser: TestClient) -> None:
    answer = browser.get("/desk/")
    assert answer.status_code == 200 and "data-row" in answer.text


def _look(database: Database, user: User) -> None:
    with database.begin() as session:
        lists.waiting(session, user)
        lists.mine(session, user)


def _queries(database: Database, user: User) -> int:
    count: list[int] = []

    def listen(*_args: object) -> None:
        count.append(1)

    event.listen(database.engine, "before_cursor_execute", listen)
    _look(database, user)
    event.remove(database.engine, "before_cursor_execute", listen)
    return len(count)


def _p95(work: Callable[[], None]) -> tuple[float, float, float]:
    """p50, p95 and the median of the CPU's time, in milliseconds; the first three rounds warm up."""
    times, worked = [], []
    for _ in range(ROUNDS + 3):
        start, cpu = time.perf_counter(), time.process_time()
        work()
        times.append((time.perf_counter() - start) * 1000)
        worked.append((time.process_time() - cpu) * 1000)
    ordered = sorted(times[3:])
    return statistics.median(ordered), ordered[int(len(ordered) * 0.95) - 1], statistics.median(worked[3:])


if __name__ == "__main__":
    print(f"filling, {utcnow():%H:%M:%S}")
    raise SystemExit(main())
