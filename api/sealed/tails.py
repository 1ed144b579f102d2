"""Tails: the rows written since a desk's segments were last sorted, each sealed under the open segment's shred.

Promises that a row is written in the transaction of its section, and that writers of different cases never wait for
each other here. Must never hold two rows of one part of one case in one segment.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from sqlalchemy import bindparam, delete, insert, select
from sqlalchemy.orm import Session

from api.catalogue.compartments import Compartment
from api.columns.frame import Row
from api.columns.kinds import KINDS, lead
from api.crypto import Context, Shred, place, unwrap, wrap
from api.errors import Forbidden, Tampered
from api.models.tables import ShredRow, Table
from api.sealed import shreds
from api.sealed.bound import SEGMENTS
from api.sealed.prepared import Prepared
from api.sealed.segments import CaseRows, Ring, begin, use_key
from api.sealed.store import Store

TAIL = Table.metadata.tables["tail"]
OPEN = "open segments"
SHREDS = ShredRow.__table__.c
FIND = Prepared(
    select(SEGMENTS.c.id, SEGMENTS.c.shred_id)
    .join(ShredRow, SHREDS.id == SEGMENTS.c.shred_id)
    .where(SEGMENTS.c.desk_id == bindparam("desk"), SEGMENTS.c.kind == bindparam("kind"))
    .where(SEGMENTS.c.open.is_(True), SEGMENTS.c.epoch == bindparam("epoch"))
    .order_by(SEGMENTS.c.id)
    .limit(1)
)
ENTRIES = select(TAIL.c.segment_id, TAIL.c.case_id, TAIL.c.compartment, TAIL.c.sealed).where(
    TAIL.c.segment_id.in_(bindparam("segments", expanding=True)),
    TAIL.c.compartment.in_(bindparam("compartments", expanding=True)),
)
REPLACED = Prepared(delete(TAIL).where(TAIL.c.segment_id == bindparam("segment"), TAIL.c.case_id == bindparam("case")))
NEW_ROWS = Prepared(insert(TAIL), ("segment_id", "case_id", "compartment", "sealed"))
Entries = Mapping[str, Any]


def rows_of(kind: str, case_id: str, sections: Mapping[Compartment, tuple[int, Entries]]) -> CaseRows:
    """Return a case's rows of a kind from the versions and bodies of its sections; empty where it has none."""
    return {
        name: Row(case_id, sections[name][0], module.row(sections[name][1])) if name in sections else Row(case_id)
        for name, module in KINDS[kind].items()
    }


def put(db: Session, store: Store, ring: Ring, kind: str, rows: Sequence[CaseRows]) -> None:
    """Write rows of cases into the tail, in a writing transaction; raises Forbidden without the desk's keys."""
    epoch = ring.newest(KINDS[kind].keys())
    if not epoch:
        raise Forbidden
    segment_id, shred = _open_segment(db, store, ring, kind, epoch)
    ids = [one[lead(kind)].case_id for one in rows]
    uses = {name: use_key(ring, epoch, shred, segment_id, name) for name in KINDS[kind]}
    REPLACED.run_each(db, [{"segment": segment_id, "case": case_id} for case_id in ids])
    sealed = [
        {
            "segment_id": segment_id,
            "case_id": row.case_id,
            "compartment": name.value,
            "sealed": wrap(uses[name], entry_place(segment_id, row.case_id, name), _packed(row)),
        }
        for one in rows
        for name, row in one.items()
    ]
    NEW_ROWS.run_each(db, sealed)


def withdraw(db: Session, desk_id: str, kind: str, case_id: str) -> None:
    """Take the rows of a case out of a desk's tails of a kind, in a writing transaction; needs no key."""
    tails = select(SEGMENTS.c.id).where(SEGMENTS.c.desk_id == desk_id, SEGMENTS.c.kind == kind)
    db.execute(delete(TAIL).where(TAIL.c.segment_id.in_(tails), TAIL.c.case_id == case_id))


def read(
    db: Session, ring: Ring, kind: str, tails: Mapping[str, tuple[int, Shred]], wanted: Iterable[Compartment]
) -> tuple[list[CaseRows], set[str]]:
    """Return the newest rows of each case in these open segments, which come with epoch and shred.

    Beside them the segments of which a row did not open: a case with such a row is not among the rows.
    """
    names = {name.value: name for name in wanted}
    keys = {
        (segment_id, name): use_key(ring, epoch, shred, segment_id, name)
        for segment_id, (epoch, shred) in tails.items()
        for name in names.values()
    }
    found, refused = dict[tuple[str, str], dict[Compartment, Row]](), set[tuple[str, str]]()
    for segment_id, case_id, value, sealed in db.execute(ENTRIES, {"segments": list(tails), "compartments": [*names]}):
        name, where = names[value], entry_place(segment_id, case_id, names[value])
        try:
            row = _read(case_id, unwrap(keys[segment_id, name], where, sealed))
        except Tampered:
            refused.add((case_id, segment_id))
        else:
            found.setdefault((case_id, segment_id), {})[name] = row
    whole = {key: rows for key, rows in found.items() if key not in refused and rows.keys() >= set(names.values())}
    broken = {segment_id for _, segment_id in found.keys() - whole.keys() | refused}
    return _newest(whole, {case_id for case_id, _ in found.keys() - whole.keys() | refused}), broken


def _newest(found: Mapping[tuple[str, str], CaseRows], without: Collection[str]) -> list[CaseRows]:
    """Two sessions with keys of different epochs may have written one case into two tails: the later counts."""
    newest: dict[str, CaseRows] = {}
    for (case_id, _), rows in found.items():
        if case_id not in newest or _versions(rows) > _versions(newest[case_id]):
            newest[case_id] = rows
    return [rows for case_id, rows in newest.items() if case_id not in without]


def entry_place(segment_id: str, case_id: str, compartment: Compartment) -> Context:
    """Return where a row of the tail stands."""
    return place("tail", segment_id, case_id, compartment)


def _open_segment(db: Session, store: Store, ring: Ring, kind: str, epoch: int) -> tuple[str, Shred]:
    """Return the open segment of an epoch, made where there is none; two at once may make two, and both are read."""
    known: dict[tuple[str, str, int], tuple[str, Shred]] = db.info.setdefault(OPEN, {})
    if (ring.desk_id, kind, epoch) not in known:
        found = _found(db, store, {"desk": ring.desk_id, "kind": kind, "epoch": epoch})
        known[ring.desk_id, kind, epoch] = found or begin(db, store, ring, kind, epoch)
    return known[ring.desk_id, kind, epoch]


def _found(db: Session, store: Store, where: Mapping[str, object]) -> tuple[str, Shred] | None:
    """Whoever edits the shred of an open segment stops nobody from writing: the next one is begun."""
    row = FIND.one(db, where)
    with suppress(Tampered):
        alive = shreds.fetch(db, store, [row[1]]) if row else {}
        return (row[0], alive[row[1]]) if row and row[1] in alive else None
    return None


def _versions(rows: Mapping[Compartment, Row]) -> int:
    return max(row.version for row in rows.values())


def _packed(row: Row) -> bytes:
    return row.version.to_bytes(4, "big") + row.body


def _read(case_id: str, packed: bytes) -> Row:
    return Row(case_id, int.from_bytes(packed[:4], "big"), packed[4:])
