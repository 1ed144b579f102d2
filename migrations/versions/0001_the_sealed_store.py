"""The sealed store: what is binary is ciphertext, the rest is on the list of the threat model.

Revision ID: 0001
Revises: nothing
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:

    op.create_table(
        "desk",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("roster", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desk")),
    )
    op.create_table(
        "erasure",
        sa.Column("shred_id", sa.String(length=26), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.PrimaryKeyConstraint("shred_id", name=op.f("pk_erasure")),
    )
    op.create_table(
        "file",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("shred_id", sa.String(length=26), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_file")),
    )
    op.create_table(
        "grant",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("member_id", sa.String(length=26), nullable=False),
        sa.Column("shred_id", sa.String(length=26), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grant")),
    )
    op.create_index(op.f("ix_grant_member_id"), "grant", ["member_id"], unique=False)
    op.create_table(
        "group",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_group")),
    )
    op.create_table(
        "invitation",
        sa.Column("code_digest", sa.String(length=64), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("code_digest", name=op.f("pk_invitation")),
    )
    op.create_table(
        "log_head",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("peaks", sa.LargeBinary(), nullable=False),
        sa.Column("mac", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_log_head")),
    )
    op.create_table(
        "log_leaf",
        sa.Column("index", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("public", sa.String(length=400), nullable=True),
        sa.Column("tag", sa.LargeBinary(), nullable=True),
        sa.Column("reason_digest", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("index", name=op.f("pk_log_leaf")),
        sa.UniqueConstraint("tag", name=op.f("uq_log_leaf_tag")),
    )
    op.create_table(
        "mailbox",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("locator", sa.String(length=64), nullable=False),
        sa.Column("public", sa.LargeBinary(), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("for_reporter", sa.LargeBinary(), nullable=True),
        sa.Column("for_intake", sa.LargeBinary(), nullable=True),
        sa.Column("mac", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mailbox")),
        sa.UniqueConstraint("locator", name=op.f("uq_mailbox_locator")),
    )
    op.create_table(
        "member",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("login_digest", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("receive", sa.LargeBinary(), nullable=False),
        sa.Column("verify", sa.LargeBinary(), nullable=False),
        sa.Column("signer", sa.String(length=26), nullable=True),
        sa.Column("signature", sa.LargeBinary(), nullable=True),
        sa.Column("shred_id", sa.String(length=26), nullable=False),
        sa.Column("seeds", sa.LargeBinary(), nullable=False),
        sa.Column("printed_seeds", sa.LargeBinary(), nullable=True),
        sa.Column("label", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_member")),
        sa.UniqueConstraint("login_digest", name=op.f("uq_member_login_digest")),
    )
    op.create_table(
        "office",
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("public", sa.LargeBinary(), nullable=False),
        sa.Column("signer", sa.String(length=26), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "epoch", name=op.f("pk_office")),
    )
    op.create_table(
        "reason",
        sa.Column("leaf", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("compartment", sa.String(length=16), nullable=False),
        sa.Column("case_id", sa.String(length=26), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("leaf", "compartment", name=op.f("pk_reason")),
    )
    op.create_index(op.f("ix_reason_case_id"), "reason", ["case_id"], unique=False)
    op.create_table(
        "session",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("member_id", sa.String(length=26), nullable=False),
        sa.Column("shred_id", sa.String(length=26), nullable=False),
        sa.Column("head", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session")),
    )
    op.create_index(op.f("ix_session_member_id"), "session", ["member_id"], unique=False)
    op.create_table(
        "shred",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("bucket", sa.Integer(), nullable=False),
        sa.Column("due", sa.String(length=10), nullable=True),
        sa.Column("held", sa.Boolean(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shred")),
    )
    op.create_index(op.f("ix_shred_bucket"), "shred", ["bucket"], unique=False)
    op.create_table(
        "shred_backup",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("destroy_by", sa.String(length=10), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shred_backup")),
    )
    op.create_table(
        "shred_root",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("buckets", sa.LargeBinary(), nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shred_root")),
    )
    op.create_table(
        "case",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("desk_id", sa.String(length=26), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("manifest", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["desk_id"], ["desk.id"], name=op.f("fk_case_desk_id_desk")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case")),
    )
    op.create_index("ix_case_desk_id_id", "case", ["desk_id", "id"], unique=False)
    op.create_table(
        "letter",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("mailbox_id", sa.String(length=26), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("intake_epoch", sa.Integer(), nullable=False),
        sa.Column("intake_shred", sa.String(length=26), nullable=True),
        sa.Column("intake_copy", sa.LargeBinary(), nullable=True),
        sa.Column("reporter_shred", sa.String(length=26), nullable=False),
        sa.Column("reporter_copy", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["mailbox_id"], ["mailbox.id"], name=op.f("fk_letter_mailbox_id_mailbox"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter")),
    )
    op.create_index(op.f("ix_letter_mailbox_id"), "letter", ["mailbox_id"], unique=False)
    op.create_table(
        "session_key",
        sa.Column("session_id", sa.String(length=64), nullable=False),
        sa.Column("grant_id", sa.String(length=26), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"], ["session.id"], name=op.f("fk_session_key_session_id_session"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("session_id", "grant_id", name=op.f("pk_session_key")),
    )
    op.create_table(
        "section",
        sa.Column("case_id", sa.String(length=26), nullable=False),
        sa.Column("compartment", sa.String(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("shred_id", sa.String(length=26), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_section_case_id_case")),
        sa.PrimaryKeyConstraint("case_id", "compartment", name=op.f("pk_section")),
    )


def downgrade() -> None:

    op.drop_table("section")
    op.drop_table("session_key")
    op.drop_index(op.f("ix_letter_mailbox_id"), table_name="letter")
    op.drop_table("letter")
    op.drop_index("ix_case_desk_id_id", table_name="case")
    op.drop_table("case")
    op.drop_table("shred_root")
    op.drop_table("shred_backup")
    op.drop_index(op.f("ix_shred_bucket"), table_name="shred")
    op.drop_table("shred")
    op.drop_index(op.f("ix_session_member_id"), table_name="session")
    op.drop_table("session")
    op.drop_index(op.f("ix_reason_case_id"), table_name="reason")
    op.drop_table("reason")
    op.drop_table("office")
    op.drop_table("member")
    op.drop_table("mailbox")
    op.drop_table("log_leaf")
    op.drop_table("log_head")
    op.drop_table("invitation")
    op.drop_table("group")
    op.drop_index(op.f("ix_grant_member_id"), table_name="grant")
    op.drop_table("grant")
    op.drop_table("file")
    op.drop_table("erasure")
    op.drop_table("desk")
