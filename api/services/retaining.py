"""The retention run: what is due goes, by itself, at night, with nobody signed in.

Promises that only what is due and not held is destroyed, that an edited date destroys nothing and is reported, and that
a clock that jumped is not believed. Must never need a member's key.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Select, delete, func, or_, select
from sqlalchemy.orm import Session

from api import audit
from api.audit import Entry
from api.catalogue.compartments import Compartment
from api.clock import today
from api.errors import OutOfOrder, Tampered
from api.models.imports import Import
from api.models.recovery import Ceremony
from api.models.tables import Case, File, Grant, Group, Reason, Section, SessionKey, ShredRow, SignedIn
from api.sealed import forgetting, joined, links, registers, roots, shreds
from api.sealed.store import Store
from api.services import answers
from api.services.erasing_letters import take_mailbox
from api.services.files import destroy_blob

LAST = "retained_on"
# Parts of cases go by the month, grants and sessions by the day.
MONTHLY = len("2026-01")
# A clock that is further on than this since the last run is asked about, not believed.
LONGEST_PAUSE = timedelta(days=45)
# What goes at once, while whoever writes waits: a database binds so many values, and a lock is waited for ten seconds.
SLICE = 2_000


@dataclass(frozen=True, slots=True)
class Run:
    """What a run did: parts of cases, files and grants that went; `edited` dates, and cases without any part."""

    day: str
    parts: int = 0
    files: int = 0
    grants: int = 0
    edited: int = 0

    def __add__(self, other: "Run") -> "Run":
        """Return what both did, as of the day of the first."""
        counts = (self.parts + other.parts, self.files + other.files, self.grants + other.grants)
        return Run(self.day, *counts, self.edited + other.edited)


def retain(store: Store, confirmed: date | None = None) -> Run:
    """Destroy what is due today, replace E, and return what was done.

    Raises OutOfOrder when the clock stands before the last run, or more than 45 days after it and `confirmed` is not
    today: then a person looks at the clock first.
    """
    day = today()
    with store.snapshot() as db:
        _require_clock(db, store, day, confirmed)
        # Beside the run and not within it: whoever writes would wait for all dates of the store to be looked at.
        run = Run(day.isoformat(), edited=len(shreds.edited(db, store)) + _emptied(db))
    after: str | None = ""
    while after is not None:
        with shreds.erasing(store) as db:
            rows = _due(db, day, after)
            whole = [*rows, *_along(db, day, rows)]
            done, blobs = _slice(db, store, [row for row in whole if shreds.sound(db, store, row)])
            run, after = run + done, rows[-1].id if len(rows) == SLICE else None
            if after is None:
                _finish(db, store, day, run)
        for file_id in blobs:
            destroy_blob(store, file_id)
    return run


def _slice(db: Session, store: Store, rows: Sequence[ShredRow]) -> tuple[Run, list[str]]:
    """Destroy some of what is due; return what was done and the files to be removed."""
    cases = _ended_in(db, rows)
    done = _destroy(db, store, rows, cases)
    return done, _forget(db, store, rows)


def _finish(db: Session, store: Store, day: date, run: Run) -> None:
    """End a run with its entry and its day, once everything that was due is gone: one that was broken off goes on."""
    answers.forget_old(db)
    if run != Run(day.isoformat()):
        about = f"parts {run.parts}, files {run.files}, grants {run.grants}, edited {run.edited}"
        audit.append(db, store, Entry("retention:run", about=about))
    if gone := audit.turn_month(db, store, day):
        audit.append(db, store, Entry("retention:log", about=f"entries {gone}"))
    roots.anchor(db, store, LAST, day.isoformat())


def retain_daily(store: Store) -> None:
    """Make the run of today unless some worker made it already, or the group is not founded yet.

    Raises Tampered while the log or the register is not whole: who edits a database destroys nothing with our own
    hands.
    """
    with store.reading() as db:
        founded = db.get(Group, 1) is not None
        done = str(roots.anchored(db, store).get(LAST, "")) >= today().isoformat()
    if founded and not done:
        if not audit.verify(store).whole:
            raise Tampered
        with store.snapshot() as db:
            registers.require(db, store)
        retain(store)


def _require_clock(db: Session, store: Store, day: date, confirmed: date | None) -> None:
    last = str(roots.anchored(db, store).get(LAST, day.isoformat()))
    passed = day - date.fromisoformat(last)
    if confirmed != day and (passed < timedelta() or passed > LONGEST_PAUSE):
        raise OutOfOrder


def _due(db: Session, day: date, after: str) -> Sequence[ShredRow]:
    """Return the next of what is due by the dates that stand there, which somebody may have edited."""
    return db.scalars(_past(day).where(ShredRow.id > after).order_by(ShredRow.id).limit(SLICE)).all()


def _along(db: Session, day: date, rows: Sequence[ShredRow]) -> Sequence[ShredRow]:
    """Return the other parts that are due of the cases of which some are: a case ends at one go."""
    ids = [row.id for row in rows]
    cases = select(Section.case_id).where(Section.shred_id.in_(ids))
    parts = select(Section.shred_id).where(Section.case_id.in_(cases))
    return db.scalars(_past(day).where(ShredRow.id.in_(parts), ShredRow.id.not_in(ids))).all()


def _past(day: date) -> Select[ShredRow]:
    month, whole = day.isoformat()[:MONTHLY], day.isoformat()
    monthly, daily = func.length(ShredRow.due) == MONTHLY, func.length(ShredRow.due) == len(whole)
    past = or_(monthly & (ShredRow.due < month), daily & (ShredRow.due < whole))
    return select(ShredRow).where(past, ShredRow.held.is_(False))


def _ended_in(db: Session, rows: Sequence[ShredRow]) -> Mapping[str, set[Compartment]]:
    """Return the cases of which something ends, with the parts."""
    ids, found = [row.id for row in rows], dict[str, set[Compartment]]()
    ended = select(Section.case_id, Section.compartment).where(Section.shred_id.in_(ids))
    for case_id, name in db.execute(ended.order_by(Section.case_id)):
        found.setdefault(case_id, set()).add(Compartment(name))
    return found


def _destroy(db: Session, store: Store, rows: Sequence[ShredRow], cases: Mapping[str, Collection[Compartment]]) -> Run:
    ids = [row.id for row in rows]
    done = Run("", *(_count(db, table, ids) for table in (Section, File, Grant)))
    for case_id in cases:
        audit.append(db, store, Entry("retention:part", case=case_id))
    forgetting.forget(db, store, list(cases), {name for names in cases.values() for name in names})
    shreds.destroy(db, ids)
    return done


def _emptied(db: Session) -> int:
    """Return how many cases have no part left although none went with a run: their rows were taken away."""
    empty = select(func.count()).select_from(Case).where(Case.id.not_in(select(Section.case_id)))
    return db.scalar(empty) or 0


def _over(db: Session, rows: Sequence[ShredRow]) -> Sequence[str]:
    """Return the cases whose `control` goes in this very run: it goes with the last, and nothing opens without it.

    A case whose rows somebody took away has not ended, nor has one whose row names the shred of what goes by the day.
    """
    monthly = [row.id for row in rows if len(row.due or "") == MONTHLY]
    control = select(Section.case_id).where(Section.compartment == Compartment.CONTROL)
    return db.scalars(control.where(Section.shred_id.in_(monthly))).all()


def _forget(db: Session, store: Store, rows: Sequence[ShredRow]) -> list[str]:
    """Delete the rows that open no more, and the cases that ended; return the files to be removed."""
    ids, over = [row.id for row in rows], _over(db, rows)
    # A file has the identifier of its shred: a row that was turned to another's shred destroys no living blob.
    blobs = list(db.scalars(select(File.id).where(File.id.in_(ids), File.id == File.shred_id)))
    ended = select(Grant.id).where(Grant.shred_id.in_(ids))
    db.execute(delete(SessionKey).where(SessionKey.grant_id.in_(ended)))
    for table in (Section, File, Grant, SignedIn, Import, Ceremony):
        db.execute(delete(table).where(table.shred_id.in_(ids)))
    _forget_cases(db, store, over)
    return blobs


def _forget_cases(db: Session, store: Store, over: Sequence[str]) -> None:
    forgetting.forget_wholly(db, store, over)
    shreds.destroy(db, db.scalars(select(Section.shred_id).where(Section.case_id.in_(over))).all())
    for case_id in over:
        # What the family wrote goes with the last of the case; else their copy would be kept without end.
        boxes = links.mailboxes(db, store, case_id)
        shreds.destroy(db, [shred for box in boxes for shred in take_mailbox(db, box)])
        if boxes:
            links.write(db, store, case_id, ())
        joined.forget(db, store, case_id)
    for rows in (Reason, Section):
        db.execute(delete(rows).where(rows.case_id.in_(over)))
    db.execute(delete(Case).where(Case.id.in_(over)))


def _count(db: Session, table: type[Section] | type[File] | type[Grant], ids: Sequence[str]) -> int:
    return db.scalar(select(func.count()).select_from(table).where(table.shred_id.in_(ids))) or 0
