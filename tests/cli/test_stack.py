"""The supervisor: everything starts together, what dies comes back, and nothing is left behind."""

from __future__ import annotations

import json
import os
import socket
import stat
import subprocess
import sys
import textwrap
import threading
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from bot.child import Service
from bot.config import Settings
from bot.migrate import newest_revision, revision_of
from bot.run import Stack, StackError
from bot.services import erstkontakt_ports, erstkontakt_services, free_ports

SERVER = Path(__file__).with_name("small_server.py")


def small(name: str, port: int, *options: str) -> Service:
    command = (sys.executable, str(SERVER), str(port), *options)
    return Service(name, command, f"http://127.0.0.1:{port}/health")


def three(settings: Settings, _model: Path | None) -> Sequence[Service]:
    return [
        small("rasa", settings.rasa_port),
        small("actions", settings.actions_port),
        small("frontdesk", settings.port),
    ]


def ask(port: int) -> dict[str, Any]:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5) as response:
        return dict(json.load(response))


def gone(pid: int) -> bool:
    """Whether a process has ended; one that nobody has collected yet has."""
    try:
        return "\nState:\tZ" in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return True


class Told:
    """Collects what the supervisor says and lets a test wait for it."""

    def __init__(self) -> None:
        self.sentences: list[str] = []
        self._news = threading.Condition()

    def __call__(self, sentence: str) -> None:
        with self._news:
            self.sentences.append(sentence)
            self._news.notify_all()

    def wait_for(self, words: str) -> None:
        with self._news:
            assert self._news.wait_for(lambda: any(words in s for s in self.sentences), timeout=15), self.sentences


def test_three_processes_start_and_none_is_left_behind() -> None:
    with Stack(services=three) as stack:
        var = stack.settings.var
        assert stack.states() == {"rasa": "up", "actions": "up", "frontdesk": "up"}
        assert revision_of(stack.settings.db_url) == newest_revision()
        pids = [ask(port)["pid"] for port in (stack.settings.port, stack.settings.rasa_port)]
        assert stack.base_url == f"http://127.0.0.1:{stack.settings.port}"
        log = (var / "log" / "rasa.log").read_text()
        assert f"rasa | listening on {stack.settings.rasa_port}" in log
    assert all(gone(pid) for pid in pids)
    assert not var.exists()


def test_every_process_gets_the_settings_and_phones_nobody(tmp_path: Path) -> None:
    with Stack({"var": tmp_path, "telegram_token": "1:x"}, services=three) as stack:
        environment = ask(stack.settings.actions_port)["environment"]
    assert environment["ERSTKONTAKT_VAR"] == str(tmp_path)
    assert environment["ERSTKONTAKT_TELEGRAM_TOKEN"] == "1:x"
    assert environment["ERSTKONTAKT_RASA_PORT"] == str(stack.settings.rasa_port)
    assert environment["RASA_TELEMETRY_ENABLED"] == "false"
    assert Settings(port=1).dict().keys() == {
        name[12:].lower() for name in environment if name.startswith("ERSTKONTAKT_") and "KEPT" not in name
    }


def test_the_real_services_listen_on_loopback_and_hide_the_token(tmp_path: Path) -> None:
    stack = Stack({"var": tmp_path, "host": "0.0.0.0"})
    places = {place.name: place for place in erstkontakt_ports(stack.settings)}
    assert places["rasa"].host == places["actions"].host == "127.0.0.1"
    assert places["frontdesk"].health.startswith("http://127.0.0.1:")
    assert stack.rasa_token in places["rasa"].health


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("", {"dialect": "sqlite", "db": "{var}/trackers.db"}),
        (
            "postgresql://ek:s3cret@db:5433/shop?sslmode=require",
            {
                "dialect": "postgresql",
                "url": "db",
                "port": 5433,
                "db": "shop",
                "username": "ek",
                "password": "s3cret",
                "query": {"sslmode": "require"},
            },
        ),
    ],
)
def test_rasa_is_told_where_actions_and_trackers_are(tmp_path: Path, url: str, expected: dict[str, Any]) -> None:
    stack = Stack({"var": tmp_path, "database_url": url})
    rasa = erstkontakt_services(stack.settings, None)[0]
    file = Path(rasa.command[rasa.command.index("--endpoints") + 1])
    endpoints = YAML(typ="safe").load(file.read_text())
    assert endpoints["action_endpoint"]["url"] == f"http://127.0.0.1:{stack.settings.actions_port}/webhook"
    told = {name: endpoints["tracker_store"].get(name) for name in expected}
    told["db"] = told["db"].replace(str(tmp_path), "{var}")
    assert told == expected
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert not any(stack.rasa_token in word for word in rasa.command)


