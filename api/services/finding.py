"""The ways in which a search finds cases: by code, by name, by words, by facility, by telephone number.

Promises bounded work for each, over what the caller's keys open and nothing else. Must never tell what was asked.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from api.access.caller import Caller
from api.access.granted import granted_piece
from api.access.holding import hold, live_grants
from api.access.shelves import opened_kinds
from api.access.visible import visible_cases
from api.catalogue.compartments import Compartment
from api.catalogue.facilities import Facility
from api.columns import asking, narratives
from api.columns.asking import Question
from api.columns.box import Box, said_digits
from api.columns.coding import place_number
from api.columns.frame import marks_of
from api.columns.hits import NONE, Hits, Why, either, hits
from api.columns.kinds import FACTS, NAMES, WORDS
from api.columns.stems import stems
from api.crypto import Key
from api.errors import Tampered
from api.models.tables import Case, Section
from api.names import PROBABLY_SAME
from api.sealed import cases, shreds
from api.sealed.segments import Piece
from api.sealed.store import Store
from api.services.lines import Hit

C = Compartment
MOST_WORDS = 12
# How well a case fits of which the story has all the words: after every name that is possibly the same.
BY_WORDS = 0.5
# A telephone number has no segment: so many records are opened, and the answer says how many were not.
MOST_OPENED = 5000
# Numbers are the same by their last digits, since people leave out the country's.
LAST_DIGITS = 9
FIELDS = (Why.NAME, Why.NAME_LATIN, Why.OTHER_NAMES)
# The bits of a facility's number that say kind and number, and its number alone.
KIND_AND_NUMBER, NUMBER = (1 << 20) - 1, (1 << 17) - 1
KIND_OF = {C.IDENTITY: NAMES, C.NARRATIVE: WORDS, C.FACTS: FACTS}


@dataclass(slots=True)
class Opened:
    """What was opened for one search, of one moment; `hits` are cases that were found in their records.

    `missing` cases could not be searched; `unopened` are those in which a number was not looked for.
    """

    db: Session = field(repr=False)
    pieces: Mapping[Compartment, Sequence[tuple[str, Piece]]] = field(repr=False)
    missing: int
    hits: dict[int, Hit] = field(default_factory=dict, repr=False)
    unopened: int = 0

    def of(self, name: Compartment) -> list[Piece]:
        """Return the pieces of a compartment."""
        return [one for _, one in self.pieces.get(name, ())]


@contextmanager
def opened(store: Store, caller: Caller, wanted: frozenset[Compartment]) -> Iterator[Opened]:
    """Yield the segments of these compartments, with the cases granted singly."""
    names = sorted(wanted & KIND_OF.keys())
    with opened_kinds(store, caller, {KIND_OF[name]: (name,) for name in names}) as (db, shelves):
        pieces = dict[Compartment, Sequence[tuple[str, Piece]]]()
        for name in names:
            single = granted_piece(db, store, caller, KIND_OF[name], name)
            mine = [(one.desk_id, piece) for one in shelves if one.kind == KIND_OF[name] for piece in one.pieces]
            pieces[name] = [*mine, *([("", single)] if single else [])]
        missing = [sum(one.missing for one in shelves if one.kind == KIND_OF[name]) for name in names]
        yield Opened(db, pieces, max(missing, default=0))


def find(store: Store, caller: Caller, box: Box, opened: Opened) -> Iterator[Hits]:
    """Yield what each piece of the line finds; words are looked for in names and in stories."""
    if box.code:
        yield _by_code(caller, box.code, opened)
    if box.digits:
        yield _by_number(store, caller, box.digits, opened)
    if box.place:
        yield _by_place(opened.of(C.FACTS), box.place)
    if box.words:
        told = _by_words(opened.of(C.NARRATIVE), box.words)
        yield either([_by_name(opened.of(C.IDENTITY), box.words), told])


def _by_code(caller: Caller, code: str, opened: Opened) -> Hits:
    rows = opened.db.scalars(visible_cases(caller).where(Case.id.startswith(code))).all()
    return _named(opened, [Hit(row.id, row.desk_id, {}) for row in rows], Why.CODE)


def _by_name(pieces: Sequence[Piece], words: str) -> Hits:
    found, question = [NONE], Question(words)
    columns = [one.columns[C.IDENTITY] for one in pieces]
    for piece, (rows, scores, fields) in zip(pieces, asking.find(columns, question) if question else (), strict=False):
        why = np.array(FIELDS, np.uint8)[fields] | np.where(scores >= PROBABLY_SAME, Why.PROBABLY, 0).astype(np.uint8)
        alive = piece.alive[rows]
        found.append(hits(piece.marks[rows[alive]], why[alive], scores[alive]))
    return either(found)


def _by_words(pieces: Sequence[Piece], words: str) -> Hits:
    rows = narratives.find([one.columns[C.NARRATIVE] for one in pieces], stems(words, MOST_WORDS))
    marks = [one.marks[found[one.alive[found]]] for one, found in zip(pieces, rows, strict=True)]
    return hits(np.concatenate([NONE.marks, *marks]), Why.WORDS, BY_WORDS)


def _by_place(pieces: Sequence[Piece], place: Facility) -> Hits:
    """Find a facility by kind and number, in whatever region; one of unknown kind by its number alone."""
    bits = NUMBER if place.kind == "unknown" else KIND_AND_NUMBER
    wanted, found = place_number(place.as_json()) & bits, [NONE.marks]
    for piece in pieces:
        facts = piece.columns[C.FACTS]
        rows = np.unique(facts.owners("custody")[(facts.places & bits) == wanted])
        found.append(piece.marks[rows[piece.alive[rows]]])
    return hits(np.concatenate(found), Why.PLACE)


def _by_number(store: Store, caller: Caller, digits: str, opened: Opened) -> Hits:
    """Open how the tellers are reached, in as many cases as may be opened."""
    db, visible = opened.db, visible_cases(caller).join(Section, Section.case_id == Case.id)
    visible = visible.where(Section.compartment == C.CONTACT.value)
    opened.unopened = max(0, (db.scalar(select(func.count()).select_from(visible.subquery())) or 0) - MOST_OPENED)
    rows = db.execute(visible.add_columns(Section).order_by(Case.id).limit(MOST_OPENED)).all()
    alive = shreds.fetch(db, store, [section.shred_id for _, section in rows])
    live, found = live_grants(db, caller, [case for case, _ in rows]), list[Hit]()
    for case, section in rows:
        mine = hold(caller, case, live)
        if mine and C.CONTACT in mine.keys and section.shred_id in alive:
            use = cases.section_key(mine.keys[C.CONTACT], alive[section.shred_id], case.id, C.CONTACT)
            if any(_same(digits, one) for one in _numbers(use, section)):
                found.append(Hit(case.id, case.desk_id, {C.CONTACT: section.version}))
    return _named(opened, found, Why.NUMBER)


def _numbers(use: Key, section: Section) -> Iterator[str]:
    """Yield the digits of each number in a section; one that does not fit is left to its door."""
    try:
        note = cases.open_section(use, section.case_id, C.CONTACT, section.version, section.body).note
    except Tampered:
        return
    for entry in note.get("reporter", ()):
        yield from said_digits(str(entry.get("address", "")))


def _same(one: str, other: str) -> bool:
    return one[-LAST_DIGITS:] == other[-LAST_DIGITS:]


def _named(opened: Opened, found: Sequence[Hit], why: Why) -> Hits:
    """Note cases that were found in their records, and return them."""
    marks = marks_of([one.case_id for one in found]) if found else NONE.marks
    opened.hits |= dict(zip(marks.tolist(), found, strict=True))
    return hits(marks, why)
