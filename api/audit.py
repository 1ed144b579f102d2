"""The audit log: who did what to which case, sealed to the auditors, in an RFC 6962 tree that cannot be cut.

Promises that an entry is durable before a key is handed out, and that anyone can prove the log whole without
reading it. Must never hold a word of a case: reasons in words stand beside the case, here is their digest.
"""

import base64
import json
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import NamedTuple

from sqlalchemy import bindparam, insert, select, true, update
from sqlalchemy.orm import Session

from api.clock import now, today
from api.crypto import Key, Sealed
from api.crypto.tree import Frontier, leaf_hash, read_checkpoint
from api.errors import Tampered
from api.models.tables import Leaf, LogHead, Table
from api.sealed import chains, checkpoints, log_head, months, offices, roots
from api.sealed.chains import Chain
from api.sealed.offices import OfficeKey
from api.sealed.prepared import Prepared
from api.sealed.store import Store, once_committed

TURN = "turn in the log"
HEAD, LEAVES = (Table.metadata.tables[name] for name in ("log_head", "log_leaf"))
AUDITORS = offices.newest(offices.AUDITORS).subquery()
LOCKED_HEAD = Prepared(
    log_head.NEWEST.add_columns(roots.EPOCH.scalar_subquery(), *AUDITORS.c)
    .select_from(HEAD.outerjoin(AUDITORS, true()))
    .with_for_update(of=HEAD)
)
NEXT_LEAVES = Prepared(select(LEAVES).where(LEAVES.c.index >= bindparam("start")).order_by(LEAVES.c.index).limit(500))
NEW_HEAD = Prepared(update(HEAD), ("size", "peaks", "mac"))
NEW_LEAF = Prepared(insert(LEAVES), tuple(column.key for column in LEAVES.c))


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing done: by whom (member id, or "" for a reporter or the system), what, to which, and why."""

    verb: str
    actor: str = ""
    case: str = ""
    compartments: tuple[str, ...] = ()
    reason: str = ""
    about: str = ""

    def note(self) -> dict[str, object]:
        """Return the entry with the moment it was made."""
        return {"at": now().isoformat(), **self._kept()}

    def as_public(self, index: int) -> str:
        """Return the entry as it stands before there is a key to seal it to: of time the day alone."""
        return json.dumps({"at": today().isoformat(), "number": index, **self._kept()})

    def _kept(self) -> dict[str, object]:
        return {name: getattr(self, name) for name in self.__slots__ if getattr(self, name)}


@dataclass(frozen=True, slots=True)
class Appended:
    """The columns of a leaf."""

    index: int
    sealed: Sealed | None
    public: str | None
    tag: bytes | None
    reason_digest: bytes | None


class Turn(NamedTuple):
    """What a transaction appends to, once it has taken its turn: the newest keys of auditors and month, the chain."""

    frontier: Frontier
    office: OfficeKey | None
    month: Key | None
    chain: Chain | None


def found(db: Session, store: Store) -> None:
    """Make the empty head."""
    db.add(LogHead(id=1, size=0, peaks=b"", mac=log_head.mac(store, 0, b"")))


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
    take_turn(db)
    turn = _ready(db, store)
    sealed, public, chain = _written(turn, entry)
    leaf = Appended(turn.frontier.size, sealed, public, tag, reason_digest)
    frontier = turn.frontier.append(hash_of(leaf))
    NEW_LEAF.run(db, {name: getattr(leaf, name) for name in NEW_LEAF.columns})
    NEW_HEAD.run(db, _headed(store, frontier))
    once_committed(db, partial(_go_on, store, frontier, chain))
    db.info[TURN] = turn._replace(frontier=frontier, chain=chain)
    return leaf.index


def take_turn(db: Session) -> None:
    """Let nobody else commit an entry, and so no version of a case, before this writing transaction ends."""
    if TURN not in db.info:
        db.info[TURN] = LOCKED_HEAD.one(db)


def turn_month(db: Session, store: Store, day: date) -> int:
    """Begin a new month of the log where one came, inside `erasing`; return how many entries went with an old one."""
    take_turn(db)
    return months.turn(db, store, _ready(db, store).frontier.size, day)


def _ready(db: Session, store: Store) -> Turn:
    """Return the frontier, which no older log put back may have, the auditors' key, the month's, and the chain."""
    turn = db.info[TURN]
    if turn is None:
        raise Tampered
    if not isinstance(turn, Turn):
        epoch, known = turn[3], offices.auditors_at(db, store, turn[3], turn[4:])
        turn = Turn(log_head.read(store, *turn[:3]), known, months.newest_key(db, store, turn[3]), store.chain)
        # An older log put back may not grow again over what the checkpoint and the note under the root remember.
        known_size = max(checkpoints.size_of(checkpoints.newest(store)), log_head.least(db, store, epoch))
        if known_size > turn.frontier.size:
            raise Tampered
    # The key may have been made within this transaction: what follows must not stand in the clear.
    return turn if turn.office else turn._replace(office=offices.auditors(db, store))


def _go_on(store: Store, frontier: Frontier, chain: Chain | None) -> None:
    """What is committed may be followed, by an entry of the same chain and in the checkpoint."""
    store.chain = chain
    checkpoints.write(store, frontier)


def hash_of(leaf: Leaf | Appended) -> bytes:
    """Return the leaf hash over all that the row holds, each part with its length."""
    parts = (leaf.sealed.blob if leaf.sealed else b"", (leaf.public or "").encode(), leaf.tag or b"")
    joined = b"".join(len(part).to_bytes(4, "big") + part for part in (*parts, leaf.reason_digest or b""))
    return leaf_hash(leaf.index.to_bytes(8, "big") + joined)


def publish(store: Store) -> None:
    """Put the newest checkpoint into the file outside the database, as after every commit of an entry."""
    with store.reading() as db:
        frontier = log_head.read(store, *db.execute(log_head.NEWEST).one())
    checkpoints.write(store, frontier)


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
    `checkpoint-missing`, `rewritten`; `hidden` where an entry younger than the log is kept opens no more.
    """
    note = checkpoints.newest(store) if note is None else note
    with store.snapshot() as db:
        head, least = db.execute(log_head.NEWEST).one(), log_head.least(db, store)
        found_problems, seen, then = _walk(db, checkpoints.size_of(note))
        found_problems += ["hidden"] if months.read(db, store).hidden(today()) else []
    problems = [
        *found_problems,
        *_against_head(store, tuple(head), seen),
        *(["truncated"] if seen.size < least else []),
        *_against_checkpoint(store, note, seen, then),
    ]
    return Verdict(seen.size, base64.b64encode(seen.root).decode(), tuple(dict.fromkeys(problems)))


