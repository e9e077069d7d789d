"""The right to be forgotten (Art. 17 GDPR), at once or when the time is over. Access is in bot/frontdesk/export.py.

Erased are words, files and personal details wherever they lie: messages, cases, attachments, Rasa's tracker,
candidates for training. What has to stay is said. Doing it again does no harm, so an interrupted erasure is repeated.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import String, cast, delete, func, null, or_, select, update
from sqlalchemy.orm import Session

from bot import texts
from bot.cases import store
from bot.cases.ending import ERASE_LATER, ERASED, erase_case, has_payment, holds_claim, was
from bot.cases.model import Audit, Case, Order, Verification
from bot.cases.proofs import forget_tries
from bot.config import Settings
from bot.database import Database
from bot.frontdesk import messages, trackers
from bot.frontdesk.messages import Reply
from bot.frontdesk.model import (
    Attachment,
    Conversation,
    Delivery,
    Handoff,
    HandoffEvent,
    Message,
    Topic,
    TranscriptMail,
)
from bot.search import index
from bot.training.model import Correction

BEFORE_A_CLAIM = dt.timedelta(hours=1)
"""What was said in the hour before a case was opened is how it came about and belongs to it."""

AT_ONCE = 200
"""Conversations that one look tidies; the rest has time until the next."""

ORPHAN_AFTER = dt.timedelta(hours=1)
"""A file without a row that is older than this belongs to an upload that failed or an erasure that was cut off."""

_BULK = {"synchronize_session": False}

_SOMETHING = or_(
    Message.text != "",
    Message.payload.is_not(None),
    Message.client_id.is_not(None),
    cast(Message.attachments, String) != "[]",
    cast(Message.understood, String) != "null",
)
"""A message in which anything is left: a photo alone has no words, but a name and what was made of it."""


@dataclass
class Erasure:
    """What was erased. `kept`: sentences that say what stays and why."""

    messages: int = 0
    attachments: int = 0
    cases: int = 0
    training: int = 0
    tracker_events: int = 0
    orders: int = 0
    kept: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)


class NoSuchConversation(LookupError):
    """Nothing is stored under this id."""


def erase(database: Database, settings: Settings, conversation_id: str, now: dt.datetime, *, who: str) -> Erasure:
    """Erase a conversation and everything that belongs to it, and tell the customer what was kept and why.

    What belongs to an open claim stays until it is over (Art. 17(3)(e) GDPR) and is erased by :func:`expire` then.
    Raises :class:`NoSuchConversation`.
    """
    with database.begin() as session:
        done = _erase(session, conversation_id, now, who)
    _remove_files(settings, done.files)
    done.tracker_events = trackers.forget(settings, [conversation_id])
    _flush_log(database)
    return done


def conversations_of(session: Session, email: str) -> list[str]:
    """The conversations that have proven an order with this e-mail address to be theirs.

    That somebody wrote an address is no proof that it is theirs: such conversations are not among them.
    """
    orders = select(Order.order_number).where(func.lower(Order.email) == email.strip().lower())
    found = {
        *session.scalars(select(Verification.conversation).where(Verification.order_number.in_(orders))),
        *session.scalars(select(Case.conversation).where(Case.verified.is_(True), Case.order_number.in_(orders))),
    }
    return sorted(found)


def expire(database: Database, settings: Settings, now: dt.datetime) -> Erasure:
    """Erase what is older than its retention period, and what waited for a claim to end. Never an open claim."""
    done = Erasure()
    with database.begin() as session:
        waiting = _erasures_due(session)
    for conversation_id in waiting:
        _add(done, erase(database, settings, conversation_id, now, who="bot"))
    with database.begin() as session:
        silent = _expire_messages(session, now, dt.timedelta(days=settings.retention_messages_days), done)
        _expire_attachments(session, now - dt.timedelta(days=settings.retention_attachments_days), done)
        training = delete(Correction).where(Correction.at < now - dt.timedelta(days=settings.retention_training_days))
        done.training += session.execute(training.execution_options(**_BULK)).rowcount
        _forget_addresses(session)
        forget_tries(session, now)
        _expire_orders(session, now.date() - dt.timedelta(days=settings.retention_orders_days), done)
    _remove_files(settings, done.files)
    done.tracker_events += trackers.forget(settings, silent)
    _remove_orphans(database, settings, now)
    if done.messages or done.cases or done.training:
        _flush_log(database)
    return done


def _erase(session: Session, conversation_id: str, now: dt.datetime, who: str) -> Erasure:
    cases = list(session.scalars(select(Case).where(Case.conversation == conversation_id).order_by(Case.number)))
    conversation = None
    if session.get(Conversation, conversation_id) is not None:
        conversation = messages.locked(session, conversation_id)
    elif not cases:
        raise NoSuchConversation(f"there is no conversation {conversation_id}")
    done, language = Erasure(), conversation.language if conversation is not None else "de"
    claims = [case for case in cases if holds_claim(case)]
    orders = _proven_orders(session, conversation_id, cases)  # looked up before their proof is erased
    for case in cases:
        if case in claims:
            done.kept.append(texts.text("utter_privacy_kept_claim", language, number=case.number))
            if not was(session, case, ERASE_LATER):
                store.record(session, case, who=who, what=ERASE_LATER)
            continue
        erase_case(session, case, who=who)
        done.cases += 1
        if has_payment(case):
            done.kept.append(texts.text("utter_privacy_kept_payment", language, number=case.number))
    done.kept += [texts.text("utter_privacy_kept_order", language, order=number) for number in orders]
    before = min((case.received_at - BEFORE_A_CLAIM for case in claims), default=None)
    _wipe(session, conversation_id, before, now, done)
    index.scrub(session)
    if conversation is not None:
        kept = " ".join(done.kept) or texts.text("utter_privacy_kept_nothing", language)
        said = texts.text("utter_privacy_erased_partly" if claims else "utter_privacy_erased", language, kept=kept)
        messages.append(session, conversation, Reply("system", said))
    return done


def _proven_orders(session: Session, conversation_id: str, cases: list[Case]) -> list[str]:
    """Numbers of the orders in the list that were proven to be this customer's."""
    proof = session.get(Verification, conversation_id)
    numbers = {case.order_number for case in cases if case.verified} | {proof.order_number if proof else None}
    return sorted(session.scalars(select(Order.order_number).where(Order.order_number.in_(numbers - {None}))))


