"""Seen before: cases of perhaps the same person, by name, with what else agrees; decided by a person, once."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from api.access.doors import enter_case
from api.catalogue.compartments import Compartment
from api.errors import Forbidden
from api.ids import new_id, short_code
from api.models.tables import Section
from api.policy.actions import Action
from api.services import candidates, joining
from api.services.candidates import Candidate, Found
from api.services.cases import append_to
from api.services.erasing import erase_case
from tests.cases.bench_world import NORTH, SOUTH, World, make_bench

C = Compartment
IK_29 = {"type": "17/030600000000", "kind": "IK", "number": "29", "region": "RU-ARK"}
IK_7 = {**IK_29, "number": "7", "region": "RU-BEL"}
ABOUT = {"about_name": "Артём Бунятов", "about_birth": "1992", "held_where": "ИК-29", "last_heard": "17 мая 2023"}


def day(text: str) -> dict[str, str]:
    return {"edtf": text, "basis": "exact"}


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> World:
    return make_bench(database_url, tmp_path)


def case(world: World, name: str, born: str = "", place: Any = None, heard: str = "") -> str:
    entry, facts = {"id": new_id()}, {"case": [{"id": new_id(), **({"last_heard": day(heard)} if heard else {})}]}
    person = {"id": new_id(), "name": name, **({"birth": day(born)} if born else {})}
    custody = {"custody": [{"id": new_id(), "facility": place}]} if place else {}
    return world.case({C.CONTROL: {"case": [entry]}, C.FACTS: facts | custody, C.IDENTITY: {"person": [person]}})


def seen(world: World, about: Any = ABOUT, name: str = "intake", desk: str = NORTH) -> Found:
    report = {"about": about, "language": "ru"}
    return candidates.seen_before(world.store, world.caller(name), world.desks[desk], report)


def of(world: World, case_id: str) -> list[str]:
    access = world.enter("worker", case_id, Action.CASE_JOIN)
    return [one.case for one in candidates.of_case(access).lines]


def stands(one: Candidate) -> dict[str, str]:
    return {factor.name: str(factor.stands) for factor in one.factors}


def test_what_agrees_and_what_differs_stands_beside_the_name(world: World) -> None:
    same = case(world, "Bunyatov Artem", "1992-03-04", IK_29, "2023-05-01")
    other = case(world, "Бунятов Артём", "1971-03-04", IK_7, "2021-05-01")
    bare = case(world, "Артём Бунятов")
    lines = seen(world).lines
    assert [(one.case, one.code) for one in lines] == [(one, short_code(one)) for one in (same, bare, other)]
    assert stands(lines[0]) == {"birth": "agrees", "region": "unknown", "facility": "agrees", "last_heard": "agrees"}
    assert set(stands(lines[1]).values()) == {"unknown"}
    assert stands(lines[2]) == {"birth": "differs", "region": "unknown", "facility": "differs", "last_heard": "differs"}
    assert (lines[0].factors[0].here, lines[0].factors[0].there) == ("1992", "4 March 1992"), "in the reader's language"


def test_both_bands_are_told_apart(world: World) -> None:
    probable, possible, nobody = (case(world, name) for name in ("Бунятов Артём", "Бунятов Артемий", "Иванов Пётр"))
    bands = {one.case: one.probably for one in seen(world).lines}
    assert bands == {probable: True, possible: False}
    assert nobody not in bands


def test_a_case_says_which_others_may_be_of_the_same_person(world: World) -> None:
    one, other, third = (case(world, name) for name in ("Бунятов Артём", "Bunyatov Artyom", "Иванов Пётр"))
    assert (of(world, one), of(world, other), of(world, third)) == ([other], [one], [])


def test_what_was_decided_is_not_asked_again(world: World) -> None:
    one, other, third = (case(world, "Бунятов Артём") for _ in range(3))
    assert set(of(world, one)) == {other, third}
    entered = (world.enter("worker", each, Action.CASE_JOIN) for each in (one, other))
    joining.set_apart(*entered)
    assert of(world, one) == of(world, other) == [third]
    joining.join(*(world.enter("worker", each, Action.CASE_JOIN) for each in (one, third)))
    assert of(world, one) == []
    joining.part(*(world.enter("worker", each, Action.CASE_JOIN) for each in (one, third)))
    assert of(world, one) == [third]


def test_a_decision_that_is_forgotten_is_seen(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(joining, "_noted", lambda access, other: joining.Change(Action.CASE_JOIN, {}))
    with pytest.raises(AssertionError):
        test_what_was_decided_is_not_asked_again(world)


def test_a_report_of_a_man_with_two_cases_goes_to_the_one_that_stays(world: World) -> None:
    kept, other = case(world, "Зайцев Пётр"), case(world, "Бунятов Артём")
    joining.join(*(world.enter("worker", each, Action.CASE_JOIN) for each in (kept, other)))
    assert [one.case for one in seen(world).lines] == [kept]


def test_another_desk_learns_nothing(world: World) -> None:
    case_id = case(world, "Бунятов Артём")
    assert [one.case for one in seen(world).lines] == [case_id]
    for name in ("stranger", "analyst", "lawyer", "admin"):
        with pytest.raises(Forbidden):
            seen(world, name=name)
    assert seen(world, name="stranger", desk=SOUTH) == Found()


def test_who_left_the_desk_learns_nothing(world: World) -> None:
    case(world, "Бунятов Артём")
    assert seen(world).lines
    world.unseat("intake", NORTH)
    with pytest.raises(Forbidden):
        seen(world)


def test_a_lawyer_of_the_case_is_not_told_of_others(world: World) -> None:
    one, _ = case(world, "Бунятов Артём"), case(world, "Бунятов Артём")
    lawyer = world.grantee("lawyer", one, [C.IDENTITY])
    with pytest.raises(Forbidden):
        candidates.of_case(enter_case(world.store, lawyer, one, Action.CASE_READ))


def test_a_name_that_was_changed_and_a_case_that_was_erased_are_followed(world: World) -> None:
    one, other = case(world, "Бунятов Артём"), case(world, "Иванов Пётр")
    access = world.enter("worker", other, Action.CASE_WRITE, {C.IDENTITY})
    append_to(access, C.IDENTITY, "person", {"id": new_id(), "name": "Артём Бунятов"})
    assert of(world, one) == [other]
    erase_case(world.enter("worker", other, Action.CASE_ERASE))
    assert of(world, one) == []


def test_an_older_record_put_back_is_no_candidate(world: World) -> None:
    case_id = case(world, "Бунятов Артём")
    with world.store.reading() as db:
        old = db.scalar(select(Section.body).where(Section.case_id == case_id, Section.compartment == "identity"))
    access = world.enter("worker", case_id, Action.CASE_WRITE, {C.IDENTITY})
    append_to(access, C.IDENTITY, "person", {"id": new_id(), "name": "X"})
    assert [one.case for one in seen(world).lines] == [case_id]
    with world.store.writing() as db:
        mine = update(Section).where(Section.case_id == case_id, Section.compartment == "identity")
        db.execute(mine.values(body=old))
    assert seen(world) == Found((), 1), "not shown, but counted"


def test_of_many_namesakes_those_that_fit_best_are_shown_and_the_rest_are_counted(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(candidates, "SHOWN", 2)
    for year in range(4):
        case(world, "Бунятов Артём", f"19{70 + year}-01-01")
    same = case(world, "Бунятов Артём", "1992-01-01")
    found = seen(world)
    assert (found.lines[0].case, len(found.lines), found.more) == (same, 2, 3)


@pytest.mark.parametrize("about", [{}, {"about_name": ""}, {"about_name": "🙂"}, {"about_name": "x" * 10_000}])
def test_a_report_without_a_name_that_can_be_read_finds_nothing(world: World, about: dict[str, str]) -> None:
    case(world, "Бунятов Артём")
    assert seen(world, about) == Found()


def test_the_looking_is_in_the_log_before_anything_is_opened(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    case(world, "Бунятов Артём")

    class BrokenError(Exception):
        pass

    def broken(*_: object) -> None:
        raise BrokenError

    monkeypatch.setattr(candidates.audit, "record", broken)
    monkeypatch.setattr(candidates, "opened_names", lambda *_: pytest.fail("opened before it was logged"))
    with pytest.raises(BrokenError):
        seen(world)
