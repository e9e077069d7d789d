"""`erstkontakt policy simulate`: what another policy would have offered and cost."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands.console import err, fail, out, ready_database

if TYPE_CHECKING:
    from bot.cases.simulate import Simulation


def simulate(
    against: Annotated[str, typer.Option(help="Stored cases of last-month, of so many days, or all.")] = "last-month",
    policy: Annotated[Path | None, typer.Option(help="The folder of the other policy; else the one in force.")] = None,
    picture: Annotated[Path | None, typer.Option(help="Also draw it into this file (.png, .svg or .pdf).")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """Decide stored cases again under another policy: what it would have offered and cost. Changes nothing."""
    from bot.cases.simulate import BadPeriod, period
    from bot.cases.simulate import simulate as compute
    from bot.config import settings
    from bot.database import utcnow
    from bot.goodwill.policy import PolicyInvalid, load_policy

    folder = policy or settings().policy
    try:
        other = load_policy(folder)
        within = period(against, other, utcnow())
    except PolicyInvalid:
        fail(f"the policy in {folder} has mistakes: erstkontakt policy check {folder}")
    except BadPeriod as error:
        fail(str(error))
    with ready_database().begin() as session:
        found = compute(session, other, within)
    if picture is not None:
        _draw(found, picture)
    if as_json:
        typer.echo(json.dumps(found.to_json(), ensure_ascii=False, indent=2))
        return
    _table(found, against)
    if picture is not None:
        out.print(f"The picture is in {picture}.", markup=False, soft_wrap=True)


def _draw(found: Simulation, picture: Path) -> None:
    from bot.cases.simulate_picture import draw

    try:
        draw(found, picture)
    except ImportError:
        fail("a picture needs matplotlib: install it with pip install matplotlib, or leave out --picture")
    except OSError as error:
        fail(f"{picture} cannot be written: {error.strerror or error}")
    except ValueError as error:
        fail(f"{picture} cannot be drawn: {error}. Let its name end with .png, .svg or .pdf.")


def _table(found: Simulation, against: str) -> None:
    from rich.table import Table

    from bot.cases.simulate import OUTCOMES
    from bot.goodwill.wording import money

    if not found.cases:
        out.print(f"No decisions are stored for {against}: try --against all.", markup=False)
    table = Table(
        "", "now", "then", "difference", title=f"Policy {found.version} on stored cases", title_justify="left"
    )
    for column in table.columns[1:]:
        column.justify = "right"

    def row(name: str, now: int, then: int | None, *, cents: bool = False) -> None:
        shown = [money(value, found.currency, "en") if cents else f"{value:,}" for value in (now, then or 0)]
        more = (then or 0) - now
        difference = money(more, found.currency, "en") if cents else f"{more:,}"
        sign = "+" if more > 0 else ""
        table.add_row(name, shown[0], "-" if then is None else shown[1], "" if then is None else sign + difference)

    for outcome in OUTCOMES:
        row(f"cases: {outcome}", found.now.outcomes[outcome], found.then.outcomes[outcome])
    table.add_section()
    for form in sorted({*found.now.offers, *found.then.offers}):
        row(f"offered: {form.replace('_', ' ')}", found.now.offers[form], found.then.offers[form])
    table.add_section()
    for category in sorted({*found.now.cents_by_category, *found.then.cents_by_category}):
        now, then = found.now.cents_by_category[category], found.then.cents_by_category[category]
        if now or then:
            row(category.replace("_", " "), now, then, cents=True)
    row("money offered", found.now.cents, found.then.cents, cents=True)
    row("money accepted", found.accepted_cents, found.expected_cents, cents=True)
    out.print(table)
    out.print(
        f"{found.cases:,} cases; {found.changed:,} would have been decided differently: "
        f"{found.more:,} with more money, {found.less:,} with less."
    )
    if found.unreadable:
        err.print(f"{found.unreadable} decisions could not be read and are left out.", style="yellow")
