"""The register knows what a record is called in English, too: lists showed the Swedish title to those who read English

Revision ID: 0011
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("record", sa.Column("title_en", sa.String(), nullable=False, server_default=""))
    op.alter_column("record", "title_en", server_default=None)
    op.execute(
        "UPDATE record SET title_en = initiative.title_en FROM consultation JOIN initiative ON initiative.id = consultation.initiative_id"
        " WHERE consultation.record_id = record.id AND initiative.title_en <> ''"
    )


def downgrade() -> None:
    op.drop_column("record", "title_en")
