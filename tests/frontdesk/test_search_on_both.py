"""The search of the desk gives the same on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.database import Database
from bot.desk import finding
from bot.frontdesk.model import User
from bot.search import index
from tests.frontdesk.conftest import Desk

QUESTIONS = {
    "Waschmaschinen": "washer", "maschine": "washer", "mueller": "washer", "delivering": "parcel",
    "LH-104711": "parcel",
    "it's": "parcel", "100%": "", "' | a:*": "", '"OR"': "", "kaputt parcel": "",
}  # fmt: skip


@pytest.mark.parametrize("fresh", [True, False], ids=["written as it came", "made anew"])
def test_both_databases_find_the_same(both: Database, desk_on: Callable[[Database], Desk], fresh: bool) -> None:
    desk = desk_on(both)
    washer = desk.talk("Die Waschmaschine von Herrn Müller ist kaputt")
    parcel = desk.talk("It's about LH-104711, which was delivered too late", language="en")
    found = {"washer": {desk.case(washer, text="Sie leckt")}, "parcel": {desk.case(parcel, text="Too late")}, "": set()}
    user = desk.user()
    with both.begin() as session:
        if not fresh:
            assert index.rebuild(session) == 4
        for question, expected in QUESTIONS.items():
            page = finding.find(session, user, {"q": question})
            assert {hit.case.number for hit in page.cases if hit.case} == found[expected], question
            assert all(any(mark for _text, mark in hit.excerpt) for hit in page.cases), question
        everything = {"severity": "1", "flag": "safety", "with": "bot", "promise": "late", "since": "2026-01-01"}
        assert finding.find(session, user, everything).cases == []
        assert len(finding.find(session, User(id=user.id, confidential=True), {"state": "open"}).cases) == 2
