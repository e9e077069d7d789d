"""Staff in Telegram: linked accounts, topics and what stands in them, replies and edits."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "staff_updates",
        sa.Column("update_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("update_id", name=op.f("pk_staff_updates")),
    )
    op.create_table(
        "telegram_codes",
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_telegram_codes_user_id")),
        sa.PrimaryKeyConstraint("code_hash", name=op.f("pk_telegram_codes")),
    )
    with op.batch_alter_table("telegram_codes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_telegram_codes_user_id"), ["user_id"], unique=False)

    op.create_table(
        "topic_posts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.String(length=40), nullable=False),
        sa.Column("message_id", sa.String(length=32), nullable=False),
        sa.Column("post", sa.Integer(), nullable=False),
        sa.Column("by_staff", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversations.id"], name=op.f("fk_topic_posts_conversation_id")),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_topic_posts_message_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_topic_posts")),
    )
    with op.batch_alter_table("topic_posts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_topic_posts_conversation_id"), ["conversation_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_topic_posts_message_id"), ["message_id"], unique=False)

    op.create_table(
        "topics",
        sa.Column("conversation_id", sa.String(length=40), nullable=False),
        sa.Column("group_id", sa.BigInteger(), nullable=False),
        sa.Column("thread_id", sa.Integer(), nullable=True),
        sa.Column("title", sa.String(length=128), nullable=True),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("unwanted", sa.Boolean(), nullable=False),
        sa.Column("handoff_id", sa.String(length=32), nullable=True),
        sa.Column("status", sa.Text(), nullable=True),
        sa.Column("status_post", sa.Integer(), nullable=True),
        sa.Column("mirrored", sa.Integer(), nullable=False),
        sa.Column("posting", sa.JSON(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("error", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversations.id"], name=op.f("fk_topics_conversation_id")),
        sa.ForeignKeyConstraint(["handoff_id"], ["handoffs.id"], name=op.f("fk_topics_handoff_id")),
        sa.PrimaryKeyConstraint("conversation_id", name=op.f("pk_topics")),
    )
    with op.batch_alter_table("topics", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_topics_thread_id"), ["thread_id"], unique=False)

    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.add_column(sa.Column("reply_to", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("external_id", sa.String(length=64), nullable=True))

    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.add_column(sa.Column("kind", sa.String(length=8), server_default="send", nullable=False))
        batch_op.add_column(sa.Column("buttons_shown", sa.Boolean(), server_default=sa.false(), nullable=False))

    with op.batch_alter_table("users", schema=None) as batch_op:
        batch_op.add_column(sa.Column("telegram_id", sa.BigInteger(), nullable=True))
        batch_op.create_unique_constraint(batch_op.f("uq_users_telegram_id"), ["telegram_id"])


def downgrade() -> None:
    with op.batch_alter_table("users", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_users_telegram_id"), type_="unique")
        batch_op.drop_column("telegram_id")

    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.drop_column("buttons_shown")
        batch_op.drop_column("kind")

    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.drop_column("external_id")
        batch_op.drop_column("reply_to")

    with op.batch_alter_table("topics", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_topics_thread_id"))

    op.drop_table("topics")
    with op.batch_alter_table("topic_posts", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_topic_posts_message_id"))
        batch_op.drop_index(batch_op.f("ix_topic_posts_conversation_id"))

    op.drop_table("topic_posts")
    with op.batch_alter_table("telegram_codes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_telegram_codes_user_id"))

    op.drop_table("telegram_codes")
    op.drop_table("staff_updates")
