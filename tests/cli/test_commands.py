"""The commands as an operator types them, each in its own process."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bot.cases.model import Case
from bot.cases.order_fields import COLUMNS
from bot.database import Database
from bot.desk.users import check_password, find_user
from bot.frontdesk.model import User
from bot.migrate import upgrade
from tests.services.commands import environment, erstkontakt

HEADER = ",".join(COLUMNS)


def started(var: Path, *arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    """The command as a shell starts it."""
    command = [sys.executable, "-m", "bot.cli", *arguments]
    how = {"capture_output": True, "text": True, "timeout": 60, "check": False}
    return subprocess.run(command, env=environment(var), input=typed, **how)  # type: ignore[call-overload,no-any-return]


def test_help_is_there_at_once_and_names_every_command(tmp_path: Path) -> None:
    program = "import sys, bot.cli; print(sorted(m for m in sys.modules if m in sys.argv[1:]))"
    heavy = ["rasa", "tensorflow", "numpy", "sqlalchemy", "spacy", "httpx"]
    loaded = subprocess.run([sys.executable, "-c", program, *heavy], capture_output=True, text=True, check=True)
    assert loaded.stdout.strip() == "[]"
    said = started(tmp_path, "--help").stdout
    for command in ("run", "train", "parse", "demo", "migrate", "doctor", "case", "orders", "user", "policy"):
        assert f" {command} " in said


def test_a_shop_imports_its_orders(tmp_path: Path) -> None:
    file = tmp_path / "orders.csv"
    file.write_text(f"{HEADER}\nAB-1,Toaster,49.90,,,,,,,,,\nAB-2,Mixer,much,,,,,,,,,\n")
    nothing = erstkontakt(tmp_path, "orders", "import", str(file), "--all-or-nothing", code=1)
    assert "0 imported" in nothing.stdout
    assert "Nothing was imported" in nothing.stderr
    done = erstkontakt(tmp_path, "orders", "import", str(file), code=1)
    assert "orders.csv: 1 imported, 0 updated" in done.stdout
    assert "line 3, price_eur: much is no price - write it like 49.90 or 1.299,00" in done.stderr
    file.write_text(f"{HEADER}\nAB-1,Toaster,49.90,,,,,,,,,\n")
    assert "0 imported, 1 updated" in erstkontakt(tmp_path, "orders", "import", str(file)).stdout


def test_a_file_that_is_not_there_is_said_plainly(tmp_path: Path) -> None:
    said = erstkontakt(tmp_path, "orders", "import", str(tmp_path / "none.csv"), code=1).stderr
    assert "cannot be read: No such file or directory" in said
    assert "Traceback" not in said


def test_demo_orders_can_be_made_again_and_written_as_a_file(tmp_path: Path) -> None:
    assert "31 imported" in erstkontakt(tmp_path, "demo", "--csv", str(tmp_path / "demo.csv")).stdout
    assert "31 updated" in erstkontakt(tmp_path, "orders", "import", str(tmp_path / "demo.csv")).stdout


def test_people_are_added_with_a_password_that_can_be_typed(tmp_path: Path) -> None:
    erstkontakt(tmp_path, "user", "add", "Mira", "--role", "lead", "--password", "winter-tyres", "--confidential")
    assert "there is a user" in erstkontakt(tmp_path, "user", "add", "Mira", "--password", "x" * 9, code=1).stderr
    assert (
        "no role" in erstkontakt(tmp_path, "user", "add", "Bo", "--role", "boss", "--password", "x" * 9, code=1).stderr
    )
    assert "8 to" in erstkontakt(tmp_path, "user", "add", "Bo", "--password", "short", code=1).stderr
    listed = erstkontakt(tmp_path, "user", "list").stdout
    assert "Mira" in listed
    assert "lead" in listed
    assert "Bo" not in listed
    with Database(f"sqlite:///{tmp_path / 'erstkontakt.db'}").begin() as session:
        user = find_user(session, "Mira")
        assert isinstance(user, User)
        assert user.confidential
        assert check_password(user, "winter-tyres")


def test_cases_are_listed_and_shown_as_json(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'erstkontakt.db'}"
    upgrade(url)
    with Database(url).begin() as session:
        for number, state in (("EK-2026-000001", "new"), ("EK-2026-000002", "resolved")):
            session.add(
                Case(
                    number=number,
                    state=state,
                    channel="web",
                    language="de",
                    conversation="c1",
                    category="billing",
                    text="Zweimal abgebucht [sic]",
                )
            )
    listed = json.loads(erstkontakt(tmp_path, "case", "list", "--json", "--state", "new").stdout)
    assert [case["number"] for case in listed] == ["EK-2026-000001"]
    shown = json.loads(erstkontakt(tmp_path, "case", "show", "ek-2026-000002", "--json").stdout)
    assert (shown["state"], shown["text"], shown["offers"]) == ("resolved", "Zweimal abgebucht [sic]", [])
    assert "[sic]" in erstkontakt(tmp_path, "case", "show", "EK-2026-000002").stdout
    assert "EK-2026-000001" in erstkontakt(tmp_path, "case", "list").stdout
    assert "there is no case" in erstkontakt(tmp_path, "case", "show", "EK-2026-000009", code=1).stderr
    assert "there is no state" in erstkontakt(tmp_path, "case", "list", "--state", "odd", code=1).stderr


def test_an_empty_installation_says_what_is_missing(tmp_path: Path) -> None:
    said = erstkontakt(tmp_path, "doctor", code=1).stdout
    assert "missing Database: not created yet" in said
    assert "missing Model: none in" in said
    assert "ok      Python: 3.10" in said
    assert "note    Telegram: switched off" in said
    assert not (tmp_path / "erstkontakt.db").exists()
    erstkontakt(tmp_path, "migrate")
    assert "ok      Database: reachable" in erstkontakt(tmp_path, "doctor", code=1).stdout


def test_a_database_that_cannot_be_reached_is_named_with_the_setting(tmp_path: Path) -> None:
    url = "postgresql://nobody:none@127.0.0.1:1/none"
    said = erstkontakt(tmp_path, "doctor", code=1, ERSTKONTAKT_DATABASE_URL=url).stdout
    assert "missing Database: cannot be reached" in said
    assert "ERSTKONTAKT_DATABASE_URL" in said
    assert "none@" not in said


def test_parse_without_a_model_says_how_to_get_one(tmp_path: Path) -> None:
    assert "erstkontakt train" in erstkontakt(tmp_path, "parse", typed="Hallo\n", code=1).stderr


@pytest.mark.parametrize("folder", ["policy"])
def test_the_shipped_policy_is_valid_and_a_broken_one_is_not(tmp_path: Path, folder: str) -> None:
    root = Path(__file__).resolve().parents[2]
    assert "is valid: version" in erstkontakt(tmp_path, "policy", "check").stdout
    broken = tmp_path / folder
    broken.mkdir()
    for file in (root / "policy").glob("*.yml"):
        (broken / file.name).write_text(file.read_text(encoding="utf-8"), encoding="utf-8")
    (broken / "goodwill.yml").write_text("ladder: [", encoding="utf-8")
    said = erstkontakt(tmp_path, "policy", "check", str(broken), code=1).stderr
    assert "goodwill.yml:" in said


def test_a_user_is_linked_to_telegram_by_a_code(tmp_path: Path) -> None:
    erstkontakt(tmp_path, "user", "add", "Mira", "--password", "winter-tyres")
    said = erstkontakt(tmp_path, "user", "telegram", "Mira").stdout
    assert "Mira sends this to the bot" in said and "/start link_" in said
    assert "there is no user 'Bo'" in erstkontakt(tmp_path, "user", "telegram", "Bo", code=1).stderr
    assert "not linked to Telegram any more" in erstkontakt(tmp_path, "user", "telegram", "Mira", "--remove").stdout


def test_an_operator_looks_after_accounts(tmp_path: Path) -> None:
    erstkontakt(tmp_path, "user", "add", "Ada", "--role", "admin", "--password", "correct horse")
    erstkontakt(tmp_path, "user", "add", "Alex", "--password", "correct horse")
    assert "Alex is lead, with" in erstkontakt(tmp_path, "user", "role", "Alex", "lead", "--confidential").stdout
    erstkontakt(tmp_path, "user", "set-password", "Alex", typed="another one\nanother one\n")
    with Database(f"sqlite:///{tmp_path / 'erstkontakt.db'}").begin() as session:
        alex = find_user(session, "Alex")
        assert alex is not None and alex.role == "lead" and alex.confidential
        assert check_password(alex, "another one")
    assert "wait again: 0" in erstkontakt(tmp_path, "user", "deactivate", "Alex").stdout
    erstkontakt(tmp_path, "user", "activate", "Alex")
    assert "logged out everywhere" in erstkontakt(tmp_path, "user", "sessions", "Alex", "--end").stdout
    assert "password alone" in erstkontakt(tmp_path, "user", "totp-reset", "Alex").stdout
    assert "last admin" in erstkontakt(tmp_path, "user", "deactivate", "Ada", code=1).stderr
    assert "user list" in erstkontakt(tmp_path, "user", "role", "Nobody", "lead", code=1).stderr
