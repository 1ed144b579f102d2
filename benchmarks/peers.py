"""The peers: plain SQLite and plain PostgreSQL through SQLAlchemy, a table for each section, indexed by case.

Promises the same content, durable as ours is. Must never be given a worse schema than one would choose.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    Engine,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    create_engine,
    event,
    insert,
    select,
)

METADATA = MetaData()
CASE = Table(
    "case_",
    METADATA,
    Column("id", String(26), primary_key=True),
    Column("control", JSON),
    Column("consent", JSON),
    Column("facts", JSON),
    Column("identity", JSON),
    Column("narrative", JSON),
    Column("status", String(20), index=True),
    Column("name", String(80), index=True),
)
LOG = Table("log", METADATA, Column("id", Integer, primary_key=True), Column("entry", Text))


class Peer:
    """One plain database."""

    def __init__(self, name: str, url: str) -> None:
        self.name, self.engine = name, _engine(url)
        METADATA.create_all(self.engine)

    def insert(self, case_id: str, bodies: Mapping[str, Any]) -> None:
        """Insert one case, durably."""
        facts, identity = bodies["facts"], bodies["identity"]
        more = {"status": facts["case"][0]["status"], "name": identity["person"][0]["name"]}
        with self.engine.begin() as connection:
            connection.execute(insert(CASE).values(id=case_id, **bodies, **more))

    def open(self, case_id: str) -> Mapping[str, Any]:
        """Return one case whole."""
        with self.engine.connect() as connection:
            row = connection.execute(select(CASE).where(CASE.c.id == case_id)).mappings().one()
        return {name: row[name] for name in ("control", "consent", "facts", "identity", "narrative")}

    def log(self, entry: str) -> None:
        """Insert one row, durably."""
        with self.engine.begin() as connection:
            connection.execute(insert(LOG).values(entry=entry))


def _engine(url: str) -> Engine:
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _durable)
    return engine


def _durable(connection: Any, _: object) -> None:
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
