"""A network's language: what invited people are written to in."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("network", sa.Column("language", sa.String(2), nullable=False, server_default="sv"))
    op.alter_column("network", "language", server_default=None)


def downgrade() -> None:
    op.drop_column("network", "language")
