"""Counting coded facts by one to three fields, narrowed by facets, over the segments of the desks.

Promises that a case counts only while its consent covers counting and no stop is listed, and says how many were left
out and how many are missing; of a case whose facts went with their time, its coarse copy counts. Must never open
anything but `facts`, nor let a count out: what is returned is marked for the desk alone, and for an analyst no finer
than region and quarter, whether as a dimension or as a facet.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from sqlalchemy.orm import Session

from api import audit
from api.access.caller import Caller
from api.access.doors import TAMPERED
from api.access.shelves import opened_shelves, rings
from api.audit import Entry
from api.catalogue.compartments import Compartment
from api.catalogue.purposes import Decision, Purpose
from api.clock import today
from api.columns import facets
from api.columns.facets import Rows
from api.columns.frame import Marks, marks_of, places
from api.columns.kinds import FACTS
from api.columns.tally import Dimension, Tallied, dimension, tally
from api.errors import Forbidden, Invalid
from api.policy.actions import Action, Standing, decide
from api.policy.roles import Role
from api.sealed import joined
from api.sealed.segments import Piece
from api.sealed.store import Store
from api.services import remaining

C = Compartment
# What a role may not count by, a grain or a facet: for who only counts, a facility, a month or a day may be one man.
TOO_FINE: Mapping[Role, frozenset[str]] = {Role.ANALYST: frozenset({"facility", "month", "since", "until"})}
MOST_DIMENSIONS = 3


@dataclass(frozen=True, slots=True)
class Cell:
    """How many cases have these values, one for each dimension; "" where a case was not asked about it."""

    values: tuple[str, ...]
    cases: int


@dataclass(frozen=True, slots=True)
class CaseCounts:
    """Exact counts of cases by value, for the desk alone.

    A case counts once for each of its values. `not_counted` cases pass the facets and have no leave to be counted;
    `missing` stand in segments that wait to be made again.
    """

    dimensions: tuple[str, ...]
    cells: tuple[Cell, ...]
    cases: int
    not_counted: int
    missing: int
    for_publication: bool = False

    @property
    def counts(self) -> Mapping[str, int]:
        """The counts by the first dimension alone, where there is one."""
        return {one.values[0]: one.cases for one in self.cells}


@dataclass(frozen=True, slots=True)
class Tabulated:
    """The same counts as columns, in no order: for who has many of them."""

    found: Tallied
    cases: int
    not_counted: int
    missing: int


def count_cases(store: Store, caller: Caller, *names: str, asked: facets.Asked | None = None) -> CaseCounts:
    """Count by one or more coded fields, such as `act.type` or `case.last_heard:quarter`; raises Forbidden, Invalid."""
    table = tabulate(store, caller, *names, asked=asked)
    cells = tuple(Cell(values, count) for values, count in sorted(table.found.rows()))
    return CaseCounts(names, cells, table.cases, table.not_counted, table.missing)


def tabulate(store: Store, caller: Caller, *names: str, asked: facets.Asked | None = None) -> Tabulated:
    """Count as `count_cases` does, whole columns at a time to the end; raises Forbidden, Invalid."""
    if not decide(caller.role, Action.CASE_COUNT, Standing.GROUP):
        raise Forbidden
    dimensions = _allowed(caller, names)
    tests = _tests(caller, asked or {})
    # By which facets it was narrowed, never to which value: that would be a note on the cases.
    audit.record(store, Entry(Action.CASE_COUNT, caller.member_id, about=",".join((*names, *sorted(asked or ())))))
    held = rings(store, caller)
    with opened_shelves(store, caller, FACTS, [C.FACTS]) as (db, shelves):
        stopped = _stopped(db, store)
        outlived, misfits = remaining.piece(db, store, held)
        pieces = [*(part for one in shelves for part in one.pieces), outlived]
    for case_id in misfits:
        audit.record(store, Entry(TAMPERED, caller.member_id, case_id))
    passing = [_passing(part, tests) for part in pieces]
    counted = [_countable(part, rows, stopped) for part, rows in zip(pieces, passing, strict=True)]
    found = tally([(part.columns[C.FACTS], rows) for part, rows in zip(pieces, counted, strict=True)], dimensions)
    total, seen = (sum(int(one.sum()) for one in some) for some in (passing, counted))
    return Tabulated(found, seen, total - seen, sum(one.missing for one in shelves))


def _allowed(caller: Caller, names: Sequence[str]) -> list[Dimension]:
    found = [dimension(name) for name in names]
    if not 0 < len({one.name for one in found}) == len(found) <= MOST_DIMENSIONS:
        raise Invalid({"dimension": "unknown-field"})
    if any(one.grain in TOO_FINE.get(caller.role, ()) for one in found):
        raise Forbidden
    return found


def _tests(caller: Caller, asked: facets.Asked) -> list[facets.Test]:
    """Whoever counts may not hold the work on the cases: nobody counts by it."""
    if TOO_FINE.get(caller.role, frozenset()) & asked.keys():
        raise Forbidden
    if facets.OF_WORK & asked.keys():
        raise Invalid(dict.fromkeys(facets.OF_WORK & asked.keys(), "unknown-field"))
    return facets.tests(asked)


def _passing(part: Piece, tests: Sequence[facets.Test]) -> Rows:
    case = facets.Case(part.columns[C.FACTS], None, facets.today_number(today()))
    rows = part.alive & facets.standing(case)
    for test in tests:
        rows = rows & test(case)
    return rows


def _countable(part: Piece, rows: Rows, stopped: Marks) -> Rows:
    rows = rows & facets.having(part.columns[C.FACTS], "case.counting", Decision.YES)
    rows[places(part.marks, stopped)] = False
    return rows


def _stopped(db: Session, store: Store) -> Marks:
    """Return the marks of the cases whose family forbade counting: at once, before anybody filed it."""
    return np.sort(marks_of(sorted(joined.all_stopped(db, store, Purpose.COUNT))))
