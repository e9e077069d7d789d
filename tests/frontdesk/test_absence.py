"""A customer who waits does not depend on one person: absent holders lose what they hold to the queue."""

from __future__ import annotations

import datetime as dt

import pytest

from bot.database import utcnow
from bot.desk import users
from bot.frontdesk import absence, handing_on, handoff, nobody_there
from bot.frontdesk.absence import Limits
from bot.frontdesk.model import User
from tests.frontdesk.conftest import MONDAY, Desk
from tests.frontdesk.test_handoff import Team

LIMITS = Limits(silent=dt.timedelta(minutes=10), away=dt.timedelta(minutes=3))
MINUTE = dt.timedelta(minutes=1)
SUNDAY = MONDAY - dt.timedelta(days=1)


@pytest.fixture
def team(desk: Desk) -> Team:
    """Alex has claimed and answered; then the customer wrote."""
    team = Team(desk)
    team.do(handoff.claim, team.alex)
    team.do(handoff.say, team.alex, "Guten Tag")
    team.customer_says("Und nun?")
    return team


def look(team: Team, later: dt.timedelta) -> list[str]:
    return absence.look(team.desk.database, utcnow() + later, LIMITS)


def test_silent_for_too_long_and_it_is_in_the_queue_again_with_its_clock(team: Team) -> None:
    since = team.now.waiting_since
    assert look(team, 9 * MINUTE) == [] and team.now.state == "claimed"
    assert look(team, 11 * MINUTE) == [team.conversation]
    assert (team.now.state, team.holder, team.now.claimed_by) == ("queued", "queue", None)
    assert team.now.waiting_since == since
    assert team.history[-1] == ("Alex", "absent", "silent")
    assert team.heard.startswith("Alex ist gerade nicht erreichbar.") and "zählt weiter" in team.heard
    assert look(team, 12 * MINUTE) == [], "once"


def test_who_works_on_it_is_not_silent(team: Team) -> None:
    team.set(holder_active_at=utcnow() + 5 * MINUTE)  # a note, a sign of typing
    assert look(team, 11 * MINUTE) == []
    assert look(team, 16 * MINUTE) == [team.conversation]


def test_while_it_is_the_customers_turn_nobody_has_to_hurry(team: Team) -> None:
    team.do(handoff.say, team.alex, "Welche Farbe?")
    assert look(team, dt.timedelta(days=2)) == [] and team.now.state == "waiting"


def test_a_closed_desk_counts_sooner_than_silence(team: Team) -> None:
    team.set_user(team.alex, desk_seen_at=utcnow())
    assert look(team, 2 * MINUTE) == []
    assert look(team, 4 * MINUTE) == [team.conversation]
    assert team.history[-1] == ("Alex", "absent", "away")


def test_an_open_desk_keeps_it_until_the_silence_is_too_long(team: Team) -> None:
    team.set_user(team.alex, desk_seen_at=utcnow() + 8 * MINUTE)
    assert look(team, 9 * MINUTE) == []
    assert look(team, 11 * MINUTE) == [team.conversation] and team.history[-1][2] == "silent"


def test_who_answers_from_elsewhere_needs_no_desk(team: Team) -> None:
    team.set_user(team.alex, desk_seen_at=utcnow() - dt.timedelta(days=3))
    assert look(team, 5 * MINUTE) == []


def test_logging_out_gives_back_what_waits_for_an_answer_and_keeps_the_rest(team: Team) -> None:
    other = team.desk.talk()
    second = team.queue(other)
    with team.desk.database.begin() as session:
        handoff.claim(session, second, team.alex)
        handoff.say(session, second, team.alex, "Welche Farbe?")
        assert absence.logged_out(session, session.get(User, team.alex.id)) == [team.conversation]
    assert team.now.state == "queued" and team.history[-1] == ("Alex", "absent", "logged_out")
    assert [h.state for h in team.desk.handoffs(other)] == ["waiting"]


def test_a_closed_account_gives_back_everything_and_the_customer_is_told(team: Team) -> None:
    team.do(handoff.say, team.alex, "Ich melde mich.")
    team.do(handoff.snooze, team.alex, utcnow() + dt.timedelta(hours=2))
    with team.desk.database.begin() as session:
        assert users.deactivate(session, session.get(User, team.alex.id), by="Lea") == [team.conversation]
    assert (team.now.state, team.history[-1]) == ("queued", ("Alex", "absent", "deactivated"))
    assert team.heard.startswith("Alex ist gerade nicht erreichbar.")


