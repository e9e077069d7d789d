"""Rules for grave flags hear an age and not a price, a threat and not a joke."""

from __future__ import annotations

import pytest

from bot.nlu.alarms import Alarms

ALARMS = Alarms()


@pytest.mark.parametrize(
    "text", ["Meine Mutter ist 87 und friert.", "mum is 92", "he's 91.", "Oma ist 83, sie sitzt im Kalten"]
)
def test_old_age_is_heard(text: str) -> None:
    assert "vulnerable" in [alarm.flag for alarm in ALARMS.find(text)]


@pytest.mark.parametrize(
    "text",
    [
        "The invoice is 80 euros too high.",
        "Die Rechnung ist 85 € zu hoch.",
        "the table is 80 cm, not 90",
        "it is 99.90",
    ],
)
def test_a_price_or_a_measure_is_no_age(text: str) -> None:
    assert ALARMS.find(text) == []


def test_what_was_heard_is_named() -> None:
    (alarm,) = ALARMS.find("Ich gehe zum Anwalt.")
    assert (alarm.flag, alarm.matched) == ("legal", "anwalt")
