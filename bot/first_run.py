"""What a new installation gets, once: demo orders to try, and people who can log in at the desk."""

from __future__ import annotations

import datetime as dt
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.cases.orders import product_names
from bot.catalogue import Catalogue
from bot.demo import create_demo_orders
from bot.frontdesk.model import Conversation, User

CREDENTIALS = "first-run-credentials.txt"


@dataclass(frozen=True)
class Account:
    """A log-in with its password in the clear: shown once, stored as a hash only."""

    name: str
    role: str
    password: str


def is_new(session: Session) -> bool:
    """Whether nobody has used this database yet: no user, no conversation."""
    return not any(session.scalar(select(func.count()).select_from(table)) for table in (User, Conversation))


def set_up(session: Session, var: Path, today: dt.date, *, demo: bool = True) -> list[Account]:
    """Create the first users (and demo orders); their passwords are random and also written for the owner to `var`.

    `admin` may do everything and sees the confidential queue; `alex` is a member of staff, for the demo only.
    """
    from bot.desk.users import add_user

    accounts = [Account("admin", "admin", secrets.token_urlsafe(9))]
    if demo:
        accounts.append(Account("alex", "staff", secrets.token_urlsafe(9)))
        create_demo_orders(session, today)
        Catalogue(var).write(product_names(session))
    for account in accounts:
        add_user(session, account.name, account.role, account.password, confidential=account.role == "admin")
    _write(var / CREDENTIALS, accounts)
    return accounts


def _write(path: Path, accounts: list[Account]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write("Log-ins of the first start. Keep them elsewhere and delete this file.\n")
        file.writelines(f"{account.name} ({account.role}): {account.password}\n" for account in accounts)
