"""The texts of every policy that a decision was made with: kept once, found again for a replay."""

from __future__ import annotations

from functools import lru_cache

from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot.cases.model import PolicyVersion
from bot.goodwill.policy import Policy, version_of


class UnknownVersion(LookupError):
    """The texts of a policy version are not stored, or were changed: its decisions cannot be computed again."""

    def __init__(self, version: str) -> None:
        super().__init__(
            f"the policy {version} is not stored in this database as it was: restore its row in policy_versions"
        )


def keep(session: Session, policy: Policy) -> None:
    """Store the texts of `policy`, unless that happened before; several processes may do it at once."""
    known = select(PolicyVersion.version).where(PolicyVersion.version == policy.version)  # not the long texts
    if session.execute(known).first() is not None:
        return
    try:
        with session.begin_nested():
            session.execute(insert(PolicyVersion).values(version=policy.version, files=dict(policy.files)))
    except IntegrityError:
        return  # somebody else stored the same texts a moment ago


def stored(session: Session, version: str) -> Policy:
    """The policy of that version, from its stored texts; :class:`UnknownVersion` where there are none, or others."""
    row = session.get(PolicyVersion, version)
    if row is None or version_of(row.files) != version:
        raise UnknownVersion(version)
    return _read(tuple(sorted(row.files.items())))


@lru_cache(maxsize=16)
def _read(files: tuple[tuple[str, str], ...]) -> Policy:
    return Policy.from_stored(dict(files))
