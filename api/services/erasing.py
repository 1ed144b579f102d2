"""Erasing: an entry, or a whole case, so that no old copy of the database opens it.

Promises that shreds go first and for ever, then rows and blobs. Must never need another member's key, nor leave
a file or the words of a reason behind.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from api import audit
from api.access.doors import CaseAccess
from api.audit import Entry
from api.catalogue.compartments import Compartment
from api.catalogue.keeping import HOLD
from api.clock import today
from api.crypto import Parcel
from api.errors import Forbidden, Held, NotFound
from api.models.tables import Case, File, Reason, Section, ShredBackup
from api.policy.actions import Action
from api.sealed import cases, forgetting, joined, shreds
from api.sealed.epochs import OLDER
from api.services import remaining
from api.services.cases import APPEND_ONLY
from api.services.files import destroy_blob
from api.services.granting import end_named
from api.services.saving import Change, Entries, has, head_of, locked, without_entry, write

C = Compartment
# Registers of the case: what was decided, granted and taken out stays written; a later entry supersedes.
KEPT_WHOLE = frozenset({C.CONTROL, C.CONSENT})


@dataclass(frozen=True, slots=True)
class ErasureNotice:
    """What to tell whoever asked: the days by which backups of the erasure secrets must be destroyed."""

    backups_due: tuple[str, ...]


def nothing_beside(db: Session) -> Iterable[str]:
    """Name no shred beside the case's own."""
    return ()


def erase_case(access: CaseAccess, also: Callable[[Session], Iterable[str]] = nothing_beside) -> ErasureNotice:
    """Erase a case with its files, reasons and grants.

    `also` works in the same transaction: it deletes what else belongs to the case (its mailbox's letters) and
    returns the identifiers of their shreds. Raises Stale when the case moved on since it was entered.
    """
    access.require(Action.CASE_ERASE)
    files = access.manifest.files
    _require_no_hold(access)
    with shreds.erasing(access.store) as db:
        locked(db, access)
        forgetting.forget_wholly(db, access.store, [access.case_id])
        shreds.destroy(db, [*_shreds_of(db, access), *also(db)])
        _delete_rows(db, access)
        _lift(db, access)
        tag = cases.version_tag(access.key(C.CONTROL), access.case_id, access.version + 1)
        entry = Entry(Action.CASE_ERASE, access.caller.member_id, access.case_id)
        audit.append(db, access.store, entry, tag=tag)
        # Asked before it is done: an erasure that is done must not be told as one that failed.
        notice = _notice(db)
    for file_id in files:
        destroy_blob(access.store, file_id)
    return notice


def notice_of(access: CaseAccess) -> ErasureNotice:
    """Return which backups of the erasure secrets are still out there."""
    with access.store.reading() as db:
        return _notice(db)


def _notice(db: Session) -> ErasureNotice:
    query = select(ShredBackup.destroy_by).where(ShredBackup.destroy_by >= today().isoformat())
    return ErasureNotice(tuple(sorted(set(db.scalars(query)))))


def remove_entry(access: CaseAccess, entity: str, entry_id: str, version: int) -> int:
    """Erase one entry: its sections are sealed under new shreds, the old ones destroyed; return the new version.

    What a section held before opens no more, from any copy of the database; a document takes its file along.
    Raises Forbidden for the registers `control` and `consent` and for a step of a chain of custody, NotFound, Stale.
    """
    access.require(Action.CASE_WRITE)
    _require_no_hold(access)
    opened = {name: access.open(name) for name in access.keys}
    held = {name for name, parcel in opened.items() if has(parcel.note, entity, entry_id)}
    if not held:
        raise NotFound
    if KEPT_WHOLE & held or entity in APPEND_ONLY:
        raise Forbidden
    left = {name: _left(parcel, entity, entry_id) for name, parcel in opened.items()}
    changed = {name: parcel for name, parcel in left.items() if parcel.note != opened[name].note}
    files = frozenset(_files(opened, entity, entry_id))
    _renew(access, Change("case:remove", changed, entity, files_gone=files, renewed=frozenset(changed)), version)
    for file_id in files:
        destroy_blob(access.store, file_id)
    return access.version + 1


def _require_no_hold(access: CaseAccess) -> None:
    """A hold is lifted by name and in the log, never passed over."""
    if HOLD in head_of(access.open(C.CONTROL).note):
        raise Held


def _renew(access: CaseAccess, change: Change, version: int) -> None:
    old = [access.manifest.parts[name].shred_id for name in change.renewed]
    with shreds.erasing(access.store) as db:
        forgetting.forget(db, access.store, [access.case_id], change.renewed)
        write(db, access, change, version)
        remaining.follow(db, access, change)
        shreds.destroy(db, [*old, *_forget_files(db, change.files_gone)])


def _forget_files(db: Session, files: Iterable[str]) -> list[str]:
    rows = db.scalars(select(File).where(File.id.in_(list(files)))).all()
    gone = [row.shred_id for row in rows]
    for row in rows:
        db.delete(row)
    return gone


def _files(opened: dict[Compartment, Parcel], entity: str, entry_id: str) -> Iterable[str]:
    documents: Iterable[Entries] = opened[C.EVIDENCE].note.get(entity, ()) if C.EVIDENCE in opened else ()
    return (one["file"]["id"] for one in documents if one["id"] == entry_id and "file" in one)


def _left(parcel: Parcel, entity: str, entry_id: str) -> Parcel:
    note = without_entry(parcel.note, entity, entry_id)
    named = {one["file"]["key"] for one in note.get("document", ()) if "file" in one}
    return Parcel(note, {name: key for name, key in parcel.keys.items() if name in named or name.startswith(OLDER)})


def _shreds_of(db: Session, access: CaseAccess) -> list[str]:
    sections = db.scalars(select(Section.shred_id).where(Section.case_id == access.case_id))
    return [*sections, *_forget_files(db, access.manifest.files), *remaining.forget(db, access.case_id)]


def _delete_rows(db: Session, access: CaseAccess) -> None:
    end_named(db, access.open(C.CONTROL).note.get("access", ()))
    for table in (Reason, Section):
        db.execute(delete(table).where(table.case_id == access.case_id))
    db.execute(delete(Case).where(Case.id == access.case_id))


def _lift(db: Session, access: CaseAccess) -> None:
    listed = dict(shreds.stops(db, access.store))
    if listed.pop(access.case_id, None) is not None:
        shreds.write_stops(db, access.store, listed)
    joined.forget(db, access.store, access.case_id)
