"""What may outlive a case: coarse, counted only once the case's own facts are gone, and erased with it."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, select, update

from api import clock
from api.access.shelves import rings
from api.catalogue.coarse import coarse
from api.catalogue.compartments import Compartment
from api.catalogue.dates import ApproxDate, Basis
from api.catalogue.keeping import Ending
from api.catalogue.purposes import Decision, Purpose
from api.crypto import Sealed
from api.errors import NotFound
from api.models.remains import Remains
from api.models.tables import Case, ShredRow
from api.policy.actions import Action
from api.sealed import shreds
from api.services import erasing, keeping, operating, remaining, retaining
from api.services.cases import append_to
from api.services.consents import Given, decide_consent, stop
from api.services.counting import count_cases
from api.services.saving import Body
from tests.cases.bench_world import SECTIONS, World, make_bench

C = Compartment
Turn = Callable[[int], date]
CASE, ACT = "0" * 26, "6" * 26
COUNTED: Mapping[Compartment, Body] = {
    **SECTIONS,
    C.FACTS: {
        "case": [{"id": CASE, "title": "A planted title", "status": "X25-0103a", "counting": "yes"}],
        "person": [
            {"id": "7" * 26, "role": "victim", "age_band": "age_band/30-34"},
            {"id": "8" * 26, "role": "relative"},
        ],
        "custody": [{"id": "5" * 26, "facility": {"type": "x", "kind": "IK", "number": "29", "region": "RU-ARK"}}],
        "act": [{"id": ACT, "type": "X03-0301-01b", "when": {"edtf": "2023-04-14", "basis": "exact"}}],
    },
}


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> World:
    return make_bench(database_url, tmp_path)


@pytest.fixture
def gone(world: World, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Let the timer destroy what is due after three years."""

    def run() -> None:
        day = clock.today() + timedelta(days=365 * 3 + 70)
        monkeypatch.setattr(retaining, "today", lambda: day)
        assert retaining.retain(world.store, confirmed=day).parts > 0

    return run


def closed(world: World, sections: Mapping[Compartment, Body] = COUNTED) -> str:
    case_id = world.case(sections)
    decide(world, case_id, Decision.YES if sections is COUNTED else Decision.NO)
    access = world.enter("worker", case_id, Action.CASE_KEEP)
    keeping.close(access, Ending.FATE_KNOWN, access.version)
    return case_id


def decide(world: World, case_id: str, value: Decision) -> None:
    given_on = Given(Purpose.COUNT, value, clock.today().isoformat(), "21/010103000000", "", "ru")
    decide_consent(world.enter("worker", case_id, Action.CASE_WRITE), given_on)


def counts(world: World, dimension: str = "act.type") -> tuple[Mapping[str, int], int]:
    found = count_cases(world.store, world.caller("worker"), dimension)
    return found.counts, found.cases


def remains(world: World) -> list[Remains]:
    with world.store.reading() as db:
        return list(db.scalars(select(Remains)))


def test_a_closed_case_is_counted_once_before_and_after_its_facts_are_gone(
    world: World, gone: Callable[[], None]
) -> None:
    closed(world)
    assert counts(world) == ({"X03-0301-01b": 1}, 1)
    gone()
    assert counts(world) == ({"X03-0301-01b": 1}, 1)
    assert counts(world, "case.status") == ({"X25-0103a": 1}, 1)
    assert counts(world, "act.when:quarter") == ({"2023-Q2": 1}, 1)


def test_of_a_case_that_may_not_be_counted_nothing_remains(world: World, gone: Callable[[], None]) -> None:
    closed(world, SECTIONS)
    assert remains(world) == []
    gone()
    assert counts(world)[1] == 0


