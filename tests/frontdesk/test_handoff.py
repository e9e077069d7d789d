"""From the bot to people, among people, and back: every step, its table, its races, what the customer hears."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from typing import Any

import pytest

from bot.database import Database, utcnow
from bot.frontdesk import handing_on, handoff, messages
from bot.frontdesk.handoff import AlreadyClaimed, ForOthers, HandoffError, NoLead, NotYours
from bot.frontdesk.handoff_states import ACTIVE, ENDED, HELD, HOLDER, STEPS, WrongStep, take
from bot.frontdesk.model import Conversation, Handoff, HandoffEvent, User
from bot.frontdesk.notifications.model import Notice
from tests.frontdesk.conftest import Desk
from tests.services.processes import FORKED

STATES = (*ACTIVE, *ENDED)
LATER = dt.timedelta(hours=2)


@pytest.fixture
def team(desk: Desk) -> Team:
    return Team(desk)


class Team:
    """Alex and Mira (staff), Lea (lead), and a conversation that waits in the queue."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.alex, self.mira, self.lea = desk.user("Alex"), desk.user("Mira"), desk.user("Lea", "lead")
        self.conversation = desk.talk()
        self.id = self.queue(self.conversation)

    def queue(self, conversation: str, **about: Any) -> str:
        given = {"reason": "asked_for_person", "severity": 1, "case_number": None, **about}
        with self.desk.database.begin() as session:
            return str(handoff.hand_over(session, messages.locked(session, conversation), **given).id)

    def do(self, step: Callable[..., Any], *args: Any, **more: Any) -> Any:
        with self.desk.database.begin() as session:
            return step(session, self.id, *args, **more)

    def customer_says(self, text: str = "Hallo?") -> None:
        with self.desk.database.begin() as session:
            messages.receive(session, self.conversation, text=text)

    def set(self, **values: Any) -> None:
        with self.desk.database.begin() as session:
            for name, value in values.items():
                setattr(session.get(Handoff, self.id), name, value)

    def set_user(self, user: User, **values: Any) -> None:
        with self.desk.database.begin() as session:
            for name, value in values.items():
                setattr(session.get(User, user.id), name, value)
                setattr(user, name, value)

    @property
    def now(self) -> Handoff:
        with self.desk.database.begin() as session:
            return session.get(Handoff, self.id)

    @property
    def holder(self) -> str:
        with self.desk.database.begin() as session:
            return str(session.get(Conversation, self.conversation).holder)

    @property
    def history(self) -> list[tuple[str, str, str | None]]:
        with self.desk.database.begin() as session:
            lines = session.query(HandoffEvent).filter_by(handoff_id=self.id).order_by(HandoffEvent.id)
            return [(line.who, line.what, line.note) for line in lines]

    @property
    def heard(self) -> str:
        """The last words to the customer."""
        return str(self.desk.said(self.conversation)[-1].text)


def test_what_only_a_lead_may_decide_reaches_a_lead(team: Team) -> None:
    about = {"reason": "after_warranty_high_value", "severity": 2, "lead": True}
    first, again = team.queue(team.desk.talk("Getriebe kaputt"), **about), team.queue(team.conversation, **about)
    assert again == team.id, "joined what waited already"
    for handoff_id in (first, again):
        with team.desk.database.begin() as session:
            with pytest.raises(ForOthers, match="a lead takes it"):
                handoff.claim(session, handoff_id, team.alex)
            assert handoff.claim(session, handoff_id, team.lea).state == "claimed"


# The table of steps.


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("state", STATES)
def test_a_step_is_taken_where_the_table_allows_it_and_nowhere_else(team: Team, step: str, state: str) -> None:
    allowed, following = STEPS[step]
    with team.desk.database.begin() as session:
        known = session.get(Handoff, team.id)
        known.state, known.claimed_by = state, team.alex.id if state != "queued" else None
        talk = messages.locked(session, team.conversation)
        if state not in allowed:
            with pytest.raises(WrongStep):
                take(session, known, talk, step, who="Alex")
            assert known.state == state
            return
        take(session, known, talk, step, who="Alex", why="weil")
    assert team.now.state == following and team.holder == HOLDER[following]
    assert (team.now.ended_at is not None) == (following in ENDED)
    assert team.history[-1] == ("Alex", step, "weil")


