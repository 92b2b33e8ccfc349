"""A record is found by what it is (samråd, spaning, träff), a proposal by its words, and a draft of a finding by its writer

Revision ID: 0027
Revises: 0026
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

CALLED = {"finding": "spaning finding", "meeting": "träff möte meeting", "consultation": "samråd consultation"}
DRAFTED = "setweight(portal_terms(record.title), 'A') || setweight(portal_terms(happens || E'\\n' || means), 'B')"


def upgrade() -> None:
    op.execute(f"UPDATE record SET search = {DRAFTED} FROM finding WHERE finding.record_id = record.id AND published_at IS NULL")
    for kind, words in CALLED.items():
        op.execute(f"UPDATE record SET search = coalesce(search, '') || setweight(portal_terms('{words}'), 'D') WHERE kind = '{kind}'")
    op.add_column("agenda_proposal", sa.Column("search", postgresql.TSVECTOR(), nullable=True))
    op.execute("UPDATE agenda_proposal SET search = portal_terms(title || E'\\n' || why) WHERE fate IS NULL")


def downgrade() -> None:
    op.drop_column("agenda_proposal", "search")
    op.execute("UPDATE record SET search = ts_filter(search, '{a,b}')")
