"""What people do with a conversation: claim it, answer, note, give it on, settle it. Favours: favours.py.

Each is one transaction and tells every open page. Scripts get ``{"ok": true}`` or an error sentence.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

from sqlalchemy.orm import Session
from starlette.responses import Response

from bot.cases import store
from bot.cases.model import FINAL_STATES
from bot.database import utcnow
from bot.desk import mentions, replies
from bot.desk.context import PREFIX, RESOLUTIONS, Desk
from bot.desk.guard import Endpoint, Refused, Upload, Visit
from bot.desk.lists import case_of
from bot.desk.pages import seen_conversation
from bot.desk.summary import latest_handoff
from bot.frontdesk import attachments
from bot.frontdesk import handoff as steps
from bot.frontdesk.handoff_states import HELD
from bot.frontdesk.messages import MAX_TEXT, BadMessage, clean
from bot.frontdesk.model import Handoff, User

TYPING_SECONDS = 6.0
"""How long "is writing" is shown after the last sign of it."""

Step = Callable[[Session, User, Handoff, Mapping[str, str]], None]


def taking(step: Step) -> Endpoint:
    """The endpoint of a button that takes this step with the conversation in the address."""

    async def endpoint(visit: Visit) -> Response:
        return await _act(visit, step)

    return endpoint


async def say(visit: Visit) -> Response:
    """Write to the customer (field `text`), and send a picture or a PDF (`file`)."""
    step = _say if visit.upload is None else _sending(await _examined(visit.upload))
    answer = await _act(visit, step)
    _end_typing(visit.desk, visit.request.path_params["id"])
    return answer


async def typing(visit: Visit) -> Response:
    """The customer sees for a few seconds that somebody writes."""
    conversation_id = visit.request.path_params["id"]
    await visit.run(on_handoff, visit.user, conversation_id, only_mine, visit.fields)
    _show_typing(visit.desk, conversation_id)
    return visit.done(f"{PREFIX}/conversations/{conversation_id}")


async def _act(visit: Visit, step: Step) -> Response:
    conversation_id = visit.request.path_params["id"]
    await visit.run(on_handoff, visit.user, conversation_id, step, visit.fields)
    visit.desk.hub.tell(conversation_id)
    return visit.done(f"{PREFIX}/conversations/{conversation_id}")


def on_handoff(session: Session, user: User, conversation_id: str, step: Step, fields: Mapping[str, str]) -> None:
    """Do `step` on the conversation's handoff; every way it can fail becomes a sentence for the user.

    One transaction, for the desk's buttons and for what staff write in Telegram; raises :class:`Refused`.
    """
    seen_conversation(session, user, conversation_id)
    handoff = steps.active(session, conversation_id) or latest_handoff(session, conversation_id)
    if handoff is None:
        raise Refused(409, "error_not_in_queue")
    try:
        step(session, user, handoff, fields)
    except steps.AlreadyClaimed as faster:
        raise Refused(409, "error_faster", name=faster.by) from faster
    except steps.NotYours as other:
        raise Refused(409, "error_not_yours") from other
    except steps.ForOthers as others:
        raise Refused(409, f"error_{others.why}") from others
    except steps.NoLead as nobody:
        raise Refused(409, "error_no_lead") from nobody
    except steps.BadTime as bad:
        raise Refused(400, "error_snooze") from bad
    except steps.HandoffError as ended:
        raise Refused(409, "error_not_in_queue") from ended
    except store.WrongState as wrong:
        raise Refused(409, "error_state") from wrong


def _claim(session: Session, user: User, handoff: Handoff, _fields: Mapping[str, str]) -> None:
    """Take it out of the queue; of two people at once one is told who was faster."""
    steps.claim(session, handoff.id, user)


def _say(session: Session, user: User, handoff: Handoff, fields: Mapping[str, str]) -> None:
    steps.say(session, handoff.id, user, for_customer(fields, "text"))


async def _examined(upload: Upload) -> attachments.Examined:
    """What is kept of a file; examined outside of a transaction, because it takes its time."""
    try:
        return await asyncio.to_thread(attachments.examine, upload.name, upload.data)
    except attachments.BadAttachment as bad:
        raise Refused(400, f"error_{bad.code}") from bad


def _sending(file: attachments.Examined) -> Step:
    def send(session: Session, user: User, handoff: Handoff, fields: Mapping[str, str]) -> None:
        caption = for_customer(fields, "text") if fields.get("text", "").strip() else ""
        message = steps.say(session, handoff.id, user, caption)
        message.attachments = [attachments.keep(session, handoff.conversation_id, file)]

    return send


def _note(session: Session, user: User, handoff: Handoff, fields: Mapping[str, str]) -> None:
    """A note among staff (field `text`)."""
    mentions.record(session, user, steps.note(session, handoff.id, user, written(fields, "text")))


def _release(session: Session, user: User, handoff: Handoff, fields: Mapping[str, str]) -> None:
    """Back into the queue (field `why`, for colleagues)."""
    steps.release(session, handoff.id, user, fields.get("why", "").strip()[:MAX_TEXT])


def _give_back(session: Session, user: User, handoff: Handoff, fields: Mapping[str, str]) -> None:
    """Back to the bot (field `agreed`, which the customer reads)."""
    steps.give_back(session, handoff.id, user, for_customer(fields, "agreed"))


def _resolve(session: Session, user: User, handoff: Handoff, fields: Mapping[str, str]) -> None:
    """Settled (fields `agreed`, which the customer reads, `resolution` and `cause`): handoff and case end."""
    agreed, resolution = for_customer(fields, "agreed"), fields.get("resolution", "")
    steps.resolve(session, handoff.id, user, agreed)
    case = case_of(session, handoff.conversation_id, handoff)
    if case is None or case.state in FINAL_STATES:
        return
    if resolution in RESOLUTIONS and resolution != case.resolution:
        store.record(session, case, who=user.name, what="resolution", before=case.resolution, after=resolution)
        case.resolution = resolution
    if fields.get("cause", "").strip():
        store.note_root_cause(session, case, written(fields, "cause"), who=user.name)
    store.move(session, case, "resolved", who=user.name, why=agreed)


STEPS: Mapping[str, Step] = {
    "claim": _claim,
    "say": _say,
    "note": _note,
    "release": _release,
    "return": _give_back,
    "resolve": _resolve,
}
"""What the holder does with a handoff, by name; each reads its fields as the desk's form names them. More of them:
handing_on.py, favours.py."""


def only_mine(_session: Session, user: User, handoff: Handoff, _fields: Mapping[str, str]) -> None:
    """For steps that only who holds the conversation may take."""
    if handoff.state not in HELD or handoff.claimed_by != user.id:
        raise Refused(409, "error_not_yours")
    handoff.holder_active_at = utcnow()  # a sign of life for bot/frontdesk/absence.py


def written(fields: Mapping[str, str], name: str) -> str:
    """A field that must have words, cleaned."""
    try:
        return clean(fields.get(name, ""))
    except BadMessage as bad:
        raise Refused(400, f"error_text_{bad.code}") from bad


def for_customer(fields: Mapping[str, str], name: str) -> str:
    """A field that the customer will read: no gap of a text module is left in it."""
    text = written(fields, name)
    gap = replies.gap(text)
    if gap is not None:
        raise Refused(400, "error_gap", gap=gap)
    return text


def _show_typing(desk: Desk, conversation_id: str) -> None:
    hub, ends = desk.hub, desk.typing_ends
    if conversation_id in ends:
        ends.pop(conversation_id).cancel()
    if hub.typing.get(conversation_id) != "staff":
        hub.typing[conversation_id] = "staff"
        hub.tell(conversation_id)
    ends[conversation_id] = asyncio.get_running_loop().call_later(TYPING_SECONDS, _end_typing, desk, conversation_id)


def _end_typing(desk: Desk, conversation_id: str) -> None:
    timer = desk.typing_ends.pop(conversation_id, None)
    if timer is not None:
        timer.cancel()
    if desk.hub.typing.get(conversation_id) == "staff":
        del desk.hub.typing[conversation_id]
        desk.hub.tell(conversation_id)
