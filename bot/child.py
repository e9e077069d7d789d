"""One process that is kept alive: started in its own group, its words in a log file, started again when it dies."""

from __future__ import annotations

import contextlib
import http.client
import logging
import os
import signal
import subprocess
import threading
import time
import urllib.request
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Literal

State = Literal["stopped", "starting", "up"]

STEADY = 60.0
"""Seconds after which a process counts as well: the next death waits the first delay again."""

LONGEST_DELAY = 30.0
"""Seconds at most between the death of a process and its next start."""

_direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
"""Proxies are for other machines: what we ask is on this one."""


@dataclass(frozen=True)
class Service:
    """What to run: a command, the URL that answers 200 when it can work, variables that it alone gets."""

    name: str
    command: tuple[str, ...]
    health: str
    environment: Mapping[str, str] = field(default_factory=dict)


class Child:
    """A running :class:`Service`. `tell` hears one sentence whenever it dies and is started again."""

    def __init__(
        self,
        service: Service,
        *,
        folder: Path,
        var: Path,
        environment: Mapping[str, str],
        tell: Callable[[str], None],
        first_delay: float = 1.0,
    ) -> None:
        self.service = service
        self.deaths = 0
        self.tail: deque[str] = deque(maxlen=25)
        """The last lines it wrote."""
        self._folder, self._tell, self._first_delay = folder, tell, first_delay
        self._environment = {**os.environ, **environment, **service.environment, MARK: str(var.resolve())}
        self._pid_file = var / "run" / f"{service.name}.pid"
        self._log = _log_file(var / "log" / f"{service.name}.log", service.name)
        self._lock = threading.Lock()
        self._ending = threading.Event()
        self._process: subprocess.Popen[str] | None = None
        self._keeper: threading.Thread | None = None
        self._was_up = False

    @property
    def pid(self) -> int | None:
        """The process id while it runs."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else None

    @property
    def state(self) -> State:
        if self.pid is None:
            return "stopped" if self._ending.is_set() or self._keeper is None else "starting"
        return "up" if self._was_up else "starting"

    def healthy(self, timeout: float = 2.0) -> bool:
        """Ask its health address once."""
        well = answers(self.service.health, timeout)
        self._was_up = well and self.pid is not None
        return self._was_up

    def start(self) -> None:
        """Start it and keep it alive until :meth:`stop` or :meth:`kill`."""
        if self._keeper is not None and self._keeper.is_alive():
            return
        self._ending.clear()
        self.deaths = 0
        self._keeper = threading.Thread(target=self._keep, name=f"keeper of {self.service.name}", daemon=True)
        self._keeper.start()

    def ask_to_stop(self) -> None:
        """Send SIGTERM to its process group and do not start it again."""
        self._signal(signal.SIGTERM)

    def stop(self, patience: float) -> None:
        """Wait `patience` seconds for it to end, then end its whole group by force."""
        self.ask_to_stop()
        if self._keeper is not None:
            self._keeper.join(max(0.0, patience))
        self.kill()

    def kill(self) -> None:
        """End its whole group at once, and do not start it again."""
        self._signal(signal.SIGKILL)
        if self._keeper is not None:
            self._keeper.join()

    def close(self) -> None:
        """Close the log file of a stopped child."""
        for handler in list(self._log.handlers):
            self._log.removeHandler(handler)
            handler.close()

    def _signal(self, number: signal.Signals) -> None:
        with self._lock:  # no process is born between these two lines
            self._ending.set()
            if self.pid is not None:
                _signal_group(self.pid, number)

    def _keep(self) -> None:
        delay = self._first_delay
        while True:
            began = time.monotonic()
            process = self._spawn()
            if process is None:
                return
            code = process.wait()
            self._was_up = False
            _signal_group(process.pid, signal.SIGKILL)  # what it may have left behind
            self._pid_file.unlink(missing_ok=True)
            if self._ending.is_set():
                self._log.info("stopped")
                return
            self.deaths += 1
            if time.monotonic() - began > STEADY:
                delay = self._first_delay
            self._log.info("ended with code %s", code)
            self._tell(f"{self.service.name} ended with code {code}: starting it again in {delay:g} s")
            if self._ending.wait(delay):
                return
            delay = min(delay * 2, LONGEST_DELAY)

    def _spawn(self) -> subprocess.Popen[str] | None:
        with self._lock:
            if self._ending.is_set():
                return None
            self._log.info("starting")
            process = subprocess.Popen(
                self.service.command,
                cwd=self._folder,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                encoding="utf-8",
                errors="replace",
                start_new_session=True,  # Ctrl-C reaches us alone, and a signal to the group reaches its children too
            )
            self._process = process
            self._pid_file.parent.mkdir(parents=True, exist_ok=True)
            self._pid_file.write_text(str(process.pid))
        threading.Thread(target=self._read, args=(process,), daemon=True).start()
        return process

    def _read(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        with process.stdout as lines:
            for line in lines:
                self.tail.append(line.rstrip())
                self._log.info("%s", line.rstrip())


def answers(url: str, timeout: float = 2.0) -> bool:
    """Whether a health address on this machine answers 200."""
    try:
        with _direct.open(url, timeout=timeout) as response:
            return bool(response.status == 200)
    except (OSError, ValueError, http.client.HTTPException):
        return False


MARK = "ERSTKONTAKT_KEPT_FOR"
"""Environment variable by which a process is known as ours: the folder var it works for."""


def end_leftover(pid_file: Path, var: Path) -> bool:
    """End a process that an earlier, killed supervisor left behind; True when there was one.

    Only a process that carries our mark is touched, so a number that the system gave to somebody else is safe.
    Systems without /proc keep their leftovers; the taken port is then named at start.
    """
    try:
        pid = int(pid_file.read_text())
        marks = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except (OSError, ValueError):
        return False
    if f"{MARK}={var.resolve()}".encode() not in marks:
        return False
    _signal_group(pid, signal.SIGKILL)
    pid_file.unlink(missing_ok=True)
    return True


def _signal_group(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)


def _log_file(path: Path, name: str) -> logging.Logger:
    path.parent.mkdir(parents=True, exist_ok=True)
    handler = RotatingFileHandler(path, maxBytes=5_000_000, backupCount=3, encoding="utf-8")
    handler.setFormatter(logging.Formatter(f"%(asctime)s {name} | %(message)s"))
    log = logging.getLogger(f"bot.child {path}")
    log.setLevel(logging.INFO)
    log.propagate = False
    log.addHandler(handler)
    return log
