"""A network has working groups, and a meeting may be for one of them

Revision ID: 0021
Revises: 0020
"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "working_group",
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("purpose", sa.String(1000), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("network_id", sa.BigInteger(), nullable=False),
        sa.Column("lead_id", sa.BigInteger(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["lead_id"], ["membership.id"], name=op.f("fk_working_group_lead_id_membership")),
        sa.ForeignKeyConstraint(["network_id"], ["network.id"], name=op.f("fk_working_group_network_id_network")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_working_group")),
        sa.UniqueConstraint("network_id", "name", name=op.f("uq_working_group_network_id_name")),
    )
    op.create_table(
        "working_group_place",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("group_id", sa.BigInteger(), nullable=False),
        sa.Column("membership_id", sa.BigInteger(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["group_id"], ["working_group.id"], name=op.f("fk_working_group_place_group_id_working_group")),
        sa.ForeignKeyConstraint(["membership_id"], ["membership.id"], name=op.f("fk_working_group_place_membership_id_membership")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_working_group_place")),
    )
    op.create_index("ix_working_group_place_membership_id", "working_group_place", ["membership_id"], unique=False)
    op.create_index(
        "uq_working_group_place_open",
        "working_group_place",
        ["group_id", "membership_id"],
        unique=True,
        postgresql_where=sa.text("ends_on IS NULL"),
    )
    op.add_column("meeting", sa.Column("group_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(op.f("fk_meeting_group_id_working_group"), "meeting", "working_group", ["group_id"], ["id"])
    op.create_index(op.f("ix_meeting_group_id"), "meeting", ["group_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_meeting_group_id"), table_name="meeting")
    op.drop_constraint(op.f("fk_meeting_group_id_working_group"), "meeting", type_="foreignkey")
    op.drop_column("meeting", "group_id")
    op.drop_index("uq_working_group_place_open", table_name="working_group_place")
    op.drop_index("ix_working_group_place_membership_id", table_name="working_group_place")
    op.drop_table("working_group_place")
    op.drop_table("working_group")
