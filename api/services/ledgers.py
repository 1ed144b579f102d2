"""The ledger of an import: the sealed table that waits, its mapping, and how far the work has come.

Promises that a batch of cases and the place in the table commit together, that an older place put back is refused, and
that nothing of an import outlives it: its shreds go when it is done or given up, and by themselves after two weeks.
Must never hold anything in the clear but random identifiers of import and desk.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from api import audit
from api.access.caller import Caller
from api.access.holding import still_standing
from api.audit import Entry
from api.catalogue.compartments import Compartment
from api.clock import today
from api.crypto import Key, Parcel, place, unwrap_parcel, wrap_parcel
from api.errors import Erased, Forbidden, NotFound, Stale, Tampered
from api.ids import is_id, new_id
from api.models.imports import Import
from api.models.tables import File
from api.policy.actions import Action, Standing, decide
from api.sealed import pinned, roots, shreds
from api.sealed.leaves import tagged
from api.sealed.store import Store
from api.services.files import StoredFile, keep
from api.services.loading import watching

# The source lies in the table like all else: whoever may not read sources may not open it.
SEALED_TO = Compartment.SOURCE
KEPT = timedelta(days=14)
WAITING, CHECKED, CONFIRMED = "waiting", "checked", "confirmed"


@dataclass(frozen=True, slots=True)
class Ledger:
    """An import: `row` is the last row that was dealt with, `rows` the last one there is, `made` how many cases.

    `also` are rows that a person wants in although they look as if they were there already.
    """

    id: str
    desk: str
    version: int
    file: str
    size: int
    sha256: str
    key: Key = field(repr=False)
    mapping: str = field(default="", repr=False)
    state: str = WAITING
    row: int = 0
    rows: int = 0
    made: int = 0
    doubled: int = 0
    also: Sequence[int] = ()

    def note(self) -> dict[str, object]:
        """Return what is sealed of it."""
        names = ("file", "size", "sha256", "mapping", "state", "row", "rows", "made", "doubled", "also")
        return {name: getattr(self, name) for name in names}


def found(db: Session, store: Store, caller: Caller, desk_id: str, stored: StoredFile) -> str:
    """Begin an import of a stored table and return its id; raises NotFound for a desk that the caller lacks."""
    roots.shared(db, store)
    epoch = pinned.newest_epoch(db, store, desk_id) if is_id(desk_id) else None
    if epoch is None:
        raise NotFound
    ends = (today() + KEPT).isoformat()
    made, import_id = shreds.make(db, store, ends), new_id()
    keep(db, stored)
    shreds.set_terms(db, store, {stored.shred_id: (ends, False)})
    ledger = Ledger(import_id, desk_id, 0, stored.id, stored.size, stored.sha256, stored.key)
    row = Import(id=import_id, desk_id=desk_id, epoch=epoch, version=0, shred_id=made.id)
    _seal(db, store, caller, row, ledger, "import:begun")
    db.add(row)
    return import_id


def opened(db: Session, store: Store, caller: Caller, row: Import | None) -> Ledger:
    """Return the ledger of a row; raises NotFound for one that is absent or of a desk that the caller lacks.

    Raises Tampered for an older one put back: the log has an entry for each version, and one for the next betrays it.
    """
    if row is None:
        raise NotFound
    key, where = _key(db, caller, row), place("import", row.id)
    this, following = (_tag(key, row.id, number) for number in (row.version, row.version + 1))
    if {tag for tag, _ in tagged(db, (this, following))} != {this}:
        raise Tampered
    use = key.with_shred(shreds.fetch_one(db, store, row.shred_id), where)
    parcel = unwrap_parcel(use, place("import", row.id, row.version), row.sealed)
    return Ledger(row.id, row.desk_id, row.version, key=parcel.keys["file"], **dict(parcel.note))


def look(store: Store, caller: Caller, import_id: str) -> Ledger:
    """Return an import as it stands; raises NotFound, Forbidden."""
    require_importer(caller)
    # One moment: a batch that commits between row and leaves would make a sound ledger look like one put back.
    with watching(store, caller, import_id), store.snapshot() as db:
        return opened(db, store, caller, db.get(Import, import_id) if is_id(import_id) else None)


def move(db: Session, store: Store, caller: Caller, ledger: Ledger, verb: str) -> Ledger:
    """Write what changed, in the caller's transaction, and log it; raises Stale when somebody else has moved it on."""
    row = db.get(Import, ledger.id, with_for_update=True)
    if row is None or row.version != ledger.version:
        raise Stale
    _seal(db, store, caller, row, ledger, verb)
    return replace(ledger, version=row.version)


def all_of(store: Store, caller: Caller) -> tuple[Ledger, ...]:
    """Return the imports that wait at the caller's desks and open; one that was altered is recorded, and hides none."""
    require_importer(caller)
    found = list[Ledger]()
    with store.snapshot() as db:
        query = select(Import).where(Import.desk_id.in_(list(caller.keyring.desks))).order_by(Import.id)
        for row in db.scalars(query).all():
            with suppress(Tampered, NotFound, Erased), watching(store, caller, row.id):
                found.append(opened(db, store, caller, row))
    return tuple(found)


def destroy(db: Session, ledger: Ledger) -> None:
    """Destroy the table and all that was noted of it, inside `erasing`; raises Stale when it is gone already."""
    row, file = db.get(Import, ledger.id), db.get(File, ledger.file)
    if row is None or file is None:
        raise Stale
    shreds.destroy(db, [row.shred_id, file.shred_id])
    db.delete(row)
    db.delete(file)


def require_importer(caller: Caller) -> None:
    """Raise Forbidden for a role that brings no records in."""
    if not decide(caller.role, Action.CASE_IMPORT, Standing.GROUP):
        raise Forbidden


def _seal(db: Session, store: Store, caller: Caller, row: Import, ledger: Ledger, verb: str) -> None:
    """Write the ledger's next version into its row, with its leaf in the log."""
    row.version += 1
    db.flush()
    key, where = _key(db, caller, row), place("import", row.id)
    use = key.with_shred(shreds.fetch_one(db, store, row.shred_id), where)
    row.sealed = wrap_parcel(use, place("import", row.id, row.version), Parcel(ledger.note(), {"file": ledger.key}))
    audit.append(db, store, Entry(verb, caller.member_id, about=row.id), tag=_tag(key, row.id, row.version))


def _key(db: Session, caller: Caller, row: Import) -> Key:
    """Return the ledger's key, by the grants that stand at this moment."""
    held = caller.keyring.desks.get(row.desk_id, ())
    live = still_standing(db, {one.grant_id for one in held})
    found = [one.keys.get((SEALED_TO, row.epoch)) for one in held if one.grant_id in live]
    key = next((one for one in found if one), None)
    if key is None:
        raise NotFound
    return key.derive(place("import", row.id))


def _tag(key: Key, import_id: str, version: int) -> bytes:
    return key.mac(place("tag", "import", import_id, version))
