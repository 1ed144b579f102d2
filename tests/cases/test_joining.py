"""Two cases of one person: listed, counted, stopped, held, erased as one; opened by their own keys; parted again."""

from pathlib import Path

import pytest
from sqlalchemy import select

from api.access.doors import enter_case
from api.catalogue.compartments import Compartment
from api.catalogue.keeping import Ending, Holding
from api.catalogue.purposes import Decision, Purpose
from api.errors import Forbidden, Held, NotFound, OutOfOrder, Stale
from api.ids import short_code
from api.models.tables import Case
from api.policy.actions import Action
from api.sealed import joined, roots, shreds
from api.services import cases, consents, counting, joining, keeping, listing, operating
from api.services.consents import Given
from tests.cases.bench_world import NORTH, SECTIONS, SOUTH, World, make_bench

C = Compartment
COUNTED = {**SECTIONS, C.FACTS: {"case": [{"id": "0" * 26, "title": "A title", "counting": "yes"}]}}


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> World:
    return make_bench(database_url, tmp_path)


@pytest.fixture
def pair(world: World) -> tuple[str, str]:
    """Two cases of one person, the first of which stays."""
    kept, other = world.case(COUNTED), world.case(COUNTED)
    joining.join(enter(world, kept), enter(world, other), 1)
    return kept, other


def enter(world: World, case_id: str, action: Action = Action.CASE_JOIN) -> joining.CaseAccess:
    return world.enter("worker", case_id, action)


def listed(world: World) -> dict[str, tuple[str, ...]]:
    page = listing.list_cases(world.store, world.caller("worker"))
    assert page.total == len(page.lines)
    return {one.id: one.joined for one in page.lines}


def counted(world: World) -> int:
    return counting.count_cases(world.store, world.caller("analyst"), "case.status").cases


def decide(world: World, case_id: str, purpose: Purpose, value: Decision) -> None:
    access = enter(world, case_id, Action.CASE_WRITE)
    given = Given(purpose, value, "2026-01-10", "21/010103000000", "at the mailbox", "ru")
    consents.decide_consent(access, given, access.version)


def allowed(world: World, case_id: str, purpose: Purpose) -> bool:
    return consents.allows(world.store, enter(world, case_id, Action.CASE_READ), purpose)


def test_two_cases_of_one_person_are_one_line_with_both_codes(world: World, pair: tuple[str, str]) -> None:
    assert listed(world) == {pair[0]: (short_code(pair[1]),)}


def test_they_count_once(world: World) -> None:
    kept, other = world.case(COUNTED), world.case(COUNTED)
    assert counted(world) == 2
    joining.join(enter(world, kept), enter(world, other))
    assert counted(world) == 1


def test_each_says_of_which_other_it_is(world: World, pair: tuple[str, str]) -> None:
    kept, other = (joining.together(enter(world, one, Action.CASE_READ)) for one in pair)
    assert (kept.stays, kept.others) == ("", (pair[1],))
    assert (other.stays, other.others) == (pair[0], ())


def test_parted_they_stand_as_before(world: World, pair: tuple[str, str]) -> None:
    joining.part(enter(world, pair[0]), enter(world, pair[1]))
    assert listed(world) == dict.fromkeys(pair, ())
    assert counted(world) == 2
    for one in pair:
        stands = joining.together(enter(world, one, Action.CASE_READ))
        assert (stands.stays, stands.others) == ("", ())
        assert enter(world, one).open(C.FACTS).note == COUNTED[C.FACTS]
    with world.store.reading() as db:
        assert joined.stays(db, world.store) == {}


def test_a_no_at_either_mailbox_stops_both(world: World, pair: tuple[str, str]) -> None:
    for one in pair:
        decide(world, one, Purpose.UN_CONFIDENTIAL, Decision.YES)
    assert allowed(world, pair[0], Purpose.UN_CONFIDENTIAL)
    with shreds.erasing(world.store) as db:
        consents.stop(db, world.store, pair[1], [Purpose.UN_CONFIDENTIAL, Purpose.COUNT])
    assert not allowed(world, pair[0], Purpose.UN_CONFIDENTIAL)
    assert counted(world) == 0


