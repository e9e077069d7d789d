"""Accepted money to the shop's webhook, where the setting `payout_webhook` names one. docs/integrators.md describes it.

What waits is in SQL (bot/cases/payouts.py): nothing is lost by a restart. Two front desks may send the same order at
the same moment, and an answer may get lost: the receiver tells orders apart by their id.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import json
import logging

import httpx

from bot.cases import payouts
from bot.cases.payouts import Payout
from bot.config import Settings
from bot.database import Database

log = logging.getLogger(__name__)

TIMEOUT = 10.0
"""Seconds for one order."""

FIRST_WAIT, LONGEST_WAIT = dt.timedelta(seconds=30), dt.timedelta(hours=1)
"""After a failure nothing is sent for a while, twice as long each time."""

BY = "payout webhook"
"""Who has handed an order over, in the audit."""


class PayoutSender:
    """Sends what waits, one order after the other; a failure keeps the rest waiting."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database, self._settings = database, settings
        self._failures, self._not_before = 0, dt.datetime.min.replace(tzinfo=dt.timezone.utc)

    def send(self, now: dt.datetime) -> int:
        """Hand over everything that waits at `now`; how many orders arrived."""
        if not self._settings.payout_webhook or now < self._not_before:
            return 0
        with self._database.begin() as session:
            found = payouts.waiting(session)
        sent = 0
        near = httpx.URL(self._settings.payout_webhook).host in ("127.0.0.1", "localhost", "::1")
        with httpx.Client(timeout=TIMEOUT, trust_env=not near) as client:
            for payout in found:
                if not self._arrived(client, payout, now):
                    break
                with self._database.begin() as session:
                    payouts.mark_gone_out(session, payout, who=BY, now=now)
                sent += 1
        return sent

    def _arrived(self, client: httpx.Client, payout: Payout, now: dt.datetime) -> bool:
        body = json.dumps(payout.to_json(), separators=(",", ":")).encode()
        headers = {"Content-Type": "application/json", "Idempotency-Key": payout.id}
        if self._settings.payout_webhook_secret:
            signed = hmac.new(self._settings.payout_webhook_secret.encode(), body, hashlib.sha256).hexdigest()
            headers["X-Erstkontakt-Signature"] = f"sha256={signed}"
        try:
            status = client.post(self._settings.payout_webhook, content=body, headers=headers).status_code
            cause = "" if 200 <= status < 300 else f"status {status}"
        except httpx.HTTPError as error:
            cause = type(error).__name__
        if not cause:
            self._failures = 0
            return True
        wait = min(FIRST_WAIT * 2**self._failures, LONGEST_WAIT)
        self._failures, self._not_before = self._failures + 1, now + wait
        log.warning("payout.not_sent: %s, again in %s", cause, wait, extra={"number": payout.case_number})
        return False
