"""The fields of an order as a list has them: their names, and how each text becomes a value of the order table."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

COLUMNS = (
    "order_number",
    "item",
    "price_eur",
    "ordered_on",
    "promised_on",
    "delivered_on",
    "service_on",
    "email",
    "postcode",
    "licence_plate",
    "customer_since",
    "prior_grants_12m",
)

OPTIONAL = ("guarantee_until", "distance_sale", "device", "payment")
"""Columns that a list may have besides."""

GERMAN = {
    "bestellnummer": "order_number",
    "auftragsnummer": "order_number",
    "artikel": "item",
    "preis": "price_eur",
    "preis_eur": "price_eur",
    "bestellt_am": "ordered_on",
    "zugesagt_für": "promised_on",
    "geliefert_am": "delivered_on",
    "werkstatt_am": "service_on",
    "e-mail": "email",
    "plz": "postcode",
    "postleitzahl": "postcode",
    "kennzeichen": "licence_plate",
    "kunde_seit": "customer_since",
    "kulanz_12m": "prior_grants_12m",
    "garantie_bis": "guarantee_until",
    "fernabsatz": "distance_sale",
    "gerät": "device",
    "seriennummer": "device",
    "fahrgestellnummer": "device",
    "zahlung": "payment",
    "zahlungsreferenz": "payment",
}
"""German names of the columns; a space counts as an underscore."""

MAX_PRICE_CENTS = 100_000_000
"""Above 1,000,000 EUR a price is taken for a slip of the keyboard."""

SHORTEST_IDENTIFIER = 4
"""Fewer characters than these do not name one thing among all that a shop sells."""


def canonical_number(text: str) -> str:
    """An order number as it is stored: upper case, no spaces, plain hyphens, no leading #."""
    return re.sub(r"[\u2010-\u2015\u2212]", "-", re.sub(r"\s+", "", text)).lstrip("#").upper()


def identifier(text: str) -> str | None:
    """What names one device or one payment, written so that two spellings of it are equal: capitals and digits only.

    None for what names nothing: fewer than 4 characters, no digit ("unknown", "cash"), or one character repeated. Such
    a filler would make one thing of orders that have nothing in common.
    """
    plain = re.sub(r"[\W_]", "", text).upper()
    names = len(plain) >= SHORTEST_IDENTIFIER and len(set(plain)) > 1 and any(char.isdigit() for char in plain)
    return plain if names else None


def column_name(text: str) -> str:
    """The name of a column as it is written here, from a header in any case, in English or German."""
    name = text.strip().strip("\ufeff").lower()
    return GERMAN.get(re.sub(r"\s+", "_", name), name)


class Unreadable(Exception):
    """A field that cannot be read: what is wrong and what to do."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(what)
        self.what, self.remedy = what, remedy


def _cents(text: str) -> int | None:
    """Cents of a price in euros. A single mark before three digits separates thousands: prices have two decimals."""
    if not text:
        return None
    plain = re.sub(r"€|EUR|[\s'\u2019]", "", text, flags=re.IGNORECASE)
    if plain.startswith(("-", "\u2212")):
        raise Unreadable(f"the price {text} is negative", "give the price paid, 0 or more")
    whole = re.fullmatch(r"([1-9]\d{0,2}(?:[.,]\d{3})+|\d+)(?:([.,])(\d{1,2}))?", plain, flags=re.ASCII)
    if whole is None or (whole[2] and whole[2] in whole[1]) or len(set(whole[1]) & {".", ","}) > 1:
        raise Unreadable(f"{text} is no price", "write it like 49.90 or 1.299,00")
    cents = int(re.sub(r"\D", "", whole[1])) * 100 + int((whole[3] or "").ljust(2, "0"))
    if cents > MAX_PRICE_CENTS:
        raise Unreadable(f"the price {text} is above 1,000,000 EUR", "check the decimal mark")
    return cents


def _date(text: str) -> dt.date | None:
    if not text:
        return None
    found = re.fullmatch(r"(\d{4})-(\d{2})-(\d{2})|(\d{1,2})\.(\d{1,2})\.(\d{4})", text, flags=re.ASCII)
    if found is None:
        raise Unreadable(f"{text} is no date", "write it like 2026-11-03 or 03.11.2026")
    year, month, day = (found[1], found[2], found[3]) if found[1] else (found[6], found[5], found[4])
    try:
        date = dt.date(int(year), int(month), int(day))
    except ValueError:
        raise Unreadable(f"{text} is not in the calendar", "correct the day or the month") from None
    if not 1950 <= date.year <= 2100:
        raise Unreadable(f"the year of {text} cannot be right", "correct the year")
    return date


def _yes_or_no(text: str) -> bool | None:
    if not text:
        return None
    if text.lower() not in _YES_NO:
        raise Unreadable(f"{text} is neither yes nor no", "write yes or no, or leave it empty")
    return _YES_NO[text.lower()]


def _grants(text: str) -> int:
    if not text:
        return 0
    if not re.fullmatch(r"\d{1,3}", text, flags=re.ASCII):
        raise Unreadable(f"{text} is no number of grants", "give a whole number, 0 or more")
    return int(text)


def _email(text: str) -> str | None:
    if text and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", text):
        raise Unreadable(f"{text} is no e-mail address", "write it like name@example.org or leave it empty")
    return _text(200)(text)


def _number(text: str) -> str:
    number = canonical_number(text)
    if not number:
        raise Unreadable("the order number is missing", "give every order its number")
    return _text(64)(number) or ""


def _item(text: str) -> str:
    text = " ".join(text.split())
    if not text:
        raise Unreadable("the item is missing", "say what was bought or serviced")
    return _text(200)(text) or ""


def _identifier(text: str) -> str | None:
    return _text(64)(identifier(text) or "")


def _text(longest: int) -> Callable[[str], str | None]:
    def read(text: str) -> str | None:
        if len(text) > longest:
            raise Unreadable(f"longer than {longest} characters", "shorten it")
        return text or None

    return read


_YES_NO = {"yes": True, "ja": True, "true": True, "1": True, "no": False, "nein": False, "false": False, "0": False}

READERS: dict[str, tuple[str, Callable[[str], Any]]] = {
    "order_number": ("order_number", _number),
    "item": ("item", _item),
    "price_eur": ("price_cents", _cents),
    "ordered_on": ("ordered_on", _date),
    "promised_on": ("promised_on", _date),
    "delivered_on": ("delivered_on", _date),
    "service_on": ("service_on", _date),
    "email": ("email", _email),
    "postcode": ("postcode", _text(16)),
    "licence_plate": ("licence_plate", _text(16)),
    "customer_since": ("customer_since", _date),
    "prior_grants_12m": ("prior_grants_12m", _grants),
    "guarantee_until": ("guarantee_until", _date),
    "distance_sale": ("distance_sale", _yes_or_no),
    "device": ("device", _identifier),
    "payment": ("payment", _identifier),
}
