"""The history of accounts; temporary passwords."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "account_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("who", sa.String(length=80), nullable=False),
        sa.Column("what", sa.String(length=24), nullable=False),
        sa.Column("value", sa.String(length=80), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_account_events_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_events")),
    )
    with op.batch_alter_table("account_events", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_account_events_user_id"), ["user_id"], unique=False)

    with op.batch_alter_table("users", schema=None) as batch_op:
        batch_op.add_column(sa.Column("temporary_password", sa.Boolean(), server_default=sa.false(), nullable=False))

    with op.batch_alter_table("notice_settings", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_notice_settings_link_hash"), type_="unique")
        batch_op.drop_constraint(batch_op.f("uq_notice_settings_telegram_chat"), type_="unique")
        for column in ("telegram_chat", "link_hash", "link_until"):
            batch_op.drop_column(column)


def downgrade() -> None:
    with op.batch_alter_table("notice_settings", schema=None) as batch_op:
        batch_op.add_column(sa.Column("telegram_chat", sa.String(length=32), nullable=True))
        batch_op.add_column(sa.Column("link_hash", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("link_until", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_unique_constraint(batch_op.f("uq_notice_settings_telegram_chat"), ["telegram_chat"])
        batch_op.create_unique_constraint(batch_op.f("uq_notice_settings_link_hash"), ["link_hash"])

    with op.batch_alter_table("users", schema=None) as batch_op:
        batch_op.drop_column("temporary_password")

    with op.batch_alter_table("account_events", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_account_events_user_id"))

    op.drop_table("account_events")
