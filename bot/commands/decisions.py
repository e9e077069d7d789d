"""`erstkontakt case explain` and `case replay`: why it was decided so, and whether it would be again."""

from __future__ import annotations

import json
from enum import Enum
from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands.console import fail, out, ready_database

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from bot.cases.explain import Explanation
    from bot.cases.model import Case

Number = Annotated[str, typer.Argument(help="The case number, for example EK-2026-000123.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")]


class Language(str, Enum):
    """The languages of explanations."""

    de = "de"
    en = "en"


def explain(
    number: Number,
    language: Annotated[Language, typer.Option(help="The language of the explanation.")] = Language.en,
    as_json: AsJson = False,
) -> None:
    """Explain every decision of a case: facts, rules passed and failed, result, what would have changed it."""
    from bot.cases.explain import describe_offer, explain_case

    lang = language.value
    with ready_database().begin() as session:
        case = _case(session, number)
        found = explain_case(session, case, lang)
        by_people = [
            {"by": o.by, "offer": describe_offer(o, lang), "reason": o.reason, "state": o.state}
            for o in case.offers
            if o.by != "bot"
        ]
    if as_json:
        data = {"number": case.number, "decisions": [each.to_json() for each in found], "by_people": by_people}
        typer.echo(json.dumps(data, ensure_ascii=False, indent=2))
        return
    from bot.cases.explain_words import HEADINGS

    if not found:
        out.print(HEADINGS["no_decision"][lang])
    for each in found:
        _print(each, lang)
    for offer in by_people:
        line = f"{offer['offer']} {HEADINGS['from'][lang]} {offer['by']}, {HEADINGS['reason'][lang]}: {offer['reason']}"
        out.print(f"{line} ({offer['state']})", markup=False)


def replay(number: Number, as_json: AsJson = False) -> None:
    """Decide a case again from its stored facts and policy texts. Ends with 1 when a result is not the same."""
    from bot.cases.replay import replay_case

    with ready_database().begin() as session:
        found = replay_case(session, _case(session, number))
    if as_json:
        typer.echo(json.dumps([each.to_json() for each in found], ensure_ascii=False, indent=2))
    elif not found:
        out.print("Nothing was decided here yet.")
    for each in [] if as_json else found:
        verdict = "same" if each.same else each.problem or "different: " + ", ".join(each.differences)
        out.print(f"{each.at}  {each.outcome:8} policy {each.rule_version}  {verdict}", markup=False, soft_wrap=True)
    if not all(each.same for each in found):
        raise typer.Exit(1)


def _case(session: Session, number: str) -> Case:
    from bot.cases.model import Case

    case = session.get(Case, number.strip().upper())
    if case is None:
        fail(f"there is no case {number}: see erstkontakt case list")
    return case


def _print(each: Explanation, lang: str) -> None:
    from rich.markup import escape
    from rich.rule import Rule
    from rich.table import Table
    from rich.text import Text

    from bot.cases.explain_words import HEADINGS

    def head(name: str) -> str:
        return HEADINGS[name][lang]

    out.print(Rule(f"{head('decision')} {each.at}, {head('from')} {escape(each.by)}", style="cyan"))
    facts = Table(title=head("inputs"), title_justify="left", show_header=False, box=None)
    for _, label, value in each.inputs:
        facts.add_row(label, Text(value))
    out.print(facts)
    rules = Table(title=head("rules"), title_justify="left", show_header=False, box=None)
    for rule in each.rules:
        mark = Text("✓", "green") if rule.passed else Text("✗", "red")
        rules.add_row(mark, rule.rule, Text(rule.because), Text(head("passed" if rule.passed else "stopped"), "dim"))
    out.print(rules)
    out.print(Text(head("result"), "italic"))
    for line in each.result:
        out.print(Text(f"  {line}"))
    if each.score is not None:
        out.print(Text(f"  {head('score')} {each.score}, {head('cap')} {each.cap}"))
    out.print(Text(head("what_if"), "italic"))
    for line in each.what_if or (head("nothing"),):
        out.print(Text(f"  {line}"))
    out.print(Text(f"{head('policy')} {each.rule_version}", "dim"))
