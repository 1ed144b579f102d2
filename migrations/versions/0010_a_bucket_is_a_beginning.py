"""A bucket of shreds is a beginning of their identifiers: the primary key finds it.

Revision ID: 0010
Revises: 0009
"""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:

    op.drop_index(op.f("ix_shred_bucket"), table_name="shred")


def downgrade() -> None:
    op.create_index(op.f("ix_shred_bucket"), "shred", ["bucket"], unique=False)
