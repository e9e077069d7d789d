"""An order names the device it is about and the payment it was paid with."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("orders", schema=None) as batch_op:
        batch_op.add_column(sa.Column("device", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("payment", sa.String(length=64), nullable=True))
        batch_op.create_index(batch_op.f("ix_orders_device"), ["device"], unique=False)
        batch_op.create_index(batch_op.f("ix_orders_payment"), ["payment"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("orders", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_orders_payment"))
        batch_op.drop_index(batch_op.f("ix_orders_device"))
        batch_op.drop_column("payment")
        batch_op.drop_column("device")
