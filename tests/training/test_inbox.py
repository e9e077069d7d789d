"""Trainers see what was misunderstood, the pressing things first, and nobody's personal data."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.frontdesk.model import Message
from bot.training import files, inbox
from bot.training.label import BadExample, Label
from bot.training.masking import mask, mask_and_mark

from .conftest import Customers


def seen(session: Session) -> list[str]:
    return [group.face.text for group in inbox.groups(session)]


def test_what_was_understood_well_is_not_shown(session: Session, customers: Customers) -> None:
    customers.say("Guten Tag")
    customers.say("hää wat", intent="nlu_fallback")
    customers.say("Na ja", sure=0.3)
    customers.say("Wie auch immer", sure=0.5, second=0.45)
    shown = {group.face.text: group.reasons for group in inbox.groups(session)}
    assert shown == {"hää wat": ["fallback"], "Na ja": ["low_margin"], "Wie auch immer": ["low_margin"]}


def test_the_newest_and_most_frequent_come_first_and_alike_ones_together(
    session: Session, customers: Customers
) -> None:
    customers.say("Lange her und selten", sure=0.2, days_ago=90)
    for number in range(3):
        customers.say(f"wo bleibt mein paket denn{'!' * number}", sure=0.2, days_ago=number)
    customers.say("Ganz neu aber einmal", sure=0.2)
    first, second, third = inbox.groups(session)
    assert (first.face.text, first.count) == ("wo bleibt mein paket denn", 3)
    assert (second.face.text, third.face.text) == ("Ganz neu aber einmal", "Lange her und selten")


def test_a_customer_who_says_it_again_was_misunderstood(session: Session, customers: Customers) -> None:
    first = customers.say("Die Tür vom Schrank schließt nicht", minutes_ago=3)
    customers.say("die tür schließt nicht, vom schrank", conversation=first.conversation_id, minutes_ago=2)
    later = customers.say("Der Lieferwagen kam nicht", minutes_ago=60)
    customers.say("Der Lieferwagen kam wieder nicht", conversation=later.conversation_id, minutes_ago=1)
    assert [(group.face.text, group.reasons) for group in inbox.groups(session)] == [
        ("Die Tür vom Schrank schließt nicht", ["rephrased"])
    ]


def test_staff_say_what_was_meant_and_that_is_suggested(session: Session, customers: Customers) -> None:
    message = customers.say("Frau Demir sagt nein", intent="deny")
    inbox.correct(session, message, Label("de", "complain", "billing"), "Alex")
    row = inbox.correct(session, message, Label("de", "complain", "staff_conduct"), "Robin")
    assert (row.text, row.who) == ("Frau Sommer sagt nein", "Robin")
    (group,) = inbox.groups(session)
    assert group.reasons == ["corrected"]
    assert group.suggestion == Label("de", "complain", "staff_conduct")
    with pytest.raises(BadExample):
        inbox.correct(session, message, Label("de", "nonsense"), "Alex")


def test_labelled_messages_leave_and_come_back_when_it_is_undone(
    session: Session, customers: Customers, data: Path
) -> None:
    message = customers.say("moinsen zusammen", sure=0.2)
    group = inbox.find(session, message.id[:8])
    assert group is not None
    change = files.add(session, group.face.text, Label("de", "greet"), "Mira", data)
    inbox.mark(session, group, "Mira", change.id)
    assert seen(session) == []
    files.undo(session, change.id, "Mira", data)
    assert seen(session) == ["moinsen zusammen"]
    inbox.mark(session, group, "Mira")
    assert seen(session) == []


def test_buttons_hidden_and_erased_messages_are_not_shown(session: Session, customers: Customers) -> None:
    customers.say("Ja", sure=0.1).payload = "/affirm"
    customers.say("", sure=0.1)
    secret = customers.say("Ihre Kollegin hat mich beleidigt", sure=0.1)
    session.flush()
    hidden = select(Message.conversation_id).where(Message.id == secret.id)
    assert inbox.groups(session, hidden=[hidden]) == []
    assert inbox.find(session, secret.id, hidden=[hidden]) is None


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("Frau Demir, 0171 5550123", "Frau Sommer, 0151 23456789"),
        ("ask Mr Osman or Mrs Bell, Mr Osman knows", "ask Mr Parker or Mrs Bennett, Mr Parker knows"),
        ("an ayse.y@gmx.de oder +44 20 7946 0991", "an anna@example.org oder 07700 900123"),
        ("IBAN DE44 5001 0517 5407 3249 31", "IBAN DE89 3704 0044 0532 0130 00"),
        ("Bestellung AB-102938 für M-XY 777", "Bestellung AB-471028 für M-AB 1234"),
        ("Auftrag 4500012345, Fall EK-2026-004711", "Auftrag 4710281536, Fall EK-2026-000123"),
        ("mein Name ist Ayşe Yılmaz, Goethestraße 12b", "mein Name ist Kim Sommer, Lindenstraße 12"),
        ("Kind regards\nJohn Smith", "Kind regards\nAlex Parker"),
        ("frau keller sagte, meine frau hat recht", "frau sommer sagte, meine frau hat recht"),
        ("am 3.11.2026 für 1.299,00 €, seit 2024-11-03", "am 3.11.2026 für 1.299,00 €, seit 2024-11-03"),
    ],
)  # fmt: skip
def test_personal_data_is_replaced_by_invented_data_of_the_same_shape(said: str, kept: str) -> None:
    assert mask(said) == kept
    assert mask(kept) == kept


def test_what_was_replaced_is_marked_already() -> None:
    assert mask_and_mark("Frau Demir, AB-102938") == "[Frau Sommer](person), [AB-471028](order_number)"
