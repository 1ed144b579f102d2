"""Offices' keys follow each other, their holders stand in a roster, and tokens are told from sessions.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:

    op.create_table(
        "succession",
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "epoch", name=op.f("pk_succession")),
    )
    op.create_table(
        "office_roster",
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("roster", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("kind", name=op.f("pk_office_roster")),
    )
    # What stood there before is called a session: it ends by itself within a day, or with its member.
    op.add_column("session", sa.Column("kind", sa.String(length=8), nullable=False, server_default="session"))
    with op.batch_alter_table("session") as batch:
        batch.alter_column("kind", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("session") as batch:
        batch.drop_column("kind")
    op.drop_table("office_roster")
    op.drop_table("succession")
