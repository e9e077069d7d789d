"""A law firm or an authority is recognised by what it says of itself, and reaches a person."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from bot.cases import store
from bot.cases.senders import sender_of


@pytest.mark.parametrize(
    ("text", "sender"),
    [
        ("Unsere Mandantin hat bei Ihnen eine Waschmaschine gekauft.", "law_firm"),
        ("In dieser Sache zeigen wir die Vertretung von Frau Huber an.", "law_firm"),
        ("Ich vertrete anwaltlich Herrn Moser.", "law_firm"),
        ("We are writing on behalf of our client, Mr Clarke.", "law_firm"),
        ("Our client bought a coffee machine from you.", "law_firm"),
        ("Hier schreibt die Verbraucherzentrale Bayern.", "authority"),
        ("This is the Munich police, about order LH-104711.", "authority"),
        ("We are Trading Standards.", "authority"),
        ("Mein Anwalt wird sich melden!", None),
        ("I will call the police and my lawyer.", None),
        ("Die Verbraucherzentrale sagt, das steht mir zu.", None),
        ("Die Waschmaschine ist kaputt.", None),
    ],
)
def test_only_what_they_say_of_themselves_counts(text: str, sender: str | None) -> None:
    assert sender_of(text) == sender


def test_a_law_firm_is_noted_without_authority_and_is_a_persons_matter(office: Session) -> None:
    about = {"channel": "web", "language": "de", "category": "billing"}
    case = store.open_case(office, conversation="c1", text="Unser Mandant wurde doppelt belastet.", **about)
    assert (case.submitted_by, case.authorised, case.severity, case.flags) == ("law_firm", False, 3, ["legal"])
    later = store.open_case(office, conversation="c2", text="Zweimal belastet", **about)
    store.add_facts(office, later, who="customer", text="Wir sind die Verbraucherzentrale.")
    assert (later.submitted_by, later.authorised, later.severity) == ("authority", False, 3)
