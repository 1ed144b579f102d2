"""A case says which of its compartments still lie under an older epoch of the desk's keys.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:

    op.add_column("case", sa.Column("behind", sa.String(length=40), nullable=False, server_default=""))
    with op.batch_alter_table("case") as batch:
        batch.alter_column("behind", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("case") as batch:
        batch.drop_column("behind")
