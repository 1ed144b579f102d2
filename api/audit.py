"""The audit log: who did what to which case, sealed to the auditors, in an RFC 6962 tree that cannot be cut.

Promises that an entry is durable before a key is handed out, and that anyone can prove the log whole without
reading it. Must never hold a word of a case: reasons in words stand beside the case, here is their digest.
"""

import base64
import fcntl
import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from api.clock import now, today
from api.crypto import Context, Opener, Signer, VerifyKey, open_sealed, place, seal
from api.crypto.tree import Checkpoint, Frontier, leaf_hash, read_checkpoint
from api.errors import Tampered
from api.models.tables import Leaf, LogHead, Table
from api.sealed.offices import auditors
from api.sealed.store import Store, once_committed

ORIGIN = "lastheard/log"
MAC = place("log_head")
HEAD, LEAVES = (Table.metadata.tables[name] for name in ("log_head", "log_leaf"))
NEWEST_HEAD = select(HEAD.c.size, HEAD.c.peaks, HEAD.c.mac)
LEAF = [column.key for column in LEAVES.c]


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing done: by whom (member id, or "" for a reporter or the system), what, to which, and why."""

    verb: str
    actor: str = ""
    case: str = ""
    compartments: tuple[str, ...] = ()
    reason: str = ""
    about: str = ""

    def as_json(self) -> bytes:
        """Return the entry with the moment it was made."""
        return json.dumps({"at": now().isoformat(), **self._kept()}, ensure_ascii=False).encode()

    def as_public(self, index: int) -> str:
        """Return the entry as it stands before there is a key to seal it to: of time the day alone."""
        return json.dumps({"at": today().isoformat(), "number": index, **self._kept()})

    def _kept(self) -> dict[str, object]:
        return {name: getattr(self, name) for name in self.__slots__ if getattr(self, name)}


def found(db: Session, store: Store) -> None:
    """Make the empty head."""
    db.add(LogHead(id=1, size=0, peaks=b"", mac=_mac(store, 0, b"")))


def record(store: Store, entry: Entry) -> int:
    """Append an entry in a transaction of its own and return its index: a reading is logged before it happens."""
    with store.writing() as db:
        return append(db, store, entry)


def append(
    db: Session, store: Store, entry: Entry, tag: bytes | None = None, reason_digest: bytes | None = None
) -> int:
    """Append an entry in the caller's writing transaction; `tag` marks a version that may not be rolled back.

    The checkpoint follows as soon as the transaction has committed.
    """
    frontier = read_head(store, *db.execute(NEWEST_HEAD.with_for_update()).one())
    # An older log put back may not grow again over what the checkpoint remembers.
    if _size(_newest(store)) > frontier.size:
        raise Tampered
    leaf = _leaf(db, store, frontier.size, entry)
    leaf.tag, leaf.reason_digest = tag, reason_digest
    frontier = frontier.append(hash_of(leaf))
    db.execute(insert(LEAVES), {name: getattr(leaf, name) for name in LEAF})
    db.execute(update(HEAD), _headed(store, frontier))
    once_committed(db, partial(_publish, store, frontier))
    return leaf.index


def read_head(store: Store, size: int, peaks: bytes, mac: bytes) -> Frontier:
    """Return the frontier; raises Tampered when the head was not written with the deployment secret."""
    if mac != _mac(store, size, peaks):
        raise Tampered
    return Frontier.unpacked(size, peaks)


def hash_of(leaf: Leaf) -> bytes:
    """Return the leaf hash over all that the row holds, each part with its length."""
    parts = (leaf.sealed.blob if leaf.sealed else b"", (leaf.public or "").encode(), leaf.tag or b"")
    joined = b"".join(len(part).to_bytes(4, "big") + part for part in (*parts, leaf.reason_digest or b""))
    return leaf_hash(leaf.index.to_bytes(8, "big") + joined)


def publish(store: Store) -> None:
    """Put the newest checkpoint into the file outside the database, as after every commit of an entry."""
    with store.reading() as db:
        frontier = read_head(store, *db.execute(NEWEST_HEAD).one())
    _publish(store, frontier)


def _publish(store: Store, frontier: Frontier) -> None:
    """Put the checkpoint of this frontier in place, whole or not at all; an older one never replaces a newer."""
    note = Checkpoint(ORIGIN, frontier.size, frontier.root).signed(_signer(store))
    folder = os.open(store.folder, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        if _size(_newest(store)) <= frontier.size:
            beside = store.checkpoint.with_suffix(".next")
            beside.write_text(note, "utf-8")
            beside.chmod(0o600)
            beside.replace(store.checkpoint)
    finally:
        os.close(folder)


def log_key(store: Store) -> VerifyKey:
    """Return the key with which checkpoints are verified; the group prints it and gives it to a witness."""
    return _signer(store).public


@dataclass(frozen=True, slots=True)
class Verdict:
    """What verifying found: the size and root seen, and a problem code for each thing that does not fit."""

    size: int
    root: str
    problems: tuple[str, ...]

    @property
    def whole(self) -> bool:
        """Whether nothing is missing, inserted, moved or altered."""
        return not self.problems


def verify(store: Store, note: str | None = None) -> Verdict:
    """Recompute the tree; compare it with the head and with a checkpoint (`note`, or the file beside the store).

    Needs no auditor's key. Problems: `gap`, `head-forged`, `altered`, `truncated`, `checkpoint-forged`,
    `checkpoint-missing`, `rewritten`.
    """
    note = _newest(store) if note is None else note
    with store.snapshot() as db:
        head = db.execute(NEWEST_HEAD).one()
        found_problems, seen, then = _walk(db, _size(note))
    problems = [
        *found_problems,
        *_against_head(store, tuple(head), seen),
        *_against_checkpoint(store, note, seen, then),
    ]
    return Verdict(seen.size, base64.b64encode(seen.root).decode(), tuple(dict.fromkeys(problems)))


def entries(
    db: Session, openers: Mapping[int, Opener], newest: int = 500, before: int | None = None
) -> Iterator[Mapping[str, object]]:
    """Yield the newest entries, newest first, for who holds the auditors' keys (by epoch), `before` an index."""
    older = select(Leaf) if before is None else select(Leaf).where(Leaf.index < before)
    for leaf in db.scalars(older.order_by(Leaf.index.desc()).limit(newest)):
        yield {"index": leaf.index, **_read(leaf, openers)}


