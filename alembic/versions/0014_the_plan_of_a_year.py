"""The plan of a year before anybody is told of it, and the reminders of the year wheel

Revision ID: 0014
Revises: 0013
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "year_plan",
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("starts", sa.Time(), nullable=False),
        sa.Column("ends", sa.Time(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("network_id", sa.BigInteger(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["network_id"], ["network.id"], name=op.f("fk_year_plan_network_id_network"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_year_plan")),
        sa.UniqueConstraint("network_id", "year", name=op.f("uq_year_plan_network_id_year")),
    )
    op.create_table(
        "planned_day",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("plan_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("title", sa.String(), nullable=True),
        sa.Column("starts", sa.Time(), nullable=True),
        sa.Column("ends", sa.Time(), nullable=True),
        sa.Column("place", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["plan_id"], ["year_plan.id"], name=op.f("fk_planned_day_plan_id_year_plan"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_planned_day")),
        sa.UniqueConstraint("plan_id", "day", name=op.f("uq_planned_day_plan_id_day")),
    )
    op.create_table(
        "year_reminder",
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("yearly", sa.Boolean(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("network_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["network_id"], ["network.id"], name=op.f("fk_year_reminder_network_id_network"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_year_reminder")),
    )
    op.create_index(op.f("ix_year_reminder_network_id"), "year_reminder", ["network_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_year_reminder_network_id"), table_name="year_reminder")
    op.drop_table("year_reminder")
    op.drop_table("planned_day")
    op.drop_table("year_plan")
