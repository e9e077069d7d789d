"""What a customer can do in the widget, with a front desk and nobody to answer."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from bot import texts
from tests.browser.conftest import NewPage, Owner
from tests.browser.pages import PATIENCE, Widget
from tests.frontdesk.web.conftest import FrontDesk, picture, running
from tests.services.smtp_server import SmtpServer


def test_what_can_be_pressed_looks_like_it(chat: Widget, owner: Owner) -> None:
    chat.say("Der Kompressor ist kaputt.")
    owner(chat).hears("Was wäre für Sie die beste Lösung?", buttons=({"title": "Reparatur", "payload": "/affirm"},))
    reply = chat.hook("quick-reply")
    expect(reply).to_be_visible(timeout=PATIENCE)
    look = reply.evaluate(
        "n => { const s = getComputedStyle(n); return [s.borderTopStyle, parseFloat(s.paddingLeft)] }"
    )
    assert look[0] == "solid" and look[1] > 8, "an outline and room inside"


def test_photos_are_shown_before_and_after_they_are_sent_and_can_be_taken_back(chat: Widget, owner: Owner) -> None:
    files = [{"name": name, "mimeType": "image/jpeg", "buffer": picture()} for name in ("eins.jpg", "<b>zwei</b>.jpg")]
    chat.hook("file").set_input_files(
        [*files, {"name": "r.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 x"}]
    )
    expect(chat.hook("preview")).to_have_count(3)
    expect(chat.hook("preview").locator("canvas")).to_have_count(2)
    chat.page.get_by_role("button", name="eins.jpg entfernen").click()
    expect(chat.hook("input")).to_be_focused()
    chat.hook("input").fill("So sieht es aus.")
    chat.hook("send").click()
    expect(chat.messages("customer")).to_have_count(2)
    expect(chat.messages("customer").locator("canvas")).to_have_count(1)
    expect(chat.messages("customer").locator(".status:not(:empty)")).to_have_count(0, timeout=PATIENCE)
    sent = owner(chat).said()
    assert [m["text"] for m in sent] == ["So sieht es aus.", ""]
    with chat.page.expect_download() as download:
        chat.messages("customer").locator(".file").last.click()
    assert download.value.suggested_filename == "r.pdf"


def test_a_photo_of_30_megabytes_is_made_smaller_before_it_is_sent(
    chat: Widget, front_desk: FrontDesk, owner: Owner
) -> None:
    big = picture("PNG", (5000, 4000)) + bytes(30 * 1024 * 1024)
    path = front_desk.settings.var / "gross.png"
    path.write_bytes(big)
    chat.hook("file").set_input_files(path)
    expect(chat.hook("preview")).to_contain_text("gross.jpg", timeout=PATIENCE)
    chat.hook("send").click()
    expect(chat.messages("customer").locator(".status")).to_have_text("", timeout=PATIENCE)
    [file] = owner(chat).said()[-1]["attachments"]
    assert file["type"] == "image/jpeg" and file["size"] < 10 * 1024 * 1024


def test_a_document_of_30_megabytes_is_declined_in_a_sentence(chat: Widget, front_desk: FrontDesk) -> None:
    path = front_desk.settings.var / "vertrag.pdf"
    path.write_bytes(b"%PDF-1.7" + bytes(30 * 1024 * 1024))
    chat.hook("file").set_input_files(path)
    expect(chat.hook("note")).to_contain_text("vertrag.pdf ist zu groß. Bitte höchstens 10 MB.")
    expect(chat.hook("preview")).to_have_count(0)


def test_a_wrong_type_is_refused_in_a_sentence_and_the_words_come_back(shaky: Widget, front_desk: FrontDesk) -> None:
    chat = shaky
    svg = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
    chat.hook("file").set_input_files([{"name": "x.svg", "mimeType": "image/svg+xml", "buffer": svg}])
    chat.hook("input").fill("Ein Bild")
    chat.hook("send").click()
    expect(chat.hook("note")).to_contain_text(texts.text("utter_error_file_type", "de"), timeout=PATIENCE)
    expect(chat.hook("input")).to_have_value("Ein Bild")
    expect(chat.messages("customer")).to_have_count(0)


def test_writing_too_fast_is_told_kindly_and_nothing_is_lost(shaky: Widget, owner: Owner) -> None:
    chat = shaky
    customer = owner(chat)
    for n in range(30):
        assert customer.post(text=f"{n}").status_code == 202
    chat.hook("input").fill("Noch etwas")
    chat.hook("send").click()
    expect(chat.hook("note")).to_contain_text(texts.text("utter_error_too_fast", "de"), timeout=PATIENCE)
    expect(chat.hook("input")).to_have_value("Noch etwas")


@pytest.mark.parametrize("text", ["😡🔥👎🏽", "الضاغط لا يعمل ورقم الطلب LH-104140", "<img src=x onerror=alert(1)>"])
def test_any_script_is_shown_as_it_was_written(chat: Widget, text: str) -> None:
    chat.say(text)
    bubble = chat.messages("customer").locator(".text")
    expect(bubble).to_have_text(text)
    wanted = "rtl" if "ا" in text else "ltr"
    assert bubble.evaluate("node => getComputedStyle(node).direction") == wanted
    chat.hook("input").fill(text)
    assert chat.hook("input").evaluate("node => getComputedStyle(node).direction") == wanted


def test_ending_rating_and_taking_the_transcript_along(chat: Widget, owner: Owner) -> None:
    chat.say("Der Kompressor ist kaputt.")
    chat.hook("menu").click()
    with chat.page.expect_download() as download:
        chat.hook("transcript").click()
    assert re.fullmatch(r"Gespraech-\d{4}-\d\d-\d\d\.txt", download.value.suggested_filename)
    assert "Sie: Der Kompressor ist kaputt." in Path(download.value.path()).read_text(encoding="utf-8")
    chat.choose("end")
    chat.hears(texts.text("utter_customer_ended", "de"), "system")
    expect(chat.hook("rating")).to_be_visible(timeout=PATIENCE)
    chat.hook("rating-send").click()
    expect(chat.hook("rating")).to_contain_text("Bitte wählen Sie eine Zahl")
    chat.hook("rating-4").check()
    chat.hook("rating-words").fill("Schnell, danke!")
    chat.hook("rating-send").click()
    expect(chat.hook("note")).to_contain_text("Danke! Ihre Bewertung", timeout=PATIENCE)
    expect(chat.hook("rating")).to_have_count(0)
    note = owner(chat).stored()[-1]
    assert note.internal and "4 von 5" in note.text and "Schnell, danke!" in note.text
    chat.say("Eins noch.")  # writing goes on


def test_the_transcript_goes_by_mail_once_an_order_is_proven(new_page: NewPage, tmp_path: Path) -> None:
    with SmtpServer(tmp_path / "mail") as server:
        smtp = {"smtp_host": "127.0.0.1", "smtp_port": server.port, "smtp_security": "none"}
        with running(tmp_path, **smtp, smtp_from="service@lindenhof.example") as desk:
            chat = Widget(new_page(trouble=True, locale="de-DE"), desk.url).open()
            chat.hook("menu").click()
            expect(chat.hook("end")).to_be_visible()
            expect(chat.hook("mail")).to_be_hidden()
            chat.page.keyboard.press("Escape")
            customer = desk.with_token(chat.token)
            customer.proves()
            customer.hears("Danke, das ist Ihre Bestellung.")
            chat.hears("Danke, das ist Ihre Bestellung.")
            chat.choose("mail")
            expect(chat.hook("note")).to_contain_text("unterwegs an die E-Mail-Adresse Ihrer Bestellung")
            server.wait()


def test_the_language_switch_changes_the_page_and_asks_whoever_answers(chat: Widget, owner: Owner) -> None:
    chat.hook("locale-en").click()
    expect(chat.hook("input")).to_have_attribute("aria-label", "Your message")
    assert owner(chat).said() == [], "nothing to ask before there is a conversation"
    chat.hook("locale-de").click()
    chat.say("Der Kompressor ist kaputt.")
    chat.hook("locale-en").click()
    chat.hears("In English, please.", "customer")
    expect(chat.page.locator("erstkontakt-chat .panel")).to_have_attribute("lang", "en")
    chat.page.reload()
    expect(chat.hook("launcher")).to_contain_text("Continue the chat")


def test_who_speaks_and_who_is_writing_is_always_told(chat: Widget, owner: Owner) -> None:
    customer = owner(chat)
    chat.speaks("KI-Assistent")
    customer.hold("queue")
    chat.speaks("Warten auf einen Menschen")
    customer.hold("staff")
    customer.hears("Guten Tag, hier ist Alex.", "staff", author_name="Alex")
    chat.speaks("Alex")
    said = chat.messages("staff").locator(".author")
    expect(said).to_have_text("Alex")
    expect(chat.messages("bot").locator(".author").first).to_have_text("KI-Assistent")
