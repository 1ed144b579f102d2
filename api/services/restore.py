"""Restoring: a store from nothing but the two backups, the register and k trustees' shares.

Promises never to take shreds older than the data, never another group's, and to destroy again what the register
names before anything can be opened. Must never write over a store that exists.
"""

import hashlib
import io
import json
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from api import audit
from api.audit import Entry
from api.crypto import Key, Opener, Parcel, Sealed, open_parcel, place
from api.crypto.people import join
from api.crypto.stream import open_stream
from api.errors import (
    BackupAltered,
    BackupForeign,
    BackupOlder,
    BackupSealed,
    OutOfOrder,
    RegisterMissing,
    StoreVersion,
    Tampered,
)
from api.sealed import dump, log_head, pinned, registers, schema, shreds
from api.sealed.secrets import SecretFiles
from api.sealed.store import Store, make_engine, open_store
from api.services.backup import BLOBS, NOTE, ROWS, SEAL, read_register

SHREDS_AT = place("backup", "shreds")


@dataclass(frozen=True, slots=True)
class Files:
    """What is restored from; `register` is the newest one kept off the machine, None where it was lost."""

    data: Path
    shreds: Path
    register: Path | None


@dataclass(frozen=True, slots=True)
class _Data:
    note: Mapping[str, Any]
    rows: bytes
    blobs: Mapping[str, bytes]
    digest: bytes
    mark: str


@dataclass(frozen=True, slots=True)
class _Shreds:
    parcel: Parcel = field(repr=False)
    rows: bytes = field(repr=False)


def restore(
    url: str, folder: Path, secrets: SecretFiles, files: Files, shares: Sequence[str], confirmed: Sequence[str] = ()
) -> Store:
    """Return the restored store; without a register only when k shares stand in `confirmed`, too.

    Raises BackupAltered, BackupForeign, BackupOlder, BackupSealed, OtherShare, RegisterMissing; StoreVersion for a
    backup of another version of this program, OutOfOrder where a store is already.
    """
    recovery = join(shares)
    data, kept = _read_data(files.data), _read_shreds(files.shreds, recovery)
    _require_fit(data, kept)
    erased = _register(files, kept, recovery, confirmed)
    engine = make_engine(url)
    if schema.connection_revision(engine) is not None:
        raise OutOfOrder
    schema.migrate(engine)
    engine.dispose()
    secrets.put(kept.parcel.keys["deployment"], int(kept.parcel.note["epoch"]), kept.parcel.keys["erasure"])
    store = open_store(url, folder, secrets)
    # The log of the backup may be shorter than what this folder once saw: k trustees say so.
    store.checkpoint.unlink(missing_ok=True)
    _fill(store, data, kept)
    _destroy_again(store, erased, "backup:restored" if files.register else "backup:restored-without-register")
    return store


def _register(files: Files, kept: _Shreds, recovery: Key, confirmed: Sequence[str]) -> Sequence[str]:
    if files.register:
        try:
            return read_register(kept.parcel.keys["deployment"], files.register.read_text("utf-8"))
        except Tampered:
            raise BackupAltered from None
    # What was erased since the backup would be alive again: nobody decides that alone.
    if not confirmed or join(confirmed) != recovery:
        raise RegisterMissing
    return ()


def shares_in(path: Path) -> list[str]:
    """Return the shares of a file, one a line."""
    return [line.strip() for line in path.read_text("utf-8").splitlines() if line.strip()]


def _fill(store: Store, data: _Data, kept: _Shreds) -> None:
    with store.writing() as db:
        dump.load(db, data.rows.splitlines(), dump.data_tables())
        dump.load(db, kept.rows.splitlines(), dump.shred_tables())
    for name, content in data.blobs.items():
        (store.blobs / Path(name).name).write_bytes(content)


def _destroy_again(store: Store, erased: Sequence[str], verb: str) -> None:
    """Shreds of the register may be alive in an older backup: they die before the first page is served."""
    with shreds.erasing(store) as db:
        log_head.take(db, store)
        shreds.destroy(db, erased)
        registers.take(db, store)
        pinned.take(db, store)
        audit.append(db, store, Entry(verb))


def _require_fit(data: _Data, kept: _Shreds) -> None:
    note, deployment = kept.parcel.note, kept.parcel.keys["deployment"]
    if note["group"] != data.note.get("group"):
        raise BackupForeign
    if deployment.mac(place("backup", "data"), data.digest).hex() != data.mark:
        raise BackupAltered
    if int(note["log"]) < int(data.note["log"]):
        raise BackupOlder
    if data.note.get("schema") != schema.newest():
        raise StoreVersion


def _read_data(path: Path) -> _Data:
    digest, parts = hashlib.sha256(), dict[str, bytes]()
    try:
        for name, content in _members(path):
            if name != SEAL:
                head = len(name).to_bytes(4, "big") + name.encode()
                digest.update(head + len(content).to_bytes(8, "big") + content)
            parts[name] = content
        blobs = {name: content for name, content in parts.items() if name.startswith(BLOBS)}
        note = json.loads(parts[NOTE])
        return _Data(note, parts[ROWS], blobs, digest.digest(), parts[SEAL].decode())
    except (tarfile.TarError, KeyError, ValueError, EOFError):
        raise BackupAltered from None


def _members(path: Path) -> Iterator[tuple[str, bytes]]:
    with tarfile.open(path) as archive:
        for entry in archive:
            content = archive.extractfile(entry)
            if content is not None:
                yield entry.name, content.read()


def _read_shreds(path: Path, recovery: Key) -> _Shreds:
    raw = path.read_bytes()
    length = int.from_bytes(raw[:4], "big")
    try:
        parcel = open_parcel(Opener(recovery), SHREDS_AT, Sealed(raw[4 : 4 + length]))
    except Tampered:
        raise BackupSealed from None
    try:
        body = io.BytesIO(raw[4 + length :])
        return _Shreds(parcel, b"".join(open_stream(parcel.keys["key"], SHREDS_AT, body.read)))
    except Tampered:
        raise BackupAltered from None
