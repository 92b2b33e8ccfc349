"""A section that several write in at once has a document of its own and a stream of its changes; a kept version may have a name

Revision ID: 0020
Revises: 0019
"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "section_document",
        sa.Column("section_id", sa.BigInteger(), nullable=False),
        sa.Column("stream_id", sa.BigInteger(), nullable=False),
        sa.Column("mark", sa.String(), nullable=False),
        sa.Column("state", sa.LargeBinary(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("shown", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["section_id"], ["section.id"], name=op.f("fk_section_document_section_id_section"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["stream_id"], ["live_stream.id"], name=op.f("fk_section_document_stream_id_live_stream")),
        sa.PrimaryKeyConstraint("section_id", name=op.f("pk_section_document")),
        sa.UniqueConstraint("stream_id", name=op.f("uq_section_document_stream_id")),
    )
    op.add_column("section_version", sa.Column("name", sa.String(), nullable=True))


def downgrade() -> None:
    op.drop_column("section_version", "name")
    op.drop_table("section_document")