def test_a_no_filed_in_one_stops_the_other_whose_keys_it_lacks(world: World, pair: tuple[str, str]) -> None:
    decide(world, pair[0], Purpose.LAWYER, Decision.YES)
    assert allowed(world, pair[0], Purpose.LAWYER)
    decide(world, pair[1], Purpose.LAWYER, Decision.NO)
    assert not allowed(world, pair[0], Purpose.LAWYER)
    decide(world, pair[0], Purpose.LAWYER, Decision.YES)
    assert not allowed(world, pair[0], Purpose.LAWYER), "a yes of one is no yes of the other"


def test_a_no_that_was_there_before_stops_both_from_then_on_and_until_they_are_parted(world: World) -> None:
    kept, other = world.case(), world.case()
    decide(world, kept, Purpose.LAWYER, Decision.YES)
    decide(world, other, Purpose.LAWYER, Decision.NO)
    joining.join(enter(world, kept), enter(world, other))
    assert not allowed(world, kept, Purpose.LAWYER)
    joining.part(enter(world, kept), enter(world, other))
    assert allowed(world, kept, Purpose.LAWYER)


def test_what_nobody_decided_in_one_stops_nothing_in_the_other(world: World) -> None:
    kept, other = world.case(), world.case()
    decide(world, kept, Purpose.LAWYER, Decision.YES)
    joining.join(enter(world, kept), enter(world, other))
    assert allowed(world, kept, Purpose.LAWYER)