def test_every_state_can_be_reached_and_only_an_end_leads_nowhere() -> None:
    reached = {"queued", *(to for _allowed, to in STEPS.values())}
    left = {state for allowed, _to in STEPS.values() for state in allowed}
    assert reached == set(STATES) and left == set(ACTIVE)


def test_what_has_ended_cannot_be_taken_up_again(team: Team) -> None:
    team.do(handoff.claim, team.alex)
    team.do(handoff.resolve, team.alex, "Erledigt.")
    for step in (handoff.claim, handoff.release, handoff.give_back):
        with pytest.raises(HandoffError):
            team.do(step, team.alex)


def test_a_conversation_has_one_active_handoff(team: Team) -> None:
    again = team.queue(team.conversation, severity=3, reason="severity", case_number="EK-2026-000001")
    assert again == team.id
    assert (team.now.severity, team.now.case_number) == (3, "EK-2026-000001")
    with pytest.raises(Exception, match=r"UNIQUE|unique"), team.desk.database.begin() as session:
        session.add(Handoff(id="second", conversation_id=team.conversation, reason="severity", state="snoozed"))
        session.flush()


# Claiming.


def _claim_in_a_process(url: str, handoff_id: str, user_id: int, start: Any, results: Any) -> None:
    database = Database(url)
    start.wait()
    try:
        with database.begin() as session:
            handoff.claim(session, handoff_id, session.get(User, user_id))
        results.put((user_id, "won"))
    except AlreadyClaimed as faster:
        results.put((user_id, faster.by))
    finally:
        database.dispose()


def test_two_processes_claim_at_once_and_one_wins(team: Team) -> None:
    start, results = FORKED.Barrier(2), FORKED.Queue()
    people = {team.alex.id: "Alex", team.mira.id: "Mira"}
    both = [
        FORKED.Process(target=_claim_in_a_process, args=(team.desk.database.url, team.id, user_id, start, results))
        for user_id in people
    ]
    for process in both:
        process.start()
    told = dict(results.get(timeout=240) for _ in both)
    for process in both:
        process.join(timeout=30)
    winner = next(user_id for user_id, outcome in told.items() if outcome == "won")
    loser = next(user_id for user_id in people if user_id != winner)
    assert told[loser] == people[winner] and team.now.claimed_by == winner
    assert [what for _who, what, _why in team.history] == ["queued", "claimed"]


