"""The context package as a colleague reads it in Telegram: plain text, gravest things first, then the last turns.

Plain text without any markup: what customers wrote can break nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from bot.desk.wording import ZONE, Words
from bot.frontdesk.channels.telegram.pieces import split_text
from bot.frontdesk.context_case import Both, OfferMade, Promised, Proven, Right
from bot.frontdesk.context_package import ContextPackage

MARKS = {4: "🔴", 3: "🟠", 2: "🟡", 1: "🟢"}
"""Severity as a sign; the word stands beside it wherever there is room."""

_LONGEST = 1500
"""Characters of the customer's own words before the transcript, which has the rest."""


def package_texts(package: ContextPackage, words: Words, link: str, now: dt.datetime) -> list[str]:
    """The package in as many messages as Telegram needs: first what matters, then the last turns."""
    sections = [section for section in _sections(package, words, now) if section]
    sections.append(f"{words('topic_at_the_desk')}: {link}")
    return [*split_text("\n\n".join(sections)), *_turns(package, words)]


def _sections(package: ContextPackage, words: Words, now: dt.datetime) -> Iterator[str]:
    yield _head(package, words, now)
    if package.happened:
        yield _under("📄", words("said"), [_short(package.happened, _LONGEST)])
    yield _under("🔎", words("topic_understood"), _understood(package, words))
    yield _under("✅", words("verified"), [_proven(package.proven, words) if package.proven else words("verified_no")])
    yield _under("⚖️", words("topic_rights"), [_right(right, words) for right in package.rights])
    yield _under("🎁", words("offers"), [_offer(offer, words) for offer in package.offers])
    if package.decided is not None and not package.offers:
        outcome = words.name("outcome", package.decided.outcome)
        because = _because(package.decided.because, words)
        yield _under("🧭", words("decisions"), [f"{outcome}: {because}" if because else outcome])
    yield _under("⏰", words("promises"), [_promise(promise, words) for promise in package.promises])
    yield _under("🤝", words("topic_agreed"), [f"{note.by}: {note.text}" for note in package.agreed])
    yield _under("📝", words("topic_notes"), [f"{note.by}: {note.text}" for note in package.notes])


def _head(package: ContextPackage, words: Words, now: dt.datetime) -> str:
    severity = f"{MARKS.get(package.severity, '⚪')} {words.name('severity', package.severity)}"
    category = words.name("category", package.category) if package.category else ""
    number = package.case_number or words("no_case")
    where = [words.name("channel", package.channel), words.name("language", package.language)]
    if package.waiting_since is not None:
        where.append(words("waiting_for", time=words.waited((now - package.waiting_since).total_seconds())))
    lines = [
        " · ".join(part for part in (severity, category, number) if part),
        f"{words('reason')}: {words.name('reason', package.reason)}" if package.reason else "",
        " · ".join(where),
        _mood(package, words),
    ]
    return "\n".join(line for line in lines if line)


def _mood(package: ContextPackage, words: Words) -> str:
    signs = [
        words.name("flag", words.name("intent", sign)) if sign != "shouting" else "!!!" for sign in package.mood.signs
    ]
    shown = f" ({', '.join(signs)})" if signs else ""
    return f"{words('topic_mood')}: {words.name('mood', package.mood.name)}{shown}"


def _understood(package: ContextPackage, words: Words) -> list[str]:
    lines = []
    if package.item:
        lines.append(f"{words('item')}: {package.item}")
    if package.flags:
        lines.append(f"{words('flags')}: {', '.join(words.name('flag', flag) for flag in package.flags)}")
    if package.remedies:
        lines.append(f"{words('remedies')}: {', '.join(words.name('remedy', each) for each in package.remedies)}")
    for fact in package.facts:
        resolved = f" ({fact.resolved})" if fact.resolved else ""
        lines.append(f"{words.name('entity', fact.name)}: {fact.value}{resolved}")
    return lines


def _proven(proven: Proven, words: Words) -> str:
    parts = [proven.order_number, proven.item]
    if proven.price_cents is not None:
        parts.append(words.money(proven.price_cents, proven.currency))
    if proven.delivered_on is not None:
        parts.append(f"{words('delivered')} {words.day(proven.delivered_on)}")
    parts.append(words("verified_yes", how=words.name("proof", proven.how or "?")))
    return " · ".join(part for part in parts if part)


def _right(right: Right, words: Words) -> str:
    told = words("topic_told") if right.told else words("topic_not_told")
    until = ", " + words("until", when=words.day(right.until)) if right.until is not None else ""
    name = right.paragraph or words.name("form", right.form)
    return f"{name} ({told}{until}): {words.pick(dict(right.text))}"


def _offer(offer: OfferMade, words: Words) -> str:
    what = f"{words.name('kind', offer.kind)}: {words.name('form', offer.form)}"
    if offer.amount_cents:
        what += f", {words.money(offer.amount_cents, offer.currency)}"
    by = words("by", name=words("bot") if offer.by == "bot" else offer.by)
    because = _because(offer.because, words)
    return f"{what} · {words.name('offer', offer.state)} · {by}" + (f" – {because}" if because else "")


def _promise(promise: Promised, words: Words) -> str:
    late = f" · {words('overdue')}" if promise.late else ""
    due = words("due", when=words.when(promise.due_at))
    return f"{words.name('what', promise.what)}: {due} · {words.name('promise', promise.state)}{late}"


def _because(because: tuple[Both, ...], words: Words) -> str:
    return "; ".join(text for text in (words.pick(dict(both)) for both in because) if text)


def _turns(package: ContextPackage, words: Words) -> list[str]:
    if not package.turns:
        return []
    lines, last = [f"🗨 {words('topic_turns', count=len(package.turns))}"], dt.date.min
    for turn in package.turns:
        who = turn.author_name or words.name("author", turn.author)
        at = words.when(turn.at) if turn.at.date() != last else f"{turn.at.astimezone(ZONE):%H:%M}"
        last = turn.at.date()
        pictures = "📎" * turn.pictures
        lines.append(f"{at} {who}: {' '.join(part for part in (turn.text, pictures) if part)}")
    return split_text("\n".join(lines))


def _under(sign: str, title: str, lines: list[str]) -> str:
    if not lines:
        return ""
    return (
        f"{sign} {title}: {lines[0]}"
        if len(lines) == 1
        else "\n".join([f"{sign} {title}", *(f"– {line}" for line in lines)])
    )


def _short(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[:length].rstrip()} …"
