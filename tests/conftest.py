"""What the big tests share: the three real processes, once per run, with a Bot API double beside them.

Only a test that asks for `stack` starts it.
"""

from __future__ import annotations

import datetime as dt
import fcntl
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.config import ROOT, settings
from bot.database import Database
from bot.demo import create_demo_orders
from bot.desk.users import add_user
from bot.run import Stack
from bot.trained import changes, newest_model, train
from tests.services.postgres_cluster import NotInstalled, cluster
from tests.services.telegram_double import TelegramDouble

SLOW = ("stories", "e2e", "browser")
"""Folders whose tests take long; they begin in this order."""

PASSWORD = "correct horse battery"
STAFF = {"Alex": "staff", "Mira": "lead"}
"""Who can log in at the desk of the stack; Mira sees the confidential queue."""

STAFF_GROUP = -1009000
"""The chat id of the team's Telegram group."""

RETRY_DELAY = 0.5
"""Seconds until a kept message is tried again; the default would make the tests of faults slow."""


@pytest.hookimpl(tryfirst=True)  # xdist reads the groups in the same hook
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """With several workers (make test) one begins with all that needs the dialogue: it trains the model and starts the
    processes once. The others meanwhile take the browser tests without it and the fast ones, file by file: what a file
    needs is made once.
    """
    for item in items:
        item.add_marker(pytest.mark.xdist_group("dialogue" if _needs_dialogue(item) else item.path.stem))
    items.sort(key=_rank)  # stable: the order within a file stays


def _rank(item: pytest.Item) -> int:
    folder = _folder(item)
    return len(SLOW) + 1 if folder not in SLOW else SLOW.index(folder) if _needs_dialogue(item) else len(SLOW)


def _needs_dialogue(item: pytest.Item) -> bool:
    return "model" in getattr(item, "fixturenames", ())


def _folder(item: pytest.Item) -> str:
    parts = item.path.relative_to(ROOT / "tests").parts if item.path.is_relative_to(ROOT / "tests") else ()
    return parts[0] if parts else ""


@pytest.fixture(scope="session")
def model() -> Path:
    """The dialogue model that fits the training data; trained now when the newest one does not.

    ERSTKONTAKT_TEST_MODEL names a model file to take as it is.
    """
    given = os.environ.get("ERSTKONTAKT_TEST_MODEL")
    if given:
        return Path(given)
    folder = settings().models
    folder.mkdir(exist_ok=True)
    with (folder / ".tests.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # one worker trains, the others wait for it
        newest = newest_model(folder)
        if newest is not None and not changes(folder):
            return newest
        return train(folder, lambda line: None)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a PostgreSQL server of our own."""
    try:
        running = cluster()
        url = running.__enter__()
    except NotInstalled as missing:
        pytest.skip(str(missing))
    yield url
    running.__exit__(None, None, None)


@pytest.fixture
def double() -> Iterator[TelegramDouble]:
    """A Bot API of the test's own."""
    with TelegramDouble() as running:
        yield running


@pytest.fixture
def own_var(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Attachments go to the test's own folder."""
    monkeypatch.setenv("ERSTKONTAKT_VAR", str(tmp_path))
    settings.cache_clear()
    yield tmp_path
    settings.cache_clear()


@pytest.fixture(scope="session")
def telegram() -> Iterator[TelegramDouble]:
    """The Bot API that the stack's Telegram channel talks to."""
    with TelegramDouble() as double:
        yield double


@pytest.fixture(scope="session")
def policy_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The stack's own copy of policy/, which a test may spoil and mend. Open around the clock: tests run at night, too.

    While it is closed the bot goes on with what needs no person; tests of that close it themselves.
    """
    folder = Path(shutil.copytree(ROOT / "policy", tmp_path_factory.mktemp("management") / "policy"))
    hours = folder / "hours.yml"
    always = re.sub(r"(?m)^  (\w+day): .*$", r'  \1: ["00:00-24:00"]', hours.read_text(encoding="utf-8"))
    always = re.sub(r"(?m)^closed_on:.*\n(  - .*\n)+", "closed_on: []\n", always)
    hours.write_text(always, encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def stack(model: Path, telegram: TelegramDouble, policy_folder: Path) -> Iterator[Stack]:
    """Dialogue, actions and front desk as real processes on free ports, with the demo orders and a staffed desk."""
    overrides = {
        "policy": policy_folder,
        "retry_delay": RETRY_DELAY,
        "telegram_token": telegram.token,
        "telegram_api": telegram.url,
        "telegram_staff_group": STAFF_GROUP,
    }
    with Stack(overrides, model=model) as running:
        database = Database(running.settings.db_url)
        with database.begin() as session:
            create_demo_orders(session, dt.date.today())
            for name, role in STAFF.items():
                add_user(session, name, role, PASSWORD, confidential=role == "lead")
        database.dispose()
        yield running


@pytest.fixture(scope="session")
def database(stack: Stack) -> Iterator[Database]:
    """The stack's database."""
    opened = Database(stack.settings.db_url)
    yield opened
    opened.dispose()
