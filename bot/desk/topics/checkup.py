"""What the bot lacks in the team's group: `erstkontakt doctor` asks Telegram and says it before a topic is missed."""

from __future__ import annotations

from typing import Any

import httpx

TIMEOUT = 5.0
_RIGHTS = {
    "can_manage_topics": "without it no topic can be made, closed or opened",
    "can_delete_messages": "without it the topic of what was erased or became confidential stays",
    "can_pin_messages": "without it the line that says who has a conversation is not pinned",
}


class GroupNotUsable(Exception):
    """The team's group cannot be used as it is; the message says what is wrong, `remedy` what to do."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(what)
        self.remedy = remedy


def group_name(api: str, token: str, group: int, bot_id: int) -> str:
    """The name of the team's group, if the bot can work there; raises :class:`GroupNotUsable`."""
    chat = _ask(f"{api}/bot{token}/getChat", chat_id=group)
    if not chat.get("is_forum"):
        raise GroupNotUsable(f"{chat.get('title')} has no topics", "switch topics on in the group's settings")
    member = _ask(f"{api}/bot{token}/getChatMember", chat_id=group, user_id=bot_id)
    for right, why in _RIGHTS.items():
        if member.get("status") != "creator" and not member.get(right):
            name = right.removeprefix("can_").replace("_", " ")
            raise GroupNotUsable(
                f"the bot may not {name} in {chat.get('title')}: {why}",
                f"make the bot an administrator of the group with the right to {name}",
            )
    return str(chat.get("title"))


def _ask(url: str, **parameters: int) -> dict[str, Any]:
    remedy = "add the bot to the group as an administrator, and check ERSTKONTAKT_TELEGRAM_STAFF_GROUP"
    try:
        answer = httpx.get(url, params=parameters, timeout=TIMEOUT).json()
    except (httpx.HTTPError, ValueError) as error:
        raise GroupNotUsable(f"Telegram cannot be reached ({type(error).__name__})", remedy) from error
    if not answer.get("ok"):
        raise GroupNotUsable(f"Telegram says: {answer.get('description')}", remedy)
    return dict(answer["result"])
