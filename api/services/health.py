"""What weakens the promise on this machine, in words.

Promises sentences that an administrator can act on. Must never name a member, a case or a value.
"""

import resource
import stat
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

from sqlalchemy import func, select, text

from api import audit
from api.clock import today
from api.errors import Tampered
from api.models.tables import ShredBackup
from api.sealed import registers
from api.sealed.store import Store
from api.services import founding

OLD = timedelta(days=7)


def findings(store: Store, secure: bool) -> list[str]:
    """Return one sentence for each weakness; an empty list when there is none."""
    checks: tuple[Callable[[], Iterator[str]], ...] = (
        lambda: _modes(store),
        lambda: _core(),
        lambda: _swap(),
        lambda: _database(store),
        lambda: _log(store),
        lambda: _backups(store),
        lambda: _steps(store),
        lambda: _transport(secure),
    )
    return [sentence for check in checks for sentence in check()]


def _modes(store: Store) -> Iterator[str]:
    for path in (store.folder, store.secrets.folder, store.secrets.deployment, store.secrets.erasure):
        if not path.exists():
            yield f"{path.name} is missing: without it nothing opens."
        elif stat.S_IMODE(path.stat().st_mode) & 0o077:
            yield f"Others on this machine may read {path.name}: make its mode 0700 (folder) or 0600 (file)."
    if store.secrets.folder.stat().st_dev == store.folder.stat().st_dev:
        yield "Data and secrets lie on one disk: with the whole machine taken, the weakest passphrase decides."


def _core() -> Iterator[str]:
    if resource.getrlimit(resource.RLIMIT_CORE)[0] != 0:
        yield "Core dumps are on: a crash would write keys to the disk."


def _swap() -> Iterator[str]:
    swaps = Path("/proc/swaps")
    if swaps.exists() and len(swaps.read_text().splitlines()) > 1:
        yield "Swap is on: keys in memory may reach the disk. Turn it off or encrypt it."


def _database(store: Store) -> Iterator[str]:
    with store.reading() as db:
        if store.engine.dialect.name == "sqlite":
            if db.scalar(text("PRAGMA synchronous")) != 2:
                yield "SQLite does not write through: a power cut would lose reports."
        elif db.scalar(text("SHOW fsync")) != "on" or db.scalar(text("SHOW synchronous_commit")) == "off":
            yield "PostgreSQL does not write through: a power cut would lose reports."


def _log(store: Store) -> Iterator[str]:
    problems = audit.verify(store).problems
    if problems:
        yield f"The audit log is not whole ({', '.join(problems)}): the database was edited."
    try:
        with store.reading() as db:
            registers.require(db, store)
    except Tampered:
        yield "The register of erasures was edited: what was erased could come back with a backup."


def _backups(store: Store) -> Iterator[str]:
    with store.reading() as db:
        newest = db.scalar(select(func.max(ShredBackup.day)))
        overdue = db.scalar(
            select(func.count()).select_from(ShredBackup).where(ShredBackup.destroy_by < today().isoformat())
        )
    if newest is None or date.fromisoformat(newest) < today() - OLD:
        yield "There is no backup of the last seven days."
    if overdue:
        yield f"{overdue} backups of the erasure secrets are past their day: destroy them."


def _steps(store: Store) -> Iterator[str]:
    for step in founding.checklist(store):
        if not step.done:
            yield f"The founding is not complete: {step.key}, to be done by the {step.who}."


def _transport(secure: bool) -> Iterator[str]:
    if not secure:
        yield "The address is not https: serve it as an onion service or behind TLS, or only on this machine."
