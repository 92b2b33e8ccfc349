"""Files are read for search after the upload, whenever that was: those whose words are known have been read, the others' turn comes

Revision ID: 0026
Revises: 0025
"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("attachment", sa.Column("read_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(
        "UPDATE attachment SET read_at = created_at WHERE kind IN ('png', 'jpeg', 'webp')"
        " OR EXISTS (SELECT FROM passage WHERE attachment_id = attachment.id AND words <> '')"
    )
    op.create_index("ix_attachment_unread", "attachment", ["id"], postgresql_where=sa.text("read_at IS NULL"))


def downgrade() -> None:
    op.drop_index("ix_attachment_unread", "attachment")
    op.drop_column("attachment", "read_at")
