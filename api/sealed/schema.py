"""The store's schema: migrated on request, refused in words when it is older or newer than this program.

Promises that an old store opens or is refused. Must never migrate by itself at a start.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

import api
from api.errors import StoreVersion
from api.models.tables import Table


def migrations_folder() -> Path:
    """Return the folder of the migrations: beside the package in a checkout, inside it when installed."""
    package = Path(api.__file__).parent
    installed = package / "_migrations"
    return installed if installed.is_dir() else package.parent / "migrations"


def migrate(engine: Engine, revision: str = "head") -> None:
    """Bring the store up (or down, for a named revision) in one transaction."""
    with _moving(engine) as connection:
        settings = _config()
        settings.attributes["connection"] = connection
        down = revision == "base" or revision in _older(connection_revision(engine))
        (command.downgrade if down else command.upgrade)(settings, revision)


@contextmanager
def _moving(engine: Engine) -> Iterator[Connection]:
    """Yield a connection for one migration, in one transaction; raises RuntimeError for rows that point at nothing.

    SQLite changes a table by copying it and dropping the old one, which would take along, or be stopped by, every row
    that points at it: the rows are checked at the end instead, as SQLite's own manual has it.
    """
    with engine.connect() as connection:
        copies = engine.dialect.name == "sqlite"
        driver: Any = connection.connection.driver_connection
        try:
            if copies:
                driver.execute("PRAGMA foreign_keys=OFF")
            with connection.begin():
                yield connection
                if copies and connection.exec_driver_sql("PRAGMA foreign_key_check").first():
                    raise RuntimeError("a migration left rows that point at nothing")
        finally:
            if copies:
                driver.execute("PRAGMA foreign_keys=ON")


def connection_revision(engine: Engine) -> str | None:
    """Return the revision that the store is at, or None for an empty one."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


@cache
def newest() -> str:
    """Return the revision that this program's stores are at: read once, since anybody may ask for `/health`."""
    return str(ScriptDirectory.from_config(_config()).get_current_head())


def require_current(engine: Engine) -> None:
    """Raise StoreVersion unless the store is of exactly this program's revision."""
    if connection_revision(engine) != newest():
        raise StoreVersion


def differences(engine: Engine) -> list[object]:
    """Return what differs between the migrated store and the tables; empty when they agree."""
    with engine.connect() as connection:
        return list(compare_metadata(MigrationContext.configure(connection), Table.metadata))


def _older(revision: str | None) -> set[str]:
    if revision is None:
        return set()
    script = ScriptDirectory.from_config(_config())
    return {step.revision for step in script.iterate_revisions(revision, "base")} - {revision}


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(migrations_folder()))
    config.attributes["metadata"] = Table.metadata
    return config
