"""Meetings that were planned together are a series

Revision ID: 0022
Revises: 0021
"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "meeting_series",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("network_id", sa.BigInteger(), nullable=False),
        sa.Column("repeats", sa.String(), nullable=False),
        sa.Column("every", sa.Integer(), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["network_id"], ["network.id"], name=op.f("fk_meeting_series_network_id_network")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting_series")),
    )
    op.add_column("meeting", sa.Column("series_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(op.f("fk_meeting_series_id_meeting_series"), "meeting", "meeting_series", ["series_id"], ["id"])
    op.create_index(op.f("ix_meeting_series_id"), "meeting", ["series_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_meeting_series_id"), table_name="meeting")
    op.drop_constraint(op.f("fk_meeting_series_id_meeting_series"), "meeting", type_="foreignkey")
    op.drop_column("meeting", "series_id")
    op.drop_table("meeting_series")
