"""A day at the desk: see who waits, claim, answer, note, hand on, settle."""

from __future__ import annotations

import io
import threading
from typing import Any

import pytest
from PIL import Image

from bot.cases import store
from bot.cases.model import Decision, Order
from bot.database import utcnow
from bot.frontdesk import attachments, messages
from bot.frontdesk.messages import Reply
from bot.frontdesk.model import Attachment, Message, Topic

from .conftest import Browser, Office


def test_the_gravest_wait_first_then_the_longest(office: Office) -> None:
    short, long = office.conversation(waiting_minutes=1), office.conversation(waiting_minutes=90)
    danger = office.conversation("Es brennt", flags=["safety"], waiting_minutes=0)
    page = office.client(office.user("Alex")).get("/desk/").text
    places = [page.index(f'data-row="{conversation}"') for conversation in (danger, long, short)]
    assert places == sorted(places)
    assert "Gefahr" in page and "wartet seit 1 Std. 30 Min." in page and "Wünscht einen Menschen" in page


def test_claiming_tells_the_customer_who_has_joined(office: Office) -> None:
    browser, conversation = office.client(office.user("Alex")), office.conversation()
    answer = browser.act(conversation, "claim")
    assert answer.json() == {"ok": True, "next": f"/desk/conversations/{conversation}"}
    assert office.holder(conversation) == "staff"
    assert "Alex" in office.said(conversation)[-1].text
    assert f'data-row="{conversation}"' in browser.get("/desk/").text.split("Meine Gespräche")[1]


@pytest.mark.parametrize(("language", "words"), [("de", "Thema in Telegram"), ("en", "Topic in Telegram")])
def test_the_desk_links_to_the_topic_of_a_conversation(office: Office, language: str, words: str) -> None:
    browser, conversation = office.client(office.user("Alex", language=language)), office.conversation()
    page = f"/desk/conversations/{conversation}"
    with office.database.begin() as session:
        session.add(Topic(conversation_id=conversation, group_id=-1001234567890))
    assert words not in browser.get(page).text, "Telegram has not made it yet"
    with office.database.begin() as session:
        session.get(Topic, conversation).thread_id = 57
    assert 'href="https://t.me/c/1234567890/57"' in browser.get(page).text
    assert words in browser.get(page).text
    with office.database.begin() as session:
        session.get(Topic, conversation).unwanted = True
    assert words not in browser.get(page).text, "it is about to go"


def test_of_two_who_claim_one_wins_and_the_other_reads_who_was_faster(office: Office) -> None:
    alex, mira = office.client(office.user("Alex")), office.client(office.user("Mira"))
    conversation = office.conversation()
    answers = {}
    both = threading.Barrier(2)

    def claim(name: str, browser: object) -> None:
        both.wait()
        answers[name] = browser.act(conversation, "claim")  # type: ignore[attr-defined]

    threads = [threading.Thread(target=claim, args=pair) for pair in (("Alex", alex), ("Mira", mira))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.status_code for answer in answers.values()) == [200, 409]
    winner = next(name for name, answer in answers.items() if answer.status_code == 200)
    loser = next(answer for answer in answers.values() if answer.status_code == 409)
    assert loser.json()["error"] == f"{winner} war schneller und hat dieses Gespräch schon übernommen."
    assert sum("übernommen" in message.text for message in office.said(conversation)) == 1


def test_what_staff_say_reaches_the_customer_under_their_name(office: Office) -> None:
    browser, conversation = office.client(office.user("Alex")), office.conversation()
    browser.act(conversation, "claim")
    assert browser.act(conversation, "say", text="Guten Tag, ich bin Alex.").status_code == 200
    last = office.said(conversation)[-1]
    assert (last.author, last.author_name, last.text, last.internal) == (
        "staff",
        "Alex",
        "Guten Tag, ich bin Alex.",
        False,
    )


@pytest.mark.parametrize(("text", "status"), [("", 400), ("  \n ", 400), ("x" * 8001, 400), ("x" * 8000, 200)])
def test_a_message_has_words_but_not_too_many(office: Office, text: str, status: int) -> None:
    browser, conversation = office.client(office.user("Alex")), office.conversation()
    browser.act(conversation, "claim")
    answer = browser.act(conversation, "say", text=text)
    assert answer.status_code == status
    assert answer.json()["ok"] is (status == 200)


