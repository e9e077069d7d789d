"""What whoever takes over reads first, beside the case: the context package in the words of the desk."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from bot import taxonomy
from bot.desk.wording import Words
from bot.frontdesk.context_package import ContextPackage, context_package


@dataclass(frozen=True)
class Briefing:
    """The package, and the mood with its signs in words."""

    package: ContextPackage
    mood: str
    signs: tuple[str, ...]

    def why_offered(self, offer_id: str, words: Words) -> str:
        """The reasons of an offer, as one text."""
        found = next((offer for offer in self.package.offers if offer.id == offer_id), None)
        return "; ".join(words.pick(dict(why)) for why in found.because) if found is not None else ""


def briefing(session: Session, conversation_id: str, words: Words, number: str = "") -> Briefing:
    """The briefing of a conversation; `number` asks for one of its cases."""
    package = context_package(session, conversation_id, case_number=number)
    return Briefing(
        package, words.name("mood", package.mood.name), tuple(_sign(words, sign) for sign in package.mood.signs)
    )


def _sign(words: Words, sign: str) -> str:
    group = "flag" if sign in taxonomy.flags() else "intent" if sign in taxonomy.intents() else "sign"
    return words.name(group, sign)
