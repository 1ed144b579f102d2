"""Ceremonies of k trustees, and the shares that were brought to them.

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:

    op.create_table(
        "ceremony",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("shred_id", sa.String(length=26), nullable=False),
        sa.Column("terms", sa.LargeBinary(), nullable=False),
        sa.Column("half", sa.LargeBinary(), nullable=True),
        sa.Column("secret", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ceremony")),
    )
    op.create_table(
        "brought",
        sa.Column("ceremony_id", sa.String(length=26), nullable=False),
        sa.Column("member_id", sa.String(length=26), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["ceremony_id"], ["ceremony.id"], name=op.f("fk_brought_ceremony_id_ceremony"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("ceremony_id", "member_id", name=op.f("pk_brought")),
    )


def downgrade() -> None:
    op.drop_table("brought")
    op.drop_table("ceremony")
