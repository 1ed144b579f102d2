"""Runs migrations on a connection that the caller gives.

Promises to wait at most five seconds for a lock, so that a migration never queues in front of everyone else. Must
never import the application in a version: what a migration did must not change when the application does.
"""

from typing import Any

import sqlalchemy as sa
from alembic import context
from alembic.autogenerate.api import AutogenContext

LOCK_TIMEOUT = "5s"


def render_item(kind: str, item: Any, _: AutogenContext) -> str | bool:
    """Write our sealed columns as plain binary: a version that imported our class would change with it."""
    if kind == "type" and type(item).__name__ == "SealedBytes":
        return "sa.LargeBinary()"
    return False


def compare_type(_: Any, inspected: Any, __: Any, inspected_type: Any, metadata_type: Any) -> bool | None:
    """Compare a sealed column as the binary column it is."""
    if type(metadata_type).__name__ == "SealedBytes":
        return not isinstance(inspected_type, sa.LargeBinary)
    return None


def run() -> None:
    """Run the migrations in one transaction."""
    connection: sa.Connection = context.config.attributes["connection"]
    context.configure(
        connection=connection,
        target_metadata=context.config.attributes.get("metadata"),
        render_item=render_item,
        compare_type=compare_type,
        render_as_batch=connection.dialect.name == "sqlite",
    )
    with context.begin_transaction():
        if connection.dialect.name == "postgresql":
            connection.execute(sa.text(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'"))
        context.run_migrations()


run()
