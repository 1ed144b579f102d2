"""The list of cases: a page of what the caller may see, each verified before its title is shown.

Promises the same predicate as the single case, and a title only to who holds the facts. Must never show anything
of a case in which one part does not fit: such a case is listed by its code and reported.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from api import audit
from api.access.caller import Caller
from api.access.doors import TAMPERED
from api.access.holding import Holding, hold, live_grants, look
from api.access.visible import visible_cases
from api.access.whole import Rows, Whole, Writers, sections_of, verify
from api.audit import Entry
from api.catalogue.compartments import Compartment
from api.errors import Erased, Forbidden, NotFound, Tampered
from api.ids import is_id, short_code
from api.models.tables import Case
from api.policy.actions import Action, Standing, decide
from api.sealed import cases
from api.sealed.store import Store

C = Compartment
PAGE = 50
LISTED = (C.CONTROL, C.FACTS)


@dataclass(frozen=True, slots=True)
class CaseLine:
    """One case in the list; `title` and `status` are empty without the facts, `refused` when it does not fit."""

    id: str
    code: str
    desk_id: str
    standing: Standing
    received_on: str = ""
    title: str = field(default="", repr=False)
    status: str = field(default="", repr=False)
    refused: bool = False


@dataclass(frozen=True, slots=True)
class CasePage:
    """A page of lines, the latest received last, and the cursor of the next page or ""."""

    lines: tuple[CaseLine, ...]
    next: str


def list_cases(store: Store, caller: Caller, after: str = "", size: int = PAGE) -> CasePage:
    """Return the page of visible cases after the cursor; raises Forbidden for a role that has no list.

    Identifiers say nothing of time, so pages follow the identifier, and the lines of one page the day received.
    """
    if not decide(caller.role, Action.CASE_LIST, Standing.GROUP):
        raise Forbidden
    if after and not is_id(after):
        raise NotFound
    audit.record(store, Entry(Action.CASE_LIST, caller.member_id))
    with store.reading() as db:
        query = visible_cases(caller).where(Case.id > after).order_by(Case.id).limit(size + 1)
        rows = db.scalars(query).all()
        lines = _lines(db, store, caller, rows[:size])
    checked = [_reported(store, caller, line) if line.refused else line for line in lines]
    following = rows[size - 1].id if len(rows) > size else ""
    return CasePage(tuple(sorted(checked, key=lambda line: (line.received_on, line.id))), following)


def _lines(db: Session, store: Store, caller: Caller, rows: Sequence[Case]) -> list[CaseLine]:
    live, known = live_grants(db, caller, rows), Writers()
    sections = sections_of(db, [row.id for row in rows])
    held = (hold(caller, row, live) for row in rows)
    return [_line(db, store, one, sections[one.case.id], known) for one in held if one and C.CONTROL in one.keys]


def _line(db: Session, store: Store, held: Holding, rows: Rows, known: Writers) -> CaseLine:
    keys = {one: key for one, key in held.keys.items() if one in LISTED}
    try:
        whole = verify(db, store, held.case, rows, keys, known)
        control, facts = (_head(whole, held.case.id, name) for name in LISTED)
    except (Tampered, Erased):
        return CaseLine(*_named(held), refused=True)
    received = str(control.get("received_on", ""))
    return CaseLine(*_named(held), received, str(facts.get("title", "")), str(facts.get("status", "")))


def _head(whole: Whole, case_id: str, name: Compartment) -> Mapping[str, Any]:
    if name not in whole.bodies:
        return {}
    version = whole.manifest.parts[name].version
    note = cases.open_section(whole.uses[name], case_id, name, version, whole.bodies[name]).note
    return dict(next(iter(note.get("case", ())), {}))


def _named(held: Holding) -> tuple[str, str, str, Standing]:
    return held.case.id, short_code(held.case.id), held.case.desk_id, held.standing


def _reported(store: Store, caller: Caller, line: CaseLine) -> CaseLine:
    """Look once more, since a writer may have come between two statements; report what still does not fit."""
    try:
        with store.reading() as db:
            held = look(db, caller, line.id)
            again = _line(db, store, held, sections_of(db, [line.id])[line.id], Writers())
    except NotFound:
        return line
    if again.refused:
        audit.record(store, Entry(TAMPERED, caller.member_id, line.id))
    return again
