"""A thread counts its comments, so that its page need not

Revision ID: 0006
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("thread", sa.Column("comments", sa.Integer(), server_default="0", nullable=False))
    op.execute("UPDATE thread SET comments = (SELECT count(*) FROM comment WHERE comment.record_id = thread.record_id)")


def downgrade() -> None:
    op.drop_column("thread", "comments")
