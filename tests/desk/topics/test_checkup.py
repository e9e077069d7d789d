"""The doctor says what the bot lacks in the team's group."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.checkup import telegram
from bot.config import Settings
from tests.desk.topics.conftest import GROUP
from tests.services.telegram_double import TelegramDouble


def test_a_bot_with_all_rights_is_fine(double: TelegramDouble, tmp_path: Path) -> None:
    found = list(telegram(settings(double, tmp_path)))
    assert [(each.grade, each.what) for each in found] == [
        ("ok", "this is @erstkontakt_bot"),
        ("ok", "Team, topics can be managed"),
    ]


@pytest.mark.parametrize(("right", "says"), [("can_manage_topics", "manage topics"), ("can_delete_messages", "delete")])
def test_a_missing_right_is_named(double: TelegramDouble, tmp_path: Path, right: str, says: str) -> None:
    double.rights[right] = False
    found = list(telegram(settings(double, tmp_path)))[1]
    assert found.grade == "missing" and says in found.what and "administrator" in found.remedy


def test_a_bot_that_is_not_in_the_group_is_told_so(double: TelegramDouble, tmp_path: Path) -> None:
    double.fail("getChat", 1, status=400, why="Bad Request: chat not found")
    found = list(telegram(settings(double, tmp_path)))[1]
    assert found.grade == "missing" and "chat not found" in found.what
    assert "ERSTKONTAKT_TELEGRAM_STAFF_GROUP" in found.remedy


def settings(double: TelegramDouble, folder: Path) -> Settings:
    return Settings(var=folder, telegram_token=double.token, telegram_api=double.url, telegram_staff_group=GROUP)
