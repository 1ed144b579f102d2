"""On SQLite, what has a random identifier lies in the order of it: the order of making tied grants to cases.

Revision ID: 0011
Revises: 0010
"""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

TABLES = ("session", "session_key", "grant", "file", "shred", "mailbox", "letter", "erasure")


def upgrade() -> None:
    _copy({"sqlite_with_rowid": False})


def downgrade() -> None:
    _copy({"sqlite_with_rowid": True})


def _copy(options: dict[str, bool]) -> None:
    if op.get_bind().dialect.name == "sqlite":
        for name in TABLES:
            with op.batch_alter_table(name, recreate="always", table_kwargs=options):
                pass
