"""`case explain`, `case replay` and `policy simulate` as an operator types them."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from pathlib import Path

import pytest

from bot.cases import offers, store
from bot.cases.model import Decision, Order
from bot.config import ROOT
from bot.database import Database, utcnow
from bot.goodwill.policy import load_policy
from bot.migrate import upgrade
from tests.services.commands import erstkontakt


@pytest.fixture
def var(tmp_path: Path) -> Path:
    """An installation with one case that got a voucher, yesterday."""
    url = f"sqlite:///{tmp_path / 'erstkontakt.db'}"
    upgrade(url)
    now = utcnow() - dt.timedelta(days=1)
    with Database(url).begin() as session:
        order = Order(
            order_number="LH-1", item="Wartung [sic]", price_cents=8_900, postcode="80331", currency="EUR",
            ordered_on=now.date() - dt.timedelta(days=40), delivered_on=now.date() - dt.timedelta(days=30),
        )  # fmt: skip
        session.add(order)
        case = store.open_case(
            session, conversation="c1", channel="web", language="de", category="staff_conduct", text="So ein Ton.",
            flags=["repeat_contact"],
        )  # fmt: skip
        store.attach_order(session, case, order, "postcode")
        offers.decide_case(session, case, load_policy(ROOT / "policy"), now=now)
    return tmp_path


def number(var: Path) -> str:
    return str(json.loads(erstkontakt(var, "case", "list", "--json").stdout)[0]["number"])


def test_a_decision_is_explained(var: Path) -> None:
    case = number(var)
    said = erstkontakt(var, "case", "explain", case.lower()).stdout
    for part in ("Facts it rests on", "Wartung [sic]", "✓", "voucher €10.00", "What would have changed it"):
        assert part in said
    assert "Gutschein 10,00" in erstkontakt(var, "case", "explain", case, "--language", "de").stdout
    data = json.loads(erstkontakt(var, "case", "explain", case, "--json").stdout)
    (decision,) = data["decisions"]
    assert (data["number"], decision["outcome"], decision["inputs"]["severity"]) == (case, "offer", "2")
    assert "there is no case" in erstkontakt(var, "case", "explain", "EK-2020-000001", code=1).stderr


def test_a_decision_is_replayed_and_a_forged_one_found(var: Path) -> None:
    case = number(var)
    assert erstkontakt(var, "case", "replay", case).stdout.strip().endswith("same")
    with Database(f"sqlite:///{var / 'erstkontakt.db'}").begin() as session:
        decision = session.query(Decision).one()
        decision.result = {**decision.result, "cap_cents": 99}
    assert "different: cap_cents" in erstkontakt(var, "case", "replay", case, code=1).stdout
    (found,) = json.loads(erstkontakt(var, "case", "replay", case, "--json", code=1).stdout)
    assert found["differences"] == {"cap_cents": {"stored": 99, "again": 1500}}


def test_another_policy_is_tried_before_it_is_signed(var: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(ROOT / "policy", tmp_path / "other")
    file = folder / "goodwill.yml"
    file.write_text(file.read_text(encoding="utf-8").replace("amount_cents: 1000", "amount_cents: 500"), "utf-8")
    picture = tmp_path / "policy.png"
    options = ("policy", "simulate", "--against", "7", "--policy", str(folder))
    said = erstkontakt(var, *options, "--picture", str(picture)).stdout
    assert "money offered" in said
    assert "-€5.00" in said
    assert "1 cases; 1 would have been decided differently: 0 with more money, 1 with less." in said
    assert picture.read_bytes().startswith(b"\x89PNG")
    data = json.loads(erstkontakt(var, *options, "--json").stdout)
    assert (data["now"]["cents"], data["then"]["cents"], data["changed"]) == (1_000, 500, 1)


def test_simulating_says_what_to_do_when_it_cannot(var: Path, tmp_path: Path) -> None:
    assert "give last-month" in erstkontakt(var, "policy", "simulate", "--against", "ever", code=1).stderr
    assert "has mistakes" in erstkontakt(var, "policy", "simulate", "--policy", str(tmp_path / "no"), code=1).stderr
    odd = str(tmp_path / "picture.docx")
    assert "Let its name end with .png" in erstkontakt(var, "policy", "simulate", "--picture", odd, code=1).stderr
    gone = str(tmp_path / "gone" / "x.png")
    assert "cannot be written" in erstkontakt(var, "policy", "simulate", "--picture", gone, code=1).stderr


def test_what_people_gave_beyond_the_rules_is_shown(var: Path) -> None:
    assert "nobody gave anything" in erstkontakt(var, "offers", "overrides").stdout
    with Database(f"sqlite:///{var / 'erstkontakt.db'}").begin() as session:
        case = store.find(session, number(var))
        assert case is not None
        offers.grant(session, case, user_name="Mira", role="staff", amount_cents=2_000, reason="[waited] for weeks")
    said = erstkontakt(var, "offers", "overrides", "--days", "7").stdout
    assert "€20.00" in said and "[waited]" in said and "ladder:voucher" in said
    (found,) = json.loads(erstkontakt(var, "offers", "overrides", "--json").stdout)
    assert (found["category"], found["count"], found["cents"]) == ("staff_conduct", 1, 2_000)
