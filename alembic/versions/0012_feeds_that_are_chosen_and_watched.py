"""A calendar feed has a scope and an alarm, and it is known which program got what; a network may have an open calendar

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

# As portal/calendar/programs.py tells them apart; what it does not find here is another one until it reads again.
PROGRAM = """
    CASE WHEN read_by ILIKE '%google-calendar%' THEN 'google' WHEN read_by ~* 'outlook|microsoft|exchange' THEN 'outlook'
    WHEN read_by ILIKE '%thunderbird%' THEN 'thunderbird' WHEN read_by ~* 'dataaccessd|calendaragent' THEN 'apple' ELSE 'other' END
"""


def upgrade() -> None:
    _add("feed", "scope", sa.String(), "'meetings'")
    _add("feed", "alarm", sa.String(), "'none'")
    _add("feed", "tag", sa.String(), "''")
    op.add_column("feed", sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "feed_reading",
        sa.Column("feed_id", sa.BigInteger(), nullable=False),
        sa.Column("program", sa.String(), nullable=False),
        sa.Column("agent", sa.String(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("events", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["feed_id"], ["feed.id"], name=op.f("fk_feed_reading_feed_id_feed"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("feed_id", "program", name=op.f("pk_feed_reading")),
    )
    op.execute(
        f"INSERT INTO feed_reading (feed_id, program, agent, read_at, status, events)"
        f" SELECT id, {PROGRAM}, read_by, read_at, 0, 0 FROM feed WHERE read_at IS NOT NULL AND revoked_at IS NULL"
    )
    op.drop_column("feed", "read_at")
    op.drop_column("feed", "read_by")
    _add("meeting", "announced", sa.Boolean(), "false")
    _add("network", "public_calendar", sa.Boolean(), "false")
    _add("feedback_window", "sequence", sa.Integer(), "0")
    op.add_column("feedback_window", sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE feedback_window SET changed_at = created_at FROM initiative WHERE initiative.id = initiative_id")
    op.alter_column("feedback_window", "changed_at", nullable=False)


def _add(table: str, column: str, kind: sa.types.TypeEngine[object], value: str) -> None:
    op.add_column(table, sa.Column(column, kind, nullable=False, server_default=sa.text(value)))
    op.alter_column(table, column, server_default=None)


def downgrade() -> None:
    op.drop_column("feedback_window", "changed_at")
    op.drop_column("feedback_window", "sequence")
    op.drop_column("network", "public_calendar")
    op.drop_column("meeting", "announced")
    op.add_column("feed", sa.Column("read_at", sa.DateTime(timezone=True), nullable=True))
    _add("feed", "read_by", sa.String(), "''")
    op.execute(
        "UPDATE feed SET read_at = latest.read_at, read_by = latest.agent FROM"
        " (SELECT DISTINCT ON (feed_id) feed_id, read_at, agent FROM feed_reading ORDER BY feed_id, read_at DESC) AS latest"
        " WHERE latest.feed_id = feed.id"
    )
    op.drop_table("feed_reading")
    for column in ("changed_at", "tag", "alarm", "scope"):
        op.drop_column("feed", column)
