"""The list of cases: the newest first, narrowed by facets, from the segments of the desks and the single cases granted.

Promises the same cases as the door lets in, and says how many it misses. Must never open more than the page it shows,
nor put what is sealed into a cursor: it is the identifier of the last line.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from api import audit
from api.access.caller import Caller
from api.access.holding import hold, live_grants
from api.access.shelves import opened_shelves
from api.access.visible import visible_cases
from api.access.whole import Writers, sections_of, verify
from api.audit import Entry
from api.catalogue.compartments import Compartment
from api.clock import today
from api.columns import facets
from api.columns.frame import Marks, marks_of, places, read_ids
from api.columns.kinds import FACTS, KINDS
from api.errors import Erased, Forbidden, NotFound, Tampered
from api.ids import is_id
from api.models.tables import Case
from api.policy.actions import Action, Standing, decide
from api.sealed import cases, tails
from api.sealed.epochs import left_behind
from api.sealed.segments import CaseRows, Piece, frames, piece
from api.sealed.shelves import Shelf
from api.sealed.store import Store
from api.services.lines import CaseLine, Hit, lines

C = Compartment
PAGE = 50
PARTS = tuple(KINDS[FACTS])


@dataclass(frozen=True, slots=True)
class CasePage:
    """A page of lines, the latest received first, and the cursor of the next page or "".

    `total` cases pass the facets, on all pages; `missing` stand in segments that wait to be made again.
    """

    lines: tuple[CaseLine, ...]
    next: str
    total: int = 0
    missing: int = 0


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a row stands, and what it is sorted by: the day received, the newest first, then its mark."""

    day: int
    mark: int
    desk_id: str
    piece: Piece = field(repr=False)
    row: int


def list_cases(
    store: Store, caller: Caller, after: str = "", size: int = PAGE, asked: facets.Asked | None = None
) -> CasePage:
    """Return the page after the case `after`; raises Forbidden for a role that has no list, Invalid for a facet.

    A cursor whose case is no longer there begins again at the first page.
    """
    if not decide(caller.role, Action.CASE_LIST, Standing.GROUP):
        raise Forbidden
    if after and not is_id(after):
        raise NotFound
    tests = facets.tests(asked or {})
    audit.record(store, Entry(Action.CASE_LIST, caller.member_id))
    with opened_shelves(store, caller, FACTS, PARTS) as (db, shelves):
        pieces, masks = _masked(db, store, caller, shelves, tests, [facets.standing])
        newest = _newest(pieces, masks, _cursor(pieces, after), size + 1)
        found = lines(db, store, caller, [_hit(one) for one in newest[:size]])
    following = found[-1].id if len(newest) > size else ""
    total = sum(int(mask.sum()) for mask in masks)
    return CasePage(tuple(found), following, total, sum(one.missing for one in shelves))


def narrowed(store: Store, caller: Caller, asked: facets.Asked) -> tuple[Marks, int]:
    """Return which of the caller's cases pass the facets, and how many are missing; not logged here.

    A case that was joined to another is among them: who searches finds each by itself.
    """
    with opened_shelves(store, caller, FACTS, PARTS) as (db, shelves):
        pieces, masks = _masked(db, store, caller, shelves, facets.tests(asked))
        marks = [part.marks[mask] for (_, part), mask in zip(pieces, masks, strict=True)]
    return np.concatenate([np.zeros(0, np.uint64), *marks]), sum(one.missing for one in shelves)


def _masked(
    db: Session,
    store: Store,
    caller: Caller,
    shelves: Sequence[Shelf],
    tests: Sequence[facets.Test],
    of_desks: Sequence[facets.Test] = (),
) -> tuple[list[tuple[str, Piece]], list[facets.Rows]]:
    """Return all pieces of the caller's cases, and of each the rows that pass; `of_desks` is not asked of single ones.

    Who holds a grant for a single case sees it, also where its desk has joined it to another.
    """
    pieces = [(one.desk_id, part) for one in shelves for part in one.pieces]
    single = _single(db, store, caller, {one.desk_id for one in shelves})
    masks = [_passing(part, [*of_desks, *tests]) for _, part in pieces]
    return pieces + single, masks + [_passing(part, tests) for _, part in single]


