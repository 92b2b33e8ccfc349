"""The post room: who is told what, what they want to hear, and two more ends that a letter may come to

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

BEFORE = ("queued", "sending", "sent", "kept", "failed", "unknown")
NOW = (*BEFORE, "withdrawn", "bounced")


def upgrade() -> None:
    op.create_table(
        "mail_choice",
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("network_id", sa.BigInteger(), nullable=False),
        sa.Column("comments", sa.String(), nullable=False),
        sa.Column("letter", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["network_id"], ["network.id"], name=op.f("fk_mail_choice_network_id_network"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_mail_choice_person_id_person"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("person_id", "network_id", name=op.f("pk_mail_choice")),
    )
    op.create_table(
        "mailing",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("network_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("act", sa.Boolean(), nullable=False),
        sa.Column("record_id", sa.BigInteger(), nullable=True),
        sa.Column("ref", sa.BigInteger(), nullable=True),
        sa.Column("by_id", sa.BigInteger(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_mailing_by_id_person")),
        sa.ForeignKeyConstraint(["network_id"], ["network.id"], name=op.f("fk_mailing_network_id_network")),
        sa.ForeignKeyConstraint(["record_id"], ["record.id"], name=op.f("fk_mailing_record_id_record"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mailing")),
        sa.UniqueConstraint("network_id", "event", name=op.f("uq_mailing_network_id_event")),
    )
    op.create_index(op.f("ix_mailing_made_at"), "mailing", ["made_at"], unique=False)
    op.create_index("ix_mailing_record_id_kind", "mailing", ["record_id", "kind"], unique=False)
    op.create_table(
        "silence",
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("record_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_silence_person_id_person"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["record_id"], ["record.id"], name=op.f("fk_silence_record_id_record"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("person_id", "record_id", name=op.f("pk_silence")),
    )
    op.create_table(
        "notification",
        sa.Column("mailing_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("message_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["mailing_id"], ["mailing.id"], name=op.f("fk_notification_mailing_id_mailing"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_notification_person_id_person"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("mailing_id", "person_id", name=op.f("pk_notification")),
        sa.UniqueConstraint("message_id", name=op.f("uq_notification_message_id")),
    )
    op.create_index(op.f("ix_notification_person_id"), "notification", ["person_id"], unique=False)
    _allow(NOW)


def downgrade() -> None:
    op.execute("UPDATE mail_out SET state = 'failed' WHERE state IN ('withdrawn', 'bounced')")
    _allow(BEFORE)
    op.drop_table("notification")
    op.drop_table("silence")
    op.drop_table("mailing")
    op.drop_table("mail_choice")


def _allow(states: tuple[str, ...]) -> None:
    op.drop_constraint(op.f("ck_mail_out_state"), "mail_out", type_="check")
    op.create_check_constraint(op.f("ck_mail_out_state"), "mail_out", f"state IN {states}")