def test_only_who_holds_a_conversation_speaks_in_it(office: Office) -> None:
    alex, mira = office.client(office.user("Alex")), office.client(office.user("Mira", "lead"))
    conversation = office.conversation()
    for action in ("say", "release", "return", "resolve", "grant", "typing"):
        assert mira.act(conversation, action, text="x", agreed="x", amount="5", reason="x").status_code == 409
    alex.act(conversation, "claim")
    before = len(office.said(conversation))
    for action in ("say", "release", "return", "resolve", "grant", "typing"):
        answer = mira.act(conversation, action, text="x", agreed="x", amount="5", reason="x")
        assert answer.status_code == 409 and "nicht bei Ihnen" in answer.json()["error"], action
    assert len(office.said(conversation)) == before


def test_notes_stay_among_staff(office: Office) -> None:
    alex, mira = office.client(office.user("Alex")), office.client(office.user("Mira"))
    conversation = office.conversation()
    alex.act(conversation, "claim")
    assert mira.act(conversation, "note", text="Kundin seit 2009").status_code == 200
    with office.database.begin() as session:
        assert "Kundin seit 2009" not in [m.text for m in messages.history(session, conversation)]
    page = alex.get(f"/desk/conversations/{conversation}").text
    assert "Kundin seit 2009" in page and "der Kunde sieht sie nicht" in page


def test_released_conversations_wait_again_with_their_old_clock(office: Office) -> None:
    browser, conversation = office.client(office.user("Alex")), office.conversation(waiting_minutes=50)
    since = office.handoff(conversation).waiting_since
    browser.act(conversation, "claim")
    assert browser.act(conversation, "release", why="Feierabend").status_code == 200
    assert office.holder(conversation) == "queue" and office.handoff(conversation).waiting_since == since


def test_returned_conversations_go_on_with_the_bot_and_say_what_was_agreed(office: Office) -> None:
    browser, conversation = office.client(office.user("Alex")), office.conversation()
    browser.act(conversation, "claim")
    assert browser.act(conversation, "return").status_code == 400  # without saying what was agreed
    assert browser.act(conversation, "return", agreed="Neue Maschine kommt Freitag").status_code == 200
    assert office.holder(conversation) == "bot"
    assert "Neue Maschine kommt Freitag" in office.said(conversation)[-1].text
    assert office.handoff(conversation).note == "Neue Maschine kommt Freitag"


def test_resolving_ends_the_handoff_and_the_case(office: Office) -> None:
    browser, conversation = office.client(office.user("Alex")), office.conversation()
    browser.act(conversation, "claim")
    assert (
        browser.act(
            conversation, "resolve", agreed="Ersatz geliefert", resolution="replacement", cause="Lager"
        ).status_code
        == 200
    )
    assert office.holder(conversation) == "nobody"
    with office.database.begin() as session:
        case = store.find(session, office.case_number(conversation))
        assert case is not None
        assert (case.state, case.resolution, case.root_cause) == ("resolved", "replacement", "Lager")
        moved = case.audit[-1]
        assert (moved.who, moved.what, moved.why, moved.after) == ("Alex", "state", "Ersatz geliefert", "resolved")


def test_a_conversation_without_a_case_can_be_resolved_too(office: Office) -> None:
    browser, conversation = office.client(office.user("Alex")), office.conversation(category=None)
    browser.act(conversation, "claim")
    assert browser.act(conversation, "resolve", agreed="Frage beantwortet").status_code == 200
    assert office.holder(conversation) == "nobody"
    answer = browser.act(conversation, "claim")
    assert answer.status_code == 409 and "wartet nicht mehr" in answer.json()["error"]


def test_plain_forms_work_without_any_script(office: Office) -> None:
    browser, conversation = office.client(office.user("Alex")), office.conversation()
    answer = browser.post(f"/desk/conversations/{conversation}/claim", data={"csrf": browser.csrf})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/desk/conversations/{conversation}")
    mira = office.client(office.user("Mira"))
    answer = mira.post(f"/desk/conversations/{conversation}/claim", data={"csrf": mira.csrf})
    assert answer.status_code == 409 and "Alex war schneller" in answer.text and "<h1>" in answer.text


def test_typing_is_shown_to_the_customer_until_the_message_is_there(office: Office) -> None:
    with office.client(office.user("Alex")) as browser:
        conversation = office.conversation()
        browser.cookies, browser.csrf = (other := office.client(office.user("Mira"))).cookies, other.csrf
        browser.act(conversation, "claim")
        browser.act(conversation, "typing")
        assert office.desk.hub.typing == {conversation: "staff"}
        browser.act(conversation, "typing")
        browser.act(conversation, "say", text="Hallo")
        assert office.desk.hub.typing == {} and office.desk.typing_ends == {}


HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)> {{ 7*7 }} \"quoted\" 'single'"


def test_hostile_text_is_shown_and_never_run(office: Office) -> None:
    conversation = office.conversation(HOSTILE, entities=[{"entity": "product", "value": HOSTILE, "resolved": None}])
    with office.database.begin() as session:
        talk = messages.locked(session, conversation)
        file = {"id": '"><script>', "name": HOSTILE, "type": "image/png", "size": 1}
        messages.append(session, talk, Reply("bot", "?", ({"title": HOSTILE, "payload": "/x"},)), attachments=[file])
    browser = office.client(office.user("<b>Alex</b>"))
    browser.act(conversation, "claim")
    pages = ("/desk/", "/desk/cases", f"/desk/conversations/{conversation}", f"/desk/cases?q={HOSTILE}")
    for path in pages:
        page = browser.get(path).text
        assert "<script>" not in page and "<img src=x" not in page and "<b>Alex" not in page, path
        assert "&lt;script&gt;alert(1)" in page and "{{ 7*7 }}" in page, path


def test_everything_about_a_case_stands_beside_the_conversation(office: Office) -> None:
    conversation = office.conversation("Seit acht Monaten kaputt", flags=["repeat_contact"], remedies=["repair"])
    with office.database.begin() as session:
        case = store.latest(session, conversation)
        assert case is not None
        order = Order(order_number="LH-104711", item="Kaffeevollautomat", price_cents=64900)
        session.add(order)
        session.flush()
        store.attach_order(session, case, order, "postcode")
        store.promise(session, case, "callback", utcnow())
        step = {
            "rule": "rights",
            "passed": False,
            "because": "applies: warranty",
            "because_de": "greift: Gewährleistung",
        }
        session.add(Decision(id="d", case_number=case.number, by="bot", outcome="right", inputs={}, path=[step],
                             result={"reason": "right:de-warranty"}, rule_version="v1"))  # fmt: skip
    page = office.client(office.user("Alex")).get(f"/desk/conversations/{conversation}").text
    for words in ("Ware defekt", "Nicht zum ersten Mal", "Reparatur", "649,00\xa0€", "LH-104711",
                  "Ja, über Postleitzahl", "Rückruf", "Überfällig", "greift: Gewährleistung",
                  "Gewährleistung", "Bestellung nachgewiesen"):  # fmt: skip
        assert words in page, words
    english = office.client(office.user("Mira", language="en")).get(f"/desk/conversations/{conversation}").text
    for words in ("Product defect", "Repeat contact", "€649.00", "Statutory warranty", "applies: warranty", "Overdue"):
        assert words in english, words


def test_cases_are_found_by_number_order_item_words_state_and_category(office: Office) -> None:
    first = office.case_number(office.conversation("Der Toaster raucht 100%", queued=False))
    second = office.case_number(office.conversation("Rechnung doppelt", category="billing", queued=False))
    browser = office.client(office.user("Alex", "auditor"))
    for query, expected in (
        (f"q={first}", {first}), ("q=toaster", {first}), ("q=raucht+toaster", {first}), ("q=100%25", {first}),
        ("q=_", set()), ("category=billing", {second}), ("state=resolved", set()), ("state=nonsense", {first, second}),
        ("page=2", set()), ("page=-1", {first, second}), ("page=9999999999", {first, second}),
    ):  # fmt: skip
        page = browser.get(f"/desk/cases?{query}").text
        assert {n for n in (first, second) if f"/desk/cases/{n}" in page} == expected, query
    assert browser.get(f"/desk/cases/{first.lower()}").status_code == 303


def test_long_transcripts_show_the_last_200_and_lead_to_the_rest(office: Office) -> None:
    conversation = office.conversation(queued=False)
    with office.database.begin() as session:
        talk = messages.locked(session, conversation)
        for number in range(2, 252):
            messages.append(session, talk, Reply("bot", f"message no. {number};"))
    browser = office.client(office.user("Alex"))
    page = browser.get(f"/desk/conversations/{conversation}").text
    assert page.count("<article") == 200 and "no. 251;" in page and "no. 51;" not in page
    assert 'href="?before=52"' in page
    assert "no. 51;" in browser.get(f"/desk/conversations/{conversation}?before=52").text