def test_a_process_that_dies_is_started_again_and_it_is_told() -> None:
    told = Told()
    with Stack(services=three, tell=told, first_delay=0.01) as stack:
        before = ask(stack.settings.actions_port)["pid"]
        os.kill(before, 9)
        told.wait_for("actions ended with code -9: starting it again")
        stack.wait_ready("actions", timeout=15)
        assert ask(stack.settings.actions_port)["pid"] != before
        assert "ended with code -9" in (stack.settings.var / "log" / "actions.log").read_text()


def test_a_killed_process_stays_dead_until_it_is_started() -> None:
    with Stack(services=three, first_delay=0.01) as stack:
        stack.kill("actions")
        assert stack.states()["actions"] == "stopped"
        assert stack.pid("actions") is None
        with pytest.raises(OSError):
            ask(stack.settings.actions_port)
        ask(stack.settings.rasa_port)
        stack.start("actions")
        ask(stack.settings.actions_port)


def test_one_that_does_not_listen_is_ended_by_force_with_all_its_children() -> None:
    def deaf(settings: Settings, _model: Path | None) -> Sequence[Service]:
        return [small("rasa", settings.rasa_port, "--deaf")]

    stack = Stack(services=deaf)
    stack.__enter__()
    about = ask(stack.settings.rasa_port)
    stack.close(patience=0.1)
    assert gone(about["pid"])
    assert gone(about["grandchild"])


def test_a_process_that_cannot_start_ends_the_start_with_its_last_words(tmp_path: Path) -> None:
    def broken(settings: Settings, model: Path | None) -> Sequence[Service]:
        return [small("actions", settings.actions_port), small("rasa", settings.rasa_port, "--broken")]

    with pytest.raises(StackError) as error, Stack({"var": tmp_path}, services=broken, first_delay=30):
        pass
    assert "rasa ended while it was starting" in str(error.value)
    assert "cannot find the model" in str(error.value)
    assert str(tmp_path / "log" / "rasa.log") in str(error.value)


def test_a_taken_port_is_named_before_anything_starts(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(StackError) as error, Stack({"var": tmp_path, "rasa_port": port}, services=three):
            pass
    assert f"port {port} for rasa is taken" in str(error.value)
    assert "ERSTKONTAKT_RASA_PORT=" in str(error.value)
    assert not (tmp_path / "erstkontakt.db").exists()


def test_a_second_start_in_the_same_folder_names_the_first(tmp_path: Path) -> None:
    with Stack({"var": tmp_path}, services=three):
        with pytest.raises(StackError) as error, Stack({"var": tmp_path}, services=three):
            pass
        assert f"already runs here (process {os.getpid()})" in str(error.value)
    with Stack({"var": tmp_path}, services=three):
        pass


def test_what_a_killed_supervisor_left_behind_is_ended_at_the_next_start(tmp_path: Path) -> None:
    ports = dict(zip(("port", "rasa_port", "actions_port"), free_ports(3)))
    program = f"""
        import os, sys
        sys.path.insert(0, {str(SERVER.parents[2])!r})
        from tests.cli.test_stack import Stack, three, Path
        stack = Stack(dict(var=Path({str(tmp_path)!r}), **{ports!r}), services=three)
        stack.__enter__()
        print(stack.pid("rasa"), flush=True)
        os.kill(os.getpid(), 9)
    """
    command = [sys.executable, "-c", textwrap.dedent(program)]
    run = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert run.returncode == -9, run.stderr
    left_behind = int(run.stdout)
    assert not gone(left_behind)
    told = Told()
    with Stack({"var": tmp_path, **ports}, services=three, tell=told):
        assert gone(left_behind)
    told.wait_for("ended a rasa that an earlier start had left behind")


def test_a_foreign_process_with_an_old_number_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "rasa.pid").write_text(str(os.getpid()))
    with Stack({"var": tmp_path}, services=three):
        pass


def test_the_secret_is_readable_for_its_owner_only(tmp_path: Path) -> None:
    with Stack({"var": tmp_path}, services=three) as stack:
        assert len(stack.rasa_token) == 32
    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600
