"""Structured logs, a JSON object a line. They hold no message text and no personal data unless an operator asks."""

from __future__ import annotations

import logging
import sys

import structlog

from bot.config import Settings



def configure_logs(config: Settings) -> None:
    """Send everything that the front desk logs to standard error as JSON lines."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
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
