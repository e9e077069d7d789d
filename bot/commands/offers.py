"""`erstkontakt offers`: what was offered and accepted, and the orders to pay it out."""

from __future__ import annotations

import datetime as dt
import json
import os
from pathlib import Path
from typing import Annotated

import typer

from bot.commands.console import fail, out, ready_database

app = typer.Typer(help="Offers: list, carry out, take back, hand over for payment.", no_args_is_help=True)

OfferId = Annotated[str, typer.Argument(help="Its id, see erstkontakt offers list.")]
Who = Annotated[str, typer.Option("--who", help="Who does it: it stands in the audit.")]


@app.callback()
def offers() -> None:
    """Offers: list, carry out, take back, hand over for payment."""


@app.command("list")
def list_(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
    state: Annotated[str, typer.Option(help="open, accepted, fulfilled, declined, expired or revoked.")] = "accepted",
) -> None:
    """List offers in one state: accepted ones wait for somebody to carry them out."""
    from sqlalchemy import select

    from bot.cases.explain import describe_offer
    from bot.cases.model import Offer

    with ready_database().begin() as session:
        found = session.scalars(select(Offer).where(Offer.state == state).order_by(Offer.made_at)).all()
        rows = [
            {
                "id": offer.id, "case": offer.case_number, "what": describe_offer(offer, "en"), "by": offer.by,
                "order": offer.case.order_number or "",
                "at": (offer.answered_at or offer.made_at).isoformat("T", "seconds"),
            }
            for offer in found
        ]  # fmt: skip
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    from rich.table import Table

    table = Table("offer", "case", "what", "by", "order", "at")
    for row in rows:
        table.add_row(*row.values())
    out.print(table if rows else f"No offers are {state}.")


@app.command()
def fulfil(offer: OfferId, who: Who) -> None:
    """Say that what was accepted was carried out: repaired, delivered, paid."""
    from bot.cases import answers, ending
    from bot.cases.answers import NotPossible

    try:
        with ready_database().begin() as session:
            done = answers.fulfil(session, offer, who=who)
            ending.settle(session, done.case, who=who, why="fulfilled")
            number, state = done.case_number, done.case.state
    except NotPossible as refused:
        fail(str(refused))
    out.print(f"Carried out. {number} is {state.replace('_', ' ')}.", markup=False)


@app.command()
def revoke(offer: OfferId, who: Who, why: Annotated[str, typer.Option("--why", help="The reason.")]) -> None:
    """Take an open offer back before it is answered; its money is free again."""
    from bot.cases import answers
    from bot.cases.answers import NotPossible

    try:
        with ready_database().begin() as session:
            taken = answers.revoke(session, offer, who=who, why=why)
            number = taken.case_number
    except NotPossible as refused:
        fail(str(refused))
    out.print(f"Taken back. {number} has this offer no more.", markup=False)


@app.command()
def overrides(
    days: Annotated[int, typer.Option("--days", min=1, help="How far back to look.")] = 90,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """Show what people gave beyond the rules, the most frequent first: candidates for a new rule."""
    from bot.cases.overrides import overrides as look
    from bot.database import utcnow
    from bot.goodwill.wording import money

    with ready_database().begin() as session:
        found = look(session, utcnow() - dt.timedelta(days=days))
    if as_json:
        typer.echo(json.dumps([each.to_json() for each in found], ensure_ascii=False, indent=2))
        return
    from rich.table import Table
    from rich.text import Text

    table = Table("category", "the rules said", "times", "taken", "each", "in all", "people's reasons")
    for each in found:
        span = dict.fromkeys(money(cents, each.currency, "en") for cents in (each.least, each.most))
        cells = [each.category, each.rules_said or "-", str(each.count), str(each.accepted), " to ".join(span)]
        table.add_row(*cells, money(each.cents, each.currency, "en"), Text("; ".join(each.reasons)))
    out.print(table if found else f"In {days} days nobody gave anything beyond the rules.")


@app.command()
def export(
    to: Annotated[Path, typer.Option("--to", help="The CSV file; a file that exists is not overwritten.")],
    again: Annotated[
        int | None, typer.Option(min=1, help="Write once more what went out in so many days; changes nothing.")
    ] = None,
) -> None:
    """Write the refunds to pay and the voucher codes to make valid into a CSV file; each goes out once."""
    from bot.cases import payouts
    from bot.database import utcnow

    now = utcnow()
    with ready_database().begin() as session:
        if again is not None:
            found = payouts.gone_out(session, now - dt.timedelta(days=again))
        else:
            found = payouts.waiting(session)
            # Marked before the file is written, committed after it: what is not written stays waiting.
            found = [each for each in found if payouts.mark_gone_out(session, each, who="payout file", now=now)]
        if found:
            _write(to, payouts.as_csv(found))
    out.print(f"{to}: {len(found)} orders." if found else "Nothing to pay out.", markup=False, soft_wrap=True)


def _write(to: Path, text: str) -> None:
    try:
        handle = os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
    except FileExistsError:
        fail(f"{to} exists: choose another name, so that no order to pay is lost")
    except OSError as error:
        fail(f"{to} cannot be written: {error.strerror}. Choose another place with --to.")
