"""Search: one line, answered from the segments of the caller's desks and from the cases granted singly.

Promises only cases that the caller may see, each with why it is there, and each compared with its record before it is
shown. Must never open a compartment that the line does not ask for, nor let a word of the line into the log.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from api import audit
from api.access.caller import Caller
from api.access.reasons import Why as Reason
from api.audit import Entry
from api.catalogue.compartments import Compartment
from api.columns import facets
from api.columns.box import Box, read
from api.columns.frame import Marks, places, read_ids
from api.columns.hits import Hits, Why, both, hits
from api.errors import Forbidden, ReasonMissing
from api.policy.actions import NEEDS_REASON, Action, Standing, decide
from api.sealed.store import Store
from api.services.finding import Opened, find, opened
from api.services.lines import CaseLine, Hit, lines
from api.services.listing import PAGE, PARTS, narrowed

C = Compartment
SEARCH = "case:search"
NO_FACETS: facets.Asked = {}
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


def search(
    store: Store, caller: Caller, line: str, reason: str = "", skip: int = 0, asked: facets.Asked = NO_FACETS
) -> SearchPage:
    """Return the cases of which everything in the line is true and that pass the facets, after the first `skip`.

    Logged before anything is opened: which compartments, and the reason where one of them asks for it; no word of the
    line. Raises Forbidden, Invalid for a line that is too long or asks for nothing and for a facet, ReasonMissing.
    """
    if not decide(caller.role, Action.CASE_LIST, Standing.GROUP):
        raise Forbidden
    box, _ = read(line), facets.tests(asked)
    wanted = frozenset(_asked(box)) & held(caller)
    if wanted & NEEDS_REASON and not reason:
        raise ReasonMissing
    code = Reason.checked(Action.CASE_LIST, reason, "").code if wanted & NEEDS_REASON else ""
    audit.record(store, Entry(SEARCH, caller.member_id, compartments=_named(wanted, asked), reason=code))
    passing, missing = narrowed(store, caller, asked) if asked else (None, 0)
    with opened(store, caller, wanted) as pieces:
        pieces.missing = max(pieces.missing, missing)
        there = [] if passing is None else [hits(passing, Why(0))]
        return _page(store, caller, pieces, both([*find(store, caller, box, pieces), *there]), skip)


def _named(wanted: frozenset[Compartment], asked: facets.Asked) -> tuple[str, ...]:
    """Return what is opened: facets ask the coded facts and the work on a case."""
    return tuple(sorted(wanted | (frozenset(PARTS) if asked else frozenset())))


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


def _page(store: Store, caller: Caller, opened: Opened, found: Hits, skip: int) -> SearchPage:
    """Return the lines of the best, each compared with its record at the same moment."""
    best = found.best(skip, PAGE)
    where = _where(opened, found.marks[best])
    said = [
        (where[mark], Why(why)) for mark, why in zip(found.marks[best].tolist(), found.why[best].tolist(), strict=True)
    ]
    shown = lines(opened.db, store, caller, [hit for hit, _ in said])
    page = [SearchLine(line, _said(why), Why.PROBABLY in why) for line, (_, why) in zip(shown, said, strict=True)]
    following = skip + PAGE if skip + PAGE < len(found) else 0
    return SearchPage(tuple(page), len(found), following, opened.missing, opened.unopened)


def _where(opened: Opened, marks: Marks) -> Mapping[int, Hit]:
    """Return the cases of these marks, with the versions of all that was searched of them."""
    wanted = frozenset(marks.tolist())
    found = {mark: hit for mark, hit in opened.hits.items() if mark in wanted}
    for name, pieces in opened.pieces.items():
        for desk_id, one in pieces:
            at = places(one.marks, np.sort(marks))
            at = at[one.alive[at]]
            ids, versions = read_ids(one.ids[at]), one.versions[name][at].tolist()
            for mark, case_id, version in zip(one.marks[at].tolist(), ids, versions, strict=True):
                known = found[mark].versions if mark in found else {}
                found[mark] = Hit(case_id, desk_id, {**known, name: version})
    return found


def _said(why: Why) -> tuple[str, ...]:
    return tuple(said for one, said in SAID.items() if one in why)
