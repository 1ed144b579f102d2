"""The review of a desk: pairs of its cases that may be of one person, the likeliest first, for somebody to decide.

Promises pairs of cases that the caller's keys open, and none that was decided on. Must never join by itself; what is
left for later comes again.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from api import audit
from api.access.caller import Caller
from api.audit import Entry
from api.catalogue.compartments import Compartment
from api.columns import pairing
from api.columns.pairing import Pair
from api.errors import Forbidden
from api.ids import short_code
from api.names import PROBABLY_SAME
from api.policy.actions import Action, Standing, decide
from api.sealed.segments import Piece
from api.sealed.store import Store
from api.services.candidates import READ, REASON, hit_of, language_of, opened_names, traits
from api.services.lines import Hit, Notes, records
from api.services.saving import joined_to
from api.services.traits import Factor, compare, weight

C = Compartment
# So many pairs are shown, and so many opened at most to find them among those that were decided on.
PAGE, MOST_OPENED = 20, 200
Opened = Mapping[str, Notes]
Both = tuple[Hit, Hit, float]


@dataclass(frozen=True, slots=True)
class Likely:
    """Two cases of perhaps one person: ids, codes, how alike the names are, and the traits of the one and the other."""

    one: str
    one_code: str
    other: str
    other_code: str
    probably: bool
    score: float
    factors: tuple[Factor, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Review:
    """A page of pairs; `next` is how many come before the next, or 0; `uncompared` pairs of names were too many."""

    lines: tuple[Likely, ...]
    next: int
    uncompared: int


def review(store: Store, caller: Caller, desk_id: str, skip: int = 0) -> Review:
    """Return the pairs after the first `skip` that nobody has decided on; logged before anything is opened.

    Raises Forbidden for a role that joins no cases, or without the desk's identity key.
    """
    if not decide(caller.role, Action.CASE_COMPARE, Standing.GROUP):
        raise Forbidden
    audit.record(store, Entry(Action.CASE_COMPARE, caller.member_id, compartments=READ, reason=REASON))
    found, at = dict[tuple[str, str], Likely](), skip
    with opened_names(store, caller, desk_id) as (db, pieces):
        paired = pairing.pair([one.columns[C.IDENTITY] for one in pieces])
        pairs = list(_alive(pieces, paired.pairs))
        while at < len(pairs) and len(found) < PAGE and at - skip < MOST_OPENED:
            some = pairs[at : at + PAGE]
            hits = {hit.case_id: hit for one, other, _ in some for hit in (one, other)}
            found |= _undecided(records(db, store, caller, list(hits.values()), READ), some, caller)
            at += len(some)
    ranked = sorted(
        found.values(), key=lambda one: (-int(one.probably), -weight(one.factors), -one.score, one.one_code)
    )
    return Review(tuple(ranked), at if at < len(pairs) else 0, paired.uncompared)


def _rank(one: Likely) -> tuple[int, int, float, str]:
    return -int(one.probably), -weight(one.factors), -one.score, one.one_code


def _alive(pieces: Sequence[Piece], pairs: Sequence[Pair]) -> Iterator[Both]:
    for (piece, row), (other, place), score in pairs:
        if pieces[piece].alive[row] and pieces[other].alive[place]:
            yield hit_of(pieces[piece], row), hit_of(pieces[other], place), score


def _undecided(notes: Opened, pairs: Sequence[Both], caller: Caller) -> dict[tuple[str, str], Likely]:
    found = dict[tuple[str, str], Likely]()
    for one, other, score in pairs:
        if one.case_id in notes and other.case_id in notes and not _decided(notes, one.case_id, other.case_id):
            # Two cases that were joined are one: the pair is of those that stay.
            here, there = (joined_to(notes[hit.case_id][C.CONTROL]) or hit.case_id for hit in (one, other))
            factors = compare(traits(notes[one.case_id]), traits(notes[other.case_id]), language_of(caller))
            cases = (here, short_code(here), there, short_code(there))
            line = Likely(*cases, score >= PROBABLY_SAME, round(score, 2), factors)
            found.setdefault((min(here, there), max(here, there)), line)
    return found


def _decided(notes: Opened, one: str, other: str) -> bool:
    """Say whether it is known of two cases: either says so of the other, or of the one that stays for it."""
    here, there = ({case_id, joined_to(notes[case_id][C.CONTROL]) or case_id} for case_id in (one, other))
    return bool(here & there or here & _apart(notes[other]) or there & _apart(notes[one]))


def _apart(notes: Notes) -> set[str]:
    return {one["case"] for one in notes[C.CONTROL].get("apart", ())}
