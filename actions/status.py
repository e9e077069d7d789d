"""How is my case going? Told to its owner only; from promises that were made, never from invented times."""

from __future__ import annotations

from actions.agreed import agreed
from actions.base import Events, Step, Turn
from actions.handover import bring_person
from actions.logbook import start_case, tells_problem
from actions.understand import proven_order
from bot import texts
from bot.cases import store
from bot.cases.model import FINAL_STATES, Case
from bot.cases.numbering import find_number


class Status(Step):
    def name(self) -> str:
        return "action_status"

    def take(self, turn: Turn) -> Events:
        number = find_number(turn.entity("case_number") or turn.text)
        if number is None:
            case = store.latest(turn.session, turn.conversation, open_only=False)
            if case is None:
                if tells_problem(turn):  # "where is my sofa, promised for Monday?" tells what is wrong
                    return start_case(turn)
                turn.say("utter_status_none")
                return []
            return tell(turn, case)
        case = store.find(turn.session, number)
        if case is None or not _owns(turn, case):
            turn.say("utter_status_prove")  # the same for a case that does not exist
            return []
        return tell(turn, case)


def tell(turn: Turn, case: Case) -> Events:
    """The state in words and what was promised; an answer that is overdue goes to a person."""
    state = texts.text(f"utter_state_{case.state}", turn.language)
    due = [promise for promise in case.promises if promise.state == "open"]
    late = bool(due) and due[0].due_at < turn.now
    if case.state in FINAL_STATES:
        following = texts.text("utter_status_done", turn.language)
    elif not due:
        following = texts.text("utter_status_nothing_promised", turn.language)
    else:
        following = texts.text(
            "utter_status_late" if late else "utter_status_promised", turn.language, when=turn.when(due[0].due_at)
        )
    turn.say("utter_status", number=case.number, state=state, next=following)
    if (known := agreed(turn, case)) is not None:
        turn.say("utter_agreed_status", name=known.name, note=known.note)
    return bring_person(turn, case, reason="promise_late") if late else []


def _owns(turn: Turn, case: Case) -> bool:
    """The same conversation, or one that has proven the case's verified order to be its own."""
    if case.conversation == turn.conversation:
        return True
    proof = proven_order(turn)
    return proof is not None and case.verified and case.order_number == proof.order_number
