"""Of what an editor did to a shelf, the one case is missed, the others stand, and whoever writes goes on writing."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select

from api.catalogue.compartments import Compartment
from api.columns.frame import Row
from api.crypto import Sealed
from api.models.segments import Segment, SegmentPart
from api.models.tables import Section, ShredRow
from api.sealed import remaking, shreds, tails
from api.sealed.segments import Ring
from tests.cases.bench_world import World, make_bench
from tests.segments.test_shelves import FACTS, case, listed, missing, ring, tidy

C = Compartment


@pytest.fixture
def world(sqlite_url: str, tmp_path: Path) -> World:
    return make_bench(sqlite_url, tmp_path)


def flip(world: World, table: type[Any], column: str, **of: str) -> None:
    """Turn one bit of a sealed value round, past the program."""
    with world.store.writing() as db:
        row = db.scalars(select(table).filter_by(**of)).one()
        blob = bytearray(getattr(row, column).blob)
        blob[-1] ^= 1
        setattr(row, column, Sealed(bytes(blob)))
    world.store.opened = None


def remade(world: World, ids: list[str], keys: Ring | None = None) -> dict[str, bool]:
    """Return the cases whose rows can be made again, and whether each still has its facts."""
    with world.store.snapshot() as db:
        found = remaking.rows(db, world.store, keys or ring(world), FACTS, ids)
    empty = Row("").body
    return {remaking.case_of(one.rows): one.rows[C.FACTS].body != empty for one in found}


def test_a_section_that_does_not_fit_gives_no_row_and_the_others_are_made(world: World) -> None:
    one, other = case(world), case(world)
    assert remade(world, [one, other]) == {one: True, other: True}
    flip(world, Section, "body", case_id=one, compartment=C.FACTS)
    assert remade(world, [one, other]) == {one: False, other: True}


def test_a_section_whose_shred_is_gone_gives_no_row(world: World) -> None:
    one = case(world)
    with shreds.erasing(world.store) as db:
        of = select(Section.shred_id).where(Section.case_id == one, Section.compartment == C.FACTS)
        shreds.destroy(db, list(db.scalars(of)))
    assert remade(world, [one]) == {one: False}


def test_without_the_keys_of_every_part_no_row_is_made(world: World) -> None:
    one, whole = case(world), ring(world)
    narrow = Ring(whole.desk_id, {name: key for name, key in whole.keys.items() if name[0] is not C.CONTROL})
    assert remade(world, [one], narrow) == {}
    assert remade(world, [one, "0" * 26]) == {one: True}


def test_a_part_that_was_taken_away_misses_its_cases(world: World) -> None:
    case(world)
    tidy(world)
    assert missing(world) == 0
    with world.store.writing() as db:
        closed = select(Segment.id).where(~Segment.open)
        db.execute(delete(SegmentPart).where(SegmentPart.segment_id.in_(closed), SegmentPart.compartment == C.FACTS))
    assert missing(world) == 1


def test_whoever_edits_the_shred_of_the_open_segment_stops_nobody_from_writing(world: World) -> None:
    case(world)
    with world.store.reading() as db:
        shred = db.scalars(select(Segment.shred_id).where(Segment.open, Segment.kind == FACTS)).one()
    flip(world, ShredRow, "sealed", id=shred)
    later = case(world)
    assert later in listed(world)


def test_of_two_rows_of_one_case_in_two_tails_the_later_counts_whichever_comes_first() -> None:
    older, newer = {C.FACTS: Row("c", 1)}, {C.FACTS: Row("c", 2)}
    for found in ({("c", "a"): older, ("c", "b"): newer}, {("c", "a"): newer, ("c", "b"): older}):
        assert tails._newest(found, set()) == [newer]
        assert tails._newest(found, {"c"}) == []


def test_two_cases_written_in_one_transaction_stand_in_one_segment(world: World) -> None:
    one, other = case(world), case(world)
    with world.store.snapshot() as db:
        rows = [part.rows for part in remaking.rows(db, world.store, ring(world), FACTS, [one, other])]
    with world.store.writing() as db:
        for row in rows:
            tails.put(db, world.store, ring(world), FACTS, [row])
    assert listed(world).keys() == {one, other}