def _wipe(session: Session, conversation_id: str, before: dt.datetime | None, now: dt.datetime, done: Erasure) -> None:
    """Empty the messages of a conversation (those before a moment), with their files, deliveries and corrections.

    The rows stay, so that numbers have no gap. What staff wrote about a handoff that ended goes, too.
    """
    mine = [Message.conversation_id == conversation_id, *([Message.at < before] if before is not None else [])]
    ids = select(Message.id).where(*mine)
    corrections = delete(Correction).where(Correction.message_id.in_(ids))
    done.training += session.execute(corrections.execution_options(**_BULK)).rowcount
    undelivered = update(Delivery).where(Delivery.message_id.in_(ids), Delivery.done_at.is_(None))
    session.execute(undelivered.values(done_at=now, error="erased").execution_options(**_BULK))
    session.execute(
        update(Message).where(*mine, Message.state == "new").values(state="answered").execution_options(**_BULK)
    )
    empty = {"text": "", "payload": None, "buttons": [], "attachments": [], "understood": null(), "client_id": None}
    done.messages += session.execute(
        update(Message).where(*mine, _SOMETHING).values(**empty).execution_options(**_BULK)
    ).rowcount
    index.forget(session, conversation_id, before)
    files = [Attachment.conversation_id == conversation_id, *([Attachment.at < before] if before is not None else [])]
    found = list(session.scalars(select(Attachment.id).where(*files)))
    done.files += found
    done.attachments += len(found)
    session.execute(delete(Attachment).where(*files).execution_options(**_BULK))
    letters = delete(TranscriptMail).where(TranscriptMail.conversation_id == conversation_id)
    session.execute(letters.execution_options(**_BULK))  # nothing leaves after "erased" was said
    over = [Handoff.conversation_id == conversation_id]
    over += [Handoff.ended_at < before] if before is not None else []
    notes = update(HandoffEvent).where(
        HandoffEvent.handoff_id.in_(select(Handoff.id).where(*over)), HandoffEvent.who != "bot"
    )
    session.execute(notes.values(note=None).execution_options(**_BULK))
    session.execute(update(Handoff).where(*over).values(note=None).execution_options(**_BULK))
    # What stands in the team's Telegram group goes too; what is still wanted is posted anew from what is left.
    topic = update(Topic).where(Topic.conversation_id == conversation_id)
    session.execute(topic.values(unwanted=True, posting=[], title=None, status=None).execution_options(**_BULK))
    session.expire_all()


def _erasures_due(session: Session) -> list[str]:
    """Conversations whose erasure waited for a claim that is over now."""
    asked = select(Case).join(Audit, Audit.case_number == Case.number).where(Audit.what == ERASE_LATER)
    over = [
        case for case in session.scalars(asked).unique() if not holds_claim(case) and not was(session, case, ERASED)
    ]
    return sorted({case.conversation for case in over})


