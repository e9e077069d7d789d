"""The desk speaks German and English equally well."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from string import Formatter

import pytest

from bot import desk, taxonomy
from bot.cases.model import STATES
from bot.desk.context import RESOLUTIONS
from bot.desk.wording import LANGUAGES, Words, table
from bot.frontdesk.model import HOLDERS, ROLES
from bot.frontdesk.notifications.model import CHANNELS, KINDS
from bot.goodwill.engine import PERSON_INTENTS
from bot.goodwill.gates import PERSON_REASONS
from bot.policies import current_policy

SOURCES = [p for p in Path(desk.__file__).parent.rglob("*") if p.suffix in (".html", ".py")]


def test_every_text_is_there_in_both_languages_with_the_same_gaps() -> None:
    for key, texts in table().items():
        assert set(texts) == set(LANGUAGES), key
        assert all(text.strip() for text in texts.values()), key
        gaps = [{name for _t, name, _s, _c in Formatter().parse(text) if name} for text in texts.values()]
        assert gaps[0] == gaps[1], key


def test_every_name_in_the_taxonomy_has_a_name_in_both_languages() -> None:
    groups = {
        "intent": taxonomy.intents(), "category": taxonomy.categories(),
        "flag": taxonomy.flags(), "remedy": taxonomy.remedies(),
        "entity": taxonomy.entities(), "state": tuple(STATES), "role": ROLES, "resolution": RESOLUTIONS,
        "severity": ("0", "1", "2", "3", "4"), "holder": HOLDERS, "notice": KINDS, "kind": KINDS, "way": CHANNELS,
    }  # fmt: skip
    missing = [
        f"{group}_{name}" for group, names in groups.items() for name in names if f"{group}_{name}" not in table()
    ]
    assert missing == []


def test_every_change_on_record_has_a_name_in_both_languages() -> None:
    root = Path(desk.__file__).parents[1]
    code = "".join(
        path.read_text(encoding="utf-8") for top in (root, root.parent / "actions") for path in top.rglob("*.py")
    )
    written = {
        what
        for line in re.findall(r"record\((?:[^()]|\([^()]*\))*\)", code)
        for what in re.findall(r'what="(\w+[a-z])"', line)
    }
    written |= {"approval_approved", "approval_refused", "promise_kept", "promise_broken"}
    assert len(written) > 15
    assert sorted(what for what in written if f"did_{what}" not in table()) == []


def test_every_reason_against_a_favour_has_a_sentence() -> None:
    cases = Path(desk.__file__).parents[1] / "cases"
    code = "".join((cases / name).read_text(encoding="utf-8") for name in ("grants.py", "approvals.py"))
    codes = set(re.findall(r'NotAllowed\(\s*"(\w+)"', code))
    assert len(codes) > 10
    assert sorted(each for each in codes if f"error_grant_{each}" not in table()) == []


def test_every_reason_and_every_rule_of_a_decision_has_a_name_in_both_languages() -> None:
    policy, root = current_policy(), Path(desk.__file__).parents[1]
    code = "".join(path.read_text(encoding="utf-8") for path in (root / "goodwill").glob("*.py"))
    reasons = {*PERSON_REASONS, *PERSON_INTENTS.values(), *re.findall(r'end\("\w+", "(\w+)"', code)}
    reasons |= {f"right_{rule.id.replace('-', '_')}" for rule in policy.rights.rules}
    reasons |= {f"ladder_{step.name}" for step in policy.goodwill.ladder}
    rules = set(re.findall(r'note\(\s*"(\w+)"', code))
    assert len(rules) > 8
    missing = [f"reason_{name}" for name in reasons] + [f"rule_{name}" for name in rules]
    assert sorted(each for each in missing if each not in table()) == []


def test_every_text_the_pages_ask_for_exists() -> None:
    used = set()
    for source in SOURCES:
        used |= set(re.findall(r"""\bt\("(\w+)"(?:\)|,)""", source.read_text(encoding="utf-8")))
        used |= set(re.findall(r"""Refused\(\d+, "(\w+)\"""", source.read_text(encoding="utf-8")))
        used |= set(re.findall(r"""(?<!node\.)words\("(\w+)"(?:\)|,)""", source.read_text(encoding="utf-8")))
    assert len(used) > 80
    assert sorted(used - set(table())) == []


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("de", ["Di., 24. Nov. 2020, 00:30", "3. Oktober 2026", "1.299,50\xa0€", "1 T. 2 Std.",
                "Gewährleistung", "some new thing"]),
        ("en", ["Tue 24 Nov 2020, 00:30", "3 October 2026", "€1,299.50", "1 d 2 h",
                "Statutory warranty", "some new thing"]),
    ],
)  # fmt: skip
def test_times_are_berlin_times_and_everything_is_written_as_the_language_writes_it(
    language: str, expected: list[str]
) -> None:
    words = Words(language)
    late = dt.datetime(2020, 11, 23, 23, 30, tzinfo=dt.timezone.utc)
    written = [
        words.when(late), words.day(dt.date(2026, 10, 3)), words.money(129950, "EUR"), words.waited(26 * 3600 + 120),
        words.name("reason", "right:de-warranty"), words.name("reason", "some_new_thing"),
    ]  # fmt: skip
    assert written == expected
