"""Transcripts that customers want by e-mail wait in a table until they have arrived."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "transcript_mails",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("conversation_id", sa.String(length=40), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name=op.f("fk_transcript_mails_conversation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transcript_mails")),
    )
    with op.batch_alter_table("transcript_mails", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_transcript_mails_conversation_id"), ["conversation_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_transcript_mails_next_at"), ["next_at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("transcript_mails", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_transcript_mails_next_at"))
        batch_op.drop_index(batch_op.f("ix_transcript_mails_conversation_id"))

    op.drop_table("transcript_mails")
