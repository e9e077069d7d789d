"""Handoffs that wait for the customer, are snoozed, passed to teams and leads; when a desk was last seen."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.drop_index("uq_handoffs_active", table_name="handoffs")
    with op.batch_alter_table("handoffs", schema=None) as batch_op:
        batch_op.add_column(sa.Column("state_at", _TIME, nullable=True))
        batch_op.add_column(sa.Column("team", sa.String(length=40), nullable=True))
        batch_op.add_column(sa.Column("escalated_at", _TIME, nullable=True))
        batch_op.add_column(sa.Column("unanswered_since", _TIME, nullable=True))
        batch_op.add_column(sa.Column("holder_active_at", _TIME, nullable=True))
        batch_op.add_column(sa.Column("snoozed_until", _TIME, nullable=True))
        batch_op.add_column(sa.Column("retold", sa.Boolean(), nullable=True))
    op.execute("UPDATE handoffs SET state_at = COALESCE(ended_at, claimed_at, queued_at)")
    op.execute("UPDATE handoffs SET unanswered_since = COALESCE(claimed_at, waiting_since) WHERE ended_at IS NULL")
    # What was said in handoffs of before stays untold: their conversations have gone on since.
    op.execute(sa.text("UPDATE handoffs SET retold = :yes").bindparams(yes=True))
    with op.batch_alter_table("handoffs", schema=None) as batch_op:
        batch_op.alter_column("state_at", existing_type=_TIME, nullable=False)
        batch_op.alter_column("retold", existing_type=sa.Boolean(), nullable=False)
        batch_op.create_index("ix_handoffs_state", ["state"], unique=False)
    op.execute(sa.text("UPDATE handoffs SET retold = :no WHERE ended_at IS NULL").bindparams(no=False))
    _one_active("ended_at IS NULL")
    with op.batch_alter_table("users", schema=None) as batch_op:
        batch_op.add_column(sa.Column("team", sa.String(length=40), nullable=True))
        batch_op.add_column(sa.Column("desk_seen_at", _TIME, nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("users", schema=None) as batch_op:
        batch_op.drop_column("desk_seen_at")
        batch_op.drop_column("team")
    op.drop_index("uq_handoffs_active", table_name="handoffs")
    op.execute("UPDATE handoffs SET state = 'claimed' WHERE state IN ('waiting', 'snoozed')")
    with op.batch_alter_table("handoffs", schema=None) as batch_op:
        batch_op.drop_index("ix_handoffs_state")
        for name in (
            "retold", "snoozed_until", "holder_active_at", "unanswered_since", "escalated_at", "team", "state_at",
        ):  # fmt: skip
            batch_op.drop_column(name)
    _one_active("state IN ('queued', 'claimed')")


def _one_active(which: str) -> None:
    op.create_index(
        "uq_handoffs_active", "handoffs", ["conversation_id"],
        unique=True, sqlite_where=sa.text(which), postgresql_where=sa.text(which),
    )  # fmt: skip
