"""A Bot API that stands in for Telegram's: a real HTTP server on loopback that tests push into and look at.

It keeps updates until they are confirmed by a higher offset, as Telegram does, records every call, and can misbehave:
429 with retry_after, 5xx, answers that never come, 403 for blocked chats, the same update twice. It knows forum
topics: what is posted into one that is gone is refused. Nothing sleeps: `wait_for` waits for an event.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import socket
import threading
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

import uvicorn
from starlette.applications import Starlette
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from typing_extensions import Self

T = TypeVar("T")
TOKEN = "123456:TEST-token-of-the-double"
SENDING = ("sendMessage", "sendPhoto", "sendDocument")


@dataclass(frozen=True)
class Call:
    """One request of the bot; `at` is a monotonic time in seconds, `ok` whether it was answered with success."""

    method: str
    params: dict[str, Any]
    ok: bool
    at: float = field(default_factory=time.monotonic)


class TelegramDouble:
    """Use it as a context manager; point the bot's API address to `url` and its token to `token`."""

    token = TOKEN

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self._changed = threading.Condition()
        self._updates: list[dict[str, Any]] = []
        self._again: list[dict[str, Any]] = []
        self._files: dict[str, bytes] = {}
        self._faults: dict[str, deque[tuple[int, dict[str, Any]]]] = {}
        self._silent: dict[str, int] = {}
        self._blocked: set[int] = set()
        self.topics: dict[int, str] = {}  # thread id -> open | closed
        self.rights: dict[str, Any] = {
            "status": "administrator",
            "can_manage_topics": True,
            "can_delete_messages": True,
            "can_pin_messages": True,
        }
        self._update_ids, self._message_ids = itertools.count(1000), itertools.count(1)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._news: asyncio.Event | None = None
        self._up, self._closing = threading.Event(), False
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._server = uvicorn.Server(
            uvicorn.Config(self._app(), log_level="error", ws="none", timeout_graceful_shutdown=1)
        )
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self._socket]}, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._up.wait(10), "the Bot API double did not come up"
        return self

    def __exit__(self, *_error: object) -> None:
        self._closing = True
        self._server.should_exit = True
        self._tell()
        self._thread.join(10)
        self._socket.close()

    # What customers do. Each returns the update, so that it can be sent again or posted to a webhook.

    def push_text(
        self, chat_id: int, text: str, *, language: str = "de", send: bool = True, reply_to: int | None = None
    ) -> dict[str, Any]:
        """A private text message, in answer to one of the bot's; with `send=False` it is only made, for a webhook."""
        message = self._message(chat_id, language, text=text)
        if reply_to is not None:
            message["reply_to_message"] = {"message_id": reply_to, "date": 1, "chat": message["chat"], "text": "…"}
        return self.push(message, send=send)

    def push_edit(self, chat_id: int, text: str) -> dict[str, Any]:
        """The customer changes an earlier message."""
        return self.push(self._message(chat_id, "de", text=text, edit_date=1), kind="edited_message")

    def push_photo(
        self, chat_id: int, data: bytes, caption: str | None = None, size: int | None = None
    ) -> dict[str, Any]:
        """A photo in two sizes, the larger one with `data`; `size` is what Telegram claims, in bytes."""
        small = {"file_id": "small", "file_unique_id": "s", "width": 90, "height": 60, "file_size": 100}
        large = {**self._file(data, size), "width": 900, "height": 600}
        return self.push(self._message(chat_id, "de", photo=[small, large], caption=caption))

    def push_document(self, chat_id: int, data: bytes, name: str, caption: str | None = None) -> dict[str, Any]:
        """A file that a customer sends as it is."""
        document = {**self._file(data, None), "file_name": name}
        return self.push(self._message(chat_id, "de", document=document, caption=caption))

    def push_voice(self, chat_id: int) -> dict[str, Any]:
        """A voice message."""
        return self.push(self._message(chat_id, "de", voice={**self._file(b"ogg", None), "duration": 3}))

    def push_group_text(self, chat_id: int, text: str) -> dict[str, Any]:
        """A message in a group that somebody added the bot to."""
        message = self._message(7, "de", text=text)
        message["chat"] = {"id": chat_id, "type": "group", "title": "Nachbarn"}
        return self.push(message)

    def push_topic(
        self, group: int, thread: int, user: int, text: str | None = None, *, reply_to: int | None = None, **more: Any
    ) -> dict[str, Any]:
        """A message of `user` in a topic of a group; it answers the topic's beginning or `reply_to`."""
        message = self._message(user, "de", text=text, **more)
        message["chat"] = _group(group)
        message |= {"message_thread_id": thread, "is_topic_message": True}
        begin = {
            "message_id": thread,
            "date": 1,
            "chat": _group(group),
            "forum_topic_created": {"name": "…", "icon_color": 1},
        }
        answered = {"message_id": reply_to, "date": 1, "chat": _group(group), "text": "…"}
        message["reply_to_message"] = begin if reply_to is None else answered
        return self.push(message)

    def push_topic_edit(self, sent: dict[str, Any], text: str) -> dict[str, Any]:
        """The author of a message in a topic changes it; `sent` is the update that brought it."""
        words = "caption" if "caption" in sent["message"] else "text"
        return self.push({**sent["message"], words: text, "edit_date": 2}, kind="edited_message")

    def picture(self, data: bytes) -> list[dict[str, Any]]:
        """What stands under `photo` in a message."""
        return [{**self._file(data, None), "width": 900, "height": 600}]

    def press_in_group(self, group: int, user: int, message_id: int, data: str) -> dict[str, Any]:
        """A tap of `user` on a button of the bot in a group."""
        message = {"message_id": message_id, "date": 1, "chat": _group(group), "text": "…"}
        query = {"id": f"q{user}-{message_id}", "from": _user(user, "de"), "chat_instance": "1"}
        return self.push({**query, "message": message, "data": data}, kind="callback_query")

    def press(self, chat_id: int, message_id: int, data: str, *, language: str = "de") -> dict[str, Any]:
        """A tap on a button of a message that the bot sent."""
        message = {"message_id": message_id, "date": 1, "chat": {"id": chat_id, "type": "private"}, "text": "…"}
        query = {"id": f"q{message_id}-{data}", "from": _user(chat_id, language), "chat_instance": "1"}
        return self.push({**query, "message": message, "data": data}, kind="callback_query")

    def push(self, content: dict[str, Any], *, kind: str = "message", send: bool = True) -> dict[str, Any]:
        """Any update by its kind, as https://core.telegram.org/bots/api#update describes it."""
        update = {"update_id": next(self._update_ids), kind: content}
        if send:
            with self._changed:
                self._updates.append(update)
            self._tell()
        return update

    def push_again(self, update: dict[str, Any]) -> None:
        """Deliver an update once more, though it was confirmed."""
        with self._changed:
            self._again.append(update)
        self._tell()

    # What goes wrong.

    def too_many(self, count: int, retry_after: int, method: str = "sendMessage") -> None:
        """The next `count` messages are answered with 429; `retry_after` in seconds."""
        body = {"description": "Too Many Requests", "parameters": {"retry_after": retry_after}}
        self._faults.setdefault(method, deque()).extend([(429, body)] * count)

    def fail(self, method: str, count: int, status: int = 500, why: str = "made to fail") -> None:
        """The next `count` calls of a method fail with this status."""
        self._faults.setdefault(method, deque()).extend([(status, {"description": why})] * count)

    def silence(self, method: str, count: int = 1) -> None:
        """The next `count` calls of a method are done, but their answer never comes: a time-out at the worst moment."""
        self._silent[method] = count

    def unblock(self, chat_id: int) -> None:
        """They let the bot write to them again."""
        self._blocked.discard(chat_id)

    def block(self, chat_id: int) -> None:
        """This customer blocks the bot."""
        self._blocked.add(chat_id)

    # What the bot did.

    def called(self, method: str, *, ok: bool | None = True) -> list[Call]:
        """Calls of a method in order; those that failed with `ok=False`, all with `ok=None`."""
        with self._changed:
            return [call for call in self.calls if call.method == method and ok in (None, call.ok)]

    def sent(self, chat_id: int) -> list[dict[str, Any]]:
        """The messages that reached a chat, in order: the call's parameters and `message_id`."""
        return [c.params for c in self.called("sendMessage") if int(c.params["chat_id"]) == chat_id]

    def posts(self, thread: int) -> list[dict[str, Any]]:
        """What was posted into a topic, in order; `text` is the caption of a file, `file` its bytes."""
        with self._changed:
            sent = [call for call in self.calls if call.method in SENDING and call.ok]
        return [call.params for call in sent if int(call.params.get("message_thread_id") or 0) == thread]

    def wait_for(self, predicate: Callable[[TelegramDouble], T], timeout: float = 10.0) -> T:
        """Wait until the predicate is true and return what it gave; looks at every call of the bot."""
        found: list[T] = []

        def look() -> bool:
            found[:] = [predicate(self)]
            return bool(found[0])

        with self._changed:
            assert self._changed.wait_for(look, timeout), f"not seen in {timeout} s; calls: {self.calls[-8:]}"
        return found[0]

    # The server.

    def _app(self) -> Starlette:
        @asynccontextmanager
        async def lifespan(_app: Starlette) -> AsyncIterator[None]:
            self._loop, self._news = asyncio.get_running_loop(), asyncio.Event()
            self._up.set()
            yield

        api = Route(f"/bot{TOKEN}/{{method}}", self._call, methods=["GET", "POST"])
        return Starlette(routes=[api, Route(f"/file/bot{TOKEN}/{{path:path}}", self._download)], lifespan=lifespan)

    async def _call(self, request: Request) -> Response:
        method = request.path_params["method"]
        async with request.form() as form:
            files = {key: await value.read() for key, value in form.items() if isinstance(value, UploadFile)}
            params = {key: _value(key, str(value)) for key, value in form.items() if key not in files}
            if files:
                params |= {"file": next(iter(files.values())), "text": params.get("caption", "")}
        params |= dict(request.query_params)
        status, body = self._fault(method, params)
        if status == 200 and method == "getUpdates":
            body = {"result": await self._waiting(int(params.get("offset", 0)), float(params.get("timeout", 0)))}
        elif status == 200:
            body = {"result": self._result(method, params)}
        with self._changed:
            self.calls.append(Call(method, params, status == 200))
            self._changed.notify_all()
        if self._silent.get(method):
            self._silent[method] -= 1
            while not (self._closing or await request.is_disconnected()):
                await asyncio.sleep(0.02)  # there is no event for it
        return JSONResponse({"ok": status == 200, "error_code": status, **body}, status_code=status)

    def _fault(self, method: str, params: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if method in SENDING and int(params["chat_id"]) in self._blocked:
            return 403, {"description": "Forbidden: bot was blocked by the user"}
        if method == "sendMessage" and not 0 < len(str(params["text"])) <= 4096:
            return 400, {"description": "Bad Request: message is too long"}
        if self._faults.get(method):
            return self._faults[method].popleft()
        return self._topic_fault(method, params)

    def _topic_fault(self, method: str, params: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        thread = int(params.get("message_thread_id") or 0)
        if not thread:
            return 200, {}
        if thread not in self.topics:
            what = "message thread not found" if method in SENDING else "TOPIC_ID_INVALID"
            return 400, {"description": f"Bad Request: {what}"}
        if {"closeForumTopic": "closed", "reopenForumTopic": "open"}.get(method) == self.topics[thread]:
            return 400, {"description": "Bad Request: TOPIC_NOT_MODIFIED"}
        if method == "deleteForumTopic" and not self.rights["can_delete_messages"]:
            return 400, {"description": "Bad Request: not enough rights to delete a topic"}
        return 200, {}

    async def _waiting(self, offset: int, timeout: float) -> list[dict[str, Any]]:
        """Updates from `offset` on; those before it are confirmed and forgotten."""
        assert self._news is not None
        clock = asyncio.get_running_loop().time
        deadline = clock() + timeout
        while True:
            self._news.clear()
            with self._changed:
                self._updates = [update for update in self._updates if update["update_id"] >= offset]
                ready, self._again = [*self._again, *self._updates], []
            if ready or self._closing or clock() >= deadline:
                return ready
            try:
                await asyncio.wait_for(self._news.wait(), deadline - clock())
            except asyncio.TimeoutError:
                return []

    def _result(self, method: str, params: dict[str, Any]) -> Any:
        if method == "getMe":
            return {"id": 123456, "is_bot": True, "first_name": "Erstkontakt", "username": "erstkontakt_bot"}
        if method in SENDING:
            params["message_id"] = next(self._message_ids)
            return {"message_id": params["message_id"], "date": 1, "chat": _chat(params), "text": str(params["text"])}
        if method.endswith("ForumTopic"):
            return self._topic(method, params)
        if method == "getChatMember":
            return {"user": {"id": 123456, "is_bot": True, "first_name": "Erstkontakt"}, **self.rights}
        if method == "getChat":
            return {**_group(int(params["chat_id"])), "is_forum": True, "accent_color_id": 0, "max_reaction_count": 1}
        if method in ("editMessageReplyMarkup", "editMessageText", "editMessageCaption"):
            return {"message_id": params["message_id"], "date": 1, "chat": _chat(params), "text": "…"}
        if method == "getFile":
            name = str(params["file_id"])
            return {"file_id": name, "file_unique_id": name, "file_path": f"files/{name}"}
        return True

    def _topic(self, method: str, params: dict[str, Any]) -> Any:
        if method == "createForumTopic":
            thread = next(self._message_ids)
            self.topics[thread] = "open"
            return {"message_thread_id": thread, "name": params["name"], "icon_color": int(params["icon_color"])}
        thread = int(params["message_thread_id"])
        if method == "deleteForumTopic":
            del self.topics[thread]
        elif method != "editForumTopic":
            self.topics[thread] = "closed" if method == "closeForumTopic" else "open"
        return True

    async def _download(self, request: Request) -> Response:
        data = self._files.get(request.path_params["path"].removeprefix("files/"))
        return Response(status_code=404) if data is None else Response(data)

    def _message(self, chat_id: int, language: str, **content: Any) -> dict[str, Any]:
        text = content.get("text") or ""
        if text.startswith("/"):
            command = {"type": "bot_command", "offset": 0, "length": len(text.split()[0])}
            content["entities"] = [command]
        known = {key: value for key, value in content.items() if value is not None}
        chat = {"id": chat_id, "type": "private"}
        return {
            "message_id": next(self._message_ids),
            "date": 1,
            "chat": chat,
            "from": _user(chat_id, language),
            **known,
        }

    def _file(self, data: bytes, size: int | None) -> dict[str, Any]:
        name = f"file{len(self._files)}"
        self._files[name] = data
        return {"file_id": name, "file_unique_id": name, "file_size": len(data) if size is None else size}

    def _tell(self) -> None:
        if self._loop is not None and self._news is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._news.set)


def _user(user_id: int, language: str) -> dict[str, Any]:
    return {"id": user_id, "is_bot": False, "first_name": "Kim", "language_code": language}


def _group(group: int) -> dict[str, Any]:
    return {"id": group, "type": "supergroup", "title": "Team", "is_forum": True}


def _chat(params: dict[str, Any]) -> dict[str, Any]:
    return {"id": int(params["chat_id"]), "type": "private"}


def _value(key: str, raw: str) -> Any:
    """Objects and lists come as JSON inside form fields; a text stays a text, whatever it begins with."""
    return json.loads(raw) if key != "text" and raw[:1] in ("{", "[") else raw
