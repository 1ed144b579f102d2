"""The retention run: what is due goes, by itself, at night, with nobody signed in.

Promises that only what is due and not held is destroyed, that an edited date destroys nothing and is reported, and that
a clock that jumped is not believed. Must never need a member's key.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import delete, func, or_, select
from sqlalchemy.orm import Session

from api import audit
from api.audit import Entry
from api.catalogue.compartments import Compartment
from api.clock import today
from api.errors import OutOfOrder, Tampered
from api.models.imports import Import
from api.models.recovery import Ceremony
from api.models.tables import Case, File, Grant, Group, Reason, Section, SessionKey, ShredRow, SignedIn
from api.sealed import forgetting, joined, links, roots, shreds
from api.sealed.store import Store
from api.services import answers
from api.services.erasing_letters import take_mailbox
from api.services.files import destroy_blob

LAST = "retained_on"
# A clock that is further on than this since the last run is asked about, not believed.
LONGEST_PAUSE = timedelta(days=45)


@dataclass(frozen=True, slots=True)
class Run:
    """What a run did: parts of cases, files and grants that went; rows whose date somebody had edited."""

    day: str
    parts: int = 0
    files: int = 0
    grants: int = 0
    edited: int = 0


def retain(store: Store, confirmed: date | None = None) -> Run:
    """Destroy what is due today, replace E, and return what was done.

    Raises OutOfOrder when the clock stands before the last run, or more than 45 days after it and `confirmed` is not
    today: then a person looks at the clock first.
    """
    day = today()
    with shreds.erasing(store) as db:
        _require_clock(db, store, day, confirmed)
        sound, edited = _due(db, store, day)
        edited += _kept_by_an_edit(db, store, sound, edited)
        answers.forget_old(db)
        run = Run(day.isoformat(), *_destroy(db, store, sound), len(edited))
        blobs = _forget(db, store, sound)
        if run != Run(day.isoformat()):
            about = f"parts {run.parts}, files {run.files}, grants {run.grants}, edited {run.edited}"
            audit.append(db, store, Entry("retention:run", about=about))
        if gone := audit.turn_month(db, store, day):
            audit.append(db, store, Entry("retention:log", about=f"entries {gone}"))
        roots.anchor(db, store, LAST, day.isoformat())
    for file_id in blobs:
        destroy_blob(store, file_id)
    return run


def retain_daily(store: Store) -> None:
    """Make the run of today unless some worker made it already, or the group is not founded yet.

    Raises Tampered while the log is not whole: who edits a database destroys nothing with our own hands.
    """
    with store.reading() as db:
        founded = db.get(Group, 1) is not None
        done = str(roots.anchored(db, store).get(LAST, "")) >= today().isoformat()
    if founded and not done:
        if not audit.verify(store).whole:
            raise Tampered
        retain(store)


def _require_clock(db: Session, store: Store, day: date, confirmed: date | None) -> None:
    last = str(roots.anchored(db, store).get(LAST, day.isoformat()))
    passed = day - date.fromisoformat(last)
    if confirmed != day and (passed < timedelta() or passed > LONGEST_PAUSE):
        raise OutOfOrder


def _due(db: Session, store: Store, day: date) -> tuple[list[ShredRow], list[ShredRow]]:
    """Return what is due, those rows that open with their date first, then those that somebody edited."""
    month, whole = day.isoformat()[:7], day.isoformat()
    monthly, daily = func.length(ShredRow.due) == 7, func.length(ShredRow.due) == 10
    past = or_(monthly & (ShredRow.due < month), daily & (ShredRow.due < whole))
    rows = db.scalars(select(ShredRow).where(past, ShredRow.held.is_(False))).all()
    edited = [row for row in rows if not shreds.sound(db, store, row)]
    return [row for row in rows if row not in edited], edited


def _kept_by_an_edit(
    db: Session, store: Store, sound: Sequence[ShredRow], edited: Sequence[ShredRow]
) -> list[ShredRow]:
    """Return the other rows with a date or a hold that do not open with it: put off, or held, by somebody's hand."""
    seen = {row.id for row in (*sound, *edited)}
    # Every case with a teller who may be reached has a date: they are gone through, not gathered.
    dated = select(ShredRow).where(or_(ShredRow.due.is_not(None), ShredRow.held))
    rows = db.scalars(dated.execution_options(yield_per=1000))
    return [row for row in rows if row.id not in seen and not shreds.sound(db, store, row)]


def _destroy(db: Session, store: Store, rows: Sequence[ShredRow]) -> tuple[int, int, int]:
    ids = [row.id for row in rows]
    counts = (_count(db, table, ids) for table in (Section, File, Grant))
    found = tuple(counts)
    ended = db.execute(select(Section.case_id, Section.compartment).where(Section.shred_id.in_(ids))).all()
    cases = sorted({case_id for case_id, _ in ended})
    for case_id in cases:
        audit.append(db, store, Entry("retention:part", case=case_id))
    forgetting.forget(db, cases, {Compartment(name) for _, name in ended})
    shreds.destroy(db, ids)
    return found[0], found[1], found[2]


def _forget(db: Session, store: Store, rows: Sequence[ShredRow]) -> list[str]:
    """Delete the rows that open no more, and the cases of which nothing is left; return the files to be removed."""
    ids = [row.id for row in rows]
    # A file has the identifier of its shred: a row that was turned to another's shred destroys no living blob.
    blobs = list(db.scalars(select(File.id).where(File.id.in_(ids), File.id == File.shred_id)))
    ended = select(Grant.id).where(Grant.shred_id.in_(ids))
    db.execute(delete(SessionKey).where(SessionKey.grant_id.in_(ended)))
    for table in (Section, File, Grant, SignedIn, Import, Ceremony):
        db.execute(delete(table).where(table.shred_id.in_(ids)))
    empty = select(Case.id).where(Case.id.not_in(select(Section.case_id)))
    ended_cases = db.scalars(empty).all()
    forgetting.forget_wholly(db, ended_cases)
    for case_id in ended_cases:
        # What the family wrote goes with the last of the case; else their copy would be kept without end.
        for box in links.mailboxes(db, store, case_id):
            shreds.destroy(db, take_mailbox(db, box))
        links.write(db, store, case_id, ())
        joined.forget(db, store, case_id)
    db.execute(delete(Reason).where(Reason.case_id.in_(empty)))
    db.execute(delete(Case).where(Case.id.in_(empty)))
    return blobs


def _count(db: Session, table: type[Section] | type[File] | type[Grant], ids: Sequence[str]) -> int:
    return db.scalar(select(func.count()).select_from(table).where(table.shred_id.in_(ids))) or 0
