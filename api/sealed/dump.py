"""Rows in and out of a backup: JSON lines of ciphertext, the same for SQLite and PostgreSQL.

Promises that what went out comes in again, bit for bit. Must never open anything.
"""

import base64
import json
from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import Table as Rows
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from api.crypto import Sealed
from api.errors import Tampered
from api.models.tables import Table

# The links of mailboxes open with keys under the root, of this day and no other.
SHREDS = frozenset({"shred", "shred_root", "mailbox_links"})
# Sessions, and what was answered in them, end with the machine they were opened on.
LEFT_OUT = frozenset({"session", "session_key", "answer"})


def lines(db: Session, tables: Iterable[Rows]) -> Iterator[bytes]:
    """Yield each row of `tables` as a JSON line: table name, then the values in column order."""
    for table in tables:
        # In the order of their identifiers: in that of their making, a grant would stand beside the case it is for.
        for row in db.execute(select(table).order_by(*table.primary_key).execution_options(yield_per=500)):
            yield json.dumps([table.name, [_out(value) for value in row]]).encode() + b"\n"


def load(db: Session, rows: Iterable[bytes], allowed: Iterable[Rows]) -> None:
    """Insert the rows of JSON lines; raises Tampered for a line of another table or shape."""
    tables = {table.name: table for table in allowed}
    for line in rows:
        try:
            name, values = json.loads(line)
            table = tables[name]
            row = {column.name: _in(column, value) for column, value in zip(table.columns, values, strict=True)}
        except (ValueError, KeyError, TypeError):
            raise Tampered from None
        db.execute(insert(table).values(row))


def data_tables() -> list[Rows]:
    """Return the tables of a data backup, parents first."""
    return [table for table in Table.metadata.sorted_tables if table.name not in SHREDS | LEFT_OUT]


def shred_tables() -> list[Rows]:
    """Return the tables of a backup of the shreds."""
    return [table for table in Table.metadata.sorted_tables if table.name in SHREDS]


def _out(value: Any) -> Any:
    if isinstance(value, Sealed):
        return {"sealed": base64.b64encode(value.blob).decode()}
    return {"bytes": base64.b64encode(value).decode()} if isinstance(value, bytes) else value


def _in(column: Any, value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if "sealed" in value:
        return Sealed(base64.b64decode(value["sealed"]))
    return base64.b64decode(value["bytes"])
