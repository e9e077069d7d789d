"""The pages that people read: queue, cases, one conversation, a customer's photo."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.responses import FileResponse, JSONResponse, RedirectResponse, Response

from bot.cases.grants import FORMS
from bot.cases.model import Case
from bot.database import utcnow
from bot.desk import finding, lists, replies, saved_views, spoken, summary
from bot.desk.access import may_see
from bot.desk.briefing import briefing
from bot.desk.colleagues import others
from bot.desk.context import PREFIX, RESOLUTIONS, WRITERS
from bot.desk.counts import mentions_read
from bot.desk.guard import Refused, Visit
from bot.desk.notices import due
from bot.desk.saved_views import FOR_EVERYBODY
from bot.desk.wording import LANGUAGES, Words
from bot.frontdesk import attachments
from bot.frontdesk import handoff as steps
from bot.frontdesk.model import Attachment, Conversation, User
from bot.taxonomy import categories, intents

SCRIPT_WORDS = (
    "modules_in_de", "modules_in_en", "modules_keys", "modules_none",
    "mention_colleagues", "mention_keys", "mention_nobody",
)  # fmt: skip
"""Keys of texts.yml that the script of a conversation needs."""


async def queue(visit: Visit) -> Response:
    """Who waits, the gravest first, and what is mine."""
    queue, mine = await visit.run(queue_rows, visit.user, visit.request.query_params)
    return visit.page("queue.html", here="queue", queue=queue, mine=mine, now=utcnow(), writer=_writes(visit.user))


def queue_rows(session: Session, user: User, query: Mapping[str, str]) -> tuple[lists.Queue, list[lists.Waiting]]:
    """The queue (a page of it, or a team's) and this user's own conversations."""
    return lists.waiting(session, user, query), lists.mine(session, user)


async def cases(visit: Visit) -> Response:
    """All cases, newest first, with search, filters and saved views."""
    found, views = await visit.run(_cases, visit.user, visit.request.query_params)
    general = [saved_views.View(None, visit.words(key), filters) for key, filters in FOR_EVERYBODY.items()]
    return visit.page(
        "cases.html", here="cases", found=found, views=[*general, *views], choices=finding.CHOICES, now=utcnow()
    )


async def case(visit: Visit) -> Response:
    """A case by its number: its conversation, or the bare case where the conversation is gone."""
    facts, conversation_id = await visit.run(_case, visit.user, visit.request.path_params["number"], visit.words)
    if conversation_id is not None:
        return RedirectResponse(f"{PREFIX}/conversations/{conversation_id}?case={facts['number']}", status_code=303)
    return visit.page("case.html", here="cases", case=facts)


async def conversation(visit: Visit) -> Response:
    """One conversation: the transcript, what can be done, the case beside it."""
    query = visit.request.query_params
    before = int(query["before"]) if query.get("before", "").isdecimal() and len(query["before"]) < 10 else None
    view = await visit.run(
        _conversation, visit.user, visit.request.path_params["id"], visit.words, before, query.get("case", "")
    )
    return visit.page("conversation.html", here="", before=before, now=utcnow(), resolutions=RESOLUTIONS, forms=FORMS,
                      script_words={key: visit.words(key) for key in SCRIPT_WORDS},
                      intents=intents(), categories=categories(), **view)  # fmt: skip


async def modules(visit: Visit) -> Response:
    """The text modules, filled for this conversation, as JSON (query: `language`; usually the customer's)."""
    conversation_id, wanted = visit.request.path_params["id"], visit.request.query_params.get("language", "")
    return JSONResponse(await visit.run(_modules, visit.user, conversation_id, wanted))


async def attachment(visit: Visit) -> Response:
    """A file a customer sent: pictures are shown, anything else is downloaded."""
    found = await visit.run(_attachment, visit.user, visit.request.path_params["id"])
    shown = "inline" if found.type.startswith("image/") else "attachment"
    return FileResponse(
        attachments.path(found.id), media_type=found.type, filename=found.name, content_disposition_type=shown
    )


def seen_conversation(session: Session, user: User, conversation_id: str) -> Conversation:
    """The conversation, if this user may see it; otherwise the desk does not say whether it exists."""
    found = session.get(Conversation, conversation_id)
    if found is None or not may_see(session, user, conversation_id):
        raise Refused(404, "error_no_conversation")
    return found  # type: ignore[no-any-return]  # SQLAlchemy 1.4 is untyped


def _conversation(
    session: Session, user: User, conversation_id: str, words: Words, before: int | None, number: str
) -> dict[str, Any]:
    talk = seen_conversation(session, user, conversation_id)
    due.seen(session, user, conversation_id, utcnow())
    mentions_read(session, user, conversation_id)
    messages, older = summary.transcript(session, conversation_id, before)
    return {
        "talk": talk,
        "standing": summary.standing(session, user, talk),
        "spoken": spoken.language_of(session, talk),
        "case": summary.summary(session, conversation_id, words, number),
        "briefing": briefing(session, conversation_id, words, number),
        "others": others(session, user, conversation_id),
        "messages": messages,
        "older": older,
    }


def _cases(session: Session, user: User, query: Mapping[str, str]) -> tuple[finding.Found, list[saved_views.View]]:
    return finding.find(session, user, query), saved_views.of(session, user)


def _modules(session: Session, user: User, conversation_id: str, wanted: str) -> dict[str, Any]:
    talk = seen_conversation(session, user, conversation_id)
    language = wanted if wanted in LANGUAGES else spoken.language_of(session, talk)
    case = lists.case_of(session, talk.id, steps.active(session, talk.id))
    return {"language": language, "modules": replies.filled(user, case, language, replies.modules())}


def _case(session: Session, user: User, number: str, words: Words) -> tuple[dict[str, Any], str | None]:
    found = session.scalars(select(Case).where(Case.number == number.upper())).first()
    if found is None or not may_see(session, user, found.conversation):
        raise Refused(404, "error_no_case")
    talk = session.get(Conversation, found.conversation)
    return summary.case_facts(session, found, words), talk.id if talk is not None else None


def _attachment(session: Session, user: User, attachment_id: str) -> Attachment:
    found = session.get(Attachment, attachment_id)
    if found is None or not may_see(session, user, found.conversation_id) or not attachments.path(found.id).exists():
        raise Refused(404, "error_no_file")
    return found  # type: ignore[no-any-return]  # SQLAlchemy 1.4 is untyped


def _writes(user: User) -> bool:
    return user.role in WRITERS
