"""The store: one database, two secrets, one folder of sealed files; a transaction is a `with` block.

Promises that reading takes no lock, that writing commits durably or not at all, and that erasing replaces the
erasure secret. Must never put a bound value into an exception text or a log.
"""

import math
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Engine, create_engine, event, make_url, select
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError, DisconnectionError, OperationalError
from sqlalchemy.exc import TimeoutError as NoneFree
from sqlalchemy.orm import Session

from api.crypto import Key
from api.errors import Busy, OpenWay, Unavailable
from api.models.tables import Table
from api.sealed.prepared import driver_error
from api.sealed.secrets import SecretFiles

LOCK_TIMEOUT_MS = 10_000
COMMITTED = "committed"
THIS_MACHINE = frozenset({"", "localhost", "127.0.0.1", "::1"})
# What names a machine in an address, and the variable that libpq takes where the address does not say it.
LIBPQ = {"host": "PGHOST", "hostaddr": "PGHOSTADDR"}
HIDDEN = ("service", "conninfo")
# SQLSTATE read_only_sql_transaction: a standby, or a server that was told to keep its disk.
READ_ONLY = "25006"
# A connection that lay idle may be one to a server that was restarted since: it is asked before it is used.
IDLE_S = 0.5
BEGIN, USED = "lastheard_begin", "used"
MOST_KEPT, MISSING = 20_000, object()


@dataclass(slots=True)
class Opened:
    """The shred root of one epoch, opened: kept in this process only. `note` is what no editor can put back."""

    epoch: int
    root: Key = field(repr=False)
    buckets: list[Key] = field(repr=False)
    note: Mapping[str, Any] = field(repr=False)
    beside: Mapping[str, Key] = field(default_factory=dict, repr=False)
    since: float = field(default_factory=time.monotonic)


class Kept(dict[Any, Any]):
    """What this process worked out and would only work out again, by all that it depends on; bounded."""

    def once(self, given: Any, work: Callable[[], Any]) -> Any:
        """Return what `work` gave for these bytes before, or do it now; what raises is not remembered."""
        # Looked up once: another thread may clear all of it at any moment.
        if (found := self.get(given, MISSING)) is MISSING:
            found = work()
            if len(self) >= MOST_KEPT:
                self.clear()
            self[given] = found
        return found


@dataclass(slots=True)
class Store:
    """Where everything is kept. `deployment` is the secret outside the database."""

    engine: Engine
    secrets: SecretFiles
    folder: Path
    deployment: Key = field(repr=False)
    opened: Opened | None = field(default=None, repr=False)
    earlier: Opened | None = field(default=None, repr=False)
    kept: Kept = field(default_factory=Kept, repr=False)
    # Where this process goes on writing to the log.
    chain: Any = field(default=None, repr=False)
    writer: Engine = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """On SQLite a writer takes the lock at its beginning."""
        self.writer = self.engine.execution_options(**{BEGIN: "IMMEDIATE"})

    @property
    def blobs(self) -> Path:
        """The folder of sealed files."""
        return self.folder / "blobs"

    @property
    def checkpoint(self) -> Path:
        """The newest signed checkpoint of the log, outside the database."""
        return self.folder / "checkpoint"

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Yield a session that is rolled back: on SQLite one snapshot, on PostgreSQL one for each statement."""
        with _plainly(), Session(self.engine, expire_on_commit=False) as db:
            yield db

    @contextmanager
    def snapshot(self) -> Iterator[Session]:
        """Yield a session that sees one moment of the store, however long it reads."""
        with self.reading() as db:
            if self.engine.dialect.name == "postgresql":
                db.connection(execution_options={"isolation_level": "REPEATABLE READ"})
            yield db

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Yield a session that holds the right to write; commits at the end, durably, and then does what waited."""
        with _plainly(), Session(self.writer, expire_on_commit=False) as db:
            db.connection()
            yield db
            try:
                db.commit()
            except DBAPIError:
                # A commit that failed may leave its transaction open, and the right to write with it.
                db.invalidate()
                raise
            # What is committed is done, whatever becomes of the file beside it: the next entry writes it again.
            with suppress(OSError):
                db.info.get(COMMITTED, _nothing)()

    def close(self) -> None:
        """Give back all connections."""
        self.engine.dispose()


