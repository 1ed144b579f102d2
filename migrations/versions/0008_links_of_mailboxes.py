"""Which mailboxes belong to a case stands in rows of its own under the shred root, and no longer in its note.

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:

    op.create_table(
        "mailbox_links",
        sa.Column("bucket", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("bucket", name=op.f("pk_mailbox_links")),
    )


def downgrade() -> None:

    op.drop_table("mailbox_links")
