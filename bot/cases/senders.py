"""Who writes: the customer, or a law firm or an authority for them. Only what they say of themselves counts."""

from __future__ import annotations

import re

_LAW_FIRM = re.compile(
    r"\b(?:unser|mein)(?:e[rsmn]?)? mandant(?:in|en|innen|schaft)?\b"
    r"|\bvertretung (?:des|der|von|unserer?)\b.{0,60}\bmandant|\bzeigen? (?:wir|ich) die (?:anwaltliche )?vertretung\b"
    r"|\b(?:wir|ich) vertreten? (?:anwaltlich|rechtlich|die (?:rechtlichen )?interessen)\b"
    r"|\b(?:on behalf of|act(?:ing)? for|instructed by) (?:my|our) client\b"
    r"|\b(?:my|our) client,? (?:has|had|is|was|bought|ordered)\b",
    re.IGNORECASE,
)
_OFFICES = (
    r"polizei\w*|staatsanwaltschaft|gewerbeaufsicht\w*|verbraucherzentrale\w*|marktüberwachung\w*|schlichtungsstelle\w*"
    r"|amtsgericht\w*|datenschutz(?:behörde|beauftragte\w*)|landesbeauftragte\w*|bundesnetzagentur"
    r"|police|trading standards|ombudsman\w*|consumer (?:advice )?cent(?:re|er)"
    r"|data protection (?:authority|commissioner)"
)
_AUTHORITY = re.compile(
    rf"\b(?:hier (?:ist|schreibt|spricht)|wir sind|ich schreibe für) (?:von )?(?:die|das|der|dem)? ?(?:{_OFFICES})\b"
    rf"|\b(?:this is|we are|i am writing (?:for|from)) (?:the )?(?:\w+ )?(?:{_OFFICES})\b",
    re.IGNORECASE,
)


def sender_of(text: str) -> str | None:
    """`law_firm` or `authority` where the writer says to be one, else None. "My lawyer will write" is no law firm."""
    if _LAW_FIRM.search(text):
        return "law_firm"
    return "authority" if _AUTHORITY.search(text) else None
