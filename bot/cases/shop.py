"""Orders straight from the shop's own API, where the setting `order_api` names one. docs/integrators.md describes it.

One question costs at most `order_api_timeout` seconds, retry included. After a few failures in a row the shop is left
alone for a while (circuit breaker). An answer is remembered for the conversation that asked.

    ShopUnavailable     no usable answer: ask again later; nothing is known about the order
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import quote

import httpx

from bot.cases.order_fields import MAX_PRICE_CENTS, identifier
from bot.config import settings

log = logging.getLogger(__name__)
logging.getLogger("httpx").setLevel(logging.WARNING)  # below that it writes addresses, and ours hold order numbers

ATTEMPTS = 2
"""Tries of one question: a lost connection or a server that is starting again gets a second chance."""

PAUSE = 0.1
"""Seconds before the second try."""

FAILURES, REST = 3, 30.0
"""After so many failed questions in a row the shop is left alone for so many seconds."""

REMEMBERED, KEPT = 1800.0, 1000
"""For how many seconds, and for how many questions at most, an answer is remembered."""

MAX_REPLY = 64 * 1024
"""Bytes of a reply that are read; an order is far smaller."""

_DATES = ("ordered_on", "promised_on", "delivered_on", "service_on", "customer_since", "guarantee_until")
_TEXTS = {"item": 200, "email": 200, "postcode": 16, "licence_plate": 16, "device": 64, "payment": 64}


class ShopUnavailable(Exception):
    """The shop's API gave no usable answer. The message names the cause, never the order."""


