"""Rights before favours: what a verified order brings, as the rule engine says, and nothing else."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from bot.cases.model import PolicyVersion
from bot.database import Database
from tests.e2e.conftest import Customer
from tests.e2e.endings import reserved
from tests.e2e.talk import Chat, money


def replayable(chat: Chat, database: Database) -> None:
    """Every decision stands there with its inputs, its way through the rules, and the rules themselves."""
    for decision in chat.case()["decisions"]:
        assert decision["inputs"]["category"] == chat.case()["category"]
        assert decision["path"] and decision["result"]
        with database.begin() as session:
            assert session.get(PolicyVersion, decision["rule_version"]) is not None


def test_five_days_after_delivery_i_just_want_out(customer: Customer, database: Database) -> None:
    chat = customer()
    declaration = "Ich will einfach nur raus aus dem Kauf und widerrufe. Bestellung LH-104711, PLZ 80331."
    answer = chat.say(declaration)
    assert f"„{declaration}“" in answer, "the content of the declaration"
    assert re.search(r"eingegangen am \w+, \d+\. \w+, \d\d:\d\d Uhr", answer), "its date and time"
    assert "rechtzeitig" in answer and "keinen Grund" in answer
    assert "https://lindenhof.example/widerruf" in answer
    for word in ("Gutschein", "Kulanz", "schade", "warum", "Bestell- oder Auftragsnummer"):
        assert word not in answer
    case = chat.case()
    assert (case["verified"], case["basis"], chat.holder) == (True, "claim", "bot")
    assert [(o["kind"], o["state"], o["amount_cents"]) for o in case["offers"]] == [("withdrawal", "accepted", 0)]
    assert [promise["what"] for promise in case["promises"]] == ["decision"]
    assert any(line["what"] == "withdrawal_declared" for line in case["audit"])
    replayable(chat, database)


def test_a_withdrawal_whose_order_is_named_afterwards(customer: Customer) -> None:
    chat = customer("en")
    answer = chat.say("I want to withdraw from the purchase of the seat covers.")
    assert "Your withdrawal has been received" in answer and "order or job number" in answer
    assert "by 2026" not in answer and chat.case()["basis"] == "claim"
    chat.say("LH-104733")
    answer = chat.say("80634")
    assert "you are in time" in answer
    assert "sorry" not in answer, "nobody apologises for a right"
    case = chat.case()
    assert case["verified"] and case["order_number"] == "LH-104733"
    assert ("withdrawal", "accepted") in [(offer["kind"], offer["state"]) for offer in case["offers"]]


def test_broken_after_eight_months_any_goodwill(customer: Customer, database: Database) -> None:
    before = reserved(database)
    chat = customer("en")
    chat.say("My coffee machine broke after 8 months. Any goodwill? Order LH-104502, postcode 80469.")
    said = chat.text("bot")
    assert "your right by law" in said and "the law presumes it" in said
    assert "goodwill" not in said and "gesture" not in said, "a right is never called a favour"
    assert chat.titles == ["Repair", "Replacement", "Neither"]
    answer = chat.press("Replacement")
    assert "replacement" in answer
    case = chat.case()
    assert (case["basis"], case["state"]) == ("claim", "accepted")
    assert [(o["kind"], o["form"], o["state"]) for o in case["offers"]] == [("entitlement", "replacement", "accepted")]
    assert reserved(database) == before, "a right costs no goodwill"
    replayable(chat, database)


def test_a_gearbox_after_three_years_and_two_months(customer: Customer, database: Database) -> None:
    before = reserved(database)
    chat = customer()
    chat.say("Das Getriebe, das Sie überholt haben, ist nach drei Jahren und zwei Monaten wieder hinüber.")
    chat.say("LH-102914")
    answer = chat.say("81541")
    case = chat.case()
    assert (case["verified"], case["item"], chat.holder) == (True, "Getriebeüberholung", "queue")
    assert [h["reason"] for h in case["handoffs"]] == ["after_warranty_high_value"]
    assert case["offers"] == [] and not money(chat.text("bot")) and reserved(database) == before
    assert "Menschen" in answer and "Kulanz" not in answer and "abgelehnt" not in answer
    replayable(chat, database)


def test_goodwill_within_the_bots_authority_accepted(customer: Customer, database: Database) -> None:
    before = reserved(database)
    chat = customer()
    chat.say("Ich schreibe Ihnen jetzt schon zum dritten Mal: Mein Wasserkocher ist kaputt, er heizt nicht mehr.")
    chat.say("LH-103018")
    answer = chat.say("80995")
    case = chat.case()
    [offer] = case["offers"]
    assert (offer["kind"], offer["form"], offer["by"], offer["state"]) == ("goodwill", "voucher", "bot", "open")
    assert money(answer) == {offer["amount_cents"]} and offer["amount_cents"] <= 1500
    assert "aus Kulanz, ohne Anerkennung einer Rechtspflicht" in answer.replace("Aus", "aus")
    assert reserved(database) == before + offer["amount_cents"]
    assert offer["expires_at"] > dt.datetime.now(dt.timezone.utc).isoformat()
    answer = chat.press("Ja, annehmen")
    case = chat.case()
    [offer] = case["offers"]
    assert (offer["state"], case["state"], case["basis"]) == ("accepted", "accepted", "kulanz")
    assert offer["code"] in answer
    assert offer["rule_version"] == case["decisions"][-1]["rule_version"]
    replayable(chat, database)


def test_goodwill_declined_goes_to_a_person(customer: Customer, database: Database) -> None:
    before = reserved(database)
    chat = customer("en")
    chat.say("This is the third time I am writing to you: my bike rack is broken, one hook has come off.")
    chat.say("LH-104027")
    chat.say("80807")
    assert [offer["state"] for offer in chat.case()["offers"]] == ["open"]
    answer = chat.say("No, that is not enough for me.")
    assert "person" in answer and not money(answer), "a declined offer is not raised"
    case = chat.case()
    assert [offer["state"] for offer in case["offers"]] == ["declined"]
    assert [h["reason"] for h in case["handoffs"]] == ["declined_offer"] and chat.holder == "queue"
    assert reserved(database) == before, "the money is free again"


def test_the_workshop_puts_its_work_right_first(customer: Customer) -> None:
    chat = customer()
    chat.say("Seit der Auspuffreparatur vor zwei Monaten klappert es wieder, und Sie hatten versprochen, dass es hält.")
    chat.say("LH-104638")
    answer = chat.say("81549")
    case = chat.case()
    assert case["basis"] == "claim" and case["verified"]
    assert "gesetzliches Recht" in answer, "putting the work right comes first"
    assert not money(answer)


def test_without_a_proven_order_there_is_no_money(customer: Customer) -> None:
    chat = customer()
    chat.say("Der Akkuschrauber geht nicht mehr.")
    chat.press("Habe ich nicht")
    answer = chat.press("Geld zurück")
    case = chat.case()
    assert case["offers"] == [] and not case["verified"] and not money(answer)
    assert case["remedies"] == ["refund"] and [p["what"] for p in case["promises"]] == ["decision"]
    assert case["number"] in answer and chat.holder == "bot"


@pytest.mark.parametrize(
    ("locale", "kettle", "toaster"),
    [
        (
            "de",
            "Ich schreibe Ihnen jetzt schon zum dritten Mal: Mein Wasserkocher ist kaputt, er heizt nicht mehr.",
            "Ich schreibe Ihnen jetzt schon zum dritten Mal: Mein Toaster ist kaputt, er heizt nicht mehr.",
        ),
        (
            "en",
            "This is the third time I am writing to you: my kettle is broken, it does not heat any more.",
            "This is the third time I am writing to you: my toaster is broken, it does not heat any more.",
        ),
    ],
)
def test_paid_together_and_compensated_once_a_person_decides_about_the_next(
    customer: Customer, locale: str, kettle: str, toaster: str
) -> None:
    first = customer(locale)
    for words in (kettle, "LH-103018", "80995"):
        first.say(words)
    if any(offer["state"] == "open" for offer in first.case()["offers"]):  # else another test has taken it
        first.press({"de": "Ja, annehmen", "en": "Yes, accept"}[locale])
    second = customer(locale)
    for words in (toaster, "LH-103019"):
        second.say(words)
    answer = second.say("80995")
    assert second.holder == "queue" and not money(answer)
    [handoff] = second.case()["handoffs"]
    assert handoff["reason"] == "payment_compensated"
    decision = second.case()["decisions"][-1]
    assert decision["inputs"]["compensated"] == "payment"
