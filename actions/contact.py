"""Nobody is there: a customer who still waits leaves a number or an address, and it becomes a promise."""

from __future__ import annotations

from actions.base import Turn
from actions.logbook import log_complaint
from bot.cases import store
from bot.cases.model import Case


def take_contact(turn: Turn, case: Case | None) -> bool:
    """Promise the call or e-mail that a waiting customer asks for with this message; whether there was one.

    Answers to our own questions are none: an e-mail address may be the proof of an order.
    """
    if not turn.waiting or (turn.tracker.active_loop or {}).get("name"):
        return False
    phone, email = turn.entity_as_written("phone"), turn.entity_as_written("email")
    if not phone and not email:
        return False
    case = case or log_complaint(turn, "other")
    promised = turn.promise(case, "callback" if phone else "first_answer")
    store.record(turn.session, case, who="customer", what="contact_wanted", why="phone" if phone else "email")
    values = {"when": turn.when(promised.due_at), "number": case.number}
    if phone:
        turn.say("utter_contact_phone", phone=phone, **values)
    else:
        turn.say("utter_contact_email", email=email, **values)
    return True
