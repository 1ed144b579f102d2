"""The coarse facts that may outlive a case.

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:

    op.create_table(
        "remains",
        sa.Column("case_id", sa.String(length=26), nullable=False),
        sa.Column("desk_id", sa.String(length=26), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("shred_id", sa.String(length=26), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_remains")),
    )
    op.create_index(op.f("ix_remains_desk_id"), "remains", ["desk_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_remains_desk_id"), table_name="remains")
    op.drop_table("remains")
