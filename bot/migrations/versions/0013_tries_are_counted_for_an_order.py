"""Wrong proofs are counted for an order, too, in whatever conversation."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "order_tries",
        sa.Column("order_key", sa.String(length=64), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("order_key", name=op.f("pk_order_tries")),
    )
    with op.batch_alter_table("order_tries", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_order_tries_since"), ["since"], unique=False)


def downgrade() -> None:
    op.drop_table("order_tries")