def test_what_remains_goes_with_the_erased_case(world: World) -> None:
    by_member, by_operator = closed(world), closed(world)
    shred_ids = {one.shred_id for one in remains(world)}
    assert len(shred_ids) == 2
    erasing.erase_case(world.enter("worker", by_member, Action.CASE_ERASE))
    operating.erase_by_id(world.store, by_operator)
    assert remains(world) == []
    with world.store.reading() as db:
        assert db.scalars(select(ShredRow.id).where(ShredRow.id.in_(shred_ids))).all() == []


def test_a_no_that_comes_after_the_facts_are_gone_destroys_what_remains(world: World, gone: Callable[[], None]) -> None:
    case_id = closed(world)
    gone()
    (row,) = remains(world)
    decide(world, case_id, Decision.NO)
    assert remains(world) == []
    assert counts(world)[1] == 0
    with world.store.reading() as db:
        assert db.get(ShredRow, row.shred_id) is None


def test_a_stop_at_the_mailbox_stops_counting_what_remains(world: World, gone: Callable[[], None]) -> None:
    case_id = closed(world)
    gone()
    with shreds.erasing(world.store) as db:
        stop(db, world.store, case_id, [Purpose.COUNT])
    assert counts(world)[1] == 0


def test_what_is_erased_of_a_closed_case_is_erased_of_what_remains(world: World, gone: Callable[[], None]) -> None:
    case_id = closed(world)
    (before,) = remains(world)
    access = world.enter("worker", case_id, Action.CASE_WRITE)
    erasing.remove_entry(access, "act", ACT, access.version)
    (after,) = remains(world)
    with world.store.reading() as db:
        assert db.get(ShredRow, before.shred_id) is None
    assert after.shred_id != before.shred_id
    gone()
    assert counts(world) == ({"": 1}, 1)


def test_of_a_case_that_is_opened_again_nothing_remains(world: World, gone: Callable[[], None]) -> None:
    case_id = closed(world)
    (before,) = remains(world)
    access = world.enter("worker", case_id, Action.CASE_KEEP)
    keeping.reopen(access, access.version)
    assert remains(world) == []
    with world.store.reading() as db:
        assert db.get(ShredRow, before.shred_id) is None
    access = world.enter("worker", case_id, Action.CASE_WRITE)
    erasing.remove_entry(access, "act", ACT, access.version)
    access = world.enter("worker", case_id, Action.CASE_KEEP)
    keeping.close(access, Ending.FATE_KNOWN, access.version)
    gone()
    assert counts(world) == ({"": 1}, 1)


def test_a_no_to_counting_of_a_case_that_was_opened_again_leaves_nothing(
    world: World, gone: Callable[[], None]
) -> None:
    case_id = closed(world)
    access = world.enter("worker", case_id, Action.CASE_KEEP)
    keeping.reopen(access, access.version)
    decide(world, case_id, Decision.NO)
    access = world.enter("worker", case_id, Action.CASE_KEEP)
    keeping.close(access, Ending.FATE_KNOWN, access.version)
    assert remains(world) == []
    gone()
    assert counts(world)[1] == 0


def test_a_case_that_is_opened_again_after_its_facts_are_gone_is_still_counted(
    world: World, gone: Callable[[], None]
) -> None:
    case_id = closed(world)
    gone()
    access = world.enter("worker", case_id, Action.CASE_KEEP)
    keeping.reopen(access, access.version)
    assert counts(world) == ({"X03-0301-01b": 1}, 1)


