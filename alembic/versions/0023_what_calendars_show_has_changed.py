"""Whatever changes that a calendar shows leaves a mark in the transaction that changes it, so that an unchanged feed is told by one look

Revision ID: 0023
Revises: 0022
"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

# One row per network stays in the end: the newest. Nobody waits for anybody: a row that another transaction is replacing is left to it,
# and then there are two for a while. A row of one's own (xmin is the transaction that wrote it) will do for all that follows.
FUNCTION = """
CREATE FUNCTION calendar_has_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changed RECORD;
    network bigint := 0;
BEGIN
    IF TG_OP = 'DELETE' THEN changed := OLD; ELSE changed := NEW; END IF;
    IF TG_TABLE_NAME = 'meeting' THEN
        SELECT network_id INTO network FROM record WHERE id = changed.record_id;
    ELSIF TG_TABLE_NAME IN ('attendance', 'invited') THEN
        SELECT network_id INTO network FROM record WHERE id = changed.meeting_id;
    ELSIF TG_TABLE_NAME = 'working_group_place' THEN
        SELECT network_id INTO network FROM working_group WHERE id = changed.group_id;
    ELSIF TG_TABLE_NAME <> 'feedback_window' THEN
        network := changed.network_id;
    END IF;
    IF network IS NULL OR EXISTS (
        SELECT FROM calendar_change WHERE network_id = network AND xmin = pg_current_xact_id()::xid
    ) THEN
        RETURN NULL;
    END IF;
    DELETE FROM calendar_change WHERE id IN (SELECT id FROM calendar_change WHERE network_id = network FOR UPDATE SKIP LOCKED);
    INSERT INTO calendar_change (network_id) VALUES (network);
    RETURN NULL;
END
$$
"""
# Table, and which of its rows calendars are made from ({} is the row).
TABLES = {
    "meeting": "true",
    "record": "{}.kind IN ('meeting', 'consultation')",
    "attendance": "true",
    "activity": "({}.verb LIKE 'meeting.%' OR {}.verb LIKE 'action.%')",
    "consultation": "true",
    "feedback_window": "true",
    "action_item": "true",
    "invited": "true",
    "mail_choice": "true",
    "working_group": "true",
    "working_group_place": "true",
    "membership": "true",
}
# What of a row calendars are made from, where it is not all: a membership is touched by every visit.
PARTS = {"membership": ("network_id", "person_id", "unit_id", "role", "starts_on", "ends_on")}


def upgrade() -> None:
    op.create_table(
        "calendar_change",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("network_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_change")),
    )
    op.create_index(op.f("ix_calendar_change_network_id"), "calendar_change", ["network_id"])
    op.execute(FUNCTION)
    for table, rows in TABLES.items():
        old, new = rows.replace("{}", "OLD"), rows.replace("{}", "NEW")
        before, after = (", ".join(f"{row}.{part}" for part in PARTS.get(table, "*")) for row in ("OLD", "NEW"))
        for deed, when in (("INSERT", new), ("DELETE", old), ("UPDATE", f"({before}) IS DISTINCT FROM ({after}) AND ({old} OR {new})")):
            name = f"calendar_has_changed_by_{deed.lower()}"
            op.execute(f"CREATE TRIGGER {name} AFTER {deed} ON {table} FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION calendar_has_changed()")


def downgrade() -> None:
    op.execute("DROP FUNCTION calendar_has_changed() CASCADE")
    op.drop_table("calendar_change")
