"""Destroying backups of the erasure secrets once their day has come, and crossing them off.

Promises that a backup is crossed off only when its file was overwritten here, or when the operator says that it is
gone elsewhere. Must never touch a data backup: that is ciphertext, to be kept for years.
"""

import os
from pathlib import Path

from sqlalchemy import delete, select

from api import audit
from api.audit import Entry
from api.clock import today
from api.models.tables import ShredBackup
from api.sealed.store import Store, sync_folder

PIECE = 1 << 20


def destroy_due(store: Store, folder: Path) -> tuple[int, int]:
    """Overwrite and remove the due backups of secrets in `folder`; return how many, and how many lie elsewhere."""
    due = _due(store)
    found = {one: sorted(folder.glob(f"lastheard-shreds-*-{one[:6]}.sealed")) for one in due}
    for path in (path for paths in found.values() for path in paths):
        _overwrite(path)
    gone = [one for one, paths in found.items() if paths]
    _cross_off(store, gone)
    return len(gone), len(due) - len(gone)


def cross_off(store: Store) -> int:
    """Cross off all that is due: the operator has destroyed it wherever it lay; return how many."""
    due = _due(store)
    _cross_off(store, due)
    return len(due)


def _due(store: Store) -> list[str]:
    with store.reading() as db:
        return list(db.scalars(select(ShredBackup.id).where(ShredBackup.destroy_by <= today().isoformat())))


def _cross_off(store: Store, gone: list[str]) -> None:
    with store.writing() as db:
        db.execute(delete(ShredBackup).where(ShredBackup.id.in_(gone)))
        for one in gone:
            audit.append(db, store, Entry("backup:destroyed", about=one))


def _overwrite(path: Path) -> None:
    """Write zeros over the same blocks before the name goes: a flash disk may keep what it likes even so."""
    with path.open("r+b") as file:
        left = path.stat().st_size
        while left > 0:
            left -= file.write(bytes(min(PIECE, left)))
        file.flush()
        os.fsync(file.fileno())
    path.unlink()
    sync_folder(path.parent)
