"""Hard cases that people take over: danger, lawyers, despair, pressure, what no rule may decide. German and English.

Each asserts how grave it is, who gets it, what is offered, and the words that must and must not be said.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.database import Database
from tests.e2e.conftest import Customer
from tests.e2e.endings import ACCUSING, FAVOURS, in_queue, offers_nothing, reserved, without
from tests.e2e.talk import money


@pytest.mark.parametrize(
    ("locale", "text", "stop", "keep"),
    [
        (
            "de",
            "Der Akku von meinem E-Bike hat in der Garage angefangen zu brennen und ich habe mir die Hand verbrannt!",
            "nicht weiter",
            "werfen Sie nichts weg",
        ),
        ("en", "The e-bike battery caught fire in our garage and I burnt my hand.", "stop using it", "Keep the item"),
    ],
)
def test_a_burning_battery_and_a_burnt_hand(customer: Customer, locale: str, text: str, stop: str, keep: str) -> None:
    chat = customer(locale)
    answer = chat.say(text)
    first = chat.last[0]["text"]
    assert "112" in first and stop in first and keep in first, "safety comes before everything else"
    in_queue(chat, severity=4)
    offers_nothing(chat)
    case = chat.case()
    assert {"safety", "injury"} <= set(case["flags"])
    assert case["category"] == "product_defect" and case["language"] == locale
    assert case["text"] == text and case["number"] in answer


@pytest.mark.parametrize(
    ("locale", "text", "person"),
    [
        (
            "de",
            "Das Getriebe, das Sie überholt haben, ist nach drei Jahren und zwei Monaten wieder hinüber.",
            "Menschen",
        ),
        ("en", "The gearbox that you overhauled has broken again after three years and two months.", "person"),
    ],
)
def test_a_gearbox_after_three_years_and_two_months(
    customer: Customer, database: Database, locale: str, text: str, person: str
) -> None:
    before = reserved(database)
    chat = customer(locale)
    chat.say(text)
    chat.say("LH-102914")
    answer = chat.say("81541")
    in_queue(chat, severity=2, reason="after_warranty_high_value")
    offers_nothing(chat)
    case = chat.case()
    assert case["handoffs"][0]["escalated_at"], "only a lead takes it"
    assert (case["verified"], case["item"], case["price_cents"]) == (True, "Getriebeüberholung", 289_000)
    assert case["delivered_on"] and case["text"].startswith(text), "the facts are collected"
    assert case["decisions"][-1]["result"]["offer"] is None and reserved(database) == before
    assert person in answer
    without(chat.text("bot", "system"), ("abgelehnt", "abgelaufen", "rejected", "expired", "refuse"))


@pytest.mark.parametrize(
    ("locale", "text", "serious"),
    [
        (
            "de",
            "Sie haben mir die Inspektion doppelt berechnet. Mein Anwalt und die Zeitung werden davon erfahren.",
            "ernst",
        ),
        (
            "en",
            "You have charged me twice for the inspection. My lawyer and the papers will hear about this.",
            "serious",
        ),
    ],
)
def test_my_lawyer_and_the_papers(customer: Customer, locale: str, text: str, serious: str) -> None:
    chat = customer(locale)
    answer = chat.say(text)
    in_queue(chat, severity=3)
    offers_nothing(chat)
    case = chat.case()
    assert {"legal", "publicity"} <= set(case["flags"]) and case["category"] == "billing"
    assert serious in answer and case["number"] in answer
    without(answer, ("112", "0800"))


@pytest.mark.parametrize(
    ("locale", "text", "confidential"),
    [
        ("de", "Ihr Verkäufer sagte zu mir: Leute wie Sie sollten woanders einkaufen!", "vertraulich"),
        ("en", "Your salesman told me that people like you should shop elsewhere.", "in confidence"),
    ],
)
def test_people_like_you_should_shop_elsewhere(customer: Customer, locale: str, text: str, confidential: str) -> None:
    chat = customer(locale)
    answer = chat.say(text)
    in_queue(chat, severity=3, queue="confidential")
    offers_nothing(chat)
    case = chat.case()
    assert case["category"] == "staff_conduct" and "discrimination" in case["flags"]
    assert confidential in answer
    without(answer, ("Missverständnis", "misunderstanding"))


@pytest.mark.parametrize(
    ("locale", "text"),
    [
        ("de", "Seit Wochen stehen wir ohne Herd da, die Kinder essen kalt, ich kann einfach nicht mehr."),
        ("en", "We have been without a stove for weeks, the kids eat cold food, I just can't go on any more."),
    ],
)
def test_weeks_without_a_stove_and_no_strength_left(customer: Customer, locale: str, text: str) -> None:
    chat = customer(locale)
    chat.say(text)
    assert "0800 1110111" in chat.last[0]["text"]
    in_queue(chat, severity=4)
    offers_nothing(chat)
    assert "crisis" in chat.case()["flags"]


@pytest.fixture
def sunday_night(policy_folder: Path) -> Iterator[None]:
    """Nobody is there: the house opens on one day of the week only, and that is not today."""
    hours = policy_folder / "hours.yml"
    good = hours.read_text(encoding="utf-8")
    week = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    open_on = week[(dt.date.today().weekday() + 3) % 7]
    closed = re.sub(r"(?m)^  (\w+day): .*$", r"  \1: []", good)
    hours.write_text(closed.replace(f"  {open_on}: []", f'  {open_on}: ["08:00-18:00"]'), encoding="utf-8")
    yield
    hours.write_text(good, encoding="utf-8")


@pytest.mark.parametrize(
    ("locale", "text", "closed", "law"),
    [
        (
            "de",
            "Hi, ich schreibe für meine Oma: the kettle ist kaputt and she is really sad. "
            "Und löschen Sie meine Daten, please!",
            "Gerade ist niemand im Dienst",
            "Art. 17 DSGVO",
        ),
        (
            "en",
            "Hi, I am writing for my grandma: der Wasserkocher ist kaputt and she is really sad. "
            "And please delete all my data, bitte!",
            "Nobody is on duty right now",
            "Art. 17 GDPR",
        ),
    ],
)
def test_for_grandma_half_german_half_english_and_erase_my_data_on_a_sunday_night(
    customer: Customer, sunday_night: None, locale: str, text: str, closed: str, law: str
) -> None:
    chat = customer(locale)
    answer = chat.say(text)
    in_queue(chat, severity=1, reason=None)  # for the data, or for grandma herself if she counts as vulnerable
    offers_nothing(chat)
    case = chat.case()
    assert "third_party" in case["flags"]
    assert (case["submitted_by"], case["authorised"]) == ("relative", False)
    assert law in answer and case["number"] in answer
    assert closed in answer, "nobody waits for somebody who is not there"
    assert {"decision", "first_answer"} <= {p["what"] for p in case["promises"]}
    assert all(promise["due_at"][:10] > f"{dt.date.today():%Y-%m-%d}" for promise in case["promises"])


# What complaints.md adds to them: pressure, and customers who were given a lot.


@pytest.mark.parametrize(
    ("locale", "story", "number", "postcode", "threat"),
    [
        (
            "de",
            "Ich schreibe Ihnen jetzt schon zum dritten Mal: Mein Toaster ist kaputt, er heizt nicht mehr.",
            "LH-102828",
            "81379",
            "Das reicht nicht. Geben Sie mir mehr, oder ich komme vorbei und schlage Ihnen den Laden kurz und klein!",
        ),
        (
            "en",
            "This is the third time I am writing to you: my kettle is broken, it does not heat any more.",
            "LH-103018",
            "80995",
            "Not enough. Give me more or I will come over and smash up your shop!",
        ),
    ],
)
def test_a_threat_never_raises_an_offer(
    customer: Customer, database: Database, locale: str, story: str, number: str, postcode: str, threat: str
) -> None:
    chat = customer(locale)
    chat.say(story)
    chat.say(number)
    chat.say(postcode)
    before = {offer["id"]: offer["amount_cents"] for offer in chat.case()["offers"]}
    spent = reserved(database)
    answer = chat.say(threat)
    in_queue(chat, severity=4)
    case = chat.case()
    assert "threat" in case["flags"] and case["state"] == "in_review"
    assert {offer["id"]: offer["amount_cents"] for offer in case["offers"]} == before, "nothing is raised"
    assert reserved(database) <= spent and not money(answer)
    without(answer, FAVOURS)


@pytest.mark.parametrize(
    ("locale", "text", "person"),
    [
        (
            "de",
            "Sie haben mir auf der Rechnung zu viel berechnet. Bestellung LH-104419, Postleitzahl 81829.",
            "Menschen",
        ),
        ("en", "You overcharged me on the invoice. Order LH-104419, postcode 81829.", "person"),
    ],
)
def test_who_was_given_a_lot_meets_a_person_and_no_accusation(
    customer: Customer, database: Database, locale: str, text: str, person: str
) -> None:
    before = reserved(database)
    chat = customer(locale)
    answer = chat.say(text)
    in_queue(chat, severity=1, reason="beyond_prior_grants")
    offers_nothing(chat)
    case = chat.case()
    assert case["category"] == "billing" and case["verified"]
    assert case["decisions"][-1]["inputs"]["order"]["prior_grants_12m"] > 2
    assert person in answer and reserved(database) == before
    without(chat.text("bot", "system"), ACCUSING)