def test_staff_see_a_customers_photo_and_strangers_do_not(office: Office) -> None:
    conversation = office.conversation("Frau Keller", category="staff_conduct", confidential=True)
    with office.database.begin() as session:
        session.add(Attachment(id="f" * 32, conversation_id=conversation, name="a.png", type="image/png", size=3))
    attachments.path("f" * 32).parent.mkdir(parents=True)
    attachments.path("f" * 32).write_bytes(b"png")
    seen = office.client(office.user("Mira", confidential=True)).get("/desk/attachments/" + "f" * 32)
    assert (seen.content, seen.headers["content-type"]) == (b"png", "image/png")
    assert seen.headers["x-content-type-options"] == "nosniff"
    assert office.client(office.user("Robin")).get("/desk/attachments/" + "f" * 32).status_code == 404


@pytest.fixture
def photo() -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(made, format="PNG")
    return made.getvalue()


def send(browser: Browser, conversation: str, name: str, data: bytes, text: str = "") -> Any:
    headers = {"Accept": "application/json", "X-CSRF-Token": browser.csrf}
    path = f"/desk/conversations/{conversation}/say"
    return browser.post(path, data={"text": text}, files={"file": (name, data)}, headers=headers)


def test_staff_send_a_picture_with_or_without_words(office: Office, photo: bytes) -> None:
    browser, conversation = office.client(office.user("Alex")), office.conversation()
    browser.act(conversation, "claim")
    assert send(browser, conversation, "<i>Anleitung</i>.png", photo, "So geht es:").status_code == 200
    assert send(browser, conversation, "noch eins", photo).status_code == 200
    first, second = office.said(conversation)[-2:]
    assert (first.text, first.attachments[0]["type"], second.text) == ("So geht es:", "image/png", "")
    assert second.attachments[0]["name"] == "noch eins.png"
    page = browser.get(f"/desk/conversations/{conversation}").text
    assert "Bild von uns:" in page and "<i>" not in page
    kept = browser.get(f"/desk/attachments/{first.attachments[0]['id']}")
    assert kept.status_code == 200 and kept.headers["content-type"] == "image/png"


@pytest.mark.parametrize(
    ("name", "data", "sentence"),
    [
        ("seite.html", b"<script>alert(1)</script>", "nur Bilder"),
        ("bild.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "nur Bilder"),
        ("leer.png", b"", "nur Bilder"),
        ("riesig.pdf", b"%PDF-" + b"x" * attachments.MAX_BYTES, "zu groß"),
    ],
)
def test_a_file_that_is_no_picture_or_pdf_is_not_sent(office: Office, name: str, data: bytes, sentence: str) -> None:
    browser, conversation = office.client(office.user("Alex")), office.conversation()
    browser.act(conversation, "claim")
    before = len(office.said(conversation))
    answer = send(browser, conversation, name, data, "hier")
    assert answer.status_code == 400 and sentence in answer.json()["error"]
    assert len(office.said(conversation)) == before


def test_only_who_holds_a_conversation_sends_files_and_only_there(office: Office, photo: bytes) -> None:
    mira, conversation = office.client(office.user("Mira")), office.conversation()
    assert send(mira, conversation, "a.png", photo).status_code == 409
    assert list((office.desk.settings.var / "attachments").glob("*")) == [], "nothing is left lying about"
    headers = {"Accept": "application/json", "X-CSRF-Token": mira.csrf}
    note = mira.post(
        f"/desk/conversations/{conversation}/note",
        data={"text": "x"},
        files={"file": ("a.png", photo)},
        headers=headers,
    )
    assert note.status_code == 400, "a note takes none"


@pytest.mark.parametrize("amount", ["", "0", "-5", "abc", "1e3", "5,123", "9999999", "0,00"])
def test_an_amount_that_is_none_is_refused(office: Office, amount: str) -> None:
    browser, conversation = office.client(office.user("Alex")), office.conversation()
    browser.act(conversation, "claim")
    answer = browser.act(conversation, "grant", amount=amount, reason="weil")
    assert answer.status_code == 400 and "Betrag" in answer.json()["error"]


def test_a_body_that_is_far_too_big_is_not_read(office: Office) -> None:
    browser, conversation = office.client(office.user("Alex")), office.conversation()
    assert browser.act(conversation, "note", text="x" * 100_000).status_code == 413


def test_edited_messages_say_so(office: Office) -> None:
    conversation = office.conversation()
    with office.database.begin() as session:
        session.query(Message).filter_by(conversation_id=conversation, seq=1).one().edited_at = utcnow()
    assert "geändert" in office.client(office.user("Alex")).get(f"/desk/conversations/{conversation}").text
