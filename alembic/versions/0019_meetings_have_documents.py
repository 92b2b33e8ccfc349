"""Meetings and their items have documents, each with its versions

Revision ID: 0019
Revises: 0018
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "meeting_document",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("meeting_id", sa.BigInteger(), nullable=False),
        sa.Column("item_id", sa.BigInteger(), nullable=True),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("removed_by_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["item_id"], ["agenda_item.id"], name=op.f("fk_meeting_document_item_id_agenda_item"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.record_id"], name=op.f("fk_meeting_document_meeting_id_meeting")),
        sa.ForeignKeyConstraint(["removed_by_id"], ["person.id"], name=op.f("fk_meeting_document_removed_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting_document")),
    )
    op.create_index(op.f("ix_meeting_document_item_id"), "meeting_document", ["item_id"], unique=False)
    op.create_index(op.f("ix_meeting_document_meeting_id"), "meeting_document", ["meeting_id"], unique=False)
    op.create_table(
        "meeting_document_version",
        sa.Column("document_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("attachment_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["attachment_id"], ["attachment.id"], name=op.f("fk_meeting_document_version_attachment_id_attachment")),
        sa.ForeignKeyConstraint(
            ["document_id"], ["meeting_document.id"], name=op.f("fk_meeting_document_version_document_id_meeting_document")
        ),
        sa.PrimaryKeyConstraint("document_id", "number", name=op.f("pk_meeting_document_version")),
    )
    op.create_index(op.f("ix_meeting_document_version_attachment_id"), "meeting_document_version", ["attachment_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_meeting_document_version_attachment_id"), table_name="meeting_document_version")
    op.drop_table("meeting_document_version")
    op.drop_index(op.f("ix_meeting_document_meeting_id"), table_name="meeting_document")
    op.drop_index(op.f("ix_meeting_document_item_id"), table_name="meeting_document")
    op.drop_table("meeting_document")