def _leaf(db: Session, store: Store, index: int, entry: Entry) -> Leaf:
    office = auditors(db, store)
    if office is None:
        # Before the first auditor has made the log's key only members' public records can happen.
        return Leaf(index=index, public=entry.as_public(index))
    return Leaf(index=index, sealed=seal(office.public, _where(index, office.epoch), entry.as_json()))


def _read(leaf: Leaf, openers: Mapping[int, Opener]) -> Mapping[str, object]:
    if leaf.sealed is None:
        return dict(json.loads(leaf.public or "{}"))
    for epoch, opener in sorted(openers.items(), reverse=True):
        try:
            return dict(json.loads(open_sealed(opener, _where(leaf.index, epoch), leaf.sealed)))
        except Tampered:
            continue
    return {"verb": "log:unreadable"}


def _walk(db: Session, size: int) -> tuple[list[str], Frontier, Frontier]:
    """Return the problems of the leaves, the frontier of them all, and the one that they had at `size`."""
    problems, seen, then = list[str](), Frontier(), Frontier()
    for leaf in db.scalars(select(Leaf).order_by(Leaf.index).execution_options(yield_per=500)):
        problems += ["gap"] if leaf.index != seen.size else []
        seen = seen.append(hash_of(leaf))
        then = seen if seen.size == size else then
    return problems, seen, then


def _against_head(store: Store, head: tuple[int, bytes, bytes], seen: Frontier) -> list[str]:
    try:
        told = read_head(store, *head)
    except Tampered:
        return ["head-forged"]
    if told.size != seen.size:
        return ["truncated"]
    return [] if told == seen else ["altered"]


def _against_checkpoint(store: Store, note: str, seen: Frontier, then: Frontier) -> list[str]:
    try:
        told = read_checkpoint(note, log_key(store)) if note else None
    except Tampered:
        return ["checkpoint-forged"]
    if told is None:
        return ["checkpoint-missing"] if seen.size else []
    if told.size > seen.size:
        return ["truncated"]
    return [] if then.root == told.root else ["rewritten"]


def _headed(store: Store, frontier: Frontier) -> dict[str, object]:
    return {"size": frontier.size, "peaks": frontier.packed, "mac": _mac(store, frontier.size, frontier.packed)}


def _mac(store: Store, size: int, peaks: bytes) -> bytes:
    return store.deployment.mac(MAC, size.to_bytes(8, "big") + peaks)


def _signer(store: Store) -> Signer:
    return Signer(store.deployment.derive(place("log", "checkpoint")))


def _where(index: int, epoch: int) -> Context:
    return place("log_leaf", index, epoch)


def _newest(store: Store) -> str:
    return store.checkpoint.read_text("utf-8") if store.checkpoint.exists() else ""


def _size(note: str) -> int:
    lines = note.split("\n")
    return int(lines[1]) if len(lines) > 2 and lines[1].isdigit() else 0


def digest(sealed: bytes) -> bytes:
    """Return the digest by which a leaf names the reason beside the case."""
    return hashlib.sha256(sealed).digest()
