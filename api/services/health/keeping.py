"""What is kept: the log, the register, backups, the clock, and what the group has still to do.

Promises to open nothing that needs a member's key. Must never name what it counted.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from sqlalchemy import ColumnElement, func, select

from api import audit
from api.clock import now, today
from api.errors import Tampered
from api.models.tables import ShredBackup
from api.sealed import months, registers, roots
from api.services import departures, founding, retaining
from api.services.health.site import Site

OLD = timedelta(days=7)
A_DAY = timedelta(days=1)


def log(site: Site) -> Iterator[str]:
    """The audit log is whole."""
    problems = audit.verify(site.store).problems
    if problems:
        yield f"The audit log is not whole ({', '.join(problems)}): the database was edited."


def aged(site: Site) -> Iterator[str]:
    """No entry of the log is read longer than the table of retention says."""
    with site.store.reading() as db:
        if months.read(db, site.store).over(today()):
            yield "Entries of the log are older than it is kept: start the server, or run `lastheard retain`."


def register(site: Site) -> Iterator[str]:
    """The register of erasures is as it was written."""
    try:
        with site.store.reading() as db:
            registers.require(db, site.store)
    except Tampered:
        yield "The register of erasures was edited: what was erased could come back with a backup."


def clock(site: Site) -> Iterator[str]:
    """The clock stands behind nothing that was written before."""
    written = [_written(path) for path in (site.store.checkpoint, site.store.secrets.erasure) if path.exists()]
    if _last_run(site) > today() or any(moment > now() + A_DAY for moment in written):
        yield "The clock stands before what was already written: set it, or grants and retention end on wrong days."


def retention(site: Site) -> Iterator[str]:
    """The retention run was made yesterday or today."""
    if timedelta() < today() - _last_run(site) - A_DAY:
        yield "The retention run was not made since yesterday: start the server, or run `lastheard retain`."


def turned(site: Site) -> Iterator[str]:
    """The erasure secret is of these days, so that an older copy of the machine opens less."""
    if now() - _written(site.store.secrets.erasure) > 2 * A_DAY:
        yield "The erasure secret was not replaced for two days: start the server, or run `lastheard retain`."


def backup(site: Site) -> Iterator[str]:
    """There is a backup of this week."""
    with site.store.reading() as db:
        newest = db.scalar(select(func.max(ShredBackup.day)))
    if newest is None or date.fromisoformat(newest) < today() - OLD:
        yield "There is no backup of the last seven days."


def overdue(site: Site) -> Iterator[str]:
    """No backup of the erasure secrets outlived its day."""
    if count := _backups(site, ShredBackup.destroy_by < today().isoformat()):
        yield f"{count} backups of the erasure secrets are past their day: destroy them."


def due(site: Site) -> Iterator[str]:
    """What was erased can still be opened with these, until they are destroyed."""
    if count := _backups(site, ShredBackup.destroy_by >= today().isoformat()):
        yield f"{count} backups of the erasure secrets are still to be destroyed, each within thirty days."


def rotations(site: Site) -> Iterator[str]:
    """Whoever left holds no key of what is written now."""
    waiting = departures.waits(site.store)
    if waiting.places:
        yield "Somebody left a desk or an office and still has its keys: a holder has to sign in and make new ones."
    if waiting.cases:
        yield "Older cases lie under keys of before: a holder moves them with `lastheard rotate --deep`."


def founding_steps(site: Site) -> Iterator[str]:
    """The group is complete."""
    for step in founding.checklist(site.store):
        if not step.done:
            yield f"The founding is not complete: {step.key}, to be done by the {step.who}."


def _last_run(site: Site) -> date:
    with site.store.reading() as db:
        last = roots.anchored(db, site.store).get(retaining.LAST)
    return date.fromisoformat(str(last)) if last else today()


def _written(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)


def _backups(site: Site, which: ColumnElement[bool]) -> int:
    with site.store.reading() as db:
        return db.scalar(select(func.count()).select_from(ShredBackup).where(which)) or 0
