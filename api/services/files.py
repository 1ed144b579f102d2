"""Files: sealed as they stream in, opened as they stream out, named only inside a section or a letter.

Promises bounded memory, no clear byte on the disk, and that a file's row exists only when its bytes are durable.
Must never hand out a chunk that was not authenticated, nor tell a file's type or name outside a seal.
"""

import contextlib
import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, BinaryIO

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from api import audit
from api.access.doors import CaseAccess, recording
from api.audit import Entry
from api.catalogue.compartments import Compartment
from api.catalogue.text import clean_text
from api.clock import now, today
from api.crypto import Context, Key, Parcel, Shred, place
from api.crypto.padding import padme
from api.crypto.stream import StreamSealer, open_stream
from api.errors import NotFound, TooLarge, Unavailable
from api.ids import is_id, new_id
from api.models.tables import File, ShredRow
from api.policy.actions import Action
from api.sealed import shreds
from api.sealed.store import Store, sync_folder
from api.services.saving import Change, save, with_entry

LIMIT = 25 * 1024 * 1024
PIECE = 64 * 1024
ORPHAN_AGE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A sealed file that is durable and not yet referenced: its key, its clear size in bytes and SHA-256 (hex)."""

    id: str
    shred_id: str
    key: Key = field(repr=False)
    size: int
    sha256: str


class FileSink:
    """Takes a file piece by piece and seals each as it comes; `finish` or `abort` ends it."""

    def __init__(self, store: Store, limit: int) -> None:
        self._store, self._limit, self._size = store, limit, 0
        self._made, self._key, self._hash = _new_shred(store), Key.fresh(), hashlib.sha256()
        self._path = store.blobs / self._made.id
        self._sealer = StreamSealer(*_stream(self._key, self._made.shred, self._made.id))
        self._file = _create(self._path)
        self._write(self._sealer.header)

    def feed(self, data: bytes) -> None:
        """Seal what came; raises TooLarge beyond the limit and Unavailable when the disk is full, leaving nothing."""
        self._size += len(data)
        if self._size > self._limit:
            self.abort()
            raise TooLarge
        self._hash.update(data)
        self._seal(data)

    def finish(self) -> StoredFile:
        """Pad to Padmé's length, seal the end, make the blob durable and return what names it."""
        padding = padme(self._size) - self._size
        for start in range(0, padding, PIECE):
            self._seal(bytes(min(PIECE, padding - start)))
        self._write(self._sealer.finish())
        with self._or_nothing():
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            sync_folder(self._store.blobs)
        return StoredFile(self._made.id, self._made.id, self._key, self._size, self._hash.hexdigest())

    def abort(self) -> None:
        """Leave nothing behind."""
        self._file.close()
        _forget(self._store, self._made.id)

    def _seal(self, data: bytes) -> None:
        for start in range(0, len(data), PIECE):
            self._write(self._sealer.feed(data[start : start + PIECE]))

    def _write(self, sealed: bytes) -> None:
        with self._or_nothing():
            self._file.write(sealed)

    @contextlib.contextmanager
    def _or_nothing(self) -> Iterator[None]:
        try:
            yield
        except OSError:
            with contextlib.suppress(OSError):
                self.abort()
            raise Unavailable from None


def open_sink(store: Store, limit: int = LIMIT) -> FileSink:
    """Begin a file of at most `limit` bytes."""
    return FileSink(store, limit)


def keep(db: Session, stored: StoredFile) -> None:
    """Refer to a stored file from the caller's transaction: from here on it is no orphan."""
    db.add(File(id=stored.id, shred_id=stored.shred_id))


def discard(store: Store, files: Iterable[StoredFile]) -> None:
    """Remove files that nothing came to refer to: the form that brought them was refused."""
    for stored in files:
        _forget(store, stored.id)


def open_file(store: Store, file_id: str, key: Key, size: int) -> Iterator[bytes]:
    """Yield a file's `size` bytes in pieces; raises NotFound now, and Tampered before a wrong piece is given out.

    For who holds the key from a section or a letter; the decision and the log are the caller's.
    """
    with store.reading() as db:
        row = db.get(File, file_id) if is_id(file_id) else None
        if row is None:
            raise NotFound
        shred = shreds.fetch_one(db, store, row.shred_id)
    try:
        blob = (store.blobs / file_id).open("rb")
    except OSError:
        raise Unavailable from None
    return _content(blob, open_stream(*_stream(key, shred, file_id), blob.read), size)


