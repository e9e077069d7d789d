"""Decisions outlive the program that made them: each one replays, whatever was added, renamed or moved since.

tests/cases/stored holds rows as older versions of the program wrote them: policy texts, facts, results. Where a format
changes, rows of the one before belong there.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from bot.cases import offers, store, versions
from bot.cases.explain import explain_case
from bot.cases.model import Case, Decision, PolicyVersion
from bot.cases.replay import replay_case
from bot.database import Database
from bot.goodwill.formats import of_today
from bot.goodwill.policy import Policy, PolicyInvalid
from bot.migrate import upgrade
from tests.cases.conftest import NOW
from tests.services.commands import erstkontakt

STORED = sorted((Path(__file__).parent / "stored").glob("*.json"))


def restored(session: Session, path: Path) -> Case:
    """A case with the decisions and the policy of an older version, as its database has them."""
    rows: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    session.add(PolicyVersion(version=rows["policy_version"], files=rows["files"]))
    case = store.open_case(session, conversation="c", channel="web", language="de", category="other", text="x", now=NOW)
    for number, row in enumerate(rows["decisions"]):
        given = {**row, "case_number": case.number}
        session.add(Decision(id=f"{path.stem}-{number}"[:32], at=NOW, by="bot", **given))
    session.flush()
    session.expire(case, ["decisions"])
    return case


@pytest.mark.parametrize("path", STORED, ids=lambda path: path.stem)
def test_decisions_of_an_older_version_replay_and_are_explained(office: Session, path: Path) -> None:
    case = restored(office, path)
    found = replay_case(office, case)
    assert len(found) >= 14
    assert [(each.problem, each.differences) for each in found if not each.same] == []
    outcomes = {decision.outcome for decision in case.decisions}
    forms = {(decision.result["offer"] or {}).get("form") for decision in case.decisions}
    assert outcomes == {"person", "right", "offer", "gesture"}
    assert forms >= {"voucher", "apology", "manager_call", "loaner", "handwritten_note"}
    for language in ("de", "en"):
        assert all(each.result and each.rules for each in explain_case(office, case, language))


@pytest.mark.parametrize("path", STORED, ids=lambda path: path.stem)
def test_case_replay_says_the_same_about_them(tmp_path: Path, path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'erstkontakt.db'}"
    upgrade(url)
    with Database(url).begin() as session:
        number = restored(session, path).number
    said = erstkontakt(tmp_path, "case", "replay", number).stdout.strip().splitlines()
    assert len(said) >= 14
    assert all(line.endswith("same") for line in said)


def test_a_forged_row_of_an_older_version_is_found(office: Session) -> None:
    case = restored(office, STORED[0])
    decision = next(each for each in case.decisions if each.outcome == "offer")
    decision.result = {**decision.result, "offer": {**decision.result["offer"], "amount_cents": 9_900}}
    assert [set(each.differences) for each in replay_case(office, case) if not each.same] == [{"offer"}]
    kept = office.get(PolicyVersion, decision.rule_version)
    kept.files = {**kept.files, "goodwill.yml": kept.files["goodwill.yml"].replace("1000", "9900")}
    office.flush()
    assert "is not stored in this database as it was" in (replay_case(office, case)[0].problem or "")


def test_an_offer_made_under_an_older_format_stays_in_force(
    office: Session, policy: Policy, case_for_voucher: Any
) -> None:
    rows = json.loads(STORED[0].read_text(encoding="utf-8"))
    older = Policy.from_stored(rows["files"])
    assert older.version == rows["policy_version"] != policy.version
    case = case_for_voucher(office)
    (offer,) = offers.decide_case(office, case, older, now=NOW).offers
    again = offers.decide_case(office, case, policy, now=NOW)
    assert (again.offers, again.decision.rule_version) == ([offer], older.version)
    assert versions.stored(office, older.version).files == rows["files"]


def test_what_no_step_can_say_in_todays_words_is_refused_and_not_guessed() -> None:
    files: dict[str, str] = json.loads(STORED[0].read_text(encoding="utf-8"))["files"]
    other = "    kind: goodwill\n    form: priority"
    twice = files["goodwill.yml"].replace(other, "    kind: surprise\n    form: loaner")
    with pytest.raises(PolicyInvalid, match="kind: unknown setting"):
        Policy.from_stored({**files, "goodwill.yml": twice})
    for broken in ("", "ladder: 5", "ladder: [5]", "a: [", "ladder:\n  - {kind: surprise, instead: 7}"):
        assert of_today({"goodwill.yml": broken}) == {"goodwill.yml": broken}
    with pytest.raises(PolicyInvalid):
        Policy.from_texts(files)  # what management signs today is in today's format
