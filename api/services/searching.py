"""Search: one line, answered from the segments of the caller's desks and from the cases granted singly.

Promises only cases that the caller may see, each with why it is there, and each compared with its record before it is
shown. Must never open a compartment that the line does not ask for, nor let a word of the line into the log.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import select

from api import audit
from api.access.caller import Caller
from api.access.doors import TAMPERED
from api.access.reasons import Why as Reason
from api.access.visible import visible_cases
from api.audit import Entry
from api.catalogue.compartments import Compartment
from api.columns.box import Box, read
from api.columns.frame import Marks, places, read_ids
from api.columns.hits import Why, both
from api.errors import Forbidden, ReasonMissing
from api.models.tables import Case, Section
from api.policy.actions import NEEDS_REASON, Action, Standing, decide
from api.sealed.store import Store
from api.services import listing
from api.services.finding import Opened, find, open_pieces
from api.services.listing import PAGE, CaseLine

C = Compartment
SEARCH = "case:search"
VERSIONS = select(Section.case_id, Section.compartment, Section.version)
SAID: Mapping[Why, str] = {
    Why.CODE: "code",
    Why.NUMBER: "number",
    Why.PLACE: "place",
    Why.NAME: "name",
    Why.NAME_LATIN: "name_latin",
    Why.OTHER_NAMES: "other_names",
    Why.WORDS: "words",
}


@dataclass(frozen=True, slots=True)
class SearchLine:
    """A case that was found, and why; `probably` says that a name is probably the same, not only possibly."""

    line: CaseLine
    why: tuple[str, ...]
    probably: bool


@dataclass(frozen=True, slots=True)
class SearchPage:
    """A page of what was found, the best first, of `found` in all; `next` is how many come before the next page, or 0.

    `missing` cases could not be searched until a holder of the keys has made their segment again; of the records in
    which a telephone number may stand `unopened` were not looked into.
    """

    lines: tuple[SearchLine, ...]
    found: int
    next: int
    missing: int
    unopened: int


class _Seen(NamedTuple):
    """A case that was found, and the version of each section that was searched of it; 0 where it has none."""

    id: str
    versions: dict[Compartment, int]


def search(store: Store, caller: Caller, line: str, reason: str = "", skip: int = 0) -> SearchPage:
    """Return the cases of which everything in the line is true, after the first `skip`.

    Logged before anything is opened: which compartments, and the reason where one of them asks for it; no word of the
    line. Raises Forbidden, Invalid for a line that is too long or asks for nothing, ReasonMissing.
    """
    if not decide(caller.role, Action.CASE_LIST, Standing.GROUP):
        raise Forbidden
    box = read(line)
    wanted = frozenset(_asked(box)) & held(caller)
    if wanted & NEEDS_REASON and not reason:
        raise ReasonMissing
    code = Reason.checked(reason, "").code if wanted & NEEDS_REASON else ""
    audit.record(store, Entry(SEARCH, caller.member_id, compartments=tuple(sorted(wanted)), reason=code))
    page, misfits = _answer(store, caller, box, wanted, skip)
    if misfits:  # a writer may have come between the segments and the records: what still does not fit is reported
        page, misfits = _answer(store, caller, box, wanted, skip)
    for one in misfits:
        audit.record(store, Entry(TAMPERED, caller.member_id, one))
    return page


def held(caller: Caller) -> frozenset[Compartment]:
    """Return the compartments of which the caller holds a key somewhere."""
    desks = {name for some in caller.keyring.desks.values() for one in some for name, _ in one.keys}
    return frozenset(desks | {name for some in caller.keyring.cases.values() for one in some for name in one.keys})


def _asked(box: Box) -> Iterator[Compartment]:
    """Yield the compartments that hold what a line asks for."""
    if box.words:
        yield from (C.IDENTITY, C.NARRATIVE)
    if box.place:
        yield C.FACTS
    if box.digits:
        yield C.CONTACT


def _answer(
    store: Store, caller: Caller, box: Box, wanted: frozenset[Compartment], skip: int
) -> tuple[SearchPage, list[str]]:
    """Return the page and the cases on it whose records are of another version than what was searched."""
    opened = open_pieces(store, caller, wanted)
    found = both(list(find(store, caller, box, opened)))
    best = found.best(skip, PAGE)
    where = _where(opened, found.marks[best])
    lines, misfits = _lines(store, caller, where.values())
    shown = [
        SearchLine(lines[where[mark].id], _said(Why(why)), bool(why & Why.PROBABLY))
        for mark, why in zip(found.marks[best].tolist(), found.why[best].tolist(), strict=True)
        if mark in where and where[mark].id in lines
    ]
    following = skip + PAGE if skip + PAGE < len(found) else 0
    return SearchPage(tuple(shown), len(found), following, opened.missing, opened.unopened), misfits


def _where(opened: Opened, marks: Marks) -> Mapping[int, _Seen]:
    """Return the identifiers of cases, with the versions of what was searched of them."""
    found = {mark: _Seen(opened.ids[mark], {}) for mark in marks.tolist() if mark in opened.ids}
    for name, pieces in opened.pieces.items():
        for one in pieces:
            at = places(one.marks, marks)
            at = at[one.alive[at]]
            versions = one.versions[name][at].tolist()
            for mark, case_id, version in zip(one.marks[at].tolist(), read_ids(one.ids[at]), versions, strict=True):
                found.setdefault(mark, _Seen(case_id, {})).versions[name] = version
    return found


def _lines(store: Store, caller: Caller, seen: Iterable[_Seen]) -> tuple[Mapping[str, CaseLine], list[str]]:
    """Return the lines of cases that the caller sees, without those whose records are of another version."""
    versions = {one.id: one.versions for one in seen}
    with store.snapshot() as db:
        rows = db.scalars(visible_cases(caller).where(Case.id.in_(list(versions)))).all()
        lines = {one.id: one for one in listing.lines_of(db, store, caller, rows)}
        stored = db.execute(VERSIONS.where(Section.case_id.in_(list(lines)))).all()
    known = {(case_id, name): version for case_id, name, version in stored}
    misfits = [
        case_id
        for case_id in lines
        if any(version != known.get((case_id, name.value), 0) for name, version in versions[case_id].items())
    ]
    return {case_id: line for case_id, line in lines.items() if case_id not in misfits}, misfits


def _said(why: Why) -> tuple[str, ...]:
    return tuple(said for one, said in SAID.items() if one in why)
