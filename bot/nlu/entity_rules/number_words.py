"""Numbers in letters: "fuffzig", "zweihundertachtzig", "two hundred and eighty", "zwoa"."""

from __future__ import annotations

import re
from typing import Literal

_GERMAN = {
    **{"null": 0, "ein": 1, "eins": 1, "eine": 1, "einem": 1, "einen": 1, "einer": 1, "oam": 1, "oa": 1, "oana": 1},
    **{"am": 1, "oiner": 1, "em": 1, "ener": 1, "zwei": 2, "zwo": 2, "zwoa": 2, "zwoi": 2, "zwee": 2, "twee": 2},
    **{"drei": 3, "drü": 3, "dree": 3, "vier": 4, "vieri": 4, "fünf": 5, "fuenf": 5, "fünef": 5, "fimf": 5, "sechs": 6},
    **{"sieben": 7, "siebn": 7, "siebe": 7, "acht": 8, "neun": 9, "nein": 9, "zehn": 10, "zehne": 10, "zäh": 10},
    **{"teihn": 10, "elf": 11, "ölf": 11, "zwölf": 12, "zwoelf": 12, "dreizehn": 13, "vierzehn": 14, "fünfzehn": 15},
    **{"fuenfzehn": 15, "fuffzehn": 15, "sechzehn": 16, "siebzehn": 17, "achtzehn": 18, "neunzehn": 19},
    **{"zwanzig": 20, "zwanzg": 20, "dreißig": 30, "dreissig": 30, "dreißg": 30, "vierzig": 40, "vierzg": 40},
    **{"fünfzig": 50, "fuenfzig": 50, "fuffzig": 50, "fuffzg": 50, "fuchzig": 50, "fuchzg": 50, "sechzig": 60},
    **{"sechzg": 60, "siebzig": 70, "siebzg": 70, "achtzig": 80, "achtzg": 80, "neunzig": 90, "neunzg": 90},
    **{"twintig": 20, "dörtig": 30, "veertig": 40, "föfftig": 50},
}
_SCALES_DE = {"hundert": 100, "hunnert": 100, "hundat": 100, "tausend": 1000, "dausend": 1000}
_ENGLISH = {
    **{"zero": 0, "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7},
    **{"eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15},
    **{"sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19, "twenty": 20, "thirty": 30, "forty": 40},
    **{"fourty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90, "couple": 2, "few": 3},
}
_SCALES_EN = {"hundred": 100, "thousand": 1000, "grand": 1000}


def _either(words: list[str]) -> str:
    return "|".join(sorted(words, key=len, reverse=True))


GERMAN = rf"(?:(?:{_either([*_GERMAN, *_SCALES_DE])}|und)+)"
"""A pattern; upper and lower case are the caller's."""

_EN_ONE = _either([*_ENGLISH, *_SCALES_EN])
ENGLISH = rf"(?:(?:{_EN_ONE})(?:(?:[ -]and[ -]|[ -])(?:{_either([w for w in _ENGLISH if w not in ('a', 'an')] + list(_SCALES_EN))}))*)"

_PART_DE = re.compile(_either([*_GERMAN, *_SCALES_DE, "und"]))


def value(words: str, language: Literal["de", "en"]) -> int | None:
    """The number, or None when the words are none."""
    low = words.lower().strip()
    if low.isdigit():
        return int(low)
    if language == "de":
        parts = _PART_DE.findall(low)
        if "".join(parts) != low.replace(" ", ""):
            return None
        return _sum(parts, _GERMAN, _SCALES_DE)
    return _sum(re.split(r"[ -]+", low), _ENGLISH, _SCALES_EN)


def _sum(parts: list[str], units: dict[str, int], scales: dict[str, int]) -> int | None:
    total = current = 0
    seen = False
    for part in parts:
        if part in ("und", "and"):
            continue
        if part in scales:
            current = max(current, 1) * scales[part]
            if scales[part] >= 1000:
                total, current = total + current, 0
        elif part in units:
            current += units[part]
        else:
            return None
        seen = True
    return total + current if seen else None
