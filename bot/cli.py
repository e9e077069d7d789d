"""The command `erstkontakt`. Each command loads what it needs when it is called, so that `--help` is quick."""

from __future__ import annotations

import typer

from bot.commands import (
    cases,
    database,
    decisions,
    doctor,
    examples,
    language,
    offers,
    orders,
    policy,
    privacy,
    promises,
    running,
    search,
    simulate,
    training,
    users,
)

app = typer.Typer(
    name="erstkontakt",
    help="A bilingual first contact for complaints: German and English, rights before favours, a person when needed.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,  # they may hold personal data
)
app.command("run")(running.run)
app.command("train")(language.train)
app.command("parse")(language.parse)
app.add_typer(examples.app, name="examples")
app.command("evaluate")(training.evaluate)
app.command("promote")(training.promote)
app.command("rollback")(training.rollback)
app.command("demo")(orders.demo)
app.command("migrate")(database.migrate)
app.command("doctor")(doctor.doctor)
cases.app.command("explain")(decisions.explain)
cases.app.command("replay")(decisions.replay)
policy.app.command("simulate")(simulate.simulate)
app.add_typer(cases.app, name="case")
app.add_typer(orders.app, name="orders")
app.add_typer(offers.app, name="offers")
app.add_typer(users.app, name="user")
app.add_typer(policy.app, name="policy")
app.command("promises")(promises.promises)
app.add_typer(promises.surprises_app, name="surprises")
app.add_typer(privacy.app, name="privacy")
app.add_typer(search.app, name="search")

if __name__ == "__main__":
    app()
