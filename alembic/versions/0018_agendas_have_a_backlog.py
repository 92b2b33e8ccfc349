"""An agenda has a backlog of proposals, items are about records, and a meeting is at an item

Revision ID: 0018
Revises: 0017
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "agenda_proposal",
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("why", sa.String(2000), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("network_id", sa.BigInteger(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.Column("goal", sa.String(), nullable=True),
        sa.Column("by_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fate", sa.String(), nullable=True),
        sa.Column("word", sa.String(), nullable=False),
        sa.Column("ruled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ruled_by_id", sa.BigInteger(), nullable=True),
        sa.Column("meeting_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["membership.id"], name=op.f("fk_agenda_proposal_by_id_membership")),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.record_id"], name=op.f("fk_agenda_proposal_meeting_id_meeting")),
        sa.ForeignKeyConstraint(["network_id"], ["network.id"], name=op.f("fk_agenda_proposal_network_id_network")),
        sa.ForeignKeyConstraint(["ruled_by_id"], ["person.id"], name=op.f("fk_agenda_proposal_ruled_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agenda_proposal")),
    )
    op.create_index("ix_agenda_proposal_network_id_fate", "agenda_proposal", ["network_id", "fate"], unique=False)
    op.create_table(
        "agenda_item_record",
        sa.Column("item_id", sa.BigInteger(), nullable=False),
        sa.Column("record_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["item_id"], ["agenda_item.id"], name=op.f("fk_agenda_item_record_item_id_agenda_item"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["record_id"], ["record.id"], name=op.f("fk_agenda_item_record_record_id_record"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("item_id", "record_id", name=op.f("pk_agenda_item_record")),
    )
    op.create_index(op.f("ix_agenda_item_record_record_id"), "agenda_item_record", ["record_id"], unique=False)
    op.create_table(
        "meeting_floor",
        sa.Column("meeting_id", sa.BigInteger(), nullable=False),
        sa.Column("item_id", sa.BigInteger(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["agenda_item.id"], name=op.f("fk_meeting_floor_item_id_agenda_item"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.record_id"], name=op.f("fk_meeting_floor_meeting_id_meeting")),
        sa.PrimaryKeyConstraint("meeting_id", name=op.f("pk_meeting_floor")),
    )


def downgrade() -> None:
    op.drop_table("meeting_floor")
    op.drop_index(op.f("ix_agenda_item_record_record_id"), table_name="agenda_item_record")
    op.drop_table("agenda_item_record")
    op.drop_index("ix_agenda_proposal_network_id_fate", table_name="agenda_proposal")
    op.drop_table("agenda_proposal")