def _expire_messages(session: Session, now: dt.datetime, keep: dt.timedelta, done: Erasure) -> list[str]:
    """Empty what is older than `keep`, and erase the cases that ended before; the conversations silent since then."""
    before = now - keep
    told = select(Message.conversation_id).where(Message.at < before, _SOMETHING).distinct().limit(AT_ONCE)
    old = select(Case.conversation).where(Case.updated_at < before, Case.text != "").distinct().limit(AT_ONCE)
    silent = []
    for conversation_id in sorted({*session.scalars(told), *session.scalars(old)}):
        cases = list(session.scalars(select(Case).where(Case.conversation == conversation_id)))
        if any(holds_claim(case) for case in cases):
            continue
        for case in cases:
            if case.updated_at < before and case.text:
                erase_case(session, case, who="bot")
                done.cases += 1
        _wipe(session, conversation_id, before, now, done)
        conversation = session.get(Conversation, conversation_id)
        if conversation is None or conversation.last_at < before:
            silent.append(conversation_id)
    if done.messages or done.cases:
        index.scrub(session)
    return silent


def _expire_attachments(session: Session, before: dt.datetime, done: Erasure) -> None:
    old = list(session.scalars(select(Attachment).where(Attachment.at < before)))
    for conversation_id in {attachment.conversation_id for attachment in old}:
        cases = session.scalars(select(Case).where(Case.conversation == conversation_id))
        if any(holds_claim(case) for case in cases):
            continue
        gone = {attachment.id for attachment in old if attachment.conversation_id == conversation_id}
        for message in session.scalars(select(Message).where(Message.conversation_id == conversation_id)):
            if message.attachments:
                message.attachments = [file for file in message.attachments if file["id"] not in gone]
        session.flush()
        session.execute(delete(Attachment).where(Attachment.id.in_(gone)).execution_options(**_BULK))
        done.files += sorted(gone)
        done.attachments += len(gone)


def _expire_orders(session: Session, before: dt.date, done: Erasure) -> None:
    """Orders placed so long ago; not those that an open claim is about."""
    placed = func.coalesce(Order.ordered_on, Order.delivered_on, Order.service_on)
    old = set(session.scalars(select(Order.order_number).where(placed < before).limit(AT_ONCE)))
    claimed = session.scalars(select(Case).where(Case.order_number.in_(old)))
    old -= {case.order_number for case in claimed if holds_claim(case)}
    done.orders += session.execute(delete(Order).where(Order.order_number.in_(old)).execution_options(**_BULK)).rowcount


def _forget_addresses(session: Session) -> None:
    """The address of a customer (a Telegram chat) goes once nothing of theirs is left and nothing is to be sent."""
    of_customer = select(Message.conversation_id).where(Message.author == "customer")
    sending = select(Delivery.conversation_id).where(Delivery.done_at.is_(None))
    candidates = select(Conversation).where(
        Conversation.channel_key.is_not(None),
        Conversation.id.in_(of_customer),
        Conversation.id.not_in(of_customer.where(_SOMETHING)),
        Conversation.id.not_in(sending),
    )
    for conversation in session.scalars(candidates):
        cases = session.scalars(select(Case).where(Case.conversation == conversation.id))
        if not any(holds_claim(case) for case in cases):
            conversation.channel_key = None


def _remove_files(settings: Settings, ids: list[str]) -> None:
    for name in ids:
        (_folder(settings) / name).unlink(missing_ok=True)


def _remove_orphans(database: Database, settings: Settings, now: dt.datetime) -> None:
    folder = _folder(settings)
    if not folder.is_dir():
        return
    oldest = (now - ORPHAN_AFTER).timestamp()
    files = {path.name for path in folder.iterdir() if path.is_file() and path.stat().st_mtime < oldest}
    with database.begin() as session:
        known = set(session.scalars(select(Attachment.id)))
    _remove_files(settings, sorted(files - known))


def _folder(settings: Settings) -> Path:
    return settings.var / "attachments"


def _flush_log(database: Database) -> None:
    """SQLite's write-ahead log would keep the old words until it is written back."""
    if database.engine.dialect.name != "sqlite":
        return
    connection = database.engine.raw_connection()
    try:
        connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        connection.close()


def _add(total: Erasure, part: Erasure) -> None:
    for name in ("messages", "attachments", "cases", "training", "tracker_events"):
        setattr(total, name, getattr(total, name) + getattr(part, name))
    total.kept += part.kept
