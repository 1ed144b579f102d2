"""Seen before? Cases of a desk in which the same person may stand, by name, with what else agrees or differs.

Promises bounded work for any desk, codes and traits of cases that the caller's keys open, and that each is compared
with its record before it is shown. Must never join by itself, nor leave a name anywhere.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, cast

from sqlalchemy.orm import Session

from api import audit
from api.access.caller import Caller
from api.access.doors import CaseAccess
from api.access.shelves import opened_shelves
from api.audit import Entry
from api.catalogue.compartments import LANGUAGES, Compartment, Language
from api.columns import asking
from api.columns.asking import Question
from api.columns.frame import marks_of, places, read_ids
from api.columns.kinds import NAMES
from api.errors import Forbidden
from api.ids import short_code
from api.names import PROBABLY_SAME
from api.policy.actions import Action
from api.sealed.segments import Piece
from api.sealed.store import Store
from api.services import joining
from api.services.lines import Hit, Notes, records
from api.services.saving import joined_to
from api.services.traits import Factor, Traits, compare, told_traits, traits_of, weight

C = Compartment
READ = (C.CONTROL, C.FACTS, C.IDENTITY)
SEEN_BEFORE, REASON = "report:seen-before", "check-duplicate"
# So many records are opened, the names most alike; so many lines are shown of them, those that fit best.
OPENED, SHOWN, MOST_NAMES = 100, 20, 6
Scores = Mapping[str, tuple[float, Hit]]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A case of perhaps the same person: `score` of the names from 0 to 1, `probably` by its band, and the traits."""

    case: str
    code: str
    probably: bool
    score: float
    factors: tuple[Factor, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Found:
    """The candidates, the likeliest first; `more` cases have such a name, too."""

    lines: tuple[Candidate, ...] = ()
    more: int = 0


def seen_before(store: Store, caller: Caller, desk_id: str, report: Mapping[str, Any]) -> Found:
    """Return the desk's cases in which perhaps the person stands whom a report names; logged before any is opened.

    Raises Forbidden without the desk's identity key.
    """
    about = report.get("about", {})
    audit.record(store, Entry(SEEN_BEFORE, caller.member_id, compartments=READ, reason=REASON))
    with opened_names(store, caller, desk_id) as (db, pieces):
        scores = _scores(pieces, [str(about.get("about_name", ""))])
        notes = records(db, store, caller, _likeliest(scores), READ)
    told: Language = next((one for one in LANGUAGES if one == report.get("language")), "ru")
    return _found(scores, notes, told_traits(about, told), (), language_of(caller))


def of_case(access: CaseAccess) -> Found:
    """Return other cases of the desk in which perhaps a person of this one stands, but for those decided on already.

    Logged before any is opened. Raises Forbidden without the desk's identity key, or for who may not join cases.
    """
    access.require(Action.CASE_JOIN)
    known, store, caller = joining.together(access), access.store, access.caller
    decided = {access.case_id, known.stays, *known.others, *known.apart}
    entry = Entry(Action.CASE_COMPARE, caller.member_id, access.case_id, READ, REASON)
    audit.record(store, entry)
    with opened_names(store, caller, access.desk_id) as (db, pieces):
        mine = [hit for one in pieces for hit in _row_of(one, access.case_id)]
        scores = _scores(pieces, [name for one in pieces for name in _names_in(one, access.case_id)])
        notes = records(db, store, caller, [*_likeliest(scores, decided), *mine], READ)
    return _found(scores, notes, traits(notes.get(access.case_id, {})), decided, language_of(caller))


@contextmanager
def opened_names(store: Store, caller: Caller, desk_id: str) -> Iterator[tuple[Session, Sequence[Piece]]]:
    """Yield the opened names of one desk; raises Forbidden for who does not hold its identity."""
    with opened_shelves(store, caller, NAMES, (C.IDENTITY,)) as (db, shelves):
        mine = next((one for one in shelves if one.desk_id == desk_id), None)
        if mine is None:
            raise Forbidden
        yield db, mine.pieces


def hit_of(piece: Piece, row: int) -> Hit:
    """Return the case of a row, with the version of its names."""
    return Hit(read_ids(piece.ids[row : row + 1])[0], "", {C.IDENTITY: int(piece.versions[C.IDENTITY][row])})


def traits(notes: Notes) -> Traits:
    """Return the traits of an opened record."""
    return traits_of(notes.get(C.IDENTITY, {}), notes.get(C.FACTS, {}))


def _row_of(piece: Piece, case_id: str) -> Iterator[Hit]:
    yield from (hit_of(piece, int(row)) for row in places(piece.marks, marks_of([case_id])) if piece.alive[row])


def _names_in(piece: Piece, case_id: str) -> Iterator[str]:
    for row in places(piece.marks, marks_of([case_id])):
        yield from piece.columns[C.IDENTITY].names_of(int(row)) if piece.alive[row] else ()


def _scores(pieces: Sequence[Piece], names: Iterable[str]) -> Scores:
    """Return by case how alike its likest name is to any of these."""
    best, columns = dict[str, tuple[float, Hit]](), [one.columns[C.IDENTITY] for one in pieces]
    for question in filter(None, map(Question, list(dict.fromkeys(names))[:MOST_NAMES])):
        for piece, found in zip(pieces, asking.find(columns, question), strict=True):
            alive = piece.alive[found.rows]
            for row, score in zip(found.rows[alive].tolist(), found.scores[alive].tolist(), strict=True):
                hit = hit_of(piece, row)
                if score > best.get(hit.case_id, (0.0, hit))[0]:
                    best[hit.case_id] = score, hit
    return best


def _likeliest(scores: Scores, without: Collection[str] = ()) -> list[Hit]:
    ranked = sorted(scores.items(), key=lambda one: (-one[1][0], one[0]))
    return [hit for case_id, (_, hit) in ranked if case_id not in without][:OPENED]


def _found(
    scores: Scores, notes: Mapping[str, Notes], here: Traits, without: Collection[str], language: Language
) -> Found:
    best = dict[str, Candidate]()
    for case_id, said in notes.items():
        # A report of a man whose case was joined to another goes to the one that stays.
        stays = joined_to(said[C.CONTROL]) or case_id
        if case_id in scores and not {case_id, stays} & set(without):
            one = _candidate(stays, scores[case_id][0], compare(here, traits(said), language))
            best[stays] = max(one, best.get(stays, one), key=_rank)
    ranked = sorted(best.values(), key=lambda one: (*(-part for part in _rank(one)), one.code))
    left = len(scores.keys() - set(without)) - len(notes.keys() - set(without))
    return Found(tuple(ranked[:SHOWN]), max(0, left) + len(ranked[SHOWN:]))


def _candidate(case_id: str, score: float, factors: tuple[Factor, ...]) -> Candidate:
    return Candidate(case_id, short_code(case_id), score >= PROBABLY_SAME, round(score, 2), factors)


def language_of(caller: Caller) -> Language:
    """Return the language in which traits are said to a member."""
    return cast(Language, caller.language)


def _rank(one: Candidate) -> tuple[int, int, float]:
    """The band first, then what else agrees; a namesake born in another year comes last."""
    return int(one.probably), weight(one.factors), one.score
