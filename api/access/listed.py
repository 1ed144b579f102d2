"""The cases of a page found whole: what was found of the very same bytes is not worked out again.

Promises the verdict of `verify` on what stands in the database at this moment: cases, sections, shreds and leaves of
the log are read each time, and one other byte asks for another verdict. Must never remember anything that was opened.
"""

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from api.access.whole import Leaves, Writers, fit, writer_of
from api.catalogue.compartments import Compartment
from api.crypto import Key, Parcel
from api.errors import Erased, Tampered
from api.models.tables import Case
from api.sealed import cases, shreds
from api.sealed.cases import CaseRow, SectionRow
from api.sealed.leaves import tagged
from api.sealed.store import Store

C = Compartment
# Rows of shreds as they were read, by identifier.
ShredRows = Mapping[str, tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A case of the page as it was read, and the caller's keys of it, `control` among them."""

    case: Case | CaseRow
    rows: Sequence[SectionRow]
    keys: Mapping[Compartment, Key] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found of a case's bytes: whose signature it bears, and the tags that its leaves must have."""

    by: str
    verify: bytes = field(repr=False)
    tags: tuple[bytes, bytes] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Found:
    """A case that was found whole, and the way to open those of its parts that were asked for and are held."""

    case_id: str
    rows: Mapping[Compartment, SectionRow]
    uses: Mapping[Compartment, Key] = field(repr=False)

    def version(self, name: Compartment) -> int:
        """Return the version of a part, 0 where there is none."""
        return self.rows[name].version if name in self.rows else 0

    def open(self, name: Compartment) -> Parcel:
        """Return a part, empty where there is none; raises Tampered."""
        if name not in self.uses:
            return Parcel()
        return cases.open_section(self.uses[name], self.case_id, name, self.version(name), self.rows[name].body)


def verify_page(
    db: Session, store: Store, wanted: Sequence[Wanted], opened: Collection[Compartment]
) -> list[Found | None]:
    """Return each case with the keys of the parts to be `opened`, None for one that does not fit.

    `db` sees one moment of the store.
    """
    there = {row[0]: row for row in shreds.WITH_EPOCH.all(db, [row.shred_id for one in wanted for row in one.rows])}
    seen = [_seen(one, there) for one in wanted]
    tags = [tag for one, key in zip(wanted, seen, strict=True) for tag in _tags(store.kept.get(key), one)]
    leaves, known = tagged(db, tags), Writers()

    def found(one: Wanted, key: bytes) -> Found | None:
        try:
            if not _is_known(db, store, store.kept.get(key), leaves, known):
                _look(db, store, one, key, there, leaves, known)
            return _opening(db, store, one, opened, there)
        except (Tampered, Erased):
            # An edited row takes none of the others along.
            return None

    return [found(one, key) for one, key in zip(wanted, seen, strict=True)]


def _seen(one: Wanted, there: ShredRows) -> bytes:
    """Return the digest of all that a verdict rests on, but for the leaves, which are asked each time."""
    digest = hashlib.sha256()
    for part in _parts(one, there):
        digest.update(len(part).to_bytes(4, "big") + part)
    return digest.digest()


def _parts(one: Wanted, there: ShredRows) -> Iterator[bytes]:
    case = one.case
    yield repr((case.id, case.desk_id, case.epoch, case.behind, case.version)).encode()
    yield case.manifest.blob
    for row in sorted(one.rows, key=lambda each: each.compartment):
        *shred, sealed, epoch = there.get(row.shred_id, (None, None))
        yield repr((row.compartment, row.version, row.shred_id, shred, epoch)).encode()
        yield row.body.blob
        yield sealed.blob if sealed else b""


def _tags(verdict: Verdict | None, one: Wanted) -> tuple[bytes, bytes]:
    return verdict.tags if verdict else cases.version_tags(one.keys[C.CONTROL], one.case.id, one.case.version)


def _is_known(db: Session, store: Store, verdict: Verdict | None, leaves: Leaves, known: Writers) -> bool:
    """Say whether there is a verdict by a writer who still is vouched for, with the same key; raises Tampered."""
    if verdict is None:
        return False
    return writer_of(db, store, verdict.by, verdict.tags, known, leaves).blob == verdict.verify


def _look(db: Session, store: Store, one: Wanted, key: bytes, there: ShredRows, leaves: Leaves, known: Writers) -> None:
    """Find a case whole, and remember it; raises Tampered, Erased."""
    alive = _alive(db, store, one.rows, there)
    whole = fit(db, store, one.case, one.rows, alive, one.keys, known, leaves)
    # What is missing because its time had come is asked of the register each time.
    if len(whole.manifest.parts) == len(one.rows):
        by, tags = whole.manifest.by, cases.version_tags(one.keys[C.CONTROL], one.case.id, one.case.version)
        store.kept.once(key, lambda: Verdict(by, known[by].record.verify, tags))


def _opening(db: Session, store: Store, one: Wanted, opened: Collection[Compartment], there: ShredRows) -> Found:
    held = {C(row.compartment): row for row in one.rows if row.compartment in one.keys}
    some = {name: held[name] for name in opened if name in held}
    alive = _alive(db, store, list(some.values()), there)
    uses = {
        name: cases.section_key(one.keys[name], alive[row.shred_id], one.case.id, name) for name, row in some.items()
    }
    return Found(one.case.id, held, uses)


def _alive(db: Session, store: Store, rows: Sequence[SectionRow], there: ShredRows) -> Mapping[str, Any]:
    """Return the shreds of rows; raises Erased when an erasure came between, which another look will see."""
    alive = shreds.opened(db, store, [there[row.shred_id] for row in rows if row.shred_id in there])
    if alive is None:
        raise Erased
    return alive
