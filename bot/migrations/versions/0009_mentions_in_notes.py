"""Notes that name a colleague."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "mentions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.String(length=32), nullable=False),
        sa.Column("conversation_id", sa.String(length=40), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_mentions_user_id")),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_mentions_message_id")),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversations.id"], name=op.f("fk_mentions_conversation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mentions")),
        sa.UniqueConstraint("message_id", "user_id", name=op.f("uq_mentions_message_id_user_id")),
    )
    op.create_index(op.f("ix_mentions_user_id"), "mentions", ["user_id"])
    op.create_index(op.f("ix_mentions_conversation_id"), "mentions", ["conversation_id"])


def downgrade() -> None:
    op.drop_table("mentions")
