"""An order says until when a guarantee runs, and whether it was bought at a distance."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("orders", schema=None) as batch_op:
        batch_op.add_column(sa.Column("guarantee_until", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("distance_sale", sa.Boolean(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("orders", schema=None) as batch_op:
        batch_op.drop_column("distance_sale")
        batch_op.drop_column("guarantee_until")