def _written(turn: Turn, entry: Entry) -> tuple[Sealed | None, str | None, Chain | None]:
    index = turn.frontier.size
    if turn.office is None:
        # Before the first auditor has made the log's key only members' public records can happen.
        return None, entry.as_public(index), None
    sealed, chain = chains.put(turn.chain, turn.office, turn.month, index, entry.note())
    return sealed, None, chain


def _walk(db: Session, size: int) -> tuple[list[str], Frontier, Frontier]:
    """Return the problems of the leaves, the frontier of them all, and the one that they had at `size`."""
    problems, seen, then, start = list[str](), Frontier(), Frontier(), -(2**31)
    while leaves := [Appended(*row) for row in NEXT_LEAVES.all(db, {"start": start})]:
        for leaf in leaves:
            problems += ["gap"] if leaf.index != seen.size else []
            seen = seen.append(hash_of(leaf))
            then = seen if seen.size == size else then
        start = leaves[-1].index + 1
    return problems, seen, then


def _against_head(store: Store, head: tuple[int, bytes, bytes], seen: Frontier) -> list[str]:
    try:
        told = log_head.read(store, *head)
    except Tampered:
        return ["head-forged"]
    if told.size != seen.size:
        return ["truncated"]
    return [] if told == seen else ["altered"]


def _against_checkpoint(store: Store, note: str, seen: Frontier, then: Frontier) -> list[str]:
    try:
        told = read_checkpoint(note, checkpoints.key(store)) if note else None
    except Tampered:
        return ["checkpoint-forged"]
    if told is None:
        return ["checkpoint-missing"] if seen.size else []
    if told.size > seen.size:
        return ["truncated"]
    return [] if then.root == told.root else ["rewritten"]


def _headed(store: Store, frontier: Frontier) -> dict[str, object]:
    size, peaks = frontier.size, frontier.packed
    return {"size": size, "peaks": peaks, "mac": log_head.mac(store, size, peaks)}
