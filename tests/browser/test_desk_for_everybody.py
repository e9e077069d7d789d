"""The desk in a real browser, without the dialogue: by keyboard, on a phone, to a screen reader, at night."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable
from pathlib import Path

import pyotp
import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from bot.cases import store
from bot.cases.model import Offer, Order
from bot.database import utcnow
from bot.desk import second_factor, sessions
from bot.frontdesk import messages
from bot.frontdesk.messages import Reply
from bot.frontdesk.model import Message, Topic, User
from tests.browser.conftest import NewPage
from tests.browser.pages import PATIENCE, Desk, accessible
from tests.desk.conftest import PASSWORD, Office

PHONE, DESKTOP = {"width": 360, "height": 740}, {"width": 1200, "height": 820}
PICTURES = os.environ.get("ERSTKONTAKT_TEST_PICTURES", "")
"""A folder for a picture of each page, for whoever wants to look."""


class Workplace:
    """A desk with a busy morning behind it."""

    def __init__(self, office: Office, base: str, new_page: NewPage) -> None:
        self.office, self.base, self._new_page = office, f"{base}/desk", new_page
        self.alex = office.user("Alex")
        self.mira = office.user("Mira", "lead", confidential=True)
        self.ada = office.user("Ada", "admin", confidential=True)
        self.waiting = office.conversation("Die Heizung raucht und stinkt verbrannt", flags=["safety"])
        self.talk = office.conversation("Meine Kaffeemaschine ist nach acht Monaten kaputt")
        self.number = office.case_number(self.talk)
        alex = office.client(self.alex)
        alex.act(self.talk, "claim")
        self._facts()
        alex.act(self.talk, "ask", amount="200", form="partial_refund", reason="Dritte Reparatur in vier Wochen")
        alex.act(self.talk, "note", text="@Ada bitte ansehen: Kundin seit 2009")
        for number in range(3):
            office.customer_says(self.talk, f"Noch etwas, Nummer {number}: Sie dampft auch nicht mehr.")
            alex.act(self.talk, "say", text="Danke, ich schreibe es auf.")
        office.conversation("Wann haben Sie denn geöffnet?", category=None)
        office.conversation("Frau Keller war frech", category="staff_conduct", confidential=True)
        with self.office.database.begin() as session:
            session.add(Topic(conversation_id=self.talk, group_id=-1001234567890, thread_id=57))
        self.misunderstood = self._misunderstood()
        self.gone = self._without_a_conversation()
        token = alex.csrf
        alex.post("/desk/views", data={"name": "Kaffee", "filters": "q=Kaffeemaschinen", "csrf": token})

    def _misunderstood(self) -> str:
        """A message that waits for the trainers; its id."""
        hazy = self.office.conversation("Frau Demir, hää?", category=None)
        with self.office.database.begin() as session:
            message = session.scalars(select(Message).where(Message.conversation_id == hazy)).first()
            message.understood = {"intent": {"name": "nlu_fallback", "confidence": 0.2}, "language": "de"}
            return str(message.id)

    def _without_a_conversation(self) -> str:
        """A case that is all that is left; its number."""
        with self.office.database.begin() as session:
            about = {"channel": "web", "language": "de", "category": "late_delivery", "text": "Kommt das noch?"}
            return str(store.open_case(session, conversation="long gone", **about).number)

    def _facts(self) -> None:
        with self.office.database.begin() as session:
            case = store.latest(session, self.talk)
            assert case is not None
            order = Order(order_number="LH-104502", item="Kaffeemaschine Aroma", price_cents=64900)
            session.add(order)
            session.flush()
            store.attach_order(session, case, order, "postcode")
            store.promise(session, case, "callback", utcnow() - dt.timedelta(hours=2))
            store.promise(session, case, "decision", utcnow() + dt.timedelta(days=2))
            case.offers.append(
                Offer(
                    id="o" * 16,
                    case_number=case.number,
                    kind="goodwill",
                    form="voucher",
                    amount_cents=1000,
                    by="bot",
                    state="open",
                    rule_version="test",
                )
            )
            talk = messages.locked(session, self.talk)
            answer = ({"title": "Reparatur", "payload": "/r"}, {"title": "Ersatz", "payload": "/e"})
            messages.append(session, talk, Reply("bot", "Was ist Ihnen lieber?", buttons=answer))

    def second_factor(self, user: User) -> None:
        """Logging in asks this user for a code, too."""
        before = utcnow() - dt.timedelta(seconds=30)
        with self.office.database.begin() as session:
            mine = session.get(User, user.id)
            totp = pyotp.TOTP(second_factor.begin(session, mine))
            second_factor.confirm(session, mine, totp.at(before), before)

    def log_in(self, user: User, **options: object) -> Page:
        """A page of somebody who is logged in; axe measures with inline styles."""
        page = self._new_page(bypass_csp=True, **options)
        with self.office.database.begin() as session:
            token = sessions.start(session, session.get(User, user.id))
        cookie = {"name": sessions.COOKIE, "value": token, "domain": "127.0.0.1", "path": "/desk"}
        page.context.add_cookies([cookie])
        return page

    def language(self, language: str) -> None:
        with self.office.database.begin() as session:
            for user in session.query(User):
                user.language = language

    def pages(self) -> list[str]:
        """Every page of the desk, as an admin sees it."""
        return [
            "/", "/cases", "/cases?q=Kaffeemaschinen", "/cases?q=nichtszufinden&severity=2", "/mentions", "/approvals",
            "/training", "/me", "/users", f"/users/{self.alex.id}", f"/conversations/{self.talk}",
            f"/conversations/{self.waiting}", f"/training/messages/{self.misunderstood}", f"/cases/{self.gone}",
        ]  # fmt: skip


@pytest.fixture
def workplace(office: Office, serve: Callable[[], str], new_page: NewPage, data: Path) -> Workplace:
    return Workplace(office, serve(), new_page)


def everything_open(page: Page) -> None:
    """What can be unfolded is unfolded: axe sees what people see."""
    page.evaluate("document.querySelectorAll('details').forEach(details => details.open = true)")


def inside(page: Page, state: str) -> None:
    """No sideways scrolling, and what can be pressed is big enough for a thumb (WCAG 2.5.8)."""
    width = page.viewport_size["width"] if page.viewport_size else 0
    assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{state} is wider than the window"
    small = page.evaluate(
        """() => [...document.querySelectorAll("button, .button, select, input:not([type=hidden]), summary")]
            .filter(n => n.checkVisibility() && !n.matches(".unseen, [type=checkbox]"))
            .filter(n => { const b = n.getBoundingClientRect(); return Math.min(b.width, b.height) < 24; })
            .map(n => n.outerHTML.slice(0, 120))"""
    )
    assert small == [], state


def picture(page: Page, name: str) -> None:
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


@pytest.mark.parametrize(
    ("scheme", "language", "viewport"),
    [("light", "de", PHONE), ("dark", "en", DESKTOP)],
    ids=["light-german-phone", "dark-english-desktop"],
)
def test_every_page_is_accessible(workplace: Workplace, scheme: str, language: str, viewport: dict[str, int]) -> None:
    workplace.language(language)
    page = workplace.log_in(workplace.ada, color_scheme=scheme, viewport=viewport, locale=language)
    for index, path in enumerate(workplace.pages()):
        answer = page.goto(workplace.base + path)
        assert answer is not None and answer.status == 200, path
        expect(page.locator("html")).to_have_attribute("lang", language)
        picture(page, f"{scheme}-{language}-{viewport['width']}-{index}")
        everything_open(page)
        accessible(page, path)
        inside(page, path)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    accessible(page, "shortcuts")
    picture(page, f"{scheme}-{language}-{viewport['width']}-shortcuts")


@pytest.mark.parametrize(("scheme", "language"), [("dark", "de"), ("light", "en")])
def test_log_in_and_what_is_not_there_are_accessible(
    workplace: Workplace, new_page: NewPage, scheme: str, language: str
) -> None:
    workplace.language(language)
    workplace.second_factor(workplace.mira)
    options = {"color_scheme": scheme, "viewport": PHONE, "locale": language}
    stranger = new_page(bypass_csp=True, trouble=True, **options)  # a wrong code is refused
    stranger.goto(f"{workplace.base}/login")
    expect(stranger.locator("html")).to_have_attribute("lang", language)
    accessible(stranger, "log-in")
    inside(stranger, "log-in")
    stranger.fill("#name", "Mira")
    stranger.fill("#password", PASSWORD)
    stranger.keyboard.press("Enter")
    expect(stranger.locator("#code")).to_be_focused(timeout=PATIENCE)
    expect(stranger.locator("html")).to_have_attribute("lang", language)
    for state in ("log-in code", "wrong log-in code"):
        accessible(stranger, state)
        inside(stranger, state)
        picture(stranger, f"{state.replace(' ', '-')}-{scheme}-{language}")
        stranger.keyboard.type("000000")
        stranger.keyboard.press("Enter")
        expect(stranger.get_by_role("alert").filter(visible=True)).to_be_visible(timeout=PATIENCE)
    page = workplace.log_in(workplace.alex, trouble=True, **options)
    page.goto(f"{workplace.base}/conversations/nothing")
    accessible(page, "not there")
    inside(page, "not there")


@pytest.mark.parametrize("language", ["de", "en"])
def test_on_a_phone_the_menu_unfolds_and_leaves_room(workplace: Workplace, language: str) -> None:
    workplace.language(language)
    page = workplace.log_in(workplace.ada, viewport=PHONE, locale=language, color_scheme="dark")
    page.goto(f"{workplace.base}/")
    top = page.locator("header.top").bounding_box()
    assert top is not None and top["height"] < 120, "two rows, though an admin has seven pages"
    button, menu = page.locator(".menu-button"), page.locator("#menu")
    expect(menu).to_be_hidden()
    button.focus()
    page.keyboard.press("Enter")
    expect(menu).to_be_visible()
    accessible(page, "menu")
    inside(page, "menu")
    picture(page, f"menu-{language}")
    page.keyboard.press("Tab")
    expect(menu.get_by_role("link").first).to_be_focused()
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    expect(button).to_be_focused()
    page.keyboard.press("Enter")
    menu.get_by_role("link", name={"de": "Alle Fälle", "en": "All cases"}[language]).press("Enter")
    expect(page.locator("[data-here]")).to_be_visible(timeout=PATIENCE)
    assert page.url.endswith("/cases")


def test_a_trainer_sees_similar_examples_while_writing(workplace: Workplace) -> None:
    page = workplace.log_in(workplace.ada, viewport=DESKTOP)
    page.goto(f"{workplace.base}/training/messages/{workplace.misunderstood}")
    page.locator("#example").fill("Guten Tag zusammen!")
    page.locator("#intent").select_option("greet")
    expect(page.locator("[data-neighbours]")).to_contain_text("Guten Tag zusammen", timeout=PATIENCE)
    everything_open(page)
    accessible(page, "similar examples")
    picture(page, "neighbours")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_list_of_text_modules_is_accessible(workplace: Workplace, scheme: str) -> None:
    page = workplace.log_in(workplace.alex, color_scheme=scheme, viewport=PHONE)
    page.goto(f"{workplace.base}/conversations/{workplace.talk}")
    page.get_by_role("button", name="Textbausteine").click()
    expect(page.locator(".picker:not([hidden]) [role=option]").first).to_be_visible()
    accessible(page, "text modules")
    inside(page, "text modules")
    picture(page, f"modules-{scheme}")


def test_a_whole_case_with_the_keyboard_alone(workplace: Workplace) -> None:
    page = workplace.log_in(workplace.alex, viewport=DESKTOP, trouble=True)  # a text with a gap is refused once
    office = workplace.office
    page.goto(f"{workplace.base}/")
    keyboard = page.keyboard
    expect(page.locator("[data-connection].on")).to_be_visible(timeout=PATIENCE)
    keyboard.press("j")
    expect(page.locator(f"[data-row='{workplace.waiting}'] [data-link]")).to_be_focused()
    keyboard.press("c")
    reply = page.locator("#reply")
    expect(reply).to_be_enabled(timeout=PATIENCE)
    expect(page.locator("[data-connection].on")).to_be_visible(timeout=PATIENCE)

    keyboard.press("r")
    expect(reply).to_be_focused()
    keyboard.type("/begr")
    expect(page.locator(".picker:not([hidden]) [role=option]")).to_have_count(1)
    expect(reply).to_have_attribute("aria-activedescendant", "picker-1-0")
    keyboard.press("ArrowRight")
    expect(page.locator(".picker:not([hidden]) [role=option]")).to_contain_text("Hello, this is Alex")
    keyboard.press("ArrowLeft")
    expect(page.locator(".picker:not([hidden]) [role=option]")).to_contain_text("Guten Tag, hier ist Alex")
    keyboard.press("Enter")
    expect(reply).to_have_value(
        f"Guten Tag, hier ist Alex von Lindenhof. Ich habe alles gelesen, was Sie geschrieben haben, "
        f"und kümmere mich jetzt selbst um Ihren Fall {office.case_number(workplace.waiting)}."
    )
    keyboard.press("Enter")
    expect(page.locator(".message.by-staff").filter(has_text="Guten Tag, hier ist Alex")).to_be_visible(
        timeout=PATIENCE
    )
    expect(reply).to_be_focused()

    keyboard.type("/bis wann")
    expect(page.locator(".picker:not([hidden]) [role=option]")).to_have_count(1)
    keyboard.press("Enter")
    assert (
        page.evaluate(
            "getSelection().toString() || document.activeElement.value.slice("
            "document.activeElement.selectionStart, document.activeElement.selectionEnd)"
        )
        == "[[Termin]]"
    )
    keyboard.press("Enter")  # with the gap still there
    expect(page.locator("[data-error]")).to_contain_text("[[Termin]]", timeout=PATIENCE)
    keyboard.type("morgen um 12 Uhr")
    keyboard.press("Enter")
    expect(page.locator(".message.by-staff").filter(has_text="bis morgen um 12 Uhr")).to_be_visible(timeout=PATIENCE)

    leave(page)
    keyboard.press("n")
    expect(page.locator("#f-text-note")).to_be_focused()
    keyboard.type("Bitte mitlesen @mi")
    expect(page.locator(".picker:not([hidden]) [role=option]")).to_have_text(["Mira"])
    keyboard.press("Enter")
    keyboard.press("Control+Enter")
    expect(page.locator(".message.internal").filter(has_text="Bitte mitlesen @Mira")).to_be_visible(timeout=PATIENCE)

    leave(page)
    keyboard.press("g")
    expect(page.locator("#form-grant")).to_be_focused()
    keyboard.press("Tab")
    keyboard.type("25")
    keyboard.press("Tab")
    keyboard.type("Schreck und Rauch")
    keyboard.press("Control+Enter")
    expect(page.locator("[data-facts]")).to_contain_text("25,00", timeout=PATIENCE)

    leave(page)
    keyboard.press("e")
    keyboard.type("Wir holen das Gerät morgen ab.")
    keyboard.press("Control+Enter")
    expect(page.locator("[data-queue]")).to_be_visible(timeout=PATIENCE)
    assert office.holder(workplace.waiting) == "nobody"
    assert workplace.office.said(workplace.waiting)[-1].text.endswith("Wir holen das Gerät morgen ab.")


def test_a_day_with_the_mouse(workplace: Workplace, new_page: NewPage) -> None:
    desk = Desk(new_page(locale="de-DE"), workplace.base.removesuffix("/desk")).log_in("Mira", PASSWORD)
    desk.claim(workplace.office.case_number(workplace.waiting))
    workplace.office.customer_says(workplace.waiting, "Sind Sie noch da?")
    desk.hears("Sind Sie noch da?")
    desk.say("Ja, ich bin da.")
    desk.end("return", "Jemand kommt heute noch vorbei.")
    assert workplace.office.holder(workplace.waiting) == "bot"


def leave(page: Page) -> None:
    """Out of the text field, as the keyboard goes: to the next thing that takes no letters."""
    for _ in range(12):
        if not page.evaluate("document.activeElement.matches('input, textarea, select')"):
            return
        page.keyboard.press("Tab")
    raise AssertionError("the keyboard is caught")


def test_a_colleague_who_is_named_sees_the_number_without_reloading(workplace: Workplace) -> None:
    page = workplace.log_in(workplace.mira, viewport=DESKTOP)
    page.goto(f"{workplace.base}/")
    expect(page.locator("[data-connection].on")).to_be_visible(timeout=PATIENCE)
    badge = page.locator("[data-count=mentions]")
    expect(badge).to_be_hidden()
    workplace.office.client(workplace.alex).act(workplace.talk, "note", text="@Mira schau mal")
    expect(badge).to_have_text("1", timeout=PATIENCE)
    page.get_by_role("link", name="Erwähnt").click()
    page.locator("[data-link]").first.click()
    expect(page.locator(".message.internal").filter(has_text="@Mira schau mal")).to_be_visible(timeout=PATIENCE)
    expect(page.locator("[data-count=mentions]")).to_be_hidden(timeout=PATIENCE)


def test_a_lead_approves_with_the_keyboard_and_the_asker_sees_it_live(workplace: Workplace) -> None:
    alex, mira = workplace.log_in(workplace.alex, viewport=DESKTOP), workplace.log_in(workplace.mira, viewport=PHONE)
    alex.goto(f"{workplace.base}/conversations/{workplace.talk}")
    expect(alex.locator("[data-connection].on")).to_be_visible(timeout=PATIENCE)
    mira.goto(f"{workplace.base}/approvals")
    mira.get_by_role("button", name="Freigeben: 200,00").focus()
    mira.keyboard.press("Enter")
    expect(mira.locator("main")).to_contain_text("Keine Anfrage wartet", timeout=PATIENCE)
    expect(alex.locator("[data-facts]")).to_contain_text("beantwortet von Mira", timeout=PATIENCE)


def test_a_picture_is_pasted_named_and_sent(workplace: Workplace) -> None:
    page = workplace.log_in(workplace.alex, viewport=PHONE)
    page.goto(f"{workplace.base}/conversations/{workplace.talk}")
    expect(page.locator("[data-connection].on")).to_be_visible(timeout=PATIENCE)
    icon = Path(__file__).parents[2] / "docs" / "images" / "widget-phone.png"
    page.locator("#file").set_input_files(icon)
    expect(page.locator("[data-chosen]")).to_have_text("Angehängt: widget-phone.png")
    inside(page, "a file is attached")
    page.locator("#reply").press("Enter")
    shown = page.get_by_role("img", name="Bild von uns: widget-phone.png")
    expect(shown).to_be_visible(timeout=PATIENCE)
    expect(page.locator("[data-chosen]")).to_have_text("Foto oder PDF bis 10 MB")
