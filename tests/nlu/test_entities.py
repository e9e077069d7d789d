"""What a customer names in a message is found where it stands and means what they meant."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any, Literal

import pytest

from bot.catalogue import Catalogue
from bot.nlu.entities import EntityFinder

NOW = dt.datetime(2026, 11, 23, 12, 0)  # a Monday
GERMAN = EntityFinder("de")
ENGLISH = EntityFinder("en")


def found(text: str, language: Literal["de", "en"] = "de") -> list[tuple[str, str]]:
    finder = GERMAN if language == "de" else ENGLISH
    return [(each.entity, each.value) for each in finder.find(text, NOW)]


def resolved(text: str, language: Literal["de", "en"] = "de") -> Any:
    finder = GERMAN if language == "de" else ENGLISH
    (only,) = finder.find(text, NOW)
    return only.resolved


@pytest.mark.parametrize(
    ("text", "value", "meaning"),
    [
        ("das war gestern", "gestern", "2026-11-22"),
        ("i woaß no, gestan war's", "gestan", "2026-11-22"),
        ("geliefert am 3.11. um neun", "am 3.11.", "2026-11-03"),
        ("vor drei Wochen bestellt", "vor drei Wochen", "2026-11-02"),
        ("vor einem halben Jahr", "vor einem halben Jahr", "2026-05-23"),
        ("mein Brief vom letzten Mittwoch", "vom letzten Mittwoch", "2026-11-18"),
        ("hob i vorige Wochn kauft", "vorige Wochn", {"from": "2026-11-16", "to": "2026-11-22"}),
        ("Anfang März war sie neu", "Anfang März", {"from": "2026-03-01", "to": "2026-03-10"}),
        ("seit Ostern defekt", "seit Ostern", "2026-04-05"),
        ("bis Freitag, sonst Anwalt", "Freitag", "2026-11-27"),
        ("war für den 1. Juni 2026 zugesagt", "1. Juni 2026", "2026-06-01"),
        ("am Dienstag, den 3. November", "am Dienstag, den 3. November", "2026-11-03"),
        ("am 31. Februar", "am 31. Februar", None),
    ],
)
def test_a_german_date_is_found_with_its_preposition(text: str, value: str, meaning: Any) -> None:
    (date,) = GERMAN.find(text, NOW)
    assert (date.entity, date.value, date.resolved) == ("date", value, meaning)
    assert text[date.start : date.end] == value


@pytest.mark.parametrize(
    ("text", "value", "meaning"),
    [
        ("it came last Tuesday", "last Tuesday", "2026-11-17"),
        ("bought 8 months ago", "8 months ago", "2026-03-23"),
        ("waiting since Easter", "Easter", "2026-04-05"),
        ("your letter of the 9th", "9th", "2026-11-09"),
        ("on the 3rd of November", "3rd of November", "2026-11-03"),
        ("on my April bill", "April", {"from": "2026-04-01", "to": "2026-04-30"}),
        ("it was the day before yesterday", "the day before yesterday", "2026-11-21"),
        ("pay by Friday", "Friday", "2026-11-27"),
        ("he came this week", "this week", {"from": "2026-11-23", "to": "2026-11-29"}),
    ],
)
def test_an_english_date_is_found_without_its_preposition(text: str, value: str, meaning: Any) -> None:
    (date,) = ENGLISH.find(text, NOW)
    assert (date.entity, date.value, date.resolved) == ("date", value, meaning)


@pytest.mark.parametrize("text", ["drei Stunden lang", "um zehn", "Guten Morgen", "Frohe Ostern!", "vor zwei Stunden"])
def test_durations_clock_times_and_wishes_are_no_dates_in_german(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    "text", ["two weeks long", "at quarter to eight", "May I ask", "the 2nd floor", "for 22 years"]
)
def test_durations_clock_times_and_ordinals_are_no_dates_in_english(text: str) -> None:
    assert found(text, "en") == []


def test_a_customer_may_switch_language_in_the_middle() -> None:
    assert found("fix that, since letzte Woche kaputt", "en") == [("date", "letzte Woche")]
    assert found("war last week schon so") == [("date", "last week")]


@pytest.mark.parametrize(
    ("text", "cents", "currency"),
    [
        ("49,90 €", 4990, "EUR"),
        ("1.299 Euro", 129_900, "EUR"),
        ("15 CHF", 1500, "CHF"),
        ("fuffzig Euro", 5000, "EUR"),
        ("zwanzig Tacken", 2000, "EUR"),
        ("£7.95", 795, "GBP"),
        ("forty quid", 4000, "GBP"),
        ("€1,299.00", 129_900, "EUR"),
        ("two hundred and eighty dollars", 28_000, "USD"),
        ("80 Cent", 80, "EUR"),
        ("a fiver", 500, "GBP"),
    ],
)
def test_money_is_understood_in_cents(text: str, cents: int, currency: str) -> None:
    for language in ("de", "en"):
        (money,) = (GERMAN if language == "de" else ENGLISH).find(text, NOW)
        assert (money.entity, money.value) == ("money", text)
        assert money.resolved == {"amount_cents": cents, "currency": currency}


def test_a_percentage_or_a_phrase_is_no_money() -> None:
    assert found("zehn Prozent Rabatt, 20 %, keinen Cent") == []
    assert found("seventy per cent, sound as a pound", "en") == []


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("Bestellung Nr. 81-4420 ist da", "81-4420"),
        ("AB-774120", "AB-774120"),
        ("sein Reparaturauftrag 4500071288", "4500071288"),
        ("bestellnummer ist 20981", "20981"),
    ],
)
def test_an_order_number_is_recognised_by_form_or_by_the_words_before(text: str, number: str) -> None:
    assert found(text) == [("order_number", number)]


@pytest.mark.parametrize("text", ["Kundennummer 12345678", "Rechnungsnummer 558201", "Seriennummer SN-8841-0092-B"])
def test_other_numbers_are_no_order_numbers(text: str) -> None:
    assert found(text) == []


def test_numbers_that_look_alike_are_told_apart() -> None:
    text = "EK-2026-000123, Konto DE12 5001 0517 0648 4898 90, Tel. 0171 4455667, wohne in 80331 München, M-AB 1234"
    assert [(e.entity, e.resolved) for e in GERMAN.find(text, NOW)] == [
        ("case_number", "EK-2026-000123"),
        ("iban", "DE12500105170648489890"),
        ("phone", "+491714455667"),
        ("postcode", "80331"),
        ("licence_plate", "M-AB 1234"),
    ]


def test_british_contact_details_are_understood() -> None:
    text = "Mail Anna@Example.org or ring +44 20 7946 0000, postcode sw1a 1aa, my reg is LB70 TRV"
    assert [(e.entity, e.resolved) for e in ENGLISH.find(text, NOW)] == [
        ("email", "anna@example.org"),
        ("phone", "+442079460000"),
        ("postcode", "SW1A 1AA"),
        ("licence_plate", "LB70 TRV"),
    ]


def test_dictated_digits_are_a_number() -> None:
    assert resolved("the number is four five zero zero six six one two", "en") == "45006612"


def test_people_are_found_with_their_title() -> None:
    assert found("Herr Wimmer hat geholfen") == [("person", "Herr Wimmer")]
    assert found("Brief an Frau Ilse Kramer") == [("person", "Frau Ilse Kramer")]
    assert found("I look after Mr Pettigrew at number 12", "en") == [("person", "Mr Pettigrew")]
    assert found("Mr Hargreaves's address", "en") == [("person", "Mr Hargreaves")]
    assert found("meine Frau Gemahlin, guter Mann") == []


def _taught(language: Literal["de", "en"], goods: list[str], frames: list[str]) -> EntityFinder:
    examples = []
    for good in goods:
        for frame in frames:
            start = frame.index("{}")
            examples.append((frame.format(good), [(start, start + len(good), "product")]))
    finder = EntityFinder(language)
    finder.train([*examples, ("Guten Tag", []), ("danke schön", []), ("ich will einen Menschen sprechen", [])])
    return finder


@pytest.fixture(scope="module")
def taught() -> EntityFinder:
    goods = ["Waschmaschine", "Toaster", "Sofa", "Brille", "Kühlschrank", "Fahrrad"]
    return _taught("de", goods, ["Der {} ist kaputt", "mein {} qualmt", "wo bleibt die {}?", "{} defekt"])


def test_products_are_learned_and_carry_over_to_goods_never_seen(taught: EntityFinder) -> None:
    (product,) = taught.find("mein Geschirrspüler qualmt", NOW)
    assert (product.entity, product.value, product.resolved) == ("product", "Geschirrspüler", "geschirrspüler")


def test_what_was_learned_survives_saving(taught: EntityFinder) -> None:
    again = EntityFinder("de").from_bytes(taught.to_bytes())
    text = "Der Wäschetrockner ist kaputt"
    assert again.find(text, NOW) == taught.find(text, NOW) != []


def test_a_model_of_the_other_language_is_refused(taught: EntityFinder) -> None:
    with pytest.raises(ValueError, match="train again"):
        EntityFinder("en").from_bytes(taught.to_bytes())


def test_names_from_the_order_list_are_found_even_misspelt() -> None:
    finder = EntityFinder("de", products=["Kaffeevollautomat Aurora", "Hängesessel"])
    assert [(e.entity, e.value) for e in finder.find("wo ist der Kaffeevollautomat Aurora", NOW)] == [
        ("product", "Kaffeevollautomat Aurora")
    ]
    (product,) = finder.find("der hängesesel wackelt", NOW)
    assert (product.value, product.resolved) == ("hängesesel", "hängesessel")


@pytest.mark.parametrize(
    ("language", "text", "surface"),
    [
        ("de", "die Naht des Hängesessels ist gerissen", "Hängesessels"),
        ("de", "beide Kaffevollautomaten sind hin", "Kaffevollautomaten"),
        ("en", "one of the Hängesessel came without its ropes", "Hängesessel"),
    ],
)
def test_names_from_the_order_list_are_found_inflected(language: Literal["de", "en"], text: str, surface: str) -> None:
    finder = EntityFinder(language, products=["Kaffeevollautomat Aurora", "Hängesessel"])
    assert [(e.entity, e.value) for e in finder.find(text, NOW)] == [("product", surface)]


def test_the_dialogue_learns_a_new_order_list_while_it_runs(tmp_path: Path) -> None:
    catalogue, seen = Catalogue(tmp_path), Catalogue(tmp_path)
    assert not seen.changed() and seen.names() == []
    catalogue.write(["Hängesessel  Bali", "", "Hängesessel Bali"])
    assert seen.changed() and seen.names() == ["Hängesessel Bali"]
    assert not seen.changed()
    finder = EntityFinder("de")
    finder.sell(seen.names())
    assert [e.value for e in finder.find("wo bleibt mein Hängesessel Bali", NOW)] == ["Hängesessel Bali"]