def _passing(part: Piece, tests: Sequence[facets.Test]) -> facets.Rows:
    case = facets.Case(part.columns[C.FACTS], part.columns[C.CONTROL], facets.today_number(today()))
    rows = part.alive
    for test in tests:
        rows = rows & test(case)
    return rows


def _cursor(pieces: Sequence[tuple[str, Piece]], after: str) -> tuple[int, int] | None:
    """Return the day and the mark of the case after which the page begins."""
    for _, part in pieces if after else ():
        for place in places(part.marks, marks_of([after])):
            if part.alive[place]:
                return int(part.columns[C.CONTROL].days["received"][place]), int(part.marks[place])
    return None


def _newest(
    pieces: Sequence[tuple[str, Piece]],
    masks: Sequence[facets.Rows],
    after: tuple[int, int] | None,
    size: int,
) -> list[_Place]:
    """Return the first places after the cursor; of a piece only so many are made as may be among them.

    A table that was brought in has one day for all its cases: what decides then are the marks, by which rows stand.
    """
    best, least, last = list[_Place](), -1, 1 << 64
    for (desk_id, part), mask in zip(pieces, masks, strict=True):
        days = part.columns[C.CONTROL].days["received"]
        rows = np.flatnonzero(_later(days, part.marks, after) & mask & (days.astype(np.int32) >= least))
        if len(rows) > size:
            rows = rows[(days[rows] > least) | (part.marks[rows] < last)]
            rows = rows[np.argsort(~days[rows], kind="stable")[:size]]
        found = [_Place(int(days[row]), int(part.marks[row]), desk_id, part, int(row)) for row in rows]
        best = sorted((*best, *found), key=lambda one: (-one.day, one.mark))[:size]
        least, last = (best[-1].day, best[-1].mark) if len(best) == size else (least, last)
    return best


def _later(days: Any, marks: Marks, after: tuple[int, int] | None) -> facets.Rows:
    if after is None:
        return np.ones(len(days), np.bool_)
    later: facets.Rows = (days < after[0]) | ((days == after[0]) & (marks > np.uint64(after[1])))
    return later


def _hit(place: _Place) -> Hit:
    versions = {name: int(place.piece.versions[name][place.row]) for name in PARTS}
    return Hit(read_ids(place.piece.ids[place.row : place.row + 1])[0], place.desk_id, versions)


def _single(db: Session, store: Store, caller: Caller, desks: set[str]) -> list[tuple[str, Piece]]:
    """Return the cases that are open to the caller one by one, from their records, as a piece for each desk."""
    single = [case_id for case_id, held in caller.keyring.cases.items() if held[0].desk_id not in desks]
    rows = db.scalars(visible_cases(caller).where(Case.id.in_(single))).all() if single else ()
    found: dict[str, list[CaseRows]] = {}
    for row, sections in _verified(db, store, caller, rows):
        found.setdefault(row.desk_id, []).append(tails.rows_of(FACTS, row.id, sections))
    return [(desk_id, piece(FACTS, "", frames(FACTS, some, PARTS))) for desk_id, some in found.items()]


def _verified(
    db: Session, store: Store, caller: Caller, rows: Sequence[Case]
) -> Iterator[tuple[Case, Mapping[Compartment, tuple[int, Mapping[str, Any]]]]]:
    live, known, sections = live_grants(db, caller, rows), Writers(), sections_of(db, [row.id for row in rows])
    for row in rows:
        held = hold(caller, row, live)
        if held is None:
            continue
        keys = {name: key for name, key in held.keys.items() if name in PARTS}
        try:
            left_behind(row)
            if C.CONTROL not in keys:
                continue
            whole = verify(db, store, row, sections[row.id], keys, known)
            parts = {name: whole.manifest.parts[name].version for name in keys if name in whole.bodies}
            yield (
                row,
                {
                    name: (
                        version,
                        cases.open_section(whole.uses[name], row.id, name, version, whole.bodies[name]).note,
                    )
                    for name, version in parts.items()
                },
            )
        except (Tampered, Erased):
            # Listed by its code alone, and refused and recorded with its line.
            yield row, {}
