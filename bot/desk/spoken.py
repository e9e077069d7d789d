"""The language that a customer writes in now. While people hold a conversation, nothing else recognises it."""

from __future__ import annotations

import re
from functools import lru_cache

from py3langid.langid import MODEL_FILE, LanguageIdentifier
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.frontdesk.model import Conversation, Message

SURE = 0.95
"""How sure the recognition must be; `ok`, names and numbers say nothing."""

FEWEST_WORDS = 3

_WORD = re.compile(r"[^\W\d_]{2,}")

LOOK_BACK = 5
"""Messages that are looked at, the newest first."""


def language_of(session: Session, conversation: Conversation) -> str:
    """`de` or `en`: of the newest message that says it, otherwise the conversation's language."""
    said = (
        select(Message)
        .where(Message.conversation_id == conversation.id, Message.author == "customer", Message.text != "")
        .order_by(Message.seq.desc())
        .limit(LOOK_BACK)
    )
    for message in session.scalars(said):
        language = recognise(message.text)
        if language:
            return language
    return str(conversation.language)


@lru_cache(maxsize=2_000)
def recognise(text: str) -> str:
    """`de`, `en`, or nothing where a text is too short or too mixed to tell."""
    if len(_WORD.findall(text)) < FEWEST_WORDS:
        return ""
    language, sure = _identifier().classify(text)
    return str(language) if sure >= SURE else ""


@lru_cache(maxsize=1)
def _identifier() -> LanguageIdentifier:
    identifier = LanguageIdentifier.from_pickled_model(MODEL_FILE, norm_probs=True)
    identifier.set_languages(["de", "en"])
    return identifier