def test_what_an_account_took_while_it_was_closed_comes_back_too(team: Team) -> None:
    team.do(handoff.say, team.alex, "Ich melde mich.")
    team.set_user(team.alex, active=False)
    assert look(team, dt.timedelta(0)) == [team.conversation] and team.now.state == "queued"


def test_what_was_put_aside_is_back_at_its_time_and_goes_on_to_the_queue_when_nobody_comes(team: Team) -> None:
    team.do(handoff.snooze, team.alex, utcnow() + dt.timedelta(hours=2))
    assert look(team, dt.timedelta(hours=1)) == [] and team.now.state == "snoozed"
    assert look(team, dt.timedelta(hours=2)) == [team.conversation]
    assert (team.now.state, team.now.claimed_by) == ("claimed", team.alex.id)
    assert team.history[-1] == ("bot", "woken", "time")
    assert look(team, dt.timedelta(hours=2, minutes=11)) == [team.conversation] and team.now.state == "queued"


def test_one_that_fails_keeps_nobody_else_waiting(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    other = team.desk.talk()
    second = team.queue(other)
    with team.desk.database.begin() as session:
        handoff.claim(session, second, team.mira)
    broken = team.id
    real = handing_on.absent

    def absent(session: object, handoff_id: str, *args: object) -> object:
        if handoff_id == broken:
            raise RuntimeError("boom")
        return real(session, handoff_id, *args)  # type: ignore[arg-type]

    monkeypatch.setattr("bot.frontdesk.absence.absent", absent)
    assert look(team, 11 * MINUTE) == [other]


# Nobody is there.


def told(desk: Desk, now: dt.datetime) -> list[str]:
    with desk.database.begin() as session:
        return nobody_there.tell_waiting(session, now, 3 * MINUTE)


def test_nobody_took_it_in_three_minutes_and_the_customer_hears_it_once(desk: Desk) -> None:
    team = Team(desk)
    team.set(state_at=MONDAY)
    assert told(desk, MONDAY + 2 * MINUTE) == []
    assert told(desk, MONDAY + 4 * MINUTE) == [team.conversation]
    assert "niemand frei" in team.heard and "heute noch" in team.heard and "Nummer oder Adresse" in team.heard
    assert "antworte ich als KI-Assistent" in team.heard
    assert told(desk, MONDAY + 9 * MINUTE) == [] and team.now.state == "queued"
    with desk.database.begin() as session:
        assert nobody_there.bot_goes_on(handoff.active(session, team.conversation))


def test_outside_the_opening_hours_nobody_has_to_be_patient_first(desk: Desk) -> None:
    team = Team(desk)
    team.set(state_at=SUNDAY)
    assert told(desk, SUNDAY) == [team.conversation]
    assert "wieder ab Montag, 23. November, 08:00 Uhr" in team.heard


def test_in_danger_the_bot_stays_silent(desk: Desk) -> None:
    team = Team(desk)
    team.set(state_at=SUNDAY, severity=4)
    assert told(desk, SUNDAY) == [team.conversation] and "KI-Assistent" not in team.heard
    with desk.database.begin() as session:
        assert not nobody_there.bot_goes_on(handoff.active(session, team.conversation))


def test_back_in_the_queue_the_three_minutes_begin_anew(desk: Desk) -> None:
    team = Team(desk)
    team.set(state_at=MONDAY, told_nobody_at=MONDAY)
    team.do(handoff.claim, team.alex)
    team.do(handoff.release, team.alex)
    assert team.now.told_nobody_at is None
    team.set(state_at=MONDAY + 20 * MINUTE)
    assert told(desk, MONDAY + 21 * MINUTE) == []
    assert told(desk, MONDAY + 24 * MINUTE) == [team.conversation]


def test_who_was_told_when_they_asked_is_not_told_twice(desk: Desk) -> None:
    team = Team(desk)
    conversation = desk.talk()
    second = team.queue(conversation, told_nobody=True)
    team.set(state_at=SUNDAY)
    assert conversation not in told(desk, utcnow() + dt.timedelta(days=1))
    with desk.database.begin() as session:
        waiting = handoff.active(session, conversation)
        assert waiting is not None and waiting.id == second and nobody_there.bot_goes_on(waiting)
