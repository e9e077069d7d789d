"""Structured logs, a JSON object a line. They hold no message text and no personal data unless an operator asks."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

from bot.config import Settings

_PERSONAL = (
    (re.compile(r"[\w.+%'-]+@[\w-]+(?:\.[\w-]+)+"), "[e-mail]"),
    (re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\b"), "[iban]"),
    (re.compile(r"(?<![\w.:-])(?:\+\d|00[1-9])[\d /()-]{6,}\d"), "[phone]"),
)
"""What an error message of somebody else's code may quote. Our own lines carry ids only."""


def configure_logs(config: Settings) -> None:
    """Send everything that the front desk logs to standard error as JSON lines."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *([] if config.log_texts else [mask_personal]),
                structlog.processors.JSONRenderer(),
            ],
            foreign_pre_chain=[
                structlog.stdlib.add_log_level,
                structlog.processors.TimeStamper(fmt="iso", utc=True),
                structlog.stdlib.ExtraAdder(),
                structlog.processors.format_exc_info,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.INFO)
    for chatty in ("httpx", "httpcore", "telegram", "uvicorn.access", "multipart"):
        # Their lines carry addresses, tokens and query strings.
        logging.getLogger(chatty).setLevel(logging.DEBUG if config.log_texts else logging.WARNING)


def mask_personal(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A structlog processor: e-mail addresses, IBANs and phone numbers out of every string of a log line."""
    for key, value in event.items():
        if isinstance(value, str):
            for pattern, sign in _PERSONAL:
                value = pattern.sub(sign, value)
            event[key] = value
    return event
