"""`erstkontakt` as an operator types it: each command in a process of its own, with its own environment and files.

The processes are forked from one that has loaded the program already; starting Python anew for each of a hundred
commands would take most of the time of the tests. `tests/cli/test_commands.py` has one that starts for real.
"""

from __future__ import annotations

import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from tests.services.processes import FORKED

PATIENCE = 60.0


@dataclass(frozen=True)
class Done:
    """What a command wrote, and the code it ended with."""

    stdout: str
    stderr: str
    code: int


def erstkontakt(var: Path, *arguments: str, code: int = 0, typed: str = "", **settings: str) -> Done:
    """Run the command with everything it keeps in `var`; it must end with `code`. `settings`: environment variables."""
    done = _run(list(arguments), environment(var) | settings, typed)
    assert done.code == code, done.stdout + done.stderr
    return done


def environment(var: Path) -> dict[str, str]:
    """That of an operator who keeps everything in `var`, at a wide terminal."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("ERSTKONTAKT_")}
    return ours | {"ERSTKONTAKT_VAR": str(var), "ERSTKONTAKT_MODELS": str(var / "models"), "COLUMNS": "200"}


def _run(arguments: list[str], environment: dict[str, str], typed: str) -> Done:
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / name for name in ("in", "out", "err")]
        paths[0].write_text(typed, encoding="utf-8")
        process = FORKED.Process(target=_command, args=(arguments, environment, paths))
        process.start()
        process.join(PATIENCE)
        if process.exitcode is None:
            process.kill()
            raise TimeoutError(f"erstkontakt {' '.join(arguments)} runs for more than {PATIENCE:.0f} s")
        out, err = (path.read_text(encoding="utf-8") for path in paths[1:])
    return Done(out, err, process.exitcode)


def _command(arguments: list[str], environment: dict[str, str], paths: list[Path]) -> None:
    """In the new process: as if Python had just been started with this environment and these files."""
    os.environ.clear()
    os.environ.update(environment)
    for number, path in enumerate(paths):
        os.dup2(os.open(path, os.O_RDONLY if number == 0 else os.O_WRONLY | os.O_CREAT), number)
    sys.stdin, sys.stdout, sys.stderr = (_opened(number) for number in range(3))
    sys.argv = ["erstkontakt", *arguments]
    from bot.cli import app

    app()


def _opened(number: int) -> IO[str]:
    return open(number, "r" if number == 0 else "w", encoding="utf-8", closefd=False)
