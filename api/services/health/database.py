"""The database: whether it writes through, whom it tells, and what its role may.

Promises to ask the running database, not its files. Must never read a row of the store.
"""

import secrets
from collections.abc import Iterator

from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from api.services.health.site import Site

ON_THIS_MACHINE = "SELECT coalesce(inet_client_addr() <<= '127.0.0.0/8' OR inet_client_addr() = '::1', true)"
ENCRYPTED = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
SQLITE = {"journal_mode": "wal", "synchronous": 2, "secure_delete": 1, "temp_store": 2, "foreign_keys": 1}
DURABLE = {"fsync": ("on",), "full_page_writes": ("on",), "synchronous_commit": ("on", "remote_apply", "remote_write")}
# What a setting must say so that no statement is written into the server's log.
QUIET = {"log_statement": "none", "log_min_duration_statement": "-1", "log_min_duration_sample": "-1"}
TELLING = ("auto_explain", "pg_stat_statements", "pgaudit", "pg_stat_monitor")
SETTINGS_OF = "SELECT 1 FROM pg_settings WHERE name LIKE :begins LIMIT 1"


def echo(site: Site) -> Iterator[str]:
    """No statement is printed."""
    if site.store.engine.echo or not site.store.engine.hide_parameters:
        yield "Statements to the database are printed with their values: turn that off."


def sqlite(site: Site) -> Iterator[str]:
    """SQLite's settings are those that a power cut and a thief were tried with."""
    if site.store.engine.dialect.name != "sqlite":
        return
    with site.store.reading() as db:
        for name, wanted in SQLITE.items():
            if db.scalar(text(f"PRAGMA {name}")) != wanted:
                yield f"SQLite's {name} is not {wanted}: a power cut could lose reports, or a deletion leave traces."


def durable(site: Site) -> Iterator[str]:
    """What PostgreSQL has acknowledged outlives a power cut."""
    for name, allowed in DURABLE.items():
        if (value := _shown(site, name)) is not None and value not in allowed:
            yield f"PostgreSQL's {name} is {value}: a power cut would lose what was acknowledged."


def statements_logged(site: Site) -> Iterator[str]:
    """PostgreSQL writes no statement into its log."""
    for name, wanted in QUIET.items():
        if (value := _shown(site, name)) is not None and value != wanted:
            yield f"PostgreSQL's {name} is {value}: its log tells when which table was used. Set it to {wanted}."


def statements_kept(site: Site) -> Iterator[str]:
    """PostgreSQL keeps no statistics of statements."""
    for name in TELLING:
        # What is preloaded is told to superusers only; that a library has settings is told to everybody.
        if _scalar(site, SETTINGS_OF, begins=f"{name}.%"):
            yield f"PostgreSQL loads {name}, which keeps what was asked: leave it out of what is preloaded."


def way(site: Site) -> Iterator[str]:
    """Between here and a database elsewhere everything is encrypted."""
    if _scalar(site, ON_THIS_MACHINE) is False and _scalar(site, ENCRYPTED) is not True:
        yield "The way to PostgreSQL is not encrypted: use sslmode=verify-full, or a socket of this machine."


def password(site: Site) -> Iterator[str]:
    """The database asks who comes over the network, from this machine, too."""
    url = site.store.engine.url
    if site.store.engine.dialect.name == "postgresql" and not (url.host or "/").startswith("/"):
        stranger = create_engine(url.set(password=secrets.token_hex()), poolclass=NullPool, hide_parameters=True)
        try:
            stranger.connect().close()
        except DBAPIError:
            return
        yield "PostgreSQL asks for no password (trust): every process of this machine may edit the database."


def role(site: Site) -> Iterator[str]:
    """The role that the server uses owns its database, and nothing more."""
    asked = (
        "SELECT rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication FROM pg_roles WHERE rolname = current_user"
    )
    if _scalar(site, asked):
        yield "The server's role in PostgreSQL may do more than it needs: no superuser, no roles, no databases."


def schema(site: Site) -> Iterator[str]:
    """The role that serves cannot alter a table; the one that migrates can."""
    if _scalar(site, "SELECT has_schema_privilege(current_user, 'public', 'CREATE')"):
        yield "The server's role may alter tables: let `migrate` use a role of its own, as docs/deploy.md shows."


def _shown(site: Site, name: str) -> str | None:
    value = _scalar(site, f"SHOW {name}")
    return None if value is None else str(value)


def _scalar(site: Site, statement: str, **values: str) -> object:
    if site.store.engine.dialect.name != "postgresql":
        return None
    with site.store.reading() as db:
        return db.scalar(text(statement), values)
