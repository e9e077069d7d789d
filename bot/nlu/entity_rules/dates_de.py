"""German dates, with the preposition that belongs to them: "am 3.11.", "vor drei Wochen", "seit Ostern", "vorige Wochn".

"bis", "für", "ab" and "von" stay outside: "bis Freitag" is the date "Freitag". Durations alone ("drei Wochen"), hours
("vor zwei Stunden") and clock times are no dates.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator

from bot.nlu.entity_rules import calendar_values as values
from bot.nlu.entity_rules import number_words
from bot.nlu.entity_rules.span import Span

_MONTHS = {
    **{"januar": 1, "jänner": 1, "jan.": 1, "februar": 2, "feber": 2, "feb.": 2, "märz": 3, "maerz": 3, "april": 4},
    **{"apr.": 4, "mai": 5, "juni": 6, "juno": 6, "juli": 7, "august": 8, "aug.": 8, "september": 9, "sept.": 9},
    **{"oktober": 10, "okt.": 10, "november": 11, "nov.": 11, "dezember": 12, "dez.": 12},
}
_MONTH = "|".join(re.escape(m) for m in sorted(_MONTHS, key=len, reverse=True))
_DAY_END = r"(?:tag|dag|dach|tach|tog|dog|ti[gk]|dig)"
_WEEKDAYS = (
    (rf"(?:mon|mån|män|man|men){_DAY_END}", 0),
    (rf"(?:diens|deans|dings|dins|zis?ch|zins){_DAY_END}", 1),
    (r"(?:mitt?w[ou]ch|mittwoche|mitwoch|mittweken)", 2),
    (rf"(?:donn?ersc?h?|dunn?sch|dunners|duns|dunnersc?h){_DAY_END}|pfinsta", 3),
    (rf"(?:frei|frii|fri|free){_DAY_END}", 4),
    (rf"(?:sams?|samsch|såms|soms){_DAY_END}|sonnabend|sünnabend", 5),
    (rf"(?:sonn|sunn|sünn|son){_DAY_END}", 6),
)
_WEEKDAY = "|".join(pattern for pattern, _ in _WEEKDAYS)
_WEEKDAY_NUMBERS = [(re.compile(pattern, re.IGNORECASE), number) for pattern, number in _WEEKDAYS]
_PART = (
    r"(?:früh|frueh|(?<!morgen )morgen|vormittag|mittag|nachmittag|abend|nacht|obend|ohmd|namittag|nomittag|voamittog)"
)
_WHICH_DE = (
    (r"vorletzt\w*|vorletscht\w*|vorletschd\w*|vurletz\w*", -2),
    (r"letzt\w*|letsch[td]\w*|letzd\w*|lest\w*|vorig\w*|vergangen\w*|verwichn\w*|vörig\w*|leschd\w*|ledsch\w*", -1),
    (r"dies\w*|dis|des|ds|dees|düss?e?|dit", 0),
    (r"übernächst\w*|uebernaechst\w*", 2),
    (r"nächst\w*|naechst\w*|nächscht\w*|nächschd\w*|kommend\w*|negst\w*|neegst\w*|nekst\w*", 1),
)
_WHICH = "|".join(pattern for pattern, _ in _WHICH_DE)
_UNITS = (
    (r"woche|wochn|woch|wocha|wuche|wucha|wuch|weeken|week|weken|wochen", "week"),
    (r"wochenende|wochenend|wochenend|weekend|wochaend|wuchenänd", "weekend"),
    (r"monate?n?s?|monet|monad|moonat|maand", "month"),
    (r"jahre?n?s?|johr\w?|joar\w?|joa|jår", "year"),
)
_UNIT = r"(?:wochenende?|weekend|woch[ena]?|wuch[ea]?|we+k|monat|monet|monad|jahr|johr|joar)"
_AGO_UNIT = r"(?:tage?n?|tåg|dag[en]*|däg|daag|woche?n?|wocha|wuche|wochn|weken|monate?n?|monet|monad|moonaten|jahre?n?|johre?n?|joar)"
_NUMBER = (
    rf"(?:(?:etwa|ca\.?|circa|ungefähr|gut|fast|knapp|rund|genau|über|mehr als|schon|so|mindestens)\s)?"
    rf"(?:\d{{1,3}}|{number_words.GERMAN}|ein paar|a paar|paar|einigen|mehreren|etlichen|vielen|wenigen|anderthalb|zig)(?:einhalb)?"
)
_FEASTS = {
    r"weihnacht(?:en|n|e)?|weihnochtn": "christmas",
    r"heilig(?:abend|en abend|er abend|obend)": "christmaseve",
    r"(?:1\.|ersten|erster|zweiten|2\.) (?:weihnachts)?feiertag": "christmas",
    r"silvester|sylvester": "newyearseve",
    r"neujahr|jahreswechsel": "newyear",
    r"nikolaus(?:tag)?": "nicholas",
    r"ostersonntag|ostern|oschtern|ostan": "easter",
    r"ostermontag": "eastermonday",
    r"karfreitag": "goodfriday",
    r"gründonnerstag": "maundy",
    r"pfingsten|pfingstsonntag|pfingschte": "pentecost",
    r"pfingstmontag": "whitmonday",
    r"fronleichnam": "corpus",
    r"christi himmelfahrt|himmelfahrt|vatertag": "ascension",
    r"rosenmontag|karneval|fasching|fasnacht": "carnival",
    r"aschermittwoch": "ash",
    r"muttertag": "mothers",
    r"valentinstag": "valentine",
    r"halloween": "halloween",
    r"allerheilig(?:en|n)": "allsaints",
    r"dreikönig(?:e|en)?|heilige drei könige": "epiphany",
    r"tag der deutschen einheit": "germanunity",
    r"mariä himmelfahrt": "assumption",
    r"black friday": "blackfriday",
    r"cyber monday": "cybermonday",
    r"(?:1\.|ersten|2\.|zweiten|3\.|dritten|4\.|vierten)? ?advent": "advent",
    r"ramadan|zuckerfest|opferfest|chanukka": "moon",
}
_FEAST = "|".join(_FEASTS)
_FEAST_NAMES = [(re.compile(pattern, re.IGNORECASE), name) for pattern, name in _FEASTS.items()]
_SEASONS = {"früh": "spring", "sommer": "summer", "somma": "summer", "herbst": "autumn", "winter": "winter"}
_SEASON = r"(?:frühjahr|frühling|frühsommer|spätsommer|sommer|somma|herbst|winter)"
_ORDINALS = "ersten zweiten dritten vierten fünften sechsten siebten achten neunten zehnten elften zwölften".split()
_PREP = r"(?:(?:am|vom|seit dem|seit|vor dem|im|sit|sait)\s+)?"
_DAYNAME = rf"(?:(?:{_WEEKDAY}),?\s+(?:den\s+|dem\s+|der\s+)?)?"
_DAYNUM = rf"(?:\d{{1,2}}\.?|{'|'.join(_ORDINALS)})"

Resolve = Callable[["re.Match[str]", dt.date, bool], values.Value]


def _p(pattern: str, flags: int = re.IGNORECASE) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w-]){pattern}(?![\w]|-\w)", flags)


def _which(text: str) -> int | None:
    for pattern, number in _WHICH_DE:
        if re.search(rf"\b(?:{pattern})\b", text, re.IGNORECASE):
            return number
    return None


def _weekday(match: re.Match[str], today: dt.date, ahead: bool) -> values.Value:
    number = next(n for pattern, n in _WEEKDAY_NUMBERS if pattern.search(match.group("day")))
    return values.weekday(today, number, _which(match.group()), ahead)


def _numeric(match: re.Match[str], today: dt.date, ahead: bool) -> values.Value:
    year = match.group("y")
    return values.day_month(today, int(match.group("d")), int(match.group("m")), int(year) if year else None, ahead)


def _with_month(match: re.Match[str], today: dt.date, ahead: bool) -> values.Value:
    raw = match.group("d").rstrip(".").lower()
    number = int(raw) if raw.isdigit() else _ORDINALS.index(raw) + 1
    year = int(match.group("y")) if match.group("y") else None
    month = _MONTHS[match.group("m").lower()]
    resolved = values.day_month(today, number, month, year, ahead)
    if match.group("d2") and resolved:
        first = dt.date.fromisoformat(resolved)
        last = values.day_month(today, int(match.group("d2").rstrip(".")), month, first.year, ahead)
        return {"from": resolved, "to": last} if last else resolved
    return resolved


def _month(match: re.Match[str], today: dt.date, ahead: bool) -> values.Value:
    year = int(match.group("y")) if match.group("y") else None
    whole = values.month(today, _MONTHS[match.group("m").lower()], year, _which(match.group("w") or ""), ahead)
    part = (match.group("part") or "").lower()
    if not part:
        return whole
    return values.part_of_month(whole, "begin" if part == "anfang" else "middle" if part == "mitte" else "end")


def _part_of_unit(match: re.Match[str], today: dt.date, ahead: bool) -> values.Value:
    text = match.group().lower()
    if "jahr" in text:
        return f"{today.year}-12-31" if "end" in text else f"{today.year}-01-01"
    whole = values.unit(today, "month" if "monat" in text else "week", 0)
    if isinstance(whole, str):
        return whole
    if "monat" in text:
        return values.part_of_month(whole, "begin" if "anf" in text else "middle" if "mitte" in text else "end")
    return whole


def _unit(match: re.Match[str], today: dt.date, ahead: bool) -> values.Value:
    name = match.group("u").lower()
    kind = next((kind for pattern, kind in _UNITS if re.fullmatch(pattern, name)), "week")
    return values.unit(today, kind, _which(match.group("w")) or 0)


def _ago(match: re.Match[str], today: dt.date, ahead: bool) -> values.Value:
    low = match.group("u").lower()
    name = "day" if low[0] in "td" else "week" if low[0] == "w" else "month" if low[0] == "m" else "year"
    if re.search(r"\bhalben?\b", match.group(), re.IGNORECASE):
        return values.back(today, 0.5, name)
    if match.group("n") is None:
        one = re.search(r"\b(?:einem?|a|am)\b", match.group(), re.IGNORECASE)
        return values.back(today, 1, name) if one else None
    words = match.group("n").lower().split()[-1]
    if words in ("anderthalb", "eineinhalb"):
        return values.back(today, 1.5, name)
    number = number_words.value(words.removesuffix("einhalb"), "de")
    return values.back(today, number + 0.5 * words.endswith("einhalb"), name) if number else None


_WORDS = (
    (r"vorvorgestern", -3),
    (r"vorgestern|vorgestan|voagestan|vürjestern|ehrgistern|vorgeschtern", -2),
    (r"g[ie]s?c?h?[td]e?rn|gestert|gest[ao]n|geschdan|gestrn|jestern|gischtan|güstern", -1),
    (r"über?morgen|uebermorgen|übamorgn", 2),
    (r"morg[e']?n|morjen|moang", 1),
    (r"heute?|heit|heid|hüt|hüüt|hüt|haind|heint|hiede|hüde|vandaag|vondaag", 0),
)


def _today(match: re.Match[str], today: dt.date, ahead: bool) -> values.Value:
    word = match.group("t")
    shift = next(n for pattern, n in _WORDS if re.fullmatch(pattern, word, re.IGNORECASE))
    return values.day(today + dt.timedelta(days=shift))


def _feast(match: re.Match[str], today: dt.date, ahead: bool) -> values.Value:
    name = next(n for pattern, n in _FEAST_NAMES if pattern.search(match.group("f")))
    return values.feast(today, name, _which(match.group()), ahead)


def _season(match: re.Match[str], today: dt.date, ahead: bool) -> values.Value:
    name = next(n for part, n in _SEASONS.items() if part in match.group("s").lower())
    year = int(match.group("y")) if match.group("y") else None
    return values.season(today, name, _which(match.group()), year)


def _ordinal(match: re.Match[str], today: dt.date, ahead: bool) -> values.Value:
    return values.day_of_month(today, int(match.group("d")), ahead)


def _year(match: re.Match[str], today: dt.date, ahead: bool) -> values.Value:
    year = re.search(r"\d{4}", match.group())
    return {"from": f"{year.group()}-01-01", "to": f"{year.group()}-12-31"} if year else None


_YEAR = r"(?:\s+(?P<y>(?:19|20)\d\d)(?!\d))?"
_RULES: list[tuple[re.Pattern[str], Resolve]] = [
    # am 3.11., 12.08.2026, am Dienstag, den 3.11.
    (
        _p(
            rf"{_PREP}{_DAYNAME}(?P<d>0?[1-9]|[12]\d|3[01])[.]\s?(?P<m>0?[1-9]|1[0-2])[.]"
            r"(?:\s?(?P<y>(?:20|19)?\d\d)(?!\d|[.,:]\d))?"
        ),
        _numeric,
    ),
    (_p(r"(?:am|vom|seit dem|zum)\s+(?P<d>\d{1,2})[.](?P<m>0?[1-9]|1[0-2])(?P<y>)"), _numeric),
    (_p(rf"{_PREP}(?P<d>0?[1-9]|[12]\d|3[01])[/-](?P<m>0?[1-9]|1[0-2])[/-](?P<y>(?:20|19)\d\d)"), _numeric),
    (_p(rf"{_PREP}(?P<y>20\d\d)-(?P<m>0[1-9]|1[0-2])-(?P<d>\d\d)"), _numeric),
    # am 3. November, 4. bis 18. Oktober, ersten Mai 2025
    (
        _p(
            rf"{_PREP}{_DAYNAME}(?P<d>{_DAYNUM})(?:\s?(?:bis|und|-|–|/|oder)\s?(?P<d2>\d{{1,2}}\.?))?"
            rf"\s?(?P<m>{_MONTH}){_YEAR}"
        ),
        _with_month,
    ),
    # im Januar, Anfang März, seit letztem August
    (
        _p(
            rf"(?:(?:seit|im|vor|sit|am)\s+)?(?:(?P<part>anfang|mitte|ende)\s+)?(?:(?P<w>{_WHICH})\s+)?"
            rf"(?P<m>{_MONTH}){_YEAR}"
        ),
        _month,
    ),
    # Ende des Monats, Monatsende
    (
        _p(
            r"(?:(?:am|seit|vor)\s+)?(?:(?:anfang|mitte|ende)\s+"
            r"(?:(?:des|diese[sr]|der|letzten|nächsten|vorigen)\s+)?(?:monats?|jahres|woche)"
            r"|monats(?:ende|anfang)|jahres(?:ende|anfang))"
        ),
        _part_of_unit,
    ),
    # am Dienstag, vom letzten Mittwoch, Samstagabend
    (
        _p(
            rf"(?:(?:am|seit|vom|vor|an|sit|bei)\s+(?:de[mnr]\s+)?)?(?:(?:{_WHICH})\s+)?"
            rf"(?P<day>{_WEEKDAY})(?:\s?{_PART})?"
        ),
        _weekday,
    ),
    # letzte Woche, im letzten Jahr, vorige Wochn
    (_p(rf"(?:(?:seit|im|am|sit|vom)\s+)?(?P<w>{_WHICH})\s+(?P<u>{_UNIT})"), _unit),
    (_p(r"(?P<w>am|übers|übas)\s+(?P<u>wochenende?|weekend)"), _unit),
    # vor drei Wochen, seit acht Tagen, vor am Monat
    (
        _p(
            rf"(?:vor|seit|vür|vör|sit|sait|voa|vo|för)\s+(?:(?:einem?|a|am)\s+)?(?:halben?\s+|guten\s+)?"
            rf"(?:(?P<n>{_NUMBER})\s+)?(?P<u>{_AGO_UNIT})"
        ),
        _ago,
    ),
    (_p(rf"(?P<n>{_NUMBER})\s+(?P<u>{_AGO_UNIT})\s+her"), _ago),
    # gestern, seit heute früh
    (_p(rf"(?:(?:seit|sit)\s+)?(?P<t>{'|'.join(w for w, _ in _WORDS)})(?:\s+{_PART})?"), _today),
    # Weihnachten, seit Ostern, an Heiligabend
    (_p(rf"(?:(?:an|zu|seit|vor|am|vom|sit|de)\s+)?(?:(?:{_WHICH})\s+)?(?P<f>{_FEAST})"), _feast),
    (
        _p(
            rf"(?:(?:im|vom|seit(?: dem)?|am)\s+(?:(?:{_WHICH})\s+)?|(?:{_WHICH})\s+)"
            rf"(?P<s>{_SEASON}){_YEAR}"
        ),
        _season,
    ),
    # am 15., vom 2.
    (_p(r"(?:am|vom|seit dem|vor dem)\s+(?P<d>[1-9]|[12]\d|3[01])\.(?!\s?\d|\s[A-ZÄÖÜ]\w|\w)", 0), _ordinal),
    (_p(r"seit\s+(?P<y>(?:19|20)\d\d)"), _year),
    (_p(r"(?<=von )(?P<y>20[0-3]\d)|(?<=Baujahr )(?P<y2>20[0-3]\d)"), _year),
]
# "Guten Morgen", "jeden Freitag", "Frohe Ostern" name no day.
_GREETING = re.compile(
    r"\b(?:gut\w*|gud\w*|schön\w*|froh\w*|fröhlich\w*|gesegnet\w*|geruhsam\w*|erholsam\w*|jed\w*|immer)\s+(?:restlichen\s+)?$",
    re.IGNORECASE,
)
_MORNING = re.compile(r"morg[e']?n|morjen|moang", re.IGNORECASE)
_A_MORNING = re.compile(r"\b(?:am|vom|den|der|zum|gegen|moin|aller|n|in der früh|heute|gestern)\s+$", re.IGNORECASE)
_VAGUE = re.compile(r"(?:seit|sit)\s+\D{3,8}$", re.IGNORECASE)


def find(text: str, today: dt.date, ahead: Callable[[int], bool]) -> Iterator[Span]:
    """Candidates, overlapping; `ahead(start)` says whether the words before a place speak of the future."""
    for pattern, resolve in _RULES:
        for match in pattern.finditer(text):
            raw, before = match.group(), text[max(0, match.start() - 24) : match.start()]
            if _GREETING.search(before) or raw in ("mai", "juno"):
                continue
            if _MORNING.fullmatch(raw) and (_A_MORNING.search(before) or raw == text.strip(" !.👋☀️")):
                continue
            # "seit Wochen" says how long, not from when.
            if resolve is _ago and match.group("n") is None and _VAGUE.fullmatch(raw) and "halb" not in raw.lower():
                continue
            yield Span(match.start(), match.end(), "date", resolve(match, today, ahead(match.start())))
