"""Meetings come into calendars as invitations: who has been sent one, who wants one, and what an answer was about

Revision ID: 0013
Revises: 0012
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "invited",
        sa.Column("meeting_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.record_id"], name=op.f("fk_invited_meeting_id_meeting"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_invited_person_id_person"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("meeting_id", "person_id", name=op.f("pk_invited")),
    )
    op.create_index(op.f("ix_invited_person_id"), "invited", ["person_id"], unique=False)
    op.add_column("attendance", sa.Column("answered_sequence", sa.Integer(), nullable=True))
    op.add_column("attendance", sa.Column("replied_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("mail_choice", sa.Column("calendar", sa.String(), nullable=False, server_default="auto"))
    op.alter_column("mail_choice", "calendar", server_default=None)


def downgrade() -> None:
    op.drop_column("mail_choice", "calendar")
    op.drop_column("attendance", "replied_at")
    op.drop_column("attendance", "answered_sequence")
    op.drop_table("invited")
