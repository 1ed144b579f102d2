"""Backups: one snapshot as two files, the data (ciphertext) and the shreds with the secrets.

Promises that the data file alone opens nothing, that the shreds open only with k trustees, and that the second
file is to be destroyed within thirty days. Must never write a secret that is not sealed to the recovery key.
"""

import hashlib
import io
import json
import tarfile
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from api import audit
from api.audit import Entry
from api.clock import today
from api.crypto import Key, Parcel, PublicHalf, place, seal_parcel
from api.crypto.stream import StreamSealer
from api.errors import OutOfOrder, Tampered
from api.ids import new_id
from api.models.tables import Erasure, LogHead, ShredBackup, ShredRoot
from api.sealed import dump, links, offices, registers, schema
from api.sealed.store import Store

KEPT_DAYS = 30
ROWS, BLOBS, NOTE, SEAL = "rows.jsonl", "blobs/", "note.json", "seal"


@dataclass(frozen=True, slots=True)
class Backup:
    """The two files, and the day by which the second must be destroyed."""

    data: Path
    shreds: Path
    destroy_by: date


def back_up(store: Store, target: Path) -> Backup:
    """Write both files of one snapshot into `target`; raises OutOfOrder while there is no recovery key."""
    backup_id, day = new_id(), today()
    target.mkdir(mode=0o700, parents=True, exist_ok=True)
    backup = Backup(
        target / f"lastheard-data-{day}-{backup_id[:6]}.tar",
        target / f"lastheard-shreds-{day}-{backup_id[:6]}.sealed",
        day + timedelta(days=KEPT_DAYS),
    )
    with store.snapshot() as db:
        # First of all: while the rows are written somebody may sign out, and E moves on.
        epoch = db.scalars(select(ShredRoot.epoch)).one()
        erasure = store.secrets.erasure_key(epoch)
        recovery = offices.office(db, store, offices.RECOVERY)
        if recovery is None:
            raise OutOfOrder
        # What was put back or taken away beside the program is found before it goes into a backup.
        links.every(db, store)
        note = {"id": backup_id, "day": day.isoformat(), "log": _log_size(db), "group": group_mark(store)}
        note |= {"schema": schema.newest()}
        _write_data(store, db, backup.data, note)
        _write_shreds(store, db, backup.shreds, recovery.public, {**note, "epoch": epoch}, erasure)
    _remember(store, backup_id, backup)
    return backup


def group_mark(store: Store) -> str:
    """Return what tells one group's backups from another's, and says nothing."""
    return store.deployment.mac(place("backup", "group")).hex()


def register(store: Store) -> str:
    """Return the register of erasures, signed, to leave the machine with each checkpoint: random ids only.

    Raises Tampered when a line was taken out of it or put in.
    """
    with store.reading() as db:
        registers.require(db, store)
        ids = sorted(db.scalars(select(Erasure.shred_id)))
    body = json.dumps({"group": group_mark(store), "erased": ids})
    mark = store.deployment.mac(place("backup", "register"), body.encode()).hex()
    return json.dumps({"body": body, "mark": mark})


def read_register(deployment: Key, text: str) -> list[str]:
    """Return the shreds that must not come back; raises Tampered for a register of another group or altered."""
    try:
        outer = json.loads(text)
        body = str(outer["body"])
        if deployment.mac(place("backup", "register"), body.encode()).hex() != outer["mark"]:
            raise Tampered
        return [str(one) for one in json.loads(body)["erased"]]
    except (ValueError, KeyError, TypeError):
        raise Tampered from None


def _write_data(store: Store, db: Session, path: Path, note: dict[str, object]) -> None:
    digest = hashlib.sha256()
    with tarfile.open(path, "w") as archive:
        _put(archive, NOTE, json.dumps(note).encode(), digest)
        _put(archive, ROWS, b"".join(dump.lines(db, dump.data_tables())), digest)
        for blob in sorted(store.blobs.iterdir()):
            _put(archive, BLOBS + blob.name, blob.read_bytes(), digest)
        mark = store.deployment.mac(place("backup", "data"), digest.digest()).hex().encode()
        _put(archive, SEAL, mark, hashlib.sha256())


def _put(archive: tarfile.TarFile, name: str, content: bytes, digest: "hashlib._Hash") -> None:
    digest.update(len(name).to_bytes(4, "big") + name.encode() + len(content).to_bytes(8, "big") + content)
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(content), 0o600
    archive.addfile(entry, io.BytesIO(content))


def _write_shreds(
    store: Store, db: Session, path: Path, public: PublicHalf, note: dict[str, object], erasure: Key
) -> None:
    key, where = Key.fresh(), place("backup", "shreds")
    secrets = {"key": key, "erasure": erasure, "deployment": store.deployment}
    head = seal_parcel(public, where, Parcel(note, secrets)).blob
    sealer = StreamSealer(key, where)
    with path.open("wb") as file:
        file.write(len(head).to_bytes(4, "big") + head + sealer.header)
        for line in dump.lines(db, dump.shred_tables()):
            file.write(sealer.feed(line))
        file.write(sealer.finish())
    path.chmod(0o600)


def _remember(store: Store, backup_id: str, backup: Backup) -> None:
    with store.writing() as db:
        by = backup.destroy_by.isoformat()
        db.add(ShredBackup(id=backup_id, day=today().isoformat(), destroy_by=by))
        audit.append(db, store, Entry("backup:made", about=backup_id))


def _log_size(db: Session) -> int:
    return db.scalars(select(LogHead.size)).one()