def test_a_stop_list_that_does_not_follow_the_link_is_seen(
    world: World, pair: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(joined, "together", lambda db, store, case_id: frozenset({case_id}))
    with pytest.raises(AssertionError):
        test_a_no_at_either_mailbox_stops_both(world, pair)


def test_a_grant_for_one_opens_that_one_alone(world: World, pair: tuple[str, str]) -> None:
    lawyer = world.grantee("lawyer", pair[1], [C.FACTS])
    assert enter_case(world.store, lawyer, pair[1], Action.CASE_READ).open(C.FACTS).note
    with pytest.raises(NotFound):
        enter_case(world.store, lawyer, pair[0], Action.CASE_READ)
    page = listing.list_cases(world.store, lawyer)
    assert [one.id for one in page.lines] == [pair[1]]


def test_who_was_granted_one_case_reads_neither_its_mailbox_nor_other_cases(
    world: World, pair: tuple[str, str]
) -> None:
    third = world.case(COUNTED)
    joining.set_apart(enter(world, pair[1]), enter(world, third))
    filed = enter(world, pair[1], Action.CASE_WRITE)
    cases.append_to(filed, C.CONTROL, "mailbox", {"id": "3" * 26})
    lawyer = enter_case(world.store, world.grantee("lawyer", pair[1], [C.FACTS]), pair[1], Action.CASE_READ)
    theirs, ours = cases.read_case(lawyer).sections[C.CONTROL], enter(world, pair[1], Action.CASE_READ)
    assert theirs
    assert cases.read_case(ours).sections[C.CONTROL].keys() - theirs.keys() == {"mailbox", "joined", "apart"}
    assert joining.together(lawyer) == joining.Together("", (), (), {})
    assert (joining.together(ours).stays, joining.together(ours).apart) == (pair[0], (third,))
    assert not any(one.joined for one in listing.list_cases(world.store, lawyer.caller).lines)


def test_a_lawyer_joins_nothing(world: World) -> None:
    kept, other = world.case(), world.case()
    lawyer = world.grantee("lawyer", kept, [C.FACTS])
    with pytest.raises(Forbidden):
        enter_case(world.store, lawyer, kept, Action.CASE_JOIN)
    entered = enter_case(world.store, lawyer, kept, Action.CASE_READ)
    with pytest.raises(Forbidden):
        joining.join(entered, enter(world, other))


def test_a_case_of_another_desk_is_not_there(world: World) -> None:
    mine = world.case()
    with pytest.raises(NotFound):
        world.enter("stranger", mine, Action.CASE_JOIN)
    assert world.desks[NORTH] != world.desks[SOUTH]


def test_no_case_is_joined_twice_nor_to_itself(world: World, pair: tuple[str, str]) -> None:
    third = world.case()
    for one, other in ((pair[0], pair[0]), (third, pair[1]), (pair[1], third), (third, pair[0])):
        with pytest.raises(OutOfOrder):
            joining.join(enter(world, one), enter(world, other))
    joining.join(enter(world, pair[0]), enter(world, third))
    assert set(listed(world)[pair[0]]) == {short_code(pair[1]), short_code(third)}


def test_an_older_version_is_refused_and_nothing_is_joined(world: World) -> None:
    kept, other = world.case(), world.case()
    with pytest.raises(Stale):
        joining.join(enter(world, kept), enter(world, other), 7)
    assert listed(world) == {kept: (), other: ()}


def test_two_persons_are_remembered_in_both(world: World) -> None:
    one, other = world.case(), world.case()
    joining.set_apart(enter(world, one), enter(world, other))
    assert joining.together(enter(world, one, Action.CASE_READ)).apart == (other,)
    assert joining.together(enter(world, other, Action.CASE_READ)).apart == (one,)
    joining.join(enter(world, one), enter(world, other))
    with pytest.raises(OutOfOrder):
        joining.set_apart(enter(world, one), enter(world, other))


def test_erasing_the_one_that_stays_erases_both(world: World, pair: tuple[str, str]) -> None:
    third = world.case()
    joining.erase_whole(enter(world, pair[0], Action.CASE_ERASE))
    with world.store.reading() as db:
        assert list(db.scalars(select(Case.id))) == [third]
        assert joined.stays(db, world.store) == {}


def test_an_erasing_that_forgets_the_joined_case_is_seen(
    world: World, pair: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(joining, "others", lambda access, action: iter(()))
    with pytest.raises(AssertionError):
        test_erasing_the_one_that_stays_erases_both(world, pair)


def test_the_joined_one_is_not_erased_behind_the_back_of_the_other(world: World, pair: tuple[str, str]) -> None:
    with pytest.raises(OutOfOrder):
        joining.erase_whole(enter(world, pair[1], Action.CASE_ERASE))
    joining.part(enter(world, pair[0]), enter(world, pair[1]))
    joining.erase_whole(enter(world, pair[1], Action.CASE_ERASE))
    assert list(listed(world)) == [pair[0]]


def test_whoever_runs_the_server_erases_both_without_a_key(world: World, pair: tuple[str, str]) -> None:
    operating.erase_by_id(world.store, pair[1])
    assert listed(world) == {}
    with world.store.reading() as db:
        assert joined.JOINED not in roots.anchored(db, world.store) or joined.stays(db, world.store) == {}


def test_a_hold_on_the_one_that_stays_holds_both(world: World, pair: tuple[str, str]) -> None:
    access = enter(world, pair[0], Action.CASE_KEEP)
    keeping.hold(access, Holding.REQUEST, access.version)
    with pytest.raises(Held):
        joining.erase_whole(enter(world, pair[0], Action.CASE_ERASE))
    with pytest.raises(Held):
        operating.erase_by_id(world.store, pair[1])
    assert len(listed(world)) == 1


def test_they_are_closed_together(world: World, pair: tuple[str, str]) -> None:
    access = enter(world, pair[0], Action.CASE_KEEP)
    keeping.close(access, Ending.FATE_KNOWN, access.version)
    for one in pair:
        head = enter(world, one).open(C.CONTROL).note["case"][0]
        assert head["close_reason"] == str(Ending.FATE_KNOWN)
