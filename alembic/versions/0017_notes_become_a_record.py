"""Notes become a record: action items, corrections, approvals

Revision ID: 0017
Revises: 0015
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0017"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "amendment",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("meeting_id", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("by_name", sa.String(), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_amendment_by_id_person")),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.record_id"], name=op.f("fk_amendment_meeting_id_meeting")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_amendment")),
    )
    op.create_index(op.f("ix_amendment_meeting_id"), "amendment", ["meeting_id"], unique=False)
    op.create_table(
        "meeting_visitor",
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("organisation", sa.String(100), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("meeting_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.record_id"], name=op.f("fk_meeting_visitor_meeting_id_meeting")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting_visitor")),
    )
    op.create_index(op.f("ix_meeting_visitor_meeting_id"), "meeting_visitor", ["meeting_id"], unique=False)
    op.create_table(
        "minutes",
        sa.Column("meeting_id", sa.BigInteger(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_by_id", sa.BigInteger(), nullable=False),
        sa.Column("respond_by", sa.Date(), nullable=False),
        sa.Column("adjuster_id", sa.BigInteger(), nullable=False),
        sa.Column("adjusted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("adjusted_mark", sa.String(), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approved_by_id", sa.BigInteger(), nullable=True),
        sa.Column("approved_mark", sa.String(), nullable=False),
        sa.Column("locked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("document", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column("unregistered_reason", sa.String(), nullable=False),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("registered_by_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["adjuster_id"], ["membership.id"], name=op.f("fk_minutes_adjuster_id_membership")),
        sa.ForeignKeyConstraint(["approved_by_id"], ["person.id"], name=op.f("fk_minutes_approved_by_id_person")),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.record_id"], name=op.f("fk_minutes_meeting_id_meeting")),
        sa.ForeignKeyConstraint(["registered_by_id"], ["person.id"], name=op.f("fk_minutes_registered_by_id_person")),
        sa.ForeignKeyConstraint(["sent_by_id"], ["person.id"], name=op.f("fk_minutes_sent_by_id_person")),
        sa.PrimaryKeyConstraint("meeting_id", name=op.f("pk_minutes")),
    )
    op.create_index(op.f("ix_minutes_adjuster_id"), "minutes", ["adjuster_id"], unique=False)
    op.create_table(
        "correction",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("meeting_id", sa.BigInteger(), nullable=False),
        sa.Column("section_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("before", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("word", sa.String(), nullable=False),
        sa.Column("ruled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ruled_by_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("(outcome IS NULL) = (ruled_at IS NULL)", name=op.f("ck_correction_ruled")),
        sa.ForeignKeyConstraint(["by_id"], ["membership.id"], name=op.f("fk_correction_by_id_membership")),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.record_id"], name=op.f("fk_correction_meeting_id_meeting")),
        sa.ForeignKeyConstraint(["ruled_by_id"], ["person.id"], name=op.f("fk_correction_ruled_by_id_person")),
        sa.ForeignKeyConstraint(["section_id"], ["section.id"], name=op.f("fk_correction_section_id_section")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_correction")),
    )
    op.create_index(op.f("ix_correction_meeting_id"), "correction", ["meeting_id"], unique=False)
    op.create_table(
        "action_item",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("network_id", sa.BigInteger(), nullable=False),
        sa.Column("meeting_id", sa.BigInteger(), nullable=False),
        sa.Column("item_id", sa.BigInteger(), nullable=True),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("owner_id", sa.BigInteger(), nullable=False),
        sa.Column("unit_id", sa.BigInteger(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("created_by_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_by_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["created_by_id"], ["person.id"], name=op.f("fk_action_item_created_by_id_person")),
        sa.ForeignKeyConstraint(["done_by_id"], ["person.id"], name=op.f("fk_action_item_done_by_id_person")),
        sa.ForeignKeyConstraint(["item_id"], ["agenda_item.id"], name=op.f("fk_action_item_item_id_agenda_item"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.record_id"], name=op.f("fk_action_item_meeting_id_meeting")),
        sa.ForeignKeyConstraint(["network_id"], ["network.id"], name=op.f("fk_action_item_network_id_network")),
        sa.ForeignKeyConstraint(["owner_id"], ["membership.id"], name=op.f("fk_action_item_owner_id_membership")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_action_item_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_action_item")),
    )
    op.create_index(op.f("ix_action_item_item_id"), "action_item", ["item_id"], unique=False)
    op.create_index(op.f("ix_action_item_meeting_id"), "action_item", ["meeting_id"], unique=False)
    op.create_index("ix_action_item_network_id_done_at", "action_item", ["network_id", "done_at"], unique=False)
    op.create_index(op.f("ix_action_item_owner_id"), "action_item", ["owner_id"], unique=False)
    op.add_column("agenda_item", sa.Column("goal", sa.String(), nullable=True))
    op.add_column("agenda_item", sa.Column("decision", sa.String(), nullable=False, server_default=""))
    op.alter_column("agenda_item", "decision", server_default=None)


def downgrade() -> None:
    op.drop_column("agenda_item", "decision")
    op.drop_column("agenda_item", "goal")
    op.drop_index(op.f("ix_action_item_owner_id"), table_name="action_item")
    op.drop_index("ix_action_item_network_id_done_at", table_name="action_item")
    op.drop_index(op.f("ix_action_item_meeting_id"), table_name="action_item")
    op.drop_index(op.f("ix_action_item_item_id"), table_name="action_item")
    op.drop_table("action_item")
    op.drop_index(op.f("ix_correction_meeting_id"), table_name="correction")
    op.drop_table("correction")
    op.drop_index(op.f("ix_minutes_adjuster_id"), table_name="minutes")
    op.drop_table("minutes")
    op.drop_index(op.f("ix_meeting_visitor_meeting_id"), table_name="meeting_visitor")
    op.drop_table("meeting_visitor")
    op.drop_index(op.f("ix_amendment_meeting_id"), table_name="amendment")
    op.drop_table("amendment")
