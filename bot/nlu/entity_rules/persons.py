"""People with a title: "Frau Keller", "Herrn Dr. Lorenz", "Mr Osman", "Dr. Aumüller". Names alone are learned."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

from bot.nlu.entity_rules.first_names import FIRST_NAMES
from bot.nlu.entity_rules.span import Span

_CAPITAL = r"A-ZÄÖÜÀ-ÖØ-ÞČĆŠŽŁŚŞİĐ"
_PARTICLE = r"(?:(?:van der|van den|von|van|de la|de|del|el)\s+)?"
_NAME = rf"{_PARTICLE}(?:O['’]|Mc|Mac|D['’])?[{_CAPITAL}][\w]+(?:[-'’][{_CAPITAL}]\w+)*"
_ACADEMIC = r"(?:(?:Dr|Prof|Dipl|Ing|Mag|med)\b\.?(?:-?Ing\.?)?\s+)*"
_GERMAN = re.compile(
    rf"(?<!\w)(?:Frau|Fr\.|Herrn?|Hr\.|Hrn\.|Fräulein|Familie|Fam\.)\s+{_ACADEMIC}(?P<name>{_NAME})(?P<more>\s+{_NAME})?"
)
_ENGLISH = re.compile(
    rf"(?<!\w)(?:Mr|Mrs|Ms|Miss|Mx|Sir|Madam|Sister|Señor)\b\.?\s+{_ACADEMIC}(?P<name>{_NAME})(?:\s+(?!I\b){_NAME})?"
)
# "Dr Kaffee" is Swabian for "der Kaffee": in German the title has its dot.
_DOCTOR_DE = re.compile(rf"(?<!\w)(?:Dr|Prof)\.\s+{_ACADEMIC}(?P<name>{_NAME})(?P<more>\s+{_NAME})?")
_DOCTOR = re.compile(rf"(?<!\w)(?:Dr|Prof)\b\.?\s+{_ACADEMIC}(?P<name>{_NAME})(?:\s+(?!I\b){_NAME})?")
_LOWER = re.compile(r"(?<!\w)(?:mr|mrs|ms)\.?\s+(?P<name>[a-z]{3,})(?!\w)")
# "Mein Name ist Ilse Kortmann", "Name: Ben Akpinar", "my name is Olusegun"
_SAID = re.compile(
    rf"(?<!\w)(?i:mein name ist|name ist|ich hei(?:ß|ss)e?|unter dem namen|auf den namen|name\s*:|namen?\s+lautet|my name is|my name's|name is|name's|"
    rf"the name is|i'm called|im namen von|name of)\s+(?P<name>{_NAME}(?:\s+{_NAME}){{0,2}})"
)
# "Ralf Simmering", "H. R. Whitcombe": a first name or initials, and a surname. Looked for at every place.
_FULL = re.compile(
    rf"(?<![\w-])(?=(?P<all>(?P<first>[{_CAPITAL}][\w'’]+(?:-[{_CAPITAL}]\w+)?|[{_CAPITAL}]\.(?: ?[{_CAPITAL}]\.)?)"
    rf"\s+(?P<last>{_NAME}))(?![\w-]))"
)
# "ich bin Fatma", "hi bin lisa": a first name where one introduces oneself.
_INTRODUCED = re.compile(
    rf"(?<!\w)(?i:ich bin|i bin|bin|hier ist|hier spricht|i am|i'm|im|this is)\s+(?:der |die |das |de )?"
    rf"(?P<name>(?P<first>{_NAME}|[a-zäöü]{{3,}})(?:\s+{_NAME})?)(?!\w)"
)
_SIGNED = re.compile(
    rf"(?i:gr(?:u|ü)(?:ß|ss)e?|mfg|hochachtungsvoll|lg|vg|yours(?: \w+)?|regards|cheers|sincerely|faithfully),?\s+"
    rf"(?P<name>{_NAME}(?:\s+{_NAME})?)[\s.!]*$"
)
_HERE = re.compile(
    rf"(?i:hallo|hi|hey|guten (?:tag|morgen|abend)|moin|servus|grüezi|gott)[,!.]? (?P<name>{_NAME}(?:\s+{_NAME})?) hier(?!\w)"
)
_LOWER_TITLED = re.compile(r"(?<!\w)(?:frau|herrn?|hr)\.? (?P<first>[a-zäöü]{3,}) (?P<last>[a-zäöüß]{3,})(?!\w)")
_OWN = re.compile(
    r"\b(?:meine|meiner|deine|seine|seiner|eine|einer|keine|junge|alte|liebe|gnädige|die)\s+$", re.IGNORECASE
)
_NO_NAME = frozenset(
    "Gott Ihr Ihre Sie Danke Noch Bis Alles Niemand Keiner Keine Jemand Wer Was Monteur Assistentin Assistent Director Invisible Doktor Professor Sowieso Chefin Chef Lehrer Kollege Kollegin Roboter Bot Minister Bürgermeister Nachbar Richter Ober "
    "Und Ist Hat War In Am Im An Auf Right Wrong Manners You The Robot Bot And Or Is Was Has".split()
)

_PLACES = frozenset(
    "Straße Ihr Ihre Ihnen Sie Ich Das Die Der Springs Nevis Lane Street Road Straße Platz Allee Weg Licht Day".split()
)
_TITLES = frozenset("Frau Herr Herrn Mr Mrs Ms Miss Mx Dr Prof Familie".split())

_TITLE_BEFORE = re.compile(
    r"(?<!\w)(?:(?:frau|fr\.|herrn?|hr\.|fräulein|familie|mr|mrs|ms|miss|mx|dr|prof)\b\.?\s+)+$", re.IGNORECASE
)


def find_persons(text: str, language: Literal["de", "en"]) -> Iterator[Span]:
    """Spans with the title, as annotated; resolved: the name as it stands."""
    for pattern in (_GERMAN, _ENGLISH, _LOWER, _DOCTOR if language == "en" else _DOCTOR_DE):
        for match in pattern.finditer(text):
            if match.group("name") in _NO_NAME or (pattern is _GERMAN and _owned(text, match)):
                continue
            raw = match.group()
            # German writes every noun with a capital: a second word is a name only after a first name.
            if "more" in match.groupdict() and match.group("name").lower() not in FIRST_NAMES:
                raw = text[match.start() : match.end("name")]
            raw = re.sub(r"['’]s?$", "", raw)
            yield Span(match.start(), match.start() + len(raw), "person", raw)


def find_names(text: str) -> Iterator[Span]:
    """Names without a title where the words around or the name itself leave little doubt."""
    for match in _SAID.finditer(text):
        if match.group("name").split()[0] not in _NO_NAME | _TITLES:
            yield Span(*match.span("name"), "person", match.group("name"))
    for match in _FULL.finditer(text):
        known = match.group("first").lower() in FIRST_NAMES or "." in match.group("first")
        if known and match.group("last") not in _NO_NAME | _PLACES:
            yield Span(*match.span("all"), "person", match.group("all"))
    for match in _INTRODUCED.finditer(text):
        if match.group("first").lower() in FIRST_NAMES:
            yield Span(*match.span("name"), "person", match.group("name"))
    for pattern in (_SIGNED, _HERE):
        for match in pattern.finditer(text):
            if match.group("name").split()[0] not in _NO_NAME | _TITLES:
                yield Span(*match.span("name"), "person", match.group("name"))
    for match in _LOWER_TITLED.finditer(text):
        if match.group("first") in FIRST_NAMES:
            yield Span(match.start(), match.end(), "person", match.group())


def is_title_only(text: str) -> bool:
    return re.sub(r"\W+$", "", text).split()[-1:] == [] or text.split()[-1].strip(".,") in _TITLES | _NO_NAME


def with_title(text: str, start: int, end: int) -> tuple[int, int]:
    """A person's span stretched over the title before it; "meine Frau Ilse" keeps "Ilse"."""
    match = _TITLE_BEFORE.search(text[:start])
    if match is None or (match.group().lower().startswith("frau") and _OWN.search(text[: match.start()])):
        return start, end
    return match.start(), end


def _owned(text: str, match: re.Match[str]) -> bool:
    return match.group().startswith("Frau ") and _OWN.search(text[: match.start()]) is not None
