"""The review of a desk: pairs of cases that may be of one person, offered until somebody has decided."""

from pathlib import Path

import pytest

from api.columns import names, pairing
from api.columns.pairing import pair
from api.errors import Forbidden
from api.names import POSSIBLY_SAME, similarity
from api.policy.actions import Action
from api.services import joining, reviewing
from api.services.erasing import erase_case
from tests.cases.bench_world import NORTH, SOUTH, World, make_bench
from tests.cases.test_candidates import IK_7, IK_29, case

PEOPLE = ("Бунятов Артём Викторович", "Bunyatov Artem", "Иванов Пётр", "Иванов Пётр", "Petr Ivanov", "Зайцев Олег")
PEOPLE += ("Зайцева Ольга", "Ахметов Ринат Ильдарович", "Ахметов Ренат Ильдарович", "Сидоренко Олег", "Сидоренко Ольга")


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> World:
    return make_bench(database_url, tmp_path)


def pairs(world: World, name: str = "worker", desk: str = NORTH) -> set[frozenset[str]]:
    page = reviewing.review(world.store, world.caller(name), world.desks[desk])
    assert page.next == 0
    return {frozenset((one.one, one.other)) for one in page.lines}


def entered(world: World, *ids: str) -> list[joining.CaseAccess]:
    return [world.enter("worker", each, Action.CASE_JOIN) for each in ids]


def columns(people: tuple[str, ...], size: int) -> list[names.Names]:
    rows = [names.row({"person": [{"name": one}]}) for one in people]
    return [names.unpack(names.pack(rows[at : at + size])) for at in range(0, len(rows), size)]


@pytest.mark.parametrize("size", [2, 3, 100])
def test_pairs_are_those_of_comparing_each_with_each(size: int) -> None:
    found = pair(columns(PEOPLE, size))
    alike = {
        (a, b)
        for b, two in enumerate(PEOPLE)
        for a, one in enumerate(PEOPLE[:b])
        if similarity(one, two) >= POSSIBLY_SAME
    }
    assert {tuple(segment * size + row for segment, row in (one.one, one.other)) for one in found.pairs} == alike
    assert found.uncompared == 0


def test_a_name_that_very_many_share_costs_nothing_and_so_many_are_compared() -> None:
    assert len(pair(columns(("Иванов Пётр",) * 12, 3), largest=12).pairs) == 66
    assert pair(columns(("Иванов Пётр",) * 13, 1), largest=12).pairs == []
    bounded = pair(columns(PEOPLE, 2), most=2)
    assert (len(bounded.pairs) <= 3, bounded.uncompared > 0) == (True, True)


def test_a_pair_is_offered_until_somebody_has_decided(world: World) -> None:
    one, other = case(world, "Бунятов Артём"), case(world, "Bunyatov Artyom")
    third, fourth = case(world, "Иванов Пётр"), case(world, "Пётр Иванов")
    case(world, "Зайцев Олег")
    assert pairs(world) == {frozenset((one, other)), frozenset((third, fourth))}
    joining.set_apart(*entered(world, one, other))
    assert pairs(world) == {frozenset((third, fourth))}
    joining.join(*entered(world, third, fourth))
    assert pairs(world) == set()
    joining.part(*entered(world, third, fourth))
    assert pairs(world) == {frozenset((third, fourth))}
    erase_case(world.enter("worker", fourth, Action.CASE_ERASE))
    assert pairs(world) == set()


def test_of_a_joined_case_the_one_that_stays_is_offered(world: World) -> None:
    kept, joined, third = case(world, "Зайцев Олег"), case(world, "Бунятов Артём"), case(world, "Bunyatov Artem")
    joining.join(*entered(world, kept, joined))
    assert pairs(world) == {frozenset((kept, third))}
    joining.set_apart(*entered(world, kept, third))
    assert pairs(world) == set()


def test_what_else_agrees_comes_first(world: World) -> None:
    against = {case(world, "Иванов Пётр", "1980-01-01", IK_7), case(world, "Иванов Пётр", "1992-01-01", IK_29)}
    agreeing = {case(world, "Бунятов Артём", "1992-01-01", IK_29), case(world, "Бунятов Артём", "1992-02-02", IK_29)}
    lines = reviewing.review(world.store, world.caller("worker"), world.desks[NORTH]).lines
    assert [{one.one, one.other} for one in lines] == [agreeing, against]


def test_pages_lead_through_all_pairs(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reviewing, "PAGE", 2)
    for _ in range(4):
        case(world, "Бунятов Артём")
    met, skip = set[frozenset[str]](), 0
    for _ in range(3):
        page = reviewing.review(world.store, world.caller("worker"), world.desks[NORTH], skip)
        met |= {frozenset((one.one, one.other)) for one in page.lines}
        skip = page.next
    assert (len(met), skip) == (6, 0)


def test_nobody_from_elsewhere_reviews_a_desk(world: World) -> None:
    one, other = case(world, "Бунятов Артём"), case(world, "Бунятов Артём")
    assert pairs(world) == pairs(world, "intake") == {frozenset((one, other))}
    for name in ("stranger", "analyst", "lawyer", "admin", "auditor"):
        with pytest.raises(Forbidden):
            pairs(world, name)
    assert pairs(world, "stranger", SOUTH) == set()


def test_a_review_that_forgets_what_was_decided_is_seen(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reviewing, "_decided", lambda *_: False)
    with pytest.raises(AssertionError):
        test_a_pair_is_offered_until_somebody_has_decided(world)


def test_a_pairing_that_drops_a_segment_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = pairing._coded
    monkeypatch.setattr(pairing, "_coded", lambda one, first: whole(one, first) if first else pairing._none())
    with pytest.raises(AssertionError):
        test_pairs_are_those_of_comparing_each_with_each(2)
