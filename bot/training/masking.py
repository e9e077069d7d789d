"""Personal data out of messages, so that they can be training examples: replaced by invented data of the same shape.

"Frau Demir, 0171 5550123" becomes "Frau Sommer, 0151 23456789": a model still learns what a name and a number look
like. Masking a masked text changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

EMAIL = re.compile(r"[\w.+%'-]+@[\w-]+(?:\.[\w-]+)+")
IBAN = re.compile(r"\b[A-Za-z]{2}\d{2}(?: ?[A-Za-z0-9]{4}){2,7}(?: ?[A-Za-z0-9]{1,4})?\b")

_DIGITS = "4710281536"
_FAMILY = {"de": ("Sommer", "Winkler", "Brandt", "Hoffmann", "Seidel"),
           "en": ("Parker", "Bennett", "Collins", "Murray", "Fraser")}  # fmt: skip
_FIRST = {"de": "Kim", "en": "Alex"}
_UPPER = "A-ZÄÖÜÉÈŞÇĞİŁŚŽČŠÁÓ"
_NAME = rf"[{_UPPER}][\w'’-]+"
_NOT_NAMES = re.compile(
    r"und|oder|aber|ist|war|hatt?e?|sagte?|mein(?:t|te)|will|wollte|kann|konnte|vo[nm]|am|im|in|an|auf|mit|d(?:er|ie|as|en|em)"
    r"|eine?|nicht|nur|auch|doktor|gott|chef|schaffner|verkäufer|nachbar(?:in)?|kollegin|mitarbeiter(?:in)?|assistentin"
    r"|and|or|but|is|was|has|had|said|says|told|from|at|on|with|who|the|an?|not|never",
    re.IGNORECASE,
)
"""Words after Frau, Herr, Mr that are no names."""


@dataclass(frozen=True)
class _Found:
    start: int
    end: int
    new: str
    entity: str | None


@dataclass
class _Names:
    """The same name always becomes the same invented one."""

    given: dict[str, str] = field(default_factory=dict)

    def replace(self, name: str, language: str) -> str:
        *_first, family = name.split()
        families = _FAMILY[language]
        new = self.given.setdefault(family.casefold().rstrip("."), families[len(self.given) % len(families)])
        shown = f"{_FIRST[language]} {new}" if len(name.split()) > 1 else new
        return shown if name[0].isupper() else shown.lower()


def mask(text: str) -> str:
    """`text` without e-mails, phone numbers, IBANs, order and case numbers, licence plates, addresses and names."""
    return "".join(piece for piece, _entity in _pieces(text))


def mask_and_mark(text: str) -> str:
    """Like :func:`mask`, with what was replaced marked as an entity: a start for labelling."""
    return "".join(f"[{piece}]({entity})" if entity else piece for piece, entity in _pieces(text))


def _pieces(text: str) -> Iterator[tuple[str, str | None]]:
    taken: list[_Found] = []
    for find in _FINDERS:
        for found in find(text):
            if all(found.end <= other.start or found.start >= other.end for other in taken):
                taken.append(found)
    at = 0
    for found in sorted(taken, key=lambda each: each.start):
        yield text[at : found.start], None
        yield found.new, found.entity
        at = found.end
    yield text[at:], None


def _fixed(pattern: re.Pattern[str], new: str, entity: str | None) -> Callable[[str], Iterator[_Found]]:
    def find(text: str) -> Iterator[_Found]:
        for found in pattern.finditer(text):
            yield _Found(found.start(), found.end(), new, entity)

    return find


_IBAN_LENGTHS = range(15, 35)


def _ibans(text: str) -> Iterator[_Found]:
    for found in IBAN.finditer(text):
        compact = found[0].replace(" ", "")
        if len(compact) in _IBAN_LENGTHS and sum(map(str.isdigit, compact)) >= 10:
            yield _Found(found.start(), found.end(), "DE89 3704 0044 0532 0130 00", "iban")


_PHONE = re.compile(r"(?<![\w-])(?:\+|00?)[1-9][\d ()/.-]{5,}\d(?!\w)")
_DAY = re.compile(r"\d{1,2}[./-]\s?\d{1,2}[./-]|\d{4}-\d\d-\d\d")


def _phones(text: str) -> Iterator[_Found]:
    for found in _PHONE.finditer(text):
        if _DAY.match(found[0]) or sum(map(str.isdigit, found[0])) < 8:
            continue
        british = found[0].startswith(("+44", "0044", "07"))
        yield _Found(found.start(), found.end(), "07700 900123" if british else "0151 23456789", "phone")


_NUMBER = re.compile(r"(?<![\w.,-])(?:[A-Z]{1,4}[-/ ]?|[a-z]{1,4}-?)?\d(?:[\d-]|[/ ](?=\d))*\d(?![\w])(?![.,]\d)")
_ORDER_WORD = re.compile(
    r"(?:bestell|auftrag|order|sendung|tracking)[\w.:#-]*\s*(?:n[ro]\.?|number|nummer|#)?[\s:#-]*$", re.I
)
_ISO_DAY = re.compile(r"(?:19|20)\d\d-\d\d(?:-\d\d)?|(?:19|20)\d\d(?:[-/](?:19|20)?\d\d)?")


def _numbers(text: str) -> Iterator[_Found]:
    """Order, customer and card numbers: six digits or more; prefix and shape stay."""
    for found in _NUMBER.finditer(text):
        digits = sum(map(str.isdigit, found[0]))
        if digits < (8 if " " in found[0] else 6) or _ISO_DAY.fullmatch(found[0]) or _DAY.match(found[0]):
            continue
        known = found[0][0].isalpha() or _ORDER_WORD.search(text[: found.start()])
        yield _Found(found.start(), found.end(), _same_shape(found[0]), "order_number" if known else None)


def _same_shape(number: str) -> str:
    digits = iter(_DIGITS * (len(number) // len(_DIGITS) + 1))
    return "".join(next(digits) if character.isdigit() else character for character in number)


_TITLED = re.compile(
    rf"(?P<title>\b(?:Herrn?|Frau|Mrs|Mr|Ms|Miss|Dr|Prof)\b\.?)[ ](?P<name>{_NAME}(?:[ ]{_NAME})?)"
    rf"|(?P<low>(?<!meine )(?<!deine )(?<!seine )(?<!eine )(?<!die )(?<!der )(?<!ihre )"
    r"\b(?:herrn?|frau|mrs|mr)\b\.?)[ ](?P<lower>[a-zäöüß][a-zäöüß'-]+)"
)


def _titled_names(text: str, names: _Names) -> Iterator[_Found]:
    for found in _TITLED.finditer(text):
        title, name = found["title"] or found["low"], found["name"] or found["lower"]
        if _NOT_NAMES.fullmatch(name.split()[0]):
            continue
        language = "de" if title.lower().startswith(("herr", "frau", "prof")) else "en"
        yield _Found(found.start(), found.end(), f"{title} {names.replace(name, language)}", "person")


_SELF = re.compile(
    rf"(?:(?i:mein name ist|ich hei(?:ß|ss)e)|(?P<english>(?i:my name is|my name['’]s)))[ ]"
    rf"(?P<name>{_NAME}(?:[ ]{_NAME})?)"
)
_SIGNED = re.compile(
    rf"(?:(?i:gr(?:ü|ue)(?:ß|ss)en?|\blg|\bvg|\bmfg)|(?P<english>(?i:regards|sincerely|faithfully|\bthanks|\bcheers|\bbest)))"
    rf"[,.!]?\s+(?P<name>{_NAME}(?:[ ]{_NAME})?)[.!]?\s*$"
)


def _own_names(text: str, names: _Names) -> Iterator[_Found]:
    for pattern in (_SELF, _SIGNED):
        for found in pattern.finditer(text):
            language = "en" if found["english"] else "de"
            yield _Found(*found.span("name"), names.replace(found["name"], language), None)


def _all_names(text: str) -> Iterator[_Found]:
    names = _Names()
    yield from _titled_names(text, names)
    yield from _own_names(text, names)


_STREET = re.compile(
    r"\b[A-ZÄÖÜ][\wäöüß-]*(?:stra(?:ß|ss)e|str\.|gasse|weg|allee|platz|ring|damm)[ ]\d{1,4}(?: ?[a-z])?\b", re.UNICODE
)
_ENGLISH_STREET = re.compile(
    r"\b\d{1,4}[a-z]?,? (?:[A-Z][\w'’]+ ){1,2}(?:Street|Road|Lane|Avenue|Drive|Close|Terrace|Crescent|Gardens)\b"
)

_FINDERS: tuple[Callable[[str], Iterator[_Found] | list[_Found]], ...] = (
    _fixed(EMAIL, "anna@example.org", "email"),
    _fixed(re.compile(r"https?://\S+"), "https://example.org", None),
    _ibans,
    _fixed(re.compile(r"\bEK-\d{4}-\d{6}\b", re.I), "EK-2026-000123", "case_number"),
    _fixed(re.compile(r"\b[A-ZÄÖÜ]{1,3}-[A-Z]{1,2} ?\d{1,4}[EH]?\b"), "M-AB 1234", "licence_plate"),
    _fixed(re.compile(r"\b[A-Z]{2}\d{2} ?[A-Z]{3}\b"), "AB12 CDE", "licence_plate"),
    _phones,
    _numbers,
    _fixed(_STREET, "Lindenstraße 12", None),
    _fixed(_ENGLISH_STREET, "12 Linden Road", None),
    _all_names,
)
