"""Migrations: up and down on both databases, alike with the tables, patient with nobody, without our code."""

import re
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Boolean, Engine, Integer, LargeBinary, MetaData, func, insert, inspect, select, text
from sqlalchemy import Table as Reflected
from sqlalchemy.exc import OperationalError

from api.errors import StoreVersion
from api.models.tables import Table
from api.sealed import schema
from api.sealed.store import make_engine

VERSIONS = Path(schema.migrations_folder()) / "versions"


def test_up_gives_exactly_the_tables_and_down_gives_nothing(database_url: str) -> None:
    engine = make_engine(database_url)
    schema.migrate(engine)
    assert schema.differences(engine) == []
    assert set(inspect(engine).get_table_names()) == {*Table.metadata.tables, "alembic_version"}
    schema.migrate(engine, "base")
    assert set(inspect(engine).get_table_names()) == {"alembic_version"}
    schema.migrate(engine)
    assert schema.differences(engine) == []
    engine.dispose()


def revisions() -> list[str]:
    return sorted(path.name[:4] for path in VERSIONS.glob("[0-9]*.py"))


def reflected(engine: Engine) -> list[Reflected]:
    known = MetaData()
    known.reflect(engine)
    return [table for table in known.sorted_tables if table.name != "alembic_version"]


def value(column: Any) -> Any:
    if isinstance(column.type, Boolean):
        return False
    return 1 if isinstance(column.type, Integer) else b"x" if isinstance(column.type, LargeBinary) else "x"


def fill(engine: Engine) -> None:
    """Put a row into each empty table; what points at another table points at the row that is there."""
    with engine.begin() as connection:
        for table in reflected(engine):
            if not connection.execute(select(table)).first():
                connection.execute(insert(table).values({column.name: value(column) for column in table.columns}))


def counts(engine: Engine) -> Mapping[str, int]:
    with engine.connect() as connection:
        found = {one.name: connection.scalar(select(func.count()).select_from(one)) for one in reflected(engine)}
    return {name: count or 0 for name, count in found.items()}


def test_a_filled_store_loses_no_row_on_its_way_up_or_down(database_url: str) -> None:
    engine, ways = make_engine(database_url), revisions()
    schema.migrate(engine, ways[0])
    for step in (*ways[1:], *reversed(ways[:-1])):
        fill(engine)
        before = counts(engine)
        assert before
        assert set(before.values()) == {1}
        schema.migrate(engine, step)
        after = counts(engine)
        assert {after[name] for name in before.keys() & after.keys()} == {1}
    engine.dispose()


def test_a_store_that_was_filled_at_the_first_version_comes_to_the_newest_at_once(database_url: str) -> None:
    engine = make_engine(database_url)
    schema.migrate(engine, revisions()[0])
    fill(engine)
    before = counts(engine)
    schema.migrate(engine)
    assert before.items() <= counts(engine).items()
    assert schema.differences(engine) == []
    engine.dispose()


def test_rows_that_point_at_nothing_stop_a_migration_and_nothing_moves(sqlite_url: str) -> None:
    engine = make_engine(sqlite_url)
    schema.migrate(engine, revisions()[0])
    fill(engine)
    planted = engine.raw_connection()
    planted.driver_connection.execute("PRAGMA foreign_keys=OFF")
    planted.driver_connection.execute('DELETE FROM "case"')
    planted.driver_connection.execute("PRAGMA foreign_keys=ON")
    planted.close()
    with pytest.raises(RuntimeError):
        schema.migrate(engine)
    assert schema.connection_revision(engine) == revisions()[0]
    engine.dispose()


def test_after_a_migration_no_row_may_point_at_nothing(sqlite_url: str) -> None:
    engine = make_engine(sqlite_url)
    schema.migrate(engine)
    with engine.connect() as connection:
        assert connection.scalar(text("PRAGMA foreign_keys")) == 1
    engine.dispose()


def test_a_table_that_differs_is_found(database_url: str) -> None:
    engine = make_engine(database_url)
    schema.migrate(engine)
    with engine.begin() as connection:
        connection.execute(text('ALTER TABLE "file" ADD COLUMN name VARCHAR(20)'))
    assert schema.differences(engine) != []
    engine.dispose()


def test_an_empty_and_a_newer_store_are_refused(database_url: str) -> None:
    engine = make_engine(database_url)
    with pytest.raises(StoreVersion):
        schema.require_current(engine)
    schema.migrate(engine)
    schema.require_current(engine)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreVersion):
        schema.require_current(engine)
    engine.dispose()


def test_a_migration_does_not_wait_for_a_long_lock(postgres_url: str) -> None:
    engine = make_engine(postgres_url)
    schema.migrate(engine)
    done = threading.Event()
    with engine.begin() as holder:
        holder.execute(text('LOCK TABLE "case" IN ACCESS SHARE MODE'))
        with pytest.raises(OperationalError):
            schema.migrate(engine, "base")
        done.set()
    engine.dispose()


def test_no_version_imports_the_application() -> None:
    versions = list(VERSIONS.glob("*.py"))
    assert versions
    assert not [path.name for path in versions if re.search(r"^\s*(from|import) api\b", path.read_text(), re.M)]