class Shop:
    """A client of one shop's API, safe for several threads. `clock` counts seconds; `pause` waits some."""

    def __init__(
        self,
        url: str,
        *,
        token: str = "",
        timeout: float = 3.0,
        clock: Callable[[], float] = time.monotonic,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        headers = {"Accept": "application/json"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        near = httpx.URL(url).host in ("127.0.0.1", "localhost", "::1")  # a proxy cannot reach it
        self._client = httpx.Client(headers=headers, trust_env=not near)
        self._url, self._timeout, self._clock, self._pause = url.rstrip("/"), timeout, clock, pause
        self._breaker = _Breaker(clock)
        self._known: OrderedDict[tuple[str, str], tuple[float, dict[str, Any] | None]] = OrderedDict()
        self._lock = threading.Lock()

    def order(self, number: str, *, conversation: str) -> dict[str, Any] | None:
        """The values of :class:`bot.cases.model.Order` for this number, None where the shop has no such order.

        Raises :class:`ShopUnavailable`. The same question in the same conversation asks the shop once.
        """
        key, now = (conversation, number), self._clock()
        with self._lock:
            at, known = self._known.get(key, (-REMEMBERED, None))
            if key in self._known and now - at < REMEMBERED:
                return known
        values = self._ask(number)
        with self._lock:
            self._known[key] = (now, values)
            self._known.move_to_end(key)
            while len(self._known) > KEPT:
                self._known.popitem(last=False)
        return values

    def close(self) -> None:
        """Close its connections."""
        self._client.close()

    def _ask(self, number: str) -> dict[str, Any] | None:
        if not self._breaker.lets_through():
            raise ShopUnavailable("the order API failed several times in a row and is left alone for a moment")
        try:
            values = self._try(number)
        except ShopUnavailable as error:
            self._breaker.failed()
            log.warning("order API: %s", error)
            raise
        self._breaker.worked()
        return values

    def _try(self, number: str) -> dict[str, Any] | None:
        ends, cause = self._clock() + self._timeout, "no answer"
        for attempt in range(ATTEMPTS):
            if attempt:
                self._pause(PAUSE)
            left = ends - self._clock()
            if left <= 0:
                break
            try:
                status, body = self._get(number, left, ends)
            except httpx.HTTPError as error:
                cause = type(error).__name__
                continue
            if status == 404:
                return None
            if status == 200:
                return read_order(body)
            cause = f"status {status}"
            if status < 500 and status != 429:
                break  # a wrong token or address does not get right by itself
        raise ShopUnavailable(cause)

    def _get(self, number: str, left: float, ends: float) -> tuple[int, bytes]:
        url = f"{self._url}/orders/{quote(number, safe='')}"
        body = bytearray()
        with self._client.stream("GET", url, timeout=httpx.Timeout(left)) as reply:
            for piece in reply.iter_bytes():
                body += piece
                if len(body) > MAX_REPLY:
                    raise ShopUnavailable(f"more than {MAX_REPLY} bytes")
                if self._clock() > ends:
                    raise ShopUnavailable("too slow")  # however little comes at a time
            return reply.status_code, bytes(body)


@lru_cache(maxsize=4)
def _shop(url: str, token: str, timeout: float) -> Shop:
    return Shop(url, token=token, timeout=timeout)


def current_shop() -> Shop | None:
    """The shop of the settings; None where orders come from the imported list alone."""
    found = settings()
    return _shop(found.order_api, found.order_api_token, found.order_api_timeout) if found.order_api else None


def read_order(body: bytes) -> dict[str, Any]:
    """The values of an order in a reply; :class:`ShopUnavailable` names the field that cannot be right."""
    try:
        data = json.loads(body)
    except ValueError:
        raise ShopUnavailable("the reply is no JSON") from None
    if not isinstance(data, Mapping):
        raise ShopUnavailable("the reply is no JSON object")
    number = data.get("order_number")
    if not isinstance(number, str) or not 0 < len(number) <= 64:
        raise ShopUnavailable("order_number: a text of 1 to 64 characters is needed")
    values: dict[str, Any] = {"order_number": number, "currency": _currency(data)}
    values |= {name: _text(data, name, longest) for name, longest in _TEXTS.items()}
    values |= {name: _day(data, name) for name in _DATES}
    values["item"] = values["item"] or ""
    values |= {name: identifier(values[name] or "") for name in ("device", "payment")}
    values["price_cents"] = _whole(data, "price_cents", MAX_PRICE_CENTS)
    values["distance_sale"] = _truth(data, "distance_sale")
    values["prior_grants_12m"] = _whole(data, "prior_grants_12m", 999) or 0
    return values


def _text(data: Mapping[str, Any], name: str, longest: int) -> str | None:
    value = data.get(name)
    if value is None or value == "":
        return None
    if not isinstance(value, str) or len(value) > longest:
        raise ShopUnavailable(f"{name}: a text of at most {longest} characters is needed")
    return value


def _currency(data: Mapping[str, Any]) -> str:
    value = data.get("currency") or "EUR"
    if not isinstance(value, str) or len(value) != 3:
        raise ShopUnavailable("currency: three letters such as EUR are needed")
    return value.upper()


def _day(data: Mapping[str, Any], name: str) -> dt.date | None:
    value = _text(data, name, 10)
    try:
        return dt.date.fromisoformat(value) if value else None
    except ValueError:
        raise ShopUnavailable(f"{name}: a day such as 2026-11-03 is needed") from None


def _truth(data: Mapping[str, Any], name: str) -> bool | None:
    value = data.get(name)
    if value is not None and not isinstance(value, bool):
        raise ShopUnavailable(f"{name}: true or false is needed")
    return value


def _whole(data: Mapping[str, Any], name: str, most: int) -> int | None:
    value = data.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
        raise ShopUnavailable(f"{name}: a whole number from 0 to {most} is needed")
    return value


class _Breaker:
    """Lets questions through until too many failed in a row; then one now and then, until it works again."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock, self._lock = clock, threading.Lock()
        self._failures, self._again_at = 0, 0.0

    def lets_through(self) -> bool:
        with self._lock:
            if self._failures < FAILURES:
                return True
            now = self._clock()
            if now < self._again_at:
                return False
            self._again_at = now + REST  # this one tries; the others go on waiting
            return True

    def failed(self) -> None:
        with self._lock:
            self._failures += 1
            self._again_at = self._clock() + REST

    def worked(self) -> None:
        with self._lock:
            self._failures = 0
