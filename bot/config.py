"""Settings of a running erstkontakt: every one has a default that works on one machine.

Each is read from an environment variable ``ERSTKONTAKT_<NAME>`` (upper case), e.g. ``ERSTKONTAKT_PORT=8080``.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import BaseSettings

ROOT = Path(__file__).resolve().parent.parent
"""The project folder: domain.yml, policy/, data/ and widget/ are found from here."""


class Settings(BaseSettings):
    """What an operator may set. Paths are absolute or relative to the project folder; ports are on loopback."""

    var: Path = ROOT / "var"  # run-time state: database, secrets, attachments, logs
    policy: Path = ROOT / "policy"
    models: Path = ROOT / "models"
    database_url: str = ""  # empty: SQLite in var/
    host: str = "127.0.0.1"
    port: int = 8000
    public_url: str = ""  # how customers reach the front desk; empty: http://host:port
    rasa_port: int = 5005
    actions_port: int = 5055
    secret: str = ""  # signs session tokens; empty: made once and kept in var/secret
    allowed_origins: str = ""  # web pages that may embed the widget, comma separated; empty: only our own
    rasa_timeout: float = 20.0  # seconds for one turn of the dialogue
    handoff_patience: float = 180.0  # seconds until a waiting customer hears that nobody is free
    handoff_silence: float = 600.0  # seconds a customer waits for a word of whoever took over; then the queue
    handoff_away: float = 180.0  # the same once they have no desk open any more
    retry_delay: float = 5.0  # seconds between tries to answer a kept message
    order_api: str = ""  # the shop's own API for orders (docs/integrators.md); empty: only the imported list
    order_api_token: str = ""  # sent as a bearer token
    order_api_timeout: float = 3.0  # seconds for one question, retry included
    payout_webhook: str = ""  # where accepted refunds and vouchers are sent (docs/integrators.md); empty: export a file
    payout_webhook_secret: str = ""  # signs them
    telegram_token: str = ""  # empty: no Telegram
    telegram_api: str = "https://api.telegram.org"
    telegram_webhook_url: str = ""  # empty: polling
    telegram_webhook_secret: str = ""
    telegram_staff_group: int = 0  # chat id of the group where staff works in topics; 0: staff works at the desk only
    telegram_staff_language: str = "de"  # what the bot says to all of that group
    smtp_host: str = ""  # empty: no e-mail
    smtp_port: int = 587
    smtp_security: Literal["starttls", "tls", "none"] = "starttls"  # none: only to a server on the same machine
    smtp_user: str = ""
    smtp_password: str = ""
    smtp_from: str = ""  # empty: the user
    spacy_model_de: str = ""  # a bigger spaCy pipeline by name; empty: the blank one with our rules
    spacy_model_en: str = ""
    retention_messages_days: int = 730  # how long a conversation and the words of its settled cases are kept
    retention_attachments_days: int = 365  # photos and receipts
    retention_training_days: int = 180  # corrections that wait to become training examples
    retention_orders_days: int = 3650  # the shop's orders, which tax law makes us keep
    log_texts: bool = False  # True writes message texts to the log: personal data, for development only

    class Config:
        env_prefix = "ERSTKONTAKT_"

    @property
    def rasa_url(self) -> str:
        return f"http://127.0.0.1:{self.rasa_port}"

    @property
    def actions_url(self) -> str:
        return f"http://127.0.0.1:{self.actions_port}"

    @property
    def base_url(self) -> str:
        """Where customers and staff reach the front desk, without a slash at the end."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")

    @property
    def db_url(self) -> str:
        if self.database_url:
            return self.database_url
        self.var.mkdir(parents=True, exist_ok=True)
        return f"sqlite:///{self.var / 'erstkontakt.db'}"

    def signing_key(self) -> str:
        """The secret that signs session tokens: configured, or made once and kept readable for the owner only."""
        if self.secret:
            return self.secret
        path = self.var / "secret"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
            with os.fdopen(handle, "w") as file:
                file.write(secrets.token_urlsafe(48))
        return path.read_text().strip()


@lru_cache(maxsize=1)
def settings() -> Settings:
    """The settings of this process, read once."""
    return Settings()


def rasa_token(settings: Settings) -> str:
    """What the front desk shows to Rasa: derived from our secret, so nobody has to configure it."""
    return hmac.new(settings.signing_key().encode(), b"rasa", hashlib.sha256).hexdigest()[:32]