def test_what_remains_of_a_case_whose_row_went_with_its_time_is_erased_by_its_id(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id = closed(world)
    day = clock.today() + timedelta(days=365 * 40)
    monkeypatch.setattr(retaining, "today", lambda: day)
    retaining.retain(world.store, confirmed=day)
    with world.store.reading() as db:
        assert db.get(Case, case_id) is None
    (row,) = remains(world)
    operating.erase_by_id(world.store, case_id)
    assert remains(world) == []
    with world.store.reading() as db:
        assert db.get(ShredRow, row.shred_id) is None
    with pytest.raises(NotFound):
        operating.erase_by_id(world.store, case_id)


def test_a_change_of_another_part_leaves_what_remains_of_gone_facts(world: World, gone: Callable[[], None]) -> None:
    case_id = closed(world)
    gone()
    append_to(world.enter("worker", case_id, Action.CASE_WRITE), C.LEGAL, "intervention", {"reference": "G/SO"})
    access = world.enter("worker", case_id, Action.CASE_KEEP)
    keeping.hold(access, keeping.Holding.REQUEST, access.version)
    assert counts(world) == ({"X03-0301-01b": 1}, 1)


def test_what_remains_opens_only_in_its_place(world: World, gone: Callable[[], None]) -> None:
    closed(world)
    gone()
    with world.store.writing() as db:
        db.execute(update(Remains).values(sealed=Sealed(remains(world)[0].sealed.blob[:-1] + b"x")))
    assert counts(world)[1] == 0


@pytest.mark.parametrize(("erased", "misfits"), [(True, 0), (False, 1)])
def test_an_erased_shred_is_no_edit_and_one_that_was_taken_away_is(
    world: World, gone: Callable[[], None], erased: bool, misfits: int
) -> None:
    closed(world)
    gone()
    (row,) = remains(world)
    with shreds.erasing(world.store) as db:
        if erased:
            shreds.destroy(db, [row.shred_id])
        else:
            db.execute(delete(ShredRow).where(ShredRow.id == row.shred_id))
    held = rings(world.store, world.caller("worker"))
    with world.store.snapshot() as db:
        _, found = remaining.piece(db, world.store, held)
    assert len(found) == misfits
    assert counts(world)[1] == 0


def test_an_open_case_leaves_nothing_behind(world: World) -> None:
    case_id = world.case(COUNTED)
    append_to(world.enter("worker", case_id, Action.CASE_WRITE), C.LEGAL, "intervention", {"reference": "G/SO"})
    assert remains(world) == []


def test_the_coarse_copy_names_a_quarter_a_region_and_a_band() -> None:
    facts: Mapping[str, Any] = COUNTED[C.FACTS]
    assert coarse(facts) == {
        "case": [{"status": "X25-0103a", "counting": "yes"}],
        "person": [{"age_band": "age_band/30-34"}],
        "custody": [{"facility": {"type": "x", "kind": "", "number": "", "region": "RU-ARK"}}],
        "act": [{"type": "X03-0301-01b", "when": {"edtf": "2023-04-01/2023-06-30", "basis": "X48-04"}}],
    }


def test_what_was_done_to_a_relative_is_not_in_the_coarse_copy() -> None:
    facts: Mapping[str, Any] = COUNTED[C.FACTS]
    (act,) = facts["act"]
    to_him, to_her = {**act, "victim": "7" * 26}, {**act, "victim": "8" * 26, "type": "X03-0301-01a"}
    assert coarse({**facts, "act": [to_him, to_her]})["act"] == coarse(facts)["act"]


DAYS = st.dates(date(1950, 1, 1), date(2090, 12, 31))


@given(DAYS, st.integers(0, 4000))
def test_no_day_is_in_the_coarse_copy(first: date, length: int) -> None:
    told = ApproxDate(first, first + timedelta(days=length), Basis.BETWEEN)
    copy = coarse({"act": [{"id": ACT, "type": "x", "when": told.as_json(), "count": 7, "victim": CASE}]})
    kept = ApproxDate.from_json(copy["act"][0]["when"])
    assert kept.earliest is not None
    assert kept.latest is not None
    assert kept.earliest <= first
    assert kept.latest >= first + timedelta(days=length)
    assert (kept.earliest.day, kept.earliest.month % 3) == (1, 1)
    assert ((kept.latest + timedelta(days=1)).day, kept.latest.month % 3) == (1, 0)
    assert not {"id", "count", "victim"} & copy["act"][0].keys()
