"""What is listed, counted and searched lies in sealed segments beside the cases.

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:

    op.create_table(
        "segment",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("desk_id", sa.String(length=26), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("shred_id", sa.String(length=26), nullable=False),
        sa.Column("holds", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["desk_id"], ["desk.id"], name=op.f("fk_segment_desk_id_desk")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_segment")),
    )
    op.create_index("ix_segment_desk_id_kind", "segment", ["desk_id", "kind"])
    op.create_table(
        "segment_part",
        sa.Column("segment_id", sa.String(length=26), nullable=False),
        sa.Column("compartment", sa.String(length=16), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["segment_id"], ["segment.id"], name=op.f("fk_segment_part_segment_id_segment"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("segment_id", "compartment", name=op.f("pk_segment_part")),
    )
    op.create_table(
        "tail",
        sa.Column("segment_id", sa.String(length=26), nullable=False),
        sa.Column("case_id", sa.String(length=26), nullable=False),
        sa.Column("compartment", sa.String(length=16), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["segment_id"], ["segment.id"], name=op.f("fk_tail_segment_id_segment"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("segment_id", "case_id", "compartment", name=op.f("pk_tail")),
    )


def downgrade() -> None:

    op.drop_table("tail")
    op.drop_table("segment_part")
    op.drop_index("ix_segment_desk_id_kind", table_name="segment")
    op.drop_table("segment")
