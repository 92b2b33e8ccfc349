"""Where the last letter of a meeting came back, an earlier invitation may be in a calendar and the feed shows the meeting, too

Revision ID: 0031
Revises: 0030
"""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("invited", sa.Column("came_back", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.alter_column("invited", "came_back", server_default=None)


def downgrade() -> None:
    op.drop_column("invited", "came_back")
