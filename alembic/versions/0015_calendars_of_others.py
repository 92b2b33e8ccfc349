"""Calendars of others that a network plans beside: where they come from, how reading went, and what stands in them

Revision ID: 0015
Revises: 0014
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "foreign_calendar",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("network_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=True),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("problem", sa.String(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("etag", sa.String(), nullable=False),
        sa.Column("last_modified", sa.String(), nullable=False),
        sa.Column("read_to", sa.Integer(), nullable=False),
        sa.Column("refused", postgresql.JSONB(), nullable=False),
        sa.Column("refused_more", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["network_id"], ["network.id"], name=op.f("fk_foreign_calendar_network_id_network"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_foreign_calendar")),
    )
    op.create_index(op.f("ix_foreign_calendar_network_id"), "foreign_calendar", ["network_id"], unique=False)
    op.create_table(
        "foreign_event",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("calendar_id", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["calendar_id"], ["foreign_calendar.id"], name=op.f("fk_foreign_event_calendar_id_foreign_calendar"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_foreign_event")),
    )
    op.create_index("ix_foreign_event_calendar_id_first_on", "foreign_event", ["calendar_id", "first_on"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_foreign_event_calendar_id_first_on", table_name="foreign_event")
    op.drop_table("foreign_event")
    op.drop_index(op.f("ix_foreign_calendar_network_id"), table_name="foreign_calendar")
    op.drop_table("foreign_calendar")
