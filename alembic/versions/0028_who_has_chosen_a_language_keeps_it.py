"""Whether a person has chosen her language herself: until then the one she chose before she signed in is hers

Revision ID: 0028
Revises: 0027
"""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("person", sa.Column("chose_locale", sa.Boolean(), nullable=False, server_default=sa.false()))
    # Whoever has been in has seen the portal in her language and could have changed it.
    op.execute("UPDATE person SET chose_locale = true WHERE EXISTS (SELECT FROM signed_in WHERE person_id = person.id)")
    op.alter_column("person", "chose_locale", server_default=None)


def downgrade() -> None:
    op.drop_column("person", "chose_locale")