def test_on_both_databases_one_of_many_wins(both: Database) -> None:
    team = Team(Desk(both))
    people = [team.desk.user(f"Nr {n}") for n in range(6)]
    start, outcomes = threading.Barrier(len(people)), []

    def press(user: User) -> None:
        start.wait()
        try:
            team.do(handoff.claim, user)
            outcomes.append("won")
        except AlreadyClaimed:
            outcomes.append("told")

    threads = [threading.Thread(target=press, args=(user,)) for user in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sorted(outcomes) == ["told"] * 5 + ["won"]


def test_claiming_what_is_mine_already_changes_nothing(team: Team) -> None:
    team.do(handoff.claim, team.alex)
    team.do(handoff.say, team.alex, "Guten Tag")
    team.do(handoff.claim, team.alex)
    assert team.now.state == "waiting" and sum("übernommen" in m.text for m in team.desk.said(team.conversation)) == 1


@pytest.mark.parametrize("role", ["trainer", "auditor"])
def test_readers_take_no_conversation(team: Team, role: str) -> None:
    with pytest.raises(ForOthers):
        team.do(handoff.claim, team.desk.user("Rita", role))


def test_a_confidential_one_is_only_for_chosen_people(team: Team) -> None:
    team.set(queue="confidential")
    with pytest.raises(ForOthers):
        team.do(handoff.claim, team.alex)
    team.set_user(team.mira, confidential=True)
    team.do(handoff.claim, team.mira)
    with pytest.raises(ForOthers):
        team.do(handing_on.reassign, team.mira, team.alex)


# Whose turn it is.


def test_after_an_answer_it_is_the_customers_turn_and_their_message_turns_it(team: Team) -> None:
    team.do(handoff.claim, team.alex)
    assert (team.now.state, team.now.unanswered_since is None) == ("claimed", False)
    team.do(handoff.say, team.alex, "Welche Farbe?")
    assert (team.now.state, team.now.unanswered_since) == ("waiting", None)
    team.customer_says("Blau")
    assert (team.now.state, team.now.claimed_by, team.holder) == ("claimed", team.alex.id, "staff")
    first = team.now.unanswered_since
    team.customer_says("Dunkelblau")
    assert team.now.unanswered_since == first, "the customer waits since their first word"


def test_thanks_need_no_answer(team: Team) -> None:
    team.do(handoff.claim, team.alex)
    team.do(handoff.say, team.alex, "Ist bestellt.")
    team.customer_says("Danke!")
    team.do(handoff.wait, team.alex)
    assert (team.now.state, team.now.unanswered_since) == ("waiting", None)


def test_snoozed_until_a_time_or_until_the_customer_writes(team: Team) -> None:
    team.do(handoff.claim, team.alex)
    team.do(handoff.say, team.alex, "Ich frage in der Werkstatt nach.")
    until = utcnow() + LATER
    team.do(handoff.snooze, team.alex, until, "Werkstatt ab 14 Uhr")
    assert (team.now.state, team.now.snoozed_until) == ("snoozed", until)
    assert team.heard == "Ich frage in der Werkstatt nach.", "nothing more to say: the customer has an answer"
    team.customer_says("Gibt es schon etwas?")
    assert (team.now.state, team.now.snoozed_until, team.now.claimed_by) == ("claimed", None, team.alex.id)
    assert ("customer", "woken", None) in team.history


def test_a_customer_who_waits_is_told_when_it_is_put_aside(team: Team) -> None:
    team.do(handoff.claim, team.alex)
    team.do(handoff.snooze, team.alex, utcnow() + LATER)
    assert "Alex kümmert sich um Ihr Anliegen" in team.heard and team.now.unanswered_since is None


@pytest.mark.parametrize("away", [dt.timedelta(0), dt.timedelta(days=-1), dt.timedelta(days=61)])
def test_nothing_is_snoozed_into_the_past_or_for_ever(team: Team, away: dt.timedelta) -> None:
    team.do(handoff.claim, team.alex)
    with pytest.raises(HandoffError, match="between now and"):
        team.do(handoff.snooze, team.alex, utcnow() + away)
    assert team.now.state == "claimed"


def test_what_gets_worse_is_not_left_snoozed(team: Team) -> None:
    team.do(handoff.claim, team.alex)
    team.do(handoff.snooze, team.alex, utcnow() + LATER)
    team.queue(team.conversation, reason="promise_late", severity=2)
    assert (team.now.state, team.now.claimed_by) == ("claimed", team.alex.id)


# Handing on.


def test_a_colleague_gets_it_with_clock_and_history(team: Team) -> None:
    since = team.now.waiting_since
    team.do(handoff.claim, team.alex)
    team.do(handing_on.reassign, team.alex, team.mira, "kennt die Maschine")
    assert (team.now.state, team.now.claimed_by, team.now.waiting_since) == ("claimed", team.mira.id, since)
    assert team.heard == "Mira aus unserem Team ist jetzt für Sie da und kennt alles, was Sie geschrieben haben."
    assert team.history[-1] == ("Alex", "reassigned", "Mira: kennt die Maschine")
    with team.desk.database.begin() as session:
        told = session.query(Notice).filter_by(user_id=team.mira.id, kind="assigned").one()
        assert told.by == "Alex"
    with pytest.raises(NotYours):
        team.do(handoff.say, team.alex, "Noch etwas")


def test_a_team_gets_it_with_clock_and_history(team: Team) -> None:
    team.set_user(team.mira, team="Werkstatt")
    since = team.now.waiting_since
    team.do(handoff.claim, team.alex)
    team.do(handing_on.transfer, team.alex, "Werkstatt")
    assert (team.now.state, team.now.team, team.now.claimed_by) == ("queued", "Werkstatt", None)
    assert team.now.waiting_since == since and "„Werkstatt“" in team.heard
    team.do(handoff.claim, team.mira)
    assert team.now.team == "Werkstatt"


def test_a_team_that_nobody_is_in_is_no_place_to_wait(team: Team) -> None:
    team.set_user(team.mira, team="Werkstatt")
    team.set_user(team.lea, team="Archiv", active=False)
    team.do(handoff.claim, team.alex)
    with pytest.raises(HandoffError, match="choose one of Werkstatt"):
        team.do(handing_on.transfer, team.alex, "Archiv")
    assert team.now.state == "claimed"


def test_a_lead_gets_what_is_passed_up(team: Team) -> None:
    since = team.now.waiting_since
    team.do(handoff.claim, team.alex)
    team.do(handing_on.escalate, team.alex, "will mehr, als ich darf")
    assert (team.now.state, team.now.waiting_since) == ("queued", since) and "Teamleitung" in team.heard
    with pytest.raises(ForOthers, match="a lead takes it"):
        team.do(handoff.claim, team.mira)
    with pytest.raises(ForOthers):
        team.do(handing_on.reassign, team.alex, team.mira)
    team.do(handoff.claim, team.lea)
    assert team.now.escalated_at is None and team.now.claimed_by == team.lea.id


def test_without_a_lead_nothing_is_passed_up_and_nothing_waits_for_one(team: Team) -> None:
    team.do(handoff.claim, team.alex)
    team.do(handing_on.escalate, team.alex, "will mehr")
    team.set_user(team.lea, active=False)
    team.do(handoff.claim, team.mira)
    with pytest.raises(NoLead):
        team.do(handing_on.escalate, team.mira, "will noch mehr")
    assert team.now.claimed_by == team.mira.id


def test_a_confidential_one_is_passed_up_only_to_a_lead_who_may_see_it(team: Team) -> None:
    team.set(queue="confidential")
    team.set_user(team.mira, confidential=True)
    team.do(handoff.claim, team.mira)
    with pytest.raises(NoLead):
        team.do(handing_on.escalate, team.mira, "heikel")
    team.set_user(team.lea, confidential=True)
    team.do(handing_on.escalate, team.mira, "heikel")
    team.do(handoff.claim, team.lea)


def test_only_the_holder_or_a_lead_hands_on_what_is_held(team: Team) -> None:
    team.do(handoff.claim, team.alex)
    for step, args in ((handing_on.reassign, (team.mira,)), (handing_on.escalate, ("weil",))):
        with pytest.raises(NotYours):
            team.do(step, team.mira, *args)
    team.do(handing_on.reassign, team.lea, team.lea, "übernehme ich")
    assert team.now.claimed_by == team.lea.id


def test_what_waits_can_be_sorted_by_everybody(team: Team) -> None:
    team.set_user(team.mira, team="Werkstatt")
    team.do(handing_on.transfer, team.alex, "Werkstatt")
    team.do(handing_on.reassign, team.alex, team.mira)
    assert (team.now.state, team.now.claimed_by) == ("claimed", team.mira.id)


def test_nobody_gets_a_conversation_who_cannot_answer(team: Team) -> None:
    team.do(handoff.claim, team.alex)
    for cannot in (team.desk.user("Rita", "auditor"), team.desk.user("Weg")):
        if cannot.name == "Weg":
            team.set_user(cannot, active=False)
        with pytest.raises(ForOthers, match="takes no conversations"):
            team.do(handing_on.reassign, team.alex, cannot)


@pytest.mark.parametrize("state", HELD)
def test_it_can_be_given_back_from_every_turn(team: Team, state: str) -> None:
    team.do(handoff.claim, team.alex)
    if state == "waiting":
        team.do(handoff.say, team.alex, "Gern.")
    if state == "snoozed":
        team.do(handoff.snooze, team.alex, utcnow() + LATER)
    team.do(handoff.give_back, team.alex, "Ein neuer Schalter.")
    assert (team.now.state, team.holder, team.now.snoozed_until) == ("returned", "bot", None)
    assert team.heard == "Vereinbart wurde: Ein neuer Schalter."


def test_the_clock_starts_with_the_message_that_is_waiting(team: Team) -> None:
    conversation = team.desk.talk()
    wrote = utcnow() - dt.timedelta(seconds=40)
    other = team.queue(conversation, since=wrote)
    with team.desk.database.begin() as session:
        waiting = session.get(Handoff, other)
        assert waiting.waiting_since == waiting.unanswered_since == wrote
