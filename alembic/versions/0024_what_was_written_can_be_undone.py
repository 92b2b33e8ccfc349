"""A shared document keeps what it was before the entries of its log that are still there, so that what a person wrote in them can be undone

Revision ID: 0024
Revises: 0023
"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("section_document", sa.Column("base", sa.LargeBinary(), nullable=True))
    op.add_column("section_document", sa.Column("base_seq", sa.BigInteger(), nullable=True))
    op.execute("UPDATE section_document SET base = state, base_seq = seq")
    op.alter_column("section_document", "base", nullable=False)
    op.alter_column("section_document", "base_seq", nullable=False)


def downgrade() -> None:
    op.drop_column("section_document", "base_seq")
    op.drop_column("section_document", "base")
