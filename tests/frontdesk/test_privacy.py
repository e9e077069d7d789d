"""The right to know and the right to be forgotten, wherever personal data lies."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
import stat
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import select, text, update

from bot.cases import ending, feedback, store
from bot.cases.model import Approval, Audit, Case, Order, Verification
from bot.config import Settings
from bot.database import Database, utcnow
from bot.frontdesk import export, handoff, messages, privacy, trackers
from bot.frontdesk.messages import Reply
from bot.frontdesk.model import Attachment, Conversation, Delivery, Message
from bot.frontdesk.privacy import Erasure, NoSuchConversation
from bot.search import index
from bot.search.model import SearchText
from bot.training.model import Correction
from tests.frontdesk.conftest import Desk

SECRET = "Gundula Quastenflosser"
"""A name that stands nowhere else: after an erasure no byte of it may be left."""

DAY = dt.timedelta(days=1)


@pytest.fixture
def settings(desk: Desk, tmp_path: Path) -> Iterator[Settings]:
    settings = Settings(var=tmp_path, database_url=desk.database.url)
    (tmp_path / "attachments").mkdir()
    with sqlite3.connect(tmp_path / "trackers.db") as rasa:  # as Rasa's SQLTrackerStore makes it
        rasa.execute("CREATE TABLE events (id INTEGER PRIMARY KEY, sender_id VARCHAR(255), data TEXT)")
    rasa.close()
    yield settings


def fill(desk: Desk, settings: Settings, *, channel: str = "web", state: str = "resolved", language: str = "de") -> str:
    """A conversation that left personal data in every place we have."""
    talk = desk.talk(f"Hier {SECRET}, die Maschine ist kaputt", language, channel)
    about = {"category": "product_defect", "text": f"Hier {SECRET}", "now": utcnow()}
    number = desk.case(talk, entities=[{"entity": "person", "value": SECRET, "resolved": None}], **about)
    mira = desk.user(f"Mira {talk[:6]}")
    with desk.database.begin() as session:
        case, conversation = session.get(Case, number), messages.locked(session, talk)
        order = session.get(Order, "LH-1") or Order(order_number="LH-1", item="Maschine", email="Quaste@Example.org")
        session.add(order)
        session.add(Verification(conversation=talk, order_number="LH-1", how="email"))
        store.attach_order(session, case, order, "email")
        feedback.comment(session, case, f"{SECRET} war zufrieden")
        store.record(session, case, who="customer", what="withdrawal_declared", after={"declaration": SECRET})
        session.add(
            Approval(
                id=store.new_id(), case_number=number, form="refund", amount_cents=1, asked_by="Mira", reason=SECRET
            )
        )
        (settings.var / "attachments" / talk).write_text(SECRET)
        session.add(Attachment(id=talk, conversation_id=talk, name="foto.png", type="image/png", size=9, at=utcnow()))
        photo = messages.append(
            session, conversation, Reply("customer", ""), attachments=[{"id": talk, "name": f"{SECRET}.png"}]
        )
        photo.understood = {"why": {"words": [SECRET]}}
        session.add(Correction(message_id=photo.id, who="Mira", text=SECRET, label={}))
        waiting = handoff.hand_over(session, conversation, reason="severity", severity=1, case_number=number)
        handoff.claim(session, waiting.id, mira)
        handoff.note(session, waiting.id, mira, f"{SECRET} anrufen")
        handoff.resolve(session, waiting.id, mira, f"{SECRET} bekommt eine neue")
        if state == "resolved":
            store.move(session, case, "resolved", who=mira.name, why=f"{SECRET} bekommt eine neue")
    with sqlite3.connect(settings.var / "trackers.db") as rasa:
        rasa.execute("INSERT INTO events (sender_id, data) VALUES (?, ?)", (talk, SECRET))
        rasa.execute("INSERT INTO events (sender_id, data) VALUES ('somebody else', 'x')")
    rasa.close()
    return talk


def number_of(desk: Desk, talk: str) -> str:
    with desk.database.begin() as session:
        return str(session.scalars(select(Case.number).where(Case.conversation == talk)).one())


def erase(desk: Desk, settings: Settings, talk: str) -> Erasure:
    return privacy.erase(desk.database, settings, talk, utcnow(), who="Mira")


def bytes_left(folder: Path, word: str = SECRET) -> list[str]:
    """The files below a folder in which a word still stands."""
    return [str(path) for path in folder.rglob("*") if path.is_file() and word.encode() in path.read_bytes()]


def test_after_an_erasure_no_byte_is_left_anywhere(desk: Desk, settings: Settings) -> None:
    talk = fill(desk, settings)
    other = fill(desk, settings)
    assert bytes_left(settings.var)
    done = erase(desk, settings, talk)
    assert (done.attachments, done.cases, done.training, done.tracker_events) == (1, 1, 1, 1)
    assert not (settings.var / "attachments" / talk).exists()
    assert (settings.var / "attachments" / other).exists()  # nobody else's
    erase(desk, settings, other)
    desk.database.dispose()
    assert bytes_left(settings.var) == []
    assert bytes_left(settings.var, "quastenfloss") == [], "nor a stem of it in the search index"


def test_what_was_erased_is_not_found_any_more(both: Database, desk_on: Callable[[Database], Desk]) -> None:
    with both.begin() as session:
        assert index.conversations(session, SECRET)
    desk = desk_on(both)
    talk, other = desk.talk(f"Hier {SECRET}, die Maschine ist kaputt"), desk.talk(f"Auch {SECRET}")
    number = desk.case(talk, text=f"Hier {SECRET}", now=utcnow())
    desk.move(number, "resolved")

    def where() -> set[str]:
        with desk.database.begin() as session:
            return set.intersection(*(set(session.scalars(each)) for each in index.conversations(session, SECRET)))

    assert where() == {talk, other}
    with both.begin() as session:
        privacy._erase(session, talk, utcnow(), "Mira")
    assert where() == {other}


def test_what_is_older_than_its_time_is_not_found_any_more(desk: Desk, settings: Settings) -> None:
    talk = fill(desk, settings)
    later = utcnow() + (settings.retention_messages_days + 1) * DAY
    privacy.expire(desk.database, settings, later)
    with desk.database.begin() as session:
        assert not any(session.scalars(each).all() for each in index.conversations(session, SECRET))
        left = session.scalars(select(SearchText.kind).where(SearchText.conversation_id == talk)).all()
    assert left == ["case"], "its number"


def test_the_skeleton_stays_for_the_figures(desk: Desk, settings: Settings) -> None:
    talk = fill(desk, settings)
    number = number_of(desk, talk)
    count = len(desk.said(talk, internal=True))
    erase(desk, settings, talk)
    case = desk.loaded(number)
    assert (case.state, case.category, case.severity, case.verified) == ("resolved", "product_defect", 1, True)
    assert (case.text, case.subject, case.entities, case.order_number, case.item) == ("", "", [], None, None)
    assert [line.what for line in case.audit][-1] == ending.ERASED
    assert {"opened", "verified", "state", "withdrawal_declared"} <= {line.what for line in case.audit}
    seqs = [message.seq for message in desk.said(talk, internal=True)]
    assert seqs == list(range(1, count + 2))  # no gap, and the word that it is done


def test_the_customer_is_told(desk: Desk, settings: Settings) -> None:
    german, english = fill(desk, settings), fill(desk, settings, language="en")
    erase(desk, settings, german)
    erase(desk, settings, english)
    assert "sind gelöscht" in desk.said(german)[-1].text
    assert "has been erased" in desk.said(english)[-1].text


def test_an_open_claim_is_kept_and_said_and_erased_when_it_is_over(desk: Desk, settings: Settings) -> None:
    talk = fill(desk, settings, state="open")
    number = number_of(desk, talk)
    done = erase(desk, settings, talk)
    assert len(done.kept) == 2 and "LH-1" in done.kept[1]  # the claim, and the order in the books
    assert number in done.kept[0] and "Art. 17 Abs. 3" in done.kept[0]
    assert number in desk.said(talk)[-1].text
    assert "löschen dürfen" in desk.said(talk)[-1].text
    assert SECRET in desk.loaded(number).text
    assert SECRET in desk.said(talk)[0].text  # how the claim came about belongs to it
    assert (settings.var / "attachments" / talk).exists()  # so does the photo
    assert done.tracker_events == 1
    privacy.expire(desk.database, settings, utcnow())
    assert SECRET in desk.loaded(number).text  # still open
    desk.move(number, "resolved")
    privacy.expire(desk.database, settings, utcnow())
    desk.database.dispose()
    assert bytes_left(settings.var) == []
    before = len(desk.said(talk))
    privacy.expire(desk.database, settings, utcnow())
    assert len(desk.said(talk)) == before  # told once


def test_what_was_said_long_before_the_open_claim_goes(desk: Desk, settings: Settings) -> None:
    talk = desk.talk(f"Ich bin {SECRET}")
    with desk.database.begin() as session:
        session.execute(update(Message).values(at=utcnow() - 3 * DAY))
    desk.case(talk, now=utcnow())
    erase(desk, settings, talk)
    assert desk.said(talk)[0].text == ""


def test_a_payment_leaves_its_receipt(desk: Desk, settings: Settings) -> None:
    talk = fill(desk, settings)
    number = number_of(desk, talk)
    desk.offer(number, form="partial_refund", state="fulfilled", amount_cents=1500, reason=SECRET)
    done = erase(desk, settings, talk)
    assert "§ 147 AO" in done.kept[0]
    case = desk.loaded(number)
    assert (case.order_number, case.offers[0].amount_cents, case.offers[0].reason) == ("LH-1", 1500, None)
    desk.database.dispose()
    assert bytes_left(settings.var) == []


def test_a_request_about_data_is_no_claim(desk: Desk, settings: Settings) -> None:
    talk = desk.talk("Löscht meine Daten")
    number = desk.case(talk, category="privacy", text=SECRET)
    assert erase(desk, settings, talk).kept == []
    assert desk.loaded(number).text == ""
    assert desk.loaded(number).state == "new"  # somebody still answers the request


def test_erasing_again_does_no_harm_and_an_unknown_conversation_is_said(desk: Desk, settings: Settings) -> None:
    talk = fill(desk, settings)
    erase(desk, settings, talk)
    again = erase(desk, settings, talk)
    assert (again.attachments, again.training, again.tracker_events) == (0, 0, 0)
    with pytest.raises(NoSuchConversation):
        erase(desk, settings, "nobody")


def test_a_telegram_address_goes_after_the_last_word_has_arrived(desk: Desk, settings: Settings) -> None:
    talk = fill(desk, settings, channel="telegram")
    erase(desk, settings, talk)
    with desk.database.begin() as session:
        waiting = session.scalars(select(Delivery).where(Delivery.done_at.is_(None))).all()
        texts = [session.get(Message, row.message_id).text for row in waiting]
    assert len(texts) == 1 and "gelöscht" in texts[0]  # nothing erased is sent any more
    privacy.expire(desk.database, settings, utcnow())
    with desk.database.begin() as session:
        assert session.get(Conversation, talk).channel_key == "4711"
        session.execute(update(Delivery).values(done_at=utcnow()))
    privacy.expire(desk.database, settings, utcnow())
    with desk.database.begin() as session:
        assert session.get(Conversation, talk).channel_key is None


def test_each_kind_of_data_has_its_own_time(desk: Desk, settings: Settings) -> None:
    talk, now = fill(desk, settings), utcnow()
    assert privacy.expire(desk.database, settings, now + 179 * DAY) == Erasure()
    assert privacy.expire(desk.database, settings, now + 181 * DAY).training == 1
    files = privacy.expire(desk.database, settings, now + 366 * DAY)
    assert (files.attachments, files.messages) == (1, 0)
    assert not (settings.var / "attachments" / talk).exists()
    assert all(not message.attachments for message in desk.said(talk))
    words = privacy.expire(desk.database, settings, now + 731 * DAY)
    assert words.messages > 0 and words.cases == 1 and words.tracker_events == 1
    desk.database.dispose()
    assert bytes_left(settings.var) == []


def test_an_open_claim_never_expires(desk: Desk, settings: Settings) -> None:
    talk = fill(desk, settings, state="open")
    privacy.expire(desk.database, settings, utcnow() + 3000 * DAY)
    assert SECRET in desk.said(talk)[0].text
    assert (settings.var / "attachments" / talk).exists()


def test_orders_go_when_tax_law_lets_them_but_not_in_the_middle_of_a_claim(desk: Desk, settings: Settings) -> None:
    day = utcnow().date()
    with desk.database.begin() as session:
        for number, age in (("old", 3_651), ("claimed", 3_651), ("young", 3_649)):
            session.add(Order(order_number=number, item="Mixer", ordered_on=day - age * DAY, email="a@example.org"))
        session.add(Order(order_number="without a day", item="Mixer"))
    about = desk.case(desk.talk())
    with desk.database.begin() as session:
        session.get(Case, about).order_number = "claimed"
    assert privacy.expire(desk.database, settings, utcnow()).orders == 1
    with desk.database.begin() as session:
        assert set(session.scalars(select(Order.order_number))) == {"claimed", "young", "without a day"}


def test_a_file_that_belongs_to_nobody_goes(desk: Desk, settings: Settings) -> None:
    stray = settings.var / "attachments" / "0123"
    stray.write_text("x")
    privacy.expire(desk.database, settings, utcnow())
    assert stray.exists()  # perhaps just being uploaded
    privacy.expire(desk.database, settings, utcnow() + DAY)
    assert not stray.exists()


def test_everything_about_a_customer_can_be_handed_out(desk: Desk, settings: Settings, tmp_path: Path) -> None:
    talk = fill(desk, settings)
    with desk.database.begin() as session:
        data = export.collect(session, [talk])
    target = tmp_path / "out" / "data.zip"
    target.parent.mkdir()
    assert export.write(settings, data, target) == 1
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    with zipfile.ZipFile(target) as archive:
        (only,) = json.loads(archive.read("data.json"))["conversations"]
        photo = next(name for name in archive.namelist() if name.startswith("attachments/"))
        assert archive.read(photo).decode() == SECRET
    assert SECRET in only["messages"][0]["text"]
    assert only["cases"][0]["text"].startswith("Hier")
    assert [order["order_number"] for order in only["orders"]] == ["LH-1"]
    assert not any("anrufen" in message["text"] for message in only["messages"])  # notes among staff
    with desk.database.begin() as session, pytest.raises(NoSuchConversation):
        export.collect(session, ["nobody"])


def test_an_address_finds_only_those_who_proved_it(desk: Desk, settings: Settings) -> None:
    proven = fill(desk, settings)
    desk.case(desk.talk("quaste@example.org"), entities=[{"entity": "email", "value": "quaste@example.org"}])
    with desk.database.begin() as session:
        assert privacy.conversations_of(session, " quaste@EXAMPLE.org ") == [proven]
        assert privacy.conversations_of(session, "nobody@example.org") == []


def test_no_tracker_database_is_no_error(desk: Desk, tmp_path: Path) -> None:
    settings = Settings(var=tmp_path / "new", database_url=desk.database.url)
    assert trackers.forget(settings, ["c1"]) == 0
    assert trackers.forget(settings, []) == 0


def test_the_audit_names_who_erased(desk: Desk, settings: Settings) -> None:
    talk = fill(desk, settings)
    erase(desk, settings, talk)
    with desk.database.begin() as session:
        line = session.scalars(select(Audit).where(Audit.what == ending.ERASED)).one()
    assert line.who == "Mira"


def test_it_works_on_both_databases(both: Database, desk_on: Callable[[Database], Desk], tmp_path: Path) -> None:
    desk, settings = desk_on(both), Settings(var=tmp_path, database_url=str(both.url))
    talk = desk.talk(f"Hier {SECRET}")
    desk.move(desk.case(talk, text=SECRET, now=utcnow()), "resolved")
    with desk.database.begin() as session:  # on PostgreSQL Rasa keeps its trackers beside our tables
        session.execute(text("CREATE TABLE events (id INTEGER PRIMARY KEY, sender_id VARCHAR(255), data TEXT)"))
        session.execute(text("INSERT INTO events VALUES (1, :talk, 'x'), (2, 'other', 'x')"), {"talk": talk})
    done = erase(desk, settings, talk)
    assert (done.messages, done.cases) == (1, 1)
    assert done.tracker_events == (0 if both.url.startswith("sqlite") else 1)
    assert desk.said(talk)[0].text == ""
    assert privacy.expire(desk.database, settings, utcnow() + 3000 * DAY).messages == 1  # the word that it was done
