"""Migrations: up and down on both databases, alike with the tables, patient with nobody, without our code."""

import re
import threading
from pathlib import Path

import pytest
from sqlalchemy import inspect, text
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
