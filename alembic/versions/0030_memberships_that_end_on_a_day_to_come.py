"""A membership may end on a day to come, and then somebody takes over what is open

Revision ID: 0030
Revises: 0029
"""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("membership", sa.Column("successor_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key("fk_membership_successor_id_membership", "membership", "membership", ["successor_id"], ["id"])


def downgrade() -> None:
    op.drop_column("membership", "successor_id")
