"""A thread is read by its numbers alone: whether a comment is a reply made its last page cost as much as all of it

Revision ID: 0008
Revises: 0007
"""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_comment_record_id_seq", "comment", ["record_id", "seq"])
    op.drop_index("ix_comment_record_id_parent_id_seq", "comment")


def downgrade() -> None:
    op.create_index("ix_comment_record_id_parent_id_seq", "comment", ["record_id", "parent_id", "seq"])
    op.drop_index("ix_comment_record_id_seq", "comment")
