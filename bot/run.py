"""The three processes of one machine - dialogue, actions, front desk - started, watched and stopped together.

For tests::

    with Stack({"telegram_token": ""}, model=path) as stack:
        httpx.get(stack.base_url + "/readyz")
        stack.kill("actions")
        stack.start("actions")
"""

from __future__ import annotations

import fcntl
import os
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, Any, Literal

from typing_extensions import Self

from bot.child import Child, Service, State, end_leftover
from bot.config import ROOT, Settings, rasa_token
from bot.migrate import upgrade
from bot.services import erstkontakt_ports, erstkontakt_services, free_ports, port_is_free, reachable
from bot.trained import QUIET

PATIENCE_STOP = 8.0
"""Seconds that processes have to end by themselves."""

PATIENCE_START = 180.0
"""Seconds that all processes together have to become ready: Rasa loads its libraries and the model."""


class StackError(Exception):
    """The processes cannot run; the message says why and what to do."""


class Stack:
    """The processes of one installation.

    As a context manager it migrates the database, starts everything and returns when all of it answers; at the end it
    stops everything. `overrides` are fields of :class:`bot.config.Settings`. With `ports="free"` (for tests) unused
    ports are taken and, when no `var` is given, state lives in a temporary folder that is removed afterwards.
    """

    def __init__(
        self,
        overrides: Mapping[str, Any] | None = None,
        *,
        model: Path | None = None,
        ports: Literal["free", "configured"] = "free",
        services: Callable[[Settings, Path | None], Sequence[Service]] | None = None,
        tell: Callable[[str], None] = lambda sentence: None,
        first_delay: float = 1.0,
    ) -> None:
        chosen = dict(overrides or {})
        self._temporary: tempfile.TemporaryDirectory[str] | None = None
        if ports == "free":
            if "var" not in chosen:
                self._temporary = tempfile.TemporaryDirectory(prefix="erstkontakt-")
                chosen["var"] = Path(self._temporary.name)
            for name, port in zip(("port", "rasa_port", "actions_port"), free_ports(3)):
                chosen.setdefault(name, port)
        self.settings = Settings(**chosen)
        self._model, self._services = model, services or erstkontakt_services
        self._tell, self._first_delay = tell, first_delay
        self._children: dict[str, Child] = {}
        self._lock: IO[str] | None = None

    @property
    def base_url(self) -> str:
        """The address of the front desk on this machine."""
        return f"http://{reachable(self.settings.host)}:{self.settings.port}"

    @property
    def rasa_token(self) -> str:
        """The token that Rasa's HTTP API asks for."""
        return rasa_token(self.settings)

    def __enter__(self) -> Self:
        try:
            self.open()
            upgrade(self.settings.db_url)
            self.launch(self._model)
            self.wait_ready()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def open(self) -> None:
        """Make sure that nobody else works in this folder and on these ports. Raises :class:`StackError`."""
        run = self.settings.var / "run"
        run.mkdir(parents=True, exist_ok=True)
        self._lock = open(run / "lock", "a+", encoding="utf-8")  # noqa: SIM115 - held until close()
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._lock.seek(0)
            owner = self._lock.read().strip()
            self._lock.close()
            self._lock = None
            raise StackError(f"erstkontakt already runs here (process {owner}): stop it first, kill {owner}") from None
        self._lock.truncate(0)
        self._lock.write(str(os.getpid()))
        self._lock.flush()
        for pid_file in run.glob("*.pid"):
            if end_leftover(pid_file, self.settings.var):
                self._tell(f"ended a {pid_file.stem} that an earlier start had left behind")
        taken = [
            f"port {place.port} for {place.name} is taken: end the program that listens there or choose another port, "
            f"for example {place.setting}={place.port + 1000}"
            for place in erstkontakt_ports(self.settings)
            if not _becomes_free(place.host, place.port)
        ]
        if taken:
            raise StackError("\n".join(taken))

    def launch(self, model: Path | None = None) -> None:
        """Start all processes at once; they are kept alive until :meth:`close`."""
        environment = {**QUIET, **_environment(self.settings)}
        for service in self._services(self.settings, model or self._model):
            child = Child(
                service,
                folder=ROOT,
                var=self.settings.var,
                environment=environment,
                tell=self._tell,
                first_delay=self._first_delay,
            )
            self._children[service.name] = child
            child.start()

    def states(self) -> dict[str, State]:
        """What each process is doing."""
        return {name: child.state for name, child in self._children.items()}

    def pid(self, name: str) -> int | None:
        """The process id of a running process."""
        return self._children[name].pid

    def wait_ready(
        self,
        *names: str,
        timeout: float = PATIENCE_START,
        stop: threading.Event | None = None,
        on_look: Callable[[], None] = lambda: None,
    ) -> None:
        """Wait until these processes (all, when none is named) answer. Raises :class:`StackError` with the last words
        of a process that died on the way. Returns early when `stop` is set; `on_look` is called after every look."""
        waiting = [self._children[name] for name in names or self._children]
        known = {child.service.name: child.deaths for child in waiting}
        stop = stop or threading.Event()
        until = time.monotonic() + timeout
        while not stop.is_set():
            for child in waiting:
                if child.deaths > known[child.service.name]:
                    raise StackError(self._last_words(child, "ended while it was starting"))
            waiting = [child for child in waiting if not child.healthy()]
            on_look()
            if not waiting:
                return
            if time.monotonic() > until:
                raise StackError(self._last_words(waiting[0], f"did not answer within {timeout:g} s"))
            stop.wait(0.2)

    def start(self, name: str, timeout: float = PATIENCE_START) -> None:
        """Start a process that was killed, and wait until it answers."""
        self._children[name].start()
        self.wait_ready(name, timeout=timeout)

    def kill(self, name: str) -> None:
        """End a process by force (SIGKILL) and leave it dead until :meth:`start`."""
        self._children[name].kill()

    def stop(self, name: str) -> None:
        """End a process in good order and leave it until :meth:`start`."""
        self._children[name].stop(PATIENCE_STOP)

    def close(self, patience: float = PATIENCE_STOP) -> None:
        """Stop everything: SIGTERM to all, and SIGKILL to what is still there after `patience` seconds."""
        for child in self._children.values():
            child.ask_to_stop()
        until = time.monotonic() + patience
        for child in self._children.values():
            child.stop(until - time.monotonic())
            child.close()
        self._children.clear()
        if self._lock is not None:
            self._lock.close()
            self._lock = None
        if self._temporary is not None:
            self._temporary.cleanup()

    def _last_words(self, child: Child, what: str) -> str:
        log = self.settings.var / "log" / f"{child.service.name}.log"
        return "\n".join([f"{child.service.name} {what}. Its last words (all of them: {log}):", *child.tail])


def _becomes_free(host: str, port: int, within: float = 1.0) -> bool:
    """Like :func:`port_is_free`, with a moment of patience: a program that was just ended needs it."""
    until = time.monotonic() + within
    while not port_is_free(host, port):
        if time.monotonic() > until:
            return False
        threading.Event().wait(0.05)
    return True


def _environment(settings: Settings) -> dict[str, str]:
    """The settings as environment variables, so that every process has the same."""
    prefix = Settings.Config.env_prefix
    return {f"{prefix}{name}".upper(): str(value) for name, value in settings.dict().items()}
