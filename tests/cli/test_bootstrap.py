"""bin/bootstrap finds a Python 3.10 that really runs, or says how to get one."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BROKEN = "#!/bin/sh\necho 'pyenv: python3.10: command not found' >&2\nexit 127\n"
NEWER = "#!/bin/sh\nexit 1\n"
"""Answers the question for its version with no."""

WITHOUT_VENV = """#!/bin/sh
[ "$1" = -m ] && exit 1
case "$2" in *sys.executable*) echo "$0" ;; esac
"""
"""Looks like a Python 3.10 as Debian ships it without python3-venv: a test ends before anything is installed."""


@pytest.fixture()
def project(tmp_path: Path) -> Path:
    for name in ("pyproject.toml", "uv.lock"):
        (tmp_path / name).touch()
    (tmp_path / "bin").mkdir()
    shutil.copy(ROOT / "bin" / "bootstrap", tmp_path / "bin" / "bootstrap")
    return tmp_path


def program(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)


def bootstrap(project: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    tools = project / "tools"
    tools.mkdir(exist_ok=True)
    for tool in ("dirname", "cat", "cksum", "rm", "id", "uname"):
        found = shutil.which(tool)
        assert found
        (tools / tool).symlink_to(found)
    environment = {"PATH": f"{project / 'path'}:{tools}", "HOME": str(project)} | environment
    shell = shutil.which("sh")
    assert shell
    command = [shell, str(project / "bin" / "bootstrap")]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)


def test_a_shim_that_does_not_run_is_passed_over(project: Path) -> None:
    program(project / "path" / "python3.10", BROKEN)
    program(project / "path" / "python3", NEWER)
    good = project / ".pyenv" / "versions" / "3.10.99" / "bin" / "python3.10"
    program(good, WITHOUT_VENV)
    done = bootstrap(project)
    assert f"Making .venv with {good}" in done.stderr
    assert "apt-get install python3.10-venv" in done.stderr
    assert done.returncode == 1


def test_the_one_that_is_asked_for_comes_first(project: Path) -> None:
    program(project / "mine", WITHOUT_VENV)
    program(project / "path" / "python3.10", WITHOUT_VENV)
    assert f"Making .venv with {project / 'mine'}" in bootstrap(project, PYTHON=str(project / "mine")).stderr


def test_uv_is_asked_too(project: Path) -> None:
    program(project / "from-uv", WITHOUT_VENV)
    program(project / "path" / "uv", f'#!/bin/sh\n[ "$*" = "python find 3.10" ] && echo {project / "from-uv"}\n')
    assert f"Making .venv with {project / 'from-uv'}" in bootstrap(project).stderr


@pytest.mark.skipif(
    any(Path(folder, "python3.10").exists() for folder in ("/usr/bin", "/usr/local/bin", "/opt/homebrew/bin")),
    reason="this system has its own Python 3.10",
)
def test_without_any_it_says_how_to_get_one(project: Path) -> None:
    program(project / "path" / "python3.10", BROKEN)
    done = bootstrap(project)
    assert done.returncode == 1
    assert "needs Python 3.10" in done.stderr
    assert "pyenv install 3.10" in done.stderr
    assert not (project / ".venv").exists()


def test_make_alone_lists_every_target_with_a_line() -> None:
    listed = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for target in ("setup", "run", "train", "test", "lint", "bench", "shots", "doctor", "clean"):
        assert f"make {target} " in listed
