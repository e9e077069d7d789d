"""A throw-away PostgreSQL from the system's own package: on a free port of loopback, gone after the tests."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.services import free_ports

PACKAGES = Path("/usr/lib/postgresql")
SPEED = "fsync=off synchronous_commit=off full_page_writes=off max_connections=150 shared_buffers=32MB"


class NotInstalled(Exception):
    """There is no PostgreSQL server on this machine; the message says how to get one."""


@contextmanager
def cluster() -> Iterator[str]:
    """A running server; the URL of its database `postgres`, for a user who may do everything."""
    programs, as_user = _programs(), _as_user()
    folder = Path(tempfile.mkdtemp(prefix="erstkontakt-pg-"))
    data, log = folder / "data", folder / "log"
    if as_user:
        shutil.chown(folder, "postgres", "postgres")
    (port,) = free_ports(1)
    try:
        _run([*as_user, programs / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync"])
        options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} " + " ".join(
            f"-c {setting}" for setting in SPEED.split()
        )
        _run([*as_user, programs / "pg_ctl", "-D", data, "-l", log, "-w", "-t", "60", "-o", options, "start"])
        try:
            yield f"postgresql+psycopg2://postgres@127.0.0.1:{port}/postgres"
        finally:
            _run([*as_user, programs / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop"])
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _programs() -> Path:
    found = sorted(PACKAGES.glob("*/bin/initdb"), key=lambda path: int(path.parent.parent.name))
    if not found:
        raise NotInstalled(f"no PostgreSQL server in {PACKAGES}: apt-get install postgresql")
    return found[-1].parent


def _as_user() -> list[str]:
    """PostgreSQL refuses to run as root: then it runs as the package's own user."""
    if os.geteuid() != 0:
        return []
    try:
        user = pwd.getpwnam("postgres")
    except KeyError:
        raise NotInstalled("running as root, and there is no user postgres to start the server as") from None
    return ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups", "--"]


def _run(command: list[str | Path]) -> None:
    # Output goes to files that nobody waits for: the server inherits them and outlives pg_ctl.
    with tempfile.TemporaryFile() as said:
        done = subprocess.run(command, cwd="/", stdout=said, stderr=said, stdin=subprocess.DEVNULL, check=False)
        if done.returncode:
            said.seek(0)
            raise RuntimeError(f"{command[-1]} failed:\n{said.read().decode(errors='replace')}")