def open_store(url: str, folder: Path, secrets: SecretFiles) -> Store:
    """Return the store at `url`; raises SecretMissing when a secret is not there."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    (folder / "blobs").mkdir(mode=0o700, exist_ok=True)
    return Store(make_engine(url), secrets, folder, secrets.deployment_key())


def make_engine(url: str) -> Engine:
    """Return an engine with hidden parameters and, on SQLite, durable commits and immediate write locks.

    Raises OpenWay for a database on another machine unless its certificate is checked.
    """
    if leads_away(make_url(url)) and make_url(url).query.get("sslmode") != "verify-full":
        raise OpenWay
    # hide_parameters: SQLAlchemy otherwise prints bound values into exception texts, and so into logs.
    # As many connections as there are threads for requests: whoever waits for one is told so, and soon.
    engine = create_engine(url, hide_parameters=True, pool_size=40, max_overflow=8, pool_timeout=5)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    else:
        event.listen(engine, "connect", _set_up_postgres)
        event.listen(engine, "checkin", _lies_idle)
        event.listen(engine, "checkout", partial(_require_alive, engine))
    return engine


def leads_away(url: URL) -> bool:
    """Say whether a database's address names another machine than this, by any of the ways that libpq knows."""
    said = {"host": url.host or "", **url.query}
    named = [url.host or "", *(str(said.get(name) or os.environ.get(of, "")) for name, of in LIBPQ.items())]
    hosts = {one for part in named for one in part.split(",")}
    # Where a service or a line of settings leads is not looked up: it may be anywhere.
    hidden = "PGSERVICE" in os.environ or not url.query.keys().isdisjoint(HIDDEN)
    away = hidden or any(one not in THIS_MACHINE and not one.startswith("/") for one in hosts)
    return away and url.get_backend_name() == "postgresql"


def _set_up_sqlite(connection: Any, _: object) -> None:
    connection.isolation_level = None
    cursor = connection.cursor()
    # FULL: with NORMAL a power cut loses acknowledged reports. MEMORY: no temporary file on the disk.
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "secure_delete=ON",
        "foreign_keys=ON",
        "temp_store=MEMORY",
        f"busy_timeout={LOCK_TIMEOUT_MS}",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that reads first and writes later fails on SQLite once another has written: say so at once.
    driver: Any = connection.connection.driver_connection
    try:
        driver.execute(f"BEGIN {connection.get_execution_options().get(BEGIN, '')}")
    except connection.dialect.loaded_dbapi.Error as error:
        raise driver_error(connection.dialect, error) from None


def _lies_idle(_: object, record: Any) -> None:
    record.info[USED] = time.monotonic()


def _require_alive(engine: Engine, driver: Any, record: Any, _: object) -> None:
    """Let the pool replace a connection whose server is gone; one that was just used need not be asked."""
    if time.monotonic() - record.info.get(USED, math.inf) < IDLE_S:
        return
    try:
        engine.dialect.do_ping(driver)
    except engine.dialect.loaded_dbapi.Error:
        raise DisconnectionError from None


def _set_up_postgres(connection: Any, _: object) -> None:
    connection.autocommit = True
    connection.execute(f"SET lock_timeout = {LOCK_TIMEOUT_MS}")
    connection.autocommit = False


@contextmanager
def _plainly() -> Iterator[None]:
    """Turn a full disk, a read-only or an absent database into one plain refusal, without the statement."""
    try:
        yield
    except NoneFree:
        raise Busy from None
    except DBAPIError as error:
        refuses = getattr(error.orig, "sqlstate", None) == READ_ONLY
        if refuses or isinstance(error, OperationalError) or error.connection_invalidated:
            raise Unavailable from None
        raise


def _nothing() -> None:
    """Do nothing after a commit."""


def once_committed(db: Session, work: Callable[[], None]) -> None:
    """Do `work` as soon as this transaction is durable, and never if it is not; the last one given replaces others."""
    db.info[COMMITTED] = work


def lock_row(db: Session, table: str) -> None:
    """Hold the one row of `table` until the transaction ends; on SQLite the write lock already does."""
    db.execute(select(Table.metadata.tables[table].c.id).with_for_update())


def sync_folder(folder: Path) -> None:
    """Make a new file's name durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
