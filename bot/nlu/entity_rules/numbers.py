"""What has a written form: e-mail, IBAN, case and order numbers, phones, postcodes, licence plates.

A form alone is often not enough ("77120" may be a postcode, a customer number or an order), so each rule looks at the
words before. The order of :func:`find_numbers` is the order of certainty.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

import phonenumbers

from bot.nlu.entity_rules.span import Span, without_overlaps

Language = Literal["de", "en"]

_EMAIL = re.compile(r"\b[\w.+-]+@[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}\b", re.IGNORECASE)
_CASE = re.compile(r"\bEK[-\s]?(20\d\d)[-\s]?(\d{3,6})\b", re.IGNORECASE)

_IBAN_START = re.compile(r"(?<![\w-])([A-Za-z]{2}\d{2})(?=[ ]?[A-Za-z0-9])")
_IBAN_LENGTHS = {
    **{"AT": 20, "BE": 16, "BG": 22, "CH": 21, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "EE": 20, "ES": 24, "FI": 18},
    **{"FR": 27, "GB": 22, "GR": 27, "HR": 21, "HU": 28, "IE": 22, "IT": 27, "LI": 21, "LT": 20, "LU": 20, "LV": 21},
    **{"MT": 31, "NL": 18, "NO": 15, "PL": 28, "PT": 25, "RO": 24, "SE": 24, "SI": 19, "SK": 24, "TR": 26},
}

_PHONE = re.compile(
    r"(?<![\w.,/-])(?:\+|00)\d{1,3}[ ./-]?(?:\(0?\d{0,5}\)[ ]?)?\d[\d ./-]{5,15}\d(?!\d)"
    r"|(?<![\w.,/-])\(?0\d{1,5}\)?[ ./-]{0,3}\d[\d ./-]{2,13}\d(?!\d)"
    r"|(?<![\w.,/-])[6-9]\d{4} \d{5}(?![\d-])"
    r"|(?<![\w.,/-])(?:\(\d{3}\) ?|\d{3}[-. ])?\d{3}[-.]\d{4}(?![\w-])"
)
_PHONE_REGIONS = {"de": ("DE", "AT", "CH"), "en": ("GB", "IE", "US", "AU", "IN")}

_PLATE_DE = re.compile(r"(?<![\w-])([A-ZÄÖÜ]{1,3})[- ]([A-Z]{1,2})[ -]?([1-9]\d{0,3}[EH]?)(?![\w-]|[.,]\d)")
_PLATE_UK = re.compile(r"(?<![\w-])(?:[A-Z]{2}\d{2} ?[A-Z]{3}|[A-Z]\d{1,3} [A-Z]{3}|[A-Z]{3} \d{1,3}[A-Z])(?![\w-])")
_PLATE_IE = re.compile(r"(?<![\w-])\d{2,3}-[A-Z]{1,2}-\d{1,6}(?![\w-])")
_PLATE_LOOSE = re.compile(
    r"(?<![\w-])(?=[\w ÄÖÜäöü-]*\d)[A-Za-zÄÖÜäöü]{1,3}[- ]?\d{0,5}[ -]?[A-Za-z]{0,3}[ -]?\d{0,4}(?![\w-])"
)
_PLATE_WORDS = re.compile(
    r"(?:kennzeichen|nummernschild|kontrollschild|number ?plate|licen[cs]e plate|\bplate|\breg(?:istration)?|\brego)"
    r"(?: (?:is|ist|lautet|number|no\.?))?\s*[:=]?\s*$",
    re.IGNORECASE,
)

_UK_POSTCODE = re.compile(r"(?<![\w-])[A-Z]{1,2}\d[A-Z\d]? ?\d[ABD-HJLNP-UW-Z]{2}(?![\w-])", re.IGNORECASE)
_EIRCODE = re.compile(r"(?<![\w-])(?:[AC-FHKNPRTV-Y]\d{2}|D6W) [0-9AC-FHKNPRTV-Y]{4}(?![\w-])")
_POSTCODE_DIGITS = re.compile(r"(?<![\w.,/+-])(?:[AD]-)?(\d{4,5})(?![\d/%-]|[.,]\d)")
_POSTCODE_WORDS = re.compile(
    r"(?:\bplz|postleitzahl|post ?code|\bzip(?: ?code)?|\bpin ?code)[\w ]{0,12}[\s:.]*$", re.IGNORECASE
)
_PLACE_BEFORE = re.compile(r"(?:\b(?:in|nach|aus|wohnhaft in|nähe von|an die|an)|\d ?[a-z]?,)\s*$", re.IGNORECASE)
_PLACE_AFTER = re.compile(r"\s+([A-ZÄÖÜ][a-zäöüß]{2,})")
_NO_PLACE = frozenset(
    "Euro Franken Kilometer Meter Stück Kunden Leute Zuschauer Punkte Punkten Follower Mal Uhr Watt Liter Kilo Gramm "
    "Jahre Jahren Stunden Minuten Tage Tagen Teile Schritte Umdrehungen Kilowattstunden Dollar Pounds Miles".split()
)

_CODE = r"(?=[A-Z/-]*\d)[A-Z0-9]+(?:[-/][A-Z0-9]+)*"
_ORDER_SHAPE = re.compile(
    r"(?<![\w+.,/#-])#?(?:[A-Z]{2,3}-\d{4,8}(?:-[A-Z0-9]{1,4})?|[A-Z]{1,3}-\d{2,4}[-/]\d{3,6}"
    r"|\d{2}-\d{4,5}|[45]500\d{6}|AB ?\d{6}|[A-Z]-\d{2} \d{3,4})(?![\w€%-]|[.,]\d)"
)
_ORDER_LOOSE = re.compile(
    rf"(?<![\w+.,/#-])#?(?:(?-i:[A-Z]{{1,3}}) \d{{1,3}}-?\d{{4,6}}|(?-i:[A-Z])-\d{{2}} \d{{3,4}}|{_CODE}|\d{{3,12}}(?:-\d{{2,8}})*)"
    r"(?![\w€%-]|[.,]\d)",
    re.IGNORECASE,
)
_HASH = re.compile(r"(?<!\w)#\d{4,10}\b")
_ORDER_WORDS = re.compile(
    r"(?:bestell\w*|auftr[aä]g\w*|\w*auftrag|buchung\w*|\w*kauf|kaufbeleg|storno\w*|reklamation|bestnr|best\.? ?-?nr|"
    r"\border\w*|\bordr|\bjob|\bbooking|\bpurchase|\breservation|withdrawal|\bpo)(?P<gap>[^.!?;]{0,24})$",
    re.IGNORECASE,
)
_GAP = re.compile(
    r"[\s:.,#(\"'’-]*(?:(?:nr|nummer|number|no|num|id|ref|reference|code|lautet|lauten|ist|is|was|war|s|die|the|der|with|mit|"
    r"unter|von|zu|about|from|for|vom|numero|wäre|müsste|muesste|hier|here|my|meine|mein|bitte|please|pls)[\s:.,#(\"'’-]*){0,4}",
    re.IGNORECASE,
)
_NUMBER_WORDS = re.compile(
    r"(?:nummer|\bnr|number|reference|\bref|\bno|ticket|zettel|says|steht(?: da)?)[\s\w.:]{0,14}$", re.IGNORECASE
)
_NO_ORDER = re.compile(
    r"(?:kunden?|serien|vertrags?|polizei|sendung|rechnungs|policen?|zähler|bon|charge|flug|artikel|modell|telefon|handy|haus|konto|"
    r"sendungs|tracking|steuer|mitglieds|anzeigen|versicherungs|aktenzeichen|\bakte|\bpolice|police\b|fahrgestell|"
    r"customer|serial|model|policy|invoice|rechnung|account|member(?:ship)?|flight|crime|solicitor\S*|meter|item|part|"
    r"article|batch|insurance|parcel|room|zimmer|case|fall|vorgang|phone|mobile|\bral|\bsn|\bsin|\bvin)"
    r"[\s.:-]*(?:nummer|number|nr|no|ref(?:erence)?|id|code)?[\s.:]*(?:is|ist|lautet|s)?[\s.:]*(?:it'?s )?$",
    re.IGNORECASE,
)

_DIGIT_WORDS = {
    "de": "null eins zwei drei vier fünf sechs sieben acht neun zwo".split(),
    "en": "zero one two three four five six seven eight nine oh nought".split(),
}
_SPOKEN = {
    language: re.compile(rf"\b(?:(?:{'|'.join(words)}|double|doppel)[ ,]+){{4,}}(?:{'|'.join(words)})\b", re.IGNORECASE)
    for language, words in _DIGIT_WORDS.items()
}


def find_numbers(text: str, language: Language) -> list[Span]:
    """All spans of the entities named above, without overlaps.

    Resolved: e-mail in lower case, IBAN without spaces (checksum not judged: a mistyped one is still meant as one),
    phone E.164 or its digits, postcode and order number in upper case, plate like "M-AB 1234".
    """
    if not any(c.isdigit() for c in text):
        return [*_emails(text), *_spoken(text, language)]
    found = [*_emails(text), *_cases(text), *_ibans(text)]
    found += [*_orders_in_context(text), *_plates(text, language), *_phones(text, language)]
    found += [*_postcodes(text), *_orders_by_shape(text), *_spoken(text, language)]
    return without_overlaps(found)


def _before(text: str, start: int, width: int = 34) -> str:
    return text[max(0, start - width) : start]


def _emails(text: str) -> Iterator[Span]:
    if "@" in text:
        for match in _EMAIL.finditer(text):
            yield Span(match.start(), match.end(), "email", match.group().lower())


def _cases(text: str) -> Iterator[Span]:
    for match in _CASE.finditer(text):
        yield Span(match.start(), match.end(), "case_number", f"EK-{match.group(1)}-{match.group(2).zfill(6)}")


def _ibans(text: str) -> Iterator[Span]:
    for match in _IBAN_START.finditer(text):
        wanted = _IBAN_LENGTHS.get(match.group(1)[:2].upper(), 34)
        end, letters = match.end(), match.group(1)
        while len(letters) < wanted:
            group = re.compile(r"[ ]?([A-Z0-9]{1,30})(?![a-zäöü])").match(text, end)
            if group is None or not (group.group(1)[-1].isdigit() or len(letters) == 4):
                break
            letters += group.group(1)
            end = group.end()
        if len(letters) >= 15 and len(letters) <= wanted + 2 and sum(c.isdigit() for c in letters) >= 12:
            yield Span(match.start(), end, "iban", letters.upper())


def _phones(text: str, language: Language) -> Iterator[Span]:
    for match in _PHONE.finditer(text):
        raw = match.group()
        digits = sum(c.isdigit() for c in raw)
        if digits < (8 if raw[0] == "0" else 7) or re.fullmatch(r"\d{1,2}[./]\d{1,2}[./]\d{2,4}", raw):
            continue
        yield Span(match.start(), match.end(), "phone", _e164(raw, language))


def _e164(raw: str, language: Language) -> str:
    first = "+" + "".join(c for c in raw if c.isdigit())[2:] if raw.startswith("00") else raw
    possible = None
    for region in _PHONE_REGIONS[language]:
        try:
            number = phonenumbers.parse(first, region)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(number):
            return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
        if possible is None and phonenumbers.is_possible_number(number):
            possible = str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
    return possible or "".join(c for c in raw if c.isdigit() or c == "+")


def _plates(text: str, language: Language) -> Iterator[Span]:
    for match in _PLATE_UK.finditer(text):
        yield Span(match.start(), match.end(), "licence_plate", match.group())
    for match in _PLATE_IE.finditer(text):
        yield Span(match.start(), match.end(), "licence_plate", match.group())
    for match in _PLATE_DE.finditer(text):
        separated = text[match.end(1)] == "-" and (" " in match.group() or len(match.group(3)) <= 4)
        told = _PLATE_WORDS.search(_before(text, match.start()))
        if (separated and text[match.end(2)] in " -") or told:
            normal = f"{match.group(1)}-{match.group(2)} {match.group(3)}"
            yield Span(match.start(), match.end(), "licence_plate", normal)
    for match in _PLATE_LOOSE.finditer(text):
        if len(match.group()) >= 4 and _PLATE_WORDS.search(_before(text, match.start())):
            yield Span(match.start(), match.end(), "licence_plate", match.group().upper())


def _postcodes(text: str) -> Iterator[Span]:
    for pattern in (_UK_POSTCODE, _EIRCODE):
        for match in pattern.finditer(text):
            code = match.group().upper()
            if match.group() == code or " " in code:
                # "sw1a1aa" and "SW1A 1AA" are one code; the inward part is always three long.
                compact = code.replace(" ", "")
                resolved = f"{compact[:-3]} {compact[-3:]}" if pattern is _UK_POSTCODE else code
                yield Span(match.start(), match.end(), "postcode", resolved)
    for match in _POSTCODE_DIGITS.finditer(text):
        digits, before = match.group(1), _before(text, match.start())
        five = len(digits) == 5
        after = _PLACE_AFTER.match(text, match.end())
        place = after is not None and after.group(1) not in _NO_PLACE
        told = _POSTCODE_WORDS.search(before) is not None
        spatial = _PLACE_BEFORE.search(before) is not None
        alone = five and text.strip(" .!,") == digits
        start = not before.strip() or before.rstrip()[-1] in ",\n;"
        year = not five and digits[:2] in ("19", "20")
        if told or alone or (five and spatial) or (place and start and not year) or (place and spatial and not year):
            yield Span(match.start(1), match.end(1), "postcode", digits)


def _orders_in_context(text: str) -> Iterator[Span]:
    last = -1
    for match in _ORDER_LOOSE.finditer(text):
        raw = match.group()
        digits = sum(c.isdigit() for c in raw)
        # Lower-case letters with digits ("ps5", "2mal") are seldom a number that a shop wrote.
        if digits < 3 or (raw.upper() != raw and digits < 4):
            continue
        before = _before(text, match.start(), 60)
        words = _ORDER_WORDS.search(before)
        near = words is not None and _GAP.fullmatch(words.group("gap")) is not None
        follows = last >= 0 and re.fullmatch(
            r"[\s,]*(?:und|and|oder|or|nicht|not|und nicht)\s+", text[last : match.start()]
        )
        if (near or follows) and not _NO_ORDER.search(before) and not _is_year_or_amount(text, match):
            last = match.end()
            yield Span(match.start(), match.end(), "order_number", raw.lstrip("#").upper())


def _is_year_or_amount(text: str, match: re.Match[str]) -> bool:
    raw, after = match.group(), text[match.end() : match.end() + 8].lower()
    if re.match(
        r"\s?(?:€|euro|eur\b|chf|franken|km|kg|mal\b|uhr|stück|watt|%|prozent|per ?cent|days|tage|times)", after
    ):
        return True
    if match.start() and text[match.start() - 1] in "£$€":
        return True
    return len(raw) == 4 and raw[:2] in ("19", "20") and raw.isdigit()


def _orders_by_shape(text: str) -> Iterator[Span]:
    for match in [*_ORDER_SHAPE.finditer(text), *_HASH.finditer(text)]:
        if not _NO_ORDER.search(_before(text, match.start())):
            yield Span(match.start(), match.end(), "order_number", match.group().lstrip("#").upper())
    for match in _ORDER_LOOSE.finditer(text):
        raw = match.group()
        before = _before(text, match.start())
        digits = sum(c.isdigit() for c in raw)
        if digits >= 4 and not _NO_ORDER.search(before) and not _is_year_or_amount(text, match):
            letters = any(c.isalpha() for c in raw) and raw.upper() == raw and not raw[0].isdigit()
            long_run = raw.isdigit() and 8 <= digits <= 12
            if (letters or long_run or "-" in raw) and (_NUMBER_WORDS.search(before) or text.strip(" .!") == raw):
                yield Span(match.start(), match.end(), "order_number", raw.upper())


def _spoken(text: str, language: Language) -> Iterator[Span]:
    """Digits said one by one, as dictation writes them: an order number, or a phone when it starts with zero."""
    words = _DIGIT_WORDS[language]
    values = {word: str(i) for i, word in enumerate(words[:10])} | {"zwo": "2", "oh": "0", "nought": "0"}
    for match in _SPOKEN[language].finditer(text):
        digits, twice = "", False
        for word in re.findall(r"\w+", match.group().lower()):
            if word in ("double", "doppel"):
                twice = True
                continue
            digits += values[word] * (2 if twice else 1)
            twice = False
        phone = digits.startswith("0")
        resolved = _e164(digits, language) if phone else digits
        yield Span(match.start(), match.end(), "phone" if phone else "order_number", resolved)
