"""Whoever edits a policy is told every mistake at once: the file, the line, what to do."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.goodwill.engine import decide
from bot.goodwill.facts import Facts, OrderFacts
from bot.goodwill.policy import FILES, Policy, PolicyError, PolicyInvalid, PolicySource, check_policy, load_policy


@pytest.fixture
def copy(folder: Path, tmp_path: Path) -> Path:
    """A policy folder to break."""
    for name in FILES:
        shutil.copy(folder / name, tmp_path / name)
    return tmp_path


def edit(folder: Path, file: str, old: str, new: str) -> int:
    """Replace the first occurrence; the line on which it stands."""
    text = (folder / file).read_text(encoding="utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1 + (len(old) - len(old.lstrip("\n")))


def only(errors: list[PolicyError]) -> PolicyError:
    assert len(errors) == 1, "\n".join(map(str, errors))
    return errors[0]


def test_the_policy_that_is_delivered_is_in_order(folder: Path) -> None:
    assert check_policy(folder) == []


@pytest.mark.parametrize(
    ("file", "old", "new", "message", "remedy"),
    [
        ("goodwill.yml", "from_severity: 3", "from_sevrity: 3", "unknown setting", "Did you mean `from_severity`"),
        ("goodwill.yml", "[after_warranty_high_value]", "[after_waranty]", "unknown name", "after_warranty_high_value"),
        ("goodwill.yml", "our_fault: 2", "our_fault: zwei", "expected a whole number, found `zwei`", "Write a whole"),
        ("goodwill.yml", "our_fault: 2", "our_fault: 2.5", "expected a whole number", "Write a whole"),
        ("goodwill.yml", "our_fault: 2", "our_fault: true", "expected a whole number", "Write a whole"),
        ("goodwill.yml", "our_fault: 2", "our_fault: -2", "would lower an offer", "0 or more"),
        ("goodwill.yml", "long_customer: 1", "long_customer: -1", "would lower an offer", "Loyalty may only raise"),
        ("goodwill.yml", "per_earlier_grant: -2", "per_earlier_grant: 2", "would reward", "0 or less"),
        ("goodwill.yml", "bot: 1500", "bot: -1500", "-1500 is not allowed", "at least 0"),
        ("goodwill.yml", "manager: unlimited", "manager: limitless", "found `limitless`", "`unlimited`"),
        ("goodwill.yml", "from_severity: 3", "from_severity: 4", "4 is not allowed", "between 1 and 3"),
        ("goodwill.yml", "from: 0", "from: 1", "gap below 1", "`from: 0`"),
        ("goodwill.yml", "from: 4", "from: 2", "2 points do not come after 2", "more than 2"),
        ("goodwill.yml", "from: 6", "from: 3", "3 points do not come after 4", "more than 4"),
        ("goodwill.yml", "percent: 20", "percent: 40", "more than the cap", "at most 30"),
        ("goodwill.yml", "percent: 20", "percent: 100", "100 is not allowed", "between 0 and 99"),
        ("goodwill.yml", "share_of_price_percent: 30", "share_of_price_percent: 100", "not allowed", "0 and 99"),
        ("goodwill.yml", "form: voucher", "form: full_refund", "unknown name `full_refund`", "Did you mean"),
        ("goodwill.yml", "promise: priority", "promise: priorty", "unknown name `priorty`", "Did you mean `priority`"),
        ("goodwill.yml", "up_to: surprise", "up_to: suprise", "unknown name `suprise`", "Did you mean `surprise`"),
        ("goodwill.yml", "[de-wrong-delivery,", "[de-withdrawal,", "is a withdrawal", "talked out"),
        ("goodwill.yml", "[de-wrong-delivery,", "[de-wrong-delivry,", "unknown name", "Did you mean `de-wrong-d"),
        ("goodwill.yml", "über {amount} schenken", "über {amont} schenken", "placeholder {amont}", "{amount}"),
        ("goodwill.yml", "  - missed_appointment", "  - misse_appointment", "unknown name", "`missed_appointment`"),
        ("goodwill.yml", "currency: EUR", "currency: EURO", "unknown name `EURO`", "Did you mean"),
        ("goodwill.yml", "under_months: 60, points: 1", "under_months: 60, points: 3", "older item gets more", "fall"),
        (
            "goodwill.yml",
            "surprise: true",
            "surprise: true\n    amount_cents: 500",
            "costs no money",
            "Remove the amount",
        ),
        ("delight.yml", "form: loaner", "form: lonaer", "unknown name `lonaer`", "Did you mean `loaner`"),
        ("delight.yml", "promise: loaner", "promise: loner", "unknown name `loner`", "Did you mean `loaner`"),
        ("delight.yml", "[repair_quality]", "[repair_qualty]", "unknown name", "Did you mean `repair_quality`"),
        ("delight.yml", "kostenlos ein Ersatzfahrzeug", "20 € und ein Auto", "an amount of money", "the ladder"),
        ("rights.yml", "id: de-warranty", "id: de-withdrawal", "two rules", "another id"),
        ("rights.yml", "kind: withdrawal", "kind: withdrawel", "unknown name", "Did you mean `withdrawal`"),
        ("rights.yml", "checked_on: 2026-11-23", "checked_on: neulich", "expected a day", "2026-06-19"),
        ("rights.yml", "after: delivered_on, days: 14", "after: deliverd_on, days: 14", "unknown", "`delivered_on`"),
        ("rights.yml", "defect: true", "defect: maybe", "expected `true` or `false`", "Write `true`"),
        ("rights.yml", "{order} kam am", "Aus Kulanz: {order} kam am", "calls a right goodwill", "no favour"),
        ("rights.yml", "vom {today}, dass", "für {order}, dass", "somebody unverified", "verified order"),
        ("hours.yml", "time_zone: Europe/Berlin", "time_zone: Europe/Berln", "unknown name", "`Europe/Berlin`"),
        ("hours.yml", "state: BY", "state: XX", "unknown name `XX`", "Choose from"),
        ("hours.yml", 'saturday: ["09:00-13:00"]', 'saturday: ["9-13"]', "no opening time", '"08:00-12:00"'),
        ("hours.yml", 'saturday: ["09:00-13:00"]', 'saturday: ["22:00-06:00"]', "ends before", "Over midnight"),
        ("hours.yml", 'saturday: ["09:00-13:00"]', 'saturday: ["09:00-25:00"]', "no time of day", "24:00"),
        ("hours.yml", '"12:00"}', '"23:00"}', "nobody is there at 23:00", "opening hours"),
        ("hours.yml", "working_hours: 4", "working_hours: 0", "0 is not allowed", "between 1 and 200"),
        ("hours.yml", "  - 2026-12-24", "  - Weihnachten", "list of days", "2026-12-24"),
        ("company.yml", "email: service@lindenhof.example", "email: lindenhof", "no e-mail", "service@"),
        ("company.yml", "privacy_url: https", "privacy_url: http", "no safe address", "https://"),
        ("company.yml", "name: Lindenhof", "name: 5", "expected a text", "Write a text"),
    ],
)
def test_a_mistake_is_told_with_file_line_and_remedy(
    copy: Path, file: str, old: str, new: str, message: str, remedy: str
) -> None:
    line = edit(copy, file, old, new)
    errors = check_policy(copy)
    told = [error for error in errors if message in error.message and remedy in error.remedy]
    assert told, "\n".join(map(str, errors))
    assert (told[0].file, told[0].line) == (file, line)


@pytest.mark.parametrize(
    ("file", "old", "new", "message", "told_at"),
    [
        (
            "goodwill.yml",
            "person_from_cents: 50000",
            "",
            "person_from_cents: this setting is missing",
            "after_warranty:",
        ),
        ("goodwill.yml", "amount_cents: 1500", "amount_cents: 900", "less than `voucher`", "- name: partial_refund"),
        ("rights.yml", "has: [promised_on]", "has: [ordered_on]", "{promised_on} is used", "{promised_on}"),
        ("rights.yml", "until: {after: guarantee_until}", "", "{until} is used, but the rule has no", "Garantie."),
        ("rights.yml", "verified: false", "verified: maybe", "expected `true` or `false`", "verified: maybe"),
    ],
)
def test_a_mistake_between_settings_is_told_where_it_can_be_mended(
    copy: Path, file: str, old: str, new: str, message: str, told_at: str
) -> None:
    edit(copy, "rights.yml", "{order} hätte bis {expected_on}", "{order} hätte am {promised_on}, bis {expected_on}")
    edit(copy, file, old, new)
    lines = (copy / file).read_text(encoding="utf-8").splitlines()
    told = [error for error in check_policy(copy) if message in error.message]
    assert told and told_at in lines[told[0].line - 1], "\n".join(map(str, told))


def test_the_line_is_the_line_of_the_setting(copy: Path) -> None:
    line = edit(copy, "goodwill.yml", "our_fault: 2", "our_fault: zwei")
    error = only(check_policy(copy))
    assert (error.file, error.line) == ("goodwill.yml", line)
    assert str(error).startswith(f"goodwill.yml:{line}: points.our_fault: expected a whole number")


def test_the_line_in_a_list_is_the_line_of_the_item(copy: Path) -> None:
    line = edit(copy, "goodwill.yml", "  - missed_appointment", "  - misse_appointment")
    assert only(check_policy(copy)).line == line


def test_a_missing_language_is_one_mistake(copy: Path) -> None:
    edit(copy, "goodwill.yml", "      en: We are sorry that this happened to you. We are looking", "      # ")
    error = only(check_policy(copy))
    assert "ladder[apology].text.en: this setting is missing" in error.message
    assert error.remedy == "Add `en:` here"


def test_money_must_be_offered_as_goodwill(copy: Path) -> None:
    edit(copy, "goodwill.yml", "Aus Kulanz, ohne Anerkennung einer Rechtspflicht, möchten wir Ihnen einen", "Hier ein")
    error = only(check_policy(copy))
    assert "without saying that it is goodwill" in error.message
    assert "ohne Anerkennung einer Rechtspflicht" in error.remedy


def test_surprises_leave_no_gap_and_none_is_hidden(copy: Path) -> None:
    file = copy / "delight.yml"
    good = file.read_text(encoding="utf-8")
    file.write_text(
        good.replace("form: manager_call\n", "form: manager_call\n    when: {flags: [repeat_contact]}\n"), "utf-8"
    )
    assert "there is a gap" in only(check_policy(copy)).message
    file.write_text(good.replace("    when: {categories: [repair_quality], has: [service_on]}\n", ""), "utf-8")
    assert "none of those below is ever taken" in only(check_policy(copy)).message
    file.write_text(good.replace("    owner: Werkstatt\n", ""), "utf-8")
    assert "owner: this setting is missing" in only(check_policy(copy)).message


@pytest.mark.parametrize(
    ("file", "old", "new", "message", "told_at"),
    [
        ("goodwill.yml", "  staff: 10000", "  staff: 1000", "`staff` may give less than `bot`", "staff: 1000"),
        ("goodwill.yml", "  bot: 1500", "  bot: 1000", "1500 is more than the 1000 that the bot may give", "1500"),
        (
            "goodwill.yml",
            "smallest_amount_cents: 200",
            "smallest_amount_cents: 1501",
            "is less than the smallest amount",
            "amount_cents",
        ),
        (
            "goodwill.yml",
            "  months: 24",
            "  months: 36",
            "a gap: the warranty of DE ends after 24 months",
            "months: 36",
        ),
        ("goodwill.yml", "  months: 24", "  months: 12", "the warranty of rights.yml still runs", "months: 12"),
        ("goodwill.yml", "  repair_quality: [service_on", "  missed_appointment: [service_on", "a gap", "dates_needed"),
        ("rights.yml", "checked_on: 2026-11-23", "checked_on: 2013-01-01", "before it came into force", "2013-01-01"),
        ("rights.yml", "lacks: [service_on]}", "lacks: [delivered_on]}", "this never applies", "lacks"),
        ("rights.yml", "verified: false}", "verified: false, has: [ordered_on]}", "has no days", "ordered_on"),
        ("hours.yml", "country: DE", "country: AT", "there are no rules for AT", "rules:"),
    ],
)
def test_gaps_and_contradictions_between_settings_are_found(
    copy: Path, file: str, old: str, new: str, message: str, told_at: str
) -> None:
    edit(copy, file, old, new)
    if file == "hours.yml":
        edit(copy, file, "state: BY", "# no state")
    told = [error for error in check_policy(copy) if message in error.message]
    assert told, "\n".join(map(str, check_policy(copy)))
    lines = (copy / told[0].file).read_text(encoding="utf-8").splitlines()
    assert told_at in lines[told[0].line - 1], str(told[0])
    assert told[0].remedy


@pytest.mark.parametrize(
    ("country", "rule", "age", "said"),
    [
        ("AT", "at-warranty", "2026-03-23", "leisten wir dafür Gewähr"),
        ("GB", "gb-consumer-rights-act", "2024-03-23", "ohne Kosten für Sie"),
    ],
)
def test_the_file_shows_how_another_country_is_added(
    copy: Path,
    country: str,
    rule: str,
    age: str,
    said: str,
    facts: Callable[..., Facts],
    order: Callable[..., OrderFacts],
) -> None:
    rights, hours = copy / "rights.yml", copy / "hours.yml"
    text = rights.read_text(encoding="utf-8")
    head, example = text.split(f"#  - id: {rule}\n")
    taken = re.match(r"(#  .*\n)+", example)
    assert taken is not None
    rights.write_text(f"{head}  - id: {rule}\n" + taken[0].replace("#  ", "  "), encoding="utf-8")
    given = (
        hours.read_text(encoding="utf-8").replace("country: DE", f"country: {country}").replace("state: BY", "# none")
    )
    hours.write_text(given, encoding="utf-8")
    assert check_policy(copy) == []
    decision = decide(facts(jurisdiction=country, order=order(delivered_on=age)), load_policy(copy))
    assert [right.rule_id for right in decision.rights] == [rule]
    assert said in decision.rights[0].text["de"]


def test_the_closed_odr_platform_is_not_named(copy: Path) -> None:
    edit(copy, "rights.yml", "Es geht auch hier:", "Die OS-Plattform der EU hilft:")
    assert "ODR platform" in only(check_policy(copy)).message


def test_all_mistakes_of_all_files_come_at_once(copy: Path) -> None:
    edit(copy, "goodwill.yml", "our_fault: 2", "our_fault: zwei")
    edit(copy, "goodwill.yml", "bot: 1500", "bot: -1")
    edit(copy, "hours.yml", "state: BY", "state: XX")
    edit(copy, "rights.yml", "kind: withdrawal", "kind: withdrawel")
    (copy / "company.yml").unlink()
    errors = check_policy(copy)
    assert [error.file for error in errors] == [
        "company.yml",
        "goodwill.yml",
        "goodwill.yml",
        "hours.yml",
        "rights.yml",
    ]
    with pytest.raises(PolicyInvalid) as caught:
        load_policy(copy)
    assert caught.value.errors == tuple(errors)


def test_gaps_and_contradictions_are_told_together_with_other_mistakes(copy: Path) -> None:
    edit(copy, "goodwill.yml", "our_fault: 2", "our_fault: zwei")
    edit(copy, "goodwill.yml", "  months: 24", "  months: 36")
    edit(copy, "goodwill.yml", "lead: 50000", "lead: 5000")
    edit(copy, "goodwill.yml", "amount_cents: 1000", "amount_cents: -1000")
    told = [error.message for error in check_policy(copy)]
    assert len(told) == 4
    for part in ("found `zwei`", "a gap: the warranty of DE ends", "less than `staff`", "-1000 is not allowed"):
        assert any(part in message for message in told), part


def test_what_has_a_mistake_of_its_own_is_not_held_against_others(copy: Path) -> None:
    edit(copy, "goodwill.yml", "bot: 1500", "bot: viel")
    edit(copy, "hours.yml", "country: DE", "country: XX")
    told = [str(error) for error in check_policy(copy)]
    assert not [line for line in told if "could never offer money" in line or "no rules for" in line]
    assert any("found `viel`" in line for line in told)


@pytest.mark.parametrize(
    ("content", "line", "message"),
    [
        (b"currency: EUR\nladder: [1\nbudget: 2\n", 3, "this is not YAML"),
        (b"currency: EUR\ncurrency: CHF\n", 2, "duplicate key"),
        (b"currency:\n\t- EUR\n", 2, "this is not YAML"),
        (b"", 1, "no settings"),
        (b"- EUR\n", 1, "no settings"),
        (b"currency: EUR\nname: \xff\n", 2, "not UTF-8"),
        (b"currency: 2026-13-45\n", 1, "cannot be read"),
    ],
)
def test_a_broken_file_is_one_mistake_with_its_line(copy: Path, content: bytes, line: int, message: str) -> None:
    (copy / "goodwill.yml").write_bytes(content)
    error = only(check_policy(copy))
    assert (error.file, error.line) == ("goodwill.yml", line)
    assert message in error.message


def test_a_promise_needs_a_text_and_a_text_a_promise(copy: Path) -> None:
    edit(copy, "company.yml", "  callback:", "  phone_call:")
    messages = [error.message for error in check_policy(copy)]
    assert any("the promise `callback` of hours.yml has no text" in message for message in messages)
    assert any("phone_call: hours.yml has no such promise" in message for message in messages)


def test_hours_need_at_least_one_opening(copy: Path) -> None:
    text = (copy / "hours.yml").read_text(encoding="utf-8")
    text = text.replace('["08:00-12:00", "13:00-18:00"]', "[]").replace('["09:00-13:00"]', "[]")
    (copy / "hours.yml").write_text(text, encoding="utf-8")
    assert any("the service is never open" in error.message for error in check_policy(copy))


def test_the_version_stands_for_exactly_these_texts(copy: Path, policy: Policy) -> None:
    assert load_policy(copy).version == policy.version
    edit(copy, "goodwill.yml", "bot: 1500", "bot: 1600")
    changed = load_policy(copy)
    assert changed.version != policy.version
    assert len(changed.version) == 16 and int(changed.version, 16) >= 0
    assert Policy.from_texts(changed.files) == changed


def test_old_texts_that_are_incomplete_or_foreign_are_refused(policy: Policy) -> None:
    texts = dict(policy.files)
    del texts["rights.yml"]
    with pytest.raises(PolicyInvalid, match=r"rights\.yml:1: this file is missing"):
        Policy.from_texts(texts)
    with pytest.raises(PolicyInvalid, match=r"prices.yml:1: this file is no part of a policy"):
        Policy.from_texts({**policy.files, "prices.yml": "a: 1"})


# --- reading again


def touch(path: Path) -> None:
    """Make sure that a change shows even where the file system's clock is coarse."""
    found = path.stat()
    os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns + 1_000_000))


