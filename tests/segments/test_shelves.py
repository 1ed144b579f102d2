"""What was written stands on the desk's shelf once, in its newest form; what does not fit is named and made again."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, func, select, update

from api.access.doors import enter_case
from api.access.shelves import open_shelves
from api.catalogue.compartments import Compartment
from api.columns.kinds import FACTS
from api.crypto import Sealed
from api.ids import new_id
from api.models.segments import Segment, SegmentPart, TailRow
from api.models.tables import Erasure, Leaf, ShredRow
from api.policy.actions import Action
from api.sealed import shelves, shreds, tails, tidying
from api.sealed.segments import Ring
from api.services.cases import append_to
from api.services.erasing import erase_case, remove_entry
from api.services.listing import list_cases
from api.services.saving import Change, parcels, save, with_entry
from tests.cases.bench_world import World, make_bench
from tests.segments.meanwhile import meanwhile

C = Compartment


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> World:
    return make_bench(database_url, tmp_path)


def case(world: World, status: str = "25/010300000000", **facts: Sequence[Mapping[str, Any]]) -> str:
    entry = new_id()
    head = {"id": entry, "title": "t", "status": status, "counting": "yes"}
    return world.case({C.FACTS: {"case": [head], **facts}, C.CONTROL: {"case": [{"id": entry}]}})


def listed(world: World, name: str = "worker", wanted: Sequence[Compartment] = (C.FACTS, C.CONTROL)) -> dict[str, str]:
    """Return the cases on the shelves with the status that stands there."""
    found: dict[str, str] = {}
    for shelf in open_shelves(world.store, world.caller(name), FACTS, wanted):
        for piece in shelf.pieces:
            codes = piece.columns[C.FACTS].arrays["case.status"]
            owners = piece.columns[C.FACTS].owners("case").tolist()
            for place, one in enumerate(ids_of(piece)):
                if piece.alive[place]:
                    assert one not in found
                    lists = ("", *piece.columns[C.FACTS].coding.lists["case.status"])
                    found[one] = lists[codes[owners.index(place)]]
    return found


def ids_of(piece: Any) -> list[str]:
    from api.columns.frame import read_ids

    return read_ids(piece.ids)


def missing(world: World, name: str = "analyst") -> int:
    return sum(one.missing for one in open_shelves(world.store, world.caller(name), FACTS, [C.FACTS]))


def ring(world: World) -> Ring:
    return Ring(world.desks["north"], {(name, 1): key for name, key in world.keys["north"].items()})


def tidy(world: World) -> None:
    tidying.tidy(world.store, ring(world), FACTS)


def set_status(world: World, case_id: str, status: str) -> None:
    access = world.enter("worker", case_id, Action.CASE_WRITE)
    entry = {**access.open(C.FACTS).note["case"][0], "status": status}
    append_to(access, C.FACTS, "case", entry)


def take_out(world: World, case_id: str) -> None:
    """Write into the work on a case as who holds a grant of it alone."""
    lawyer = world.grantee("lawyer", case_id, {C.FACTS})
    access = enter_case(world.store, lawyer, case_id, Action.CASE_TAKE_OUT, [C.CONTROL])
    body = with_entry(access.open(C.CONTROL).note, "task", {"id": new_id(), "what": "x"})
    save(access, Change("case:taken-out", parcels(access, {C.CONTROL: body})))


def count(world: World, *where: Any) -> int:
    with world.store.reading() as db:
        return db.scalar(select(func.count()).select_from(Segment).where(*where)) or 0


def log_size(world: World) -> int:
    with world.store.reading() as db:
        return db.scalar(select(func.count()).select_from(Leaf)) or 0


def test_a_case_stands_on_the_shelf_from_its_first_moment_on(world: World) -> None:
    first, second = case(world), case(world, "25/010100000000")
    assert listed(world) == {first: "25/010300000000", second: "25/010100000000"}


def test_a_sorted_tail_says_the_same(world: World) -> None:
    known = {case(world): "25/010300000000" for _ in range(5)}
    tidy(world)
    assert listed(world) == known
    assert count(world, Segment.open.is_(False)) == 1
    with world.store.reading() as db:
        assert db.scalar(select(func.count()).select_from(TailRow)) == 0


def test_the_newest_row_of_a_case_counts_wherever_it_stands(world: World) -> None:
    edited, other = case(world), case(world)
    tidy(world)
    set_status(world, edited, "25/010100000000")
    assert listed(world) == {edited: "25/010100000000", other: "25/010300000000"}
    tidy(world)
    assert listed(world) == {edited: "25/010100000000", other: "25/010300000000"}


def test_small_segments_are_joined_and_their_shreds_are_destroyed(world: World) -> None:
    for _ in range(4):
        case(world)
        tidy(world)
    assert len(listed(world)) == 4
    assert count(world, Segment.open.is_(False)) <= 3
    with world.store.reading() as db:
        alive = set(db.scalars(select(Segment.shred_id)))
        assert alive <= set(db.scalars(select(ShredRow.id)))
        assert not alive & set(db.scalars(select(Erasure.shred_id)))


def test_what_was_written_to_the_work_on_a_case_keeps_its_facts(world: World) -> None:
    one = case(world)
    tidy(world)
    append_to(world.enter("worker", one, Action.CASE_WRITE, [C.CONTROL]), C.CONTROL, "task", {"what": "x"})
    assert listed(world) == {one: "25/010300000000"}


@pytest.mark.parametrize("sorted_in", [False, True])
def test_what_a_grantee_wrote_is_the_newest_wherever_the_older_row_stood(world: World, sorted_in: bool) -> None:
    one, other = case(world), case(world)
    if sorted_in:
        tidy(world)
    take_out(world, one)
    lines = list_cases(world.store, world.caller("worker")).lines
    assert {(line.id, line.refused) for line in lines} == {(one, False), (other, False)}
    assert listed(world) == dict.fromkeys((one, other), "25/010300000000")


def test_an_older_row_that_a_grantee_did_not_withdraw_is_refused(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tails, "withdraw", lambda *_: None)
    one = case(world)
    take_out(world, one)
    assert [line.refused for line in list_cases(world.store, world.caller("worker")).lines] == [True]


def test_an_erased_case_takes_its_segment_along_and_the_others_come_back(world: World) -> None:
    gone, *others = [case(world) for _ in range(4)]
    tidy(world)
    erase_case(world.enter("worker", gone, Action.CASE_ERASE))
    assert missing(world) == 3
    assert set(listed(world)) == set(others)
    assert missing(world) == 0


def test_an_erased_case_takes_the_tail_along_and_the_others_come_back(world: World) -> None:
    gone, *others = [case(world) for _ in range(4)]
    erase_case(world.enter("worker", gone, Action.CASE_ERASE))
    assert missing(world) == 3
    assert set(listed(world)) == set(others)
    assert missing(world) == 0


def test_an_erased_entry_is_in_no_segment(world: World) -> None:
    act = {"id": new_id(), "type": "X03-0301-01a"}
    one, other = case(world, act=[act]), case(world)
    tidy(world)
    access = world.enter("worker", one, Action.CASE_WRITE)
    remove_entry(access, "act", str(act["id"]), access.version)
    assert missing(world) == 1
    assert set(listed(world)) == {one, other}
    (shelf,) = open_shelves(world.store, world.caller("worker"), FACTS)
    assert all(not len(piece.columns[C.FACTS].owners("act")) for piece in shelf.pieces)


@pytest.mark.parametrize("flip", [0, 40, 200, -1])
def test_a_flipped_bit_is_reported_and_the_segment_made_again(world: World, flip: int) -> None:
    known = {case(world): "25/010300000000" for _ in range(3)}
    tidy(world)
    with world.store.writing() as db:
        part = db.scalars(select(SegmentPart).join(Segment).where(Segment.open.is_(False))).first()
        assert part is not None
        blob = bytearray(part.sealed.blob)
        blob[flip] ^= 1
        part.sealed = Sealed(bytes(blob))
    before = log_size(world)
    assert listed(world) == known
    assert log_size(world) == before + 1
    assert listed(world) == known
    assert log_size(world) == before + 1


def test_a_segment_that_was_taken_away_is_reported_and_made_again(world: World) -> None:
    known = {case(world): "25/010300000000" for _ in range(3)}
    tidy(world)
    with world.store.writing() as db:
        db.execute(delete(Segment).where(Segment.open.is_(False)))
    assert missing(world) == 3
    before = log_size(world)
    assert listed(world) == known
    assert log_size(world) == before + 1


def test_an_older_segment_put_back_is_not_shown(world: World) -> None:
    one = case(world)
    tidy(world)
    with world.store.reading() as db:
        old = db.execute(select(Segment.__table__).where(Segment.open.is_(False))).mappings().one()
        parts = db.execute(select(SegmentPart.__table__)).mappings().all()
        shred = db.execute(select(ShredRow.__table__).where(ShredRow.id == old["shred_id"])).mappings().one()
    set_status(world, one, "25/010100000000")
    tidy(world)
    with world.store.writing() as db:
        db.execute(Segment.__table__.insert(), [dict(old)])
        db.execute(SegmentPart.__table__.insert(), [dict(part) for part in parts if part["segment_id"] == old["id"]])
        db.execute(ShredRow.__table__.insert(), [dict(shred)])
    assert listed(world, "analyst", [C.FACTS]) in ({}, {one: "25/010100000000"})
    assert listed(world) == {one: "25/010100000000"}


def test_a_row_of_the_tail_moved_to_another_case_is_reported(world: World) -> None:
    first, second = case(world), case(world, "25/010100000000")
    with world.store.writing() as db:
        rows = {row.case_id: row for row in db.scalars(select(TailRow).where(TailRow.compartment == "facts"))}
        rows[first].sealed, rows[second].sealed = rows[second].sealed, rows[first].sealed
    before = log_size(world)
    assert listed(world) == {first: "25/010300000000", second: "25/010100000000"}
    assert log_size(world) == before + 1


def test_an_unseated_worker_and_another_desk_open_no_shelf(world: World) -> None:
    case(world)
    world.unseat("worker", "north")
    assert open_shelves(world.store, world.caller("worker"), FACTS) == []
    assert listed(world, "stranger") == {}
    assert len(listed(world, "intake")) == 1


def test_an_analyst_opens_the_facts_and_not_the_work(world: World) -> None:
    one = case(world)
    assert listed(world, "analyst", [C.FACTS]) == {one: "25/010300000000"}
    assert open_shelves(world.store, world.caller("analyst"), FACTS) == []


def test_without_the_list_of_segments_the_newest_rows_are_found_by_their_versions(world: World) -> None:
    one = case(world)
    for _ in range(6):
        case(world)
    tidy(world)
    set_status(world, one, "25/010100000000")
    tidy(world)
    with world.store.writing() as db:
        db.execute(update(Segment).where(Segment.open).values(open=False, shred_id=""))
    with world.store.snapshot() as db:
        shelf = shelves.read(db, world.store, ring(world), FACTS)
    assert shelf.torn
    assert listed(world)[one] == "25/010100000000"
    assert len(listed(world)) == 7


def test_all_segments_are_made_again_from_the_records(world: World) -> None:
    known = {case(world): "25/010300000000" for _ in range(5)}
    tidy(world)
    assert list(tidying.rebuild(world.store, ring(world), FACTS)) == [5]
    assert listed(world) == known
    with world.store.reading() as db:
        assert set(db.scalars(select(Segment.shred_id))) <= set(db.scalars(select(ShredRow.id)))


def test_tidying_twice_at_once_does_it_once(world: World) -> None:
    from concurrent.futures import ThreadPoolExecutor

    known = {case(world): "25/010300000000" for _ in range(5)}
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: tidy(world), range(2)))
    assert listed(world) == known
    assert count(world, Segment.open.is_(False)) == 1


def test_a_tidying_that_is_ended_half_way_leaves_what_was(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    known = {case(world): "25/010300000000" for _ in range(5)}
    with monkeypatch.context() as patched:
        patched.setattr(tidying, "leave", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            tidy(world)
    assert count(world, Segment.open.is_(False)) == 0
    assert listed(world) == known
    with shreds.erasing(world.store):
        pass
    tidy(world)
    assert listed(world) == known


def test_what_is_erased_while_others_are_sorted_in_takes_no_other_case_along(world: World) -> None:
    kept, gone = case(world), case(world)
    tidy(world)
    waits = case(world)
    with meanwhile(lambda: erase(world, gone)):
        tidy(world)
    assert set(listed(world)) == {kept, waits}
    assert missing(world) == 0


def test_a_case_that_a_grantee_takes_out_while_others_are_sorted_in_stays_on_the_shelf(world: World) -> None:
    taken, beside = case(world), case(world)
    tidy(world)
    waits = case(world)
    with meanwhile(lambda: take_out(world, taken)):
        tidy(world)
    assert set(listed(world)) == {taken, beside, waits}
    assert missing(world) == 0


def test_a_case_that_a_grantee_takes_out_while_it_is_made_again_is_made_again_once_more(world: World) -> None:
    taken, beside = case(world), case(world)
    tidy(world)
    take_out(world, taken)
    with meanwhile(lambda: take_out(world, taken)):
        tidy(world)
    assert set(listed(world)) == {taken, beside}
    assert missing(world) == 0


def erase(world: World, case_id: str) -> None:
    erase_case(world.enter("worker", case_id, Action.CASE_ERASE))
