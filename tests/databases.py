"""Copies of whole databases, so that a group is founded once and not for every test."""

import shutil
import sqlite3
import uuid
from pathlib import Path

import psycopg
from sqlalchemy import URL, make_url


def beside(url: str, folder: Path) -> str:
    """Return the address of a database of its own: a file in `folder`, or one on the same server."""
    here = make_url(url)
    if here.get_backend_name() == "sqlite":
        return f"sqlite:///{folder / 'founded.db'}"
    name = f"founded{uuid.uuid4().hex}"
    _on_the_server(here, f'CREATE DATABASE "{name}" TEMPLATE template0')
    return here.set(database=name).render_as_string(hide_password=False)


def copy(source: str, target: str) -> None:
    """Put a copy of the database `source`, which nobody has open, in the place of the empty one `target`."""
    old, new = make_url(source), make_url(target)
    if old.get_backend_name() == "sqlite":
        _at_rest(str(old.database))
        shutil.copyfile(str(old.database), str(new.database))
        return
    _on_the_server(
        old, f'DROP DATABASE "{new.database}"', f'CREATE DATABASE "{new.database}" TEMPLATE "{old.database}"'
    )


def _at_rest(path: str) -> None:
    """Bring what stands in the journal into the file."""
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def _on_the_server(url: URL, *statements: str) -> None:
    where = f"host={url.host} port={url.port} user={url.username} dbname=postgres"
    with psycopg.connect(where, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)