def test_a_changed_policy_comes_into_force(copy: Path) -> None:
    source = PolicySource(copy)
    before = source.current()
    assert source.current() is before
    edit(copy, "goodwill.yml", "bot: 1500", "bot: 1600")
    touch(copy / "goodwill.yml")
    after = source.current()
    assert (before.goodwill.authority_cents["bot"], after.goodwill.authority_cents["bot"]) == (1500, 1600)
    assert source.errors == ()


def test_an_invalid_change_leaves_the_last_good_policy_in_force(copy: Path) -> None:
    source = PolicySource(copy)
    good = source.current()
    edit(copy, "goodwill.yml", "bot: 1500", "bot: viel")
    touch(copy / "goodwill.yml")
    assert source.current() is good
    assert [error.file for error in source.errors] == ["goodwill.yml"]
    edit(copy, "goodwill.yml", "bot: viel", "bot: 1700")
    touch(copy / "goodwill.yml")
    assert source.current().goodwill.authority_cents["bot"] == 1700
    assert source.errors == ()


def test_a_file_that_vanishes_for_a_moment_does_no_harm(copy: Path) -> None:
    source = PolicySource(copy)
    good = source.current()
    (copy / "rights.yml").rename(copy / "rights.bak")
    assert source.current() is good
    assert [error.file for error in source.errors] == ["rights.yml"]
    (copy / "rights.bak").rename(copy / "rights.yml")
    assert source.current().version == good.version
    assert source.errors == ()


def test_the_first_policy_must_be_in_order(copy: Path) -> None:
    edit(copy, "goodwill.yml", "bot: 1500", "bot: viel")
    with pytest.raises(PolicyInvalid, match=r"authority_cents\.bot"):
        PolicySource(copy).current()