def read_file(access: CaseAccess, file_id: str) -> tuple[Mapping[str, Any], Iterator[bytes]]:
    """Return a file's entry and its content in pieces; logged before the first is released.

    Raises Forbidden without the evidence key, NotFound for a file that this case does not name.
    """
    access.require(Action.FILE_READ)
    evidence = access.open(Compartment.EVIDENCE)
    entry = next((one for one in evidence.note.get("document", ()) if one["file"]["id"] == file_id), None)
    if entry is None or file_id not in evidence.keys:
        raise NotFound
    audit.record(
        access.store,
        Entry(Action.FILE_READ, access.caller.member_id, access.case_id, (Compartment.EVIDENCE,), about=file_id),
    )
    pieces = open_file(access.store, file_id, evidence.keys[file_id], entry["size"])
    return entry, _watched(access, pieces)


def add_file(
    access: CaseAccess, stored: StoredFile, title: str, media_type: str, received_from: str, version: int
) -> Mapping[str, Any]:
    """Name a stored file in the case's evidence and return its entry; raises Stale, Forbidden."""
    access.require(Action.FILE_ADD)
    evidence = access.open(Compartment.EVIDENCE)
    entry = {
        "id": new_id(),
        "title": clean_text(title),
        "media_type": clean_text(media_type),
        "size": stored.size,
        "sha256": stored.sha256,
        "received_on": today().isoformat(),
        "received_from": clean_text(received_from),
        "file": {"id": stored.id, "key": stored.id},
    }
    parcel = Parcel(with_entry(evidence.note, "document", entry), {**evidence.keys, stored.id: stored.key})
    change = Change(
        Action.FILE_ADD, {Compartment.EVIDENCE: parcel}, about=stored.id, files_added=frozenset({stored.id})
    )
    save(access, change, version, lambda db: keep(db, stored))
    return entry


def sweep_orphans(store: Store) -> int:
    """Remove blobs older than an hour that nothing refers to, and their shreds; return how many."""
    oldest = (now() - ORPHAN_AGE).timestamp()
    aged = [path.name for path in store.blobs.iterdir() if path.stat().st_mtime < oldest and is_id(path.name)]
    with store.reading() as db:
        kept = set(db.scalars(select(File.id).where(File.id.in_(aged))))
    orphans = [name for name in aged if name not in kept]
    for name in orphans:
        _forget(store, name)
    return len(orphans)


def destroy_blob(store: Store, file_id: str) -> None:
    """Overwrite a blob whose shred is gone, and unlink it: the name and the size go too."""
    path = store.blobs / file_id
    with contextlib.suppress(FileNotFoundError), path.open("r+b") as blob:
        for _ in range(0, path.stat().st_size, PIECE):
            blob.write(bytes(PIECE))
        blob.flush()
        os.fsync(blob.fileno())
    path.unlink(missing_ok=True)


def _content(blob: BinaryIO, pieces: Iterator[bytes], size: int) -> Iterator[bytes]:
    """Yield `size` bytes and read to the end: the end authenticates that nothing was cut off."""
    left = size
    with blob:
        for piece in pieces:
            if left and piece:
                yield piece[:left]
            left = max(0, left - len(piece))


def _watched(access: CaseAccess, pieces: Iterator[bytes]) -> Iterator[bytes]:
    with recording(access.store, access.caller, access.case_id):
        yield from pieces


def _stream(key: Key, shred: Shred, file_id: str) -> tuple[Key, Context]:
    where = place("file", file_id)
    return key.with_shred(shred, where), where


def _new_shred(store: Store) -> shreds.Made:
    with store.writing() as db:
        return shreds.make(db, store)


def _create(path: Path) -> BinaryIO:
    try:
        return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
    except OSError:
        raise Unavailable from None


def _forget(store: Store, file_id: str) -> None:
    """Without its key, which nobody kept, the blob is noise: plain deletion of the unused shred is enough."""
    (store.blobs / file_id).unlink(missing_ok=True)
    with store.writing() as db:
        db.execute(delete(ShredRow).where(ShredRow.id == file_id, ~select(File.id).where(File.id == file_id).exists()))
