"""Cases that a caller holds singly, by a grant: read from their records, since such a caller opens no segment.

Promises the same columns as a desk's segments give, of cases that were found whole. Must never show a case of which a
part does not fit: its door reports it.
"""

from collections.abc import Iterator

from sqlalchemy.orm import Session

from api.access.caller import Caller
from api.access.holding import Holding, hold, live_grants
from api.access.visible import reach, visible_cases
from api.access.whole import Rows, Writers, sections_of, verify
from api.catalogue.compartments import Compartment
from api.columns.frame import Row
from api.columns.kinds import KINDS
from api.errors import Erased, Tampered
from api.models.tables import Case
from api.policy.actions import Standing
from api.sealed import cases
from api.sealed.segments import Piece, frames, piece
from api.sealed.store import Store

CONTROL = Compartment.CONTROL


def granted_piece(db: Session, store: Store, caller: Caller, kind: str, name: Compartment) -> Piece | None:
    """Return one part of a kind over the cases granted singly, None where there is none."""
    rows = list(_rows(db, store, caller, kind, name))
    return piece(kind, "", frames(kind, [{name: row} for row in rows], (name,))) if rows else None


def _rows(db: Session, store: Store, caller: Caller, kind: str, name: Compartment) -> Iterator[Row]:
    single = reach(caller)["single"]
    rows = db.scalars(visible_cases(caller).where(Case.id.in_(single))).all() if single else []
    live, known, sections = live_grants(db, caller, rows), Writers(), sections_of(db, single)
    for held in (hold(caller, row, live) for row in rows):
        if held and held.standing is Standing.GRANTEE and {CONTROL, name} <= held.keys.keys():
            yield from _row(db, store, held, sections[held.case.id], kind, name, known)


def _row(
    db: Session, store: Store, held: Holding, rows: Rows, kind: str, name: Compartment, known: Writers
) -> Iterator[Row]:
    """Yield the row of a case that has such a part and fits."""
    try:
        whole = verify(db, store, held.case, rows, {one: held.keys[one] for one in (CONTROL, name)}, known)
        if name in whole.bodies:
            version = whole.manifest.parts[name].version
            note = cases.open_section(whole.uses[name], held.case.id, name, version, whole.bodies[name]).note
            yield Row(held.case.id, version, KINDS[kind][name].row(note))
    except (Tampered, Erased):
        return
