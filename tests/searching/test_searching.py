"""One line finds the cases in which it is true, for who may see them, and says why; the log says who, not what."""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from api import audit
from api.access import shelves
from api.access.doors import TAMPERED
from api.audit import Entry
from api.catalogue.compartments import Compartment
from api.columns.kinds import NAMES
from api.errors import Forbidden, Invalid, ReasonMissing
from api.ids import short_code
from api.policy.actions import Action
from api.sealed import tidying
from api.sealed.segments import Ring
from api.services import finding, searching
from api.services.erasing import erase_case
from api.services.searching import search
from tests.cases.bench_world import World, make_bench
from tests.searching.desk import IK_29, REASON, case, found, ids, name_again

C = Compartment
STORY = "Его увезли на этап, из колонии звонил один раз."


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> World:
    return make_bench(database_url, tmp_path)


@pytest.fixture
def entries(monkeypatch: pytest.MonkeyPatch) -> list[Entry]:
    """What is recorded from here on."""
    kept, record = list[Entry](), audit.record
    monkeypatch.setattr(audit, "record", lambda store, entry, *more: (kept.append(entry), record(store, entry, *more)))
    return kept


@pytest.mark.parametrize(
    "line",
    [
        "Полозов Мерген",
        "polozov mergen",
        "передайте Полозову Мергену",
        "М. Полозов",
        "Mergen Polozow",
        "Палозаў Мерген",
    ],
)
def test_a_man_is_found_in_any_script_and_any_case_of_grammar(world: World, line: str) -> None:
    wanted, _ = case(world, "Полозов Мерген Захарович"), case(world, "Кедрин Остап")
    page = found(world, line)
    assert (ids(page), page.lines[0].why, page.found) == ([wanted], ("name",), 1)


def test_each_line_says_why_it_is_there_and_the_likeliest_come_first(world: World) -> None:
    told = case(world, text="Вместе с ним был Окунев, Захар тоже.")
    alike = case(world, "Окуневич Захар")
    latin = case(world, name_latin="Zakhar Okunev", other_names=["Захарка Окунев"])
    same = case(world, "Окунев Захар", STORY)
    page = found(world, "Окунев Захар")
    assert set(ids(page)[:2]) == {same, latin}
    assert ids(page)[-1] == told
    why = {one.line.id: (one.why, one.probably) for one in page.lines}
    assert why[same] == (("name",), True)
    assert why[latin][0][0] == "name_latin"
    assert why[told] == (("words",), False)
    assert not why.get(alike, ((), False))[1]


def test_words_of_a_story_are_found_in_any_form_when_all_are_there(world: World) -> None:
    wanted, _ = case(world, text=STORY), case(world, text="Сидит в колонии.")
    assert ids(found(world, "колония звонки этапы")) == []
    assert ids(found(world, "колония этапы")) == [wanted]
    assert found(world, "этап").lines[0].why == ("words",)


@pytest.mark.parametrize("written", [str.upper, str.lower, lambda code: code.replace("-", "").lower()])
def test_a_case_is_found_by_the_code_that_people_say(world: World, written: Any) -> None:
    others = [case(world) for _ in range(2)]
    wanted = next(one for one in iter(lambda: case(world), None) if any(sign.isdigit() for sign in one[:6]))
    page = found(world, written(short_code(wanted)))
    assert ids(page) == [wanted]
    assert page.lines[0].why == ("code",)
    assert wanted not in others


def test_everything_that_is_asked_must_be_true(world: World) -> None:
    wanted = case(world, "Шумилин Фрол", STORY, IK_29)
    case(world, "Шумилин Фрол", STORY, {**IK_29, "number": "2"})
    case(world, "Гречко Игнат", place={**IK_29, "region": "RU-KIR"})
    page = found(world, "Шумилин Фрол ИК-29")
    assert ids(page) == [wanted]
    assert page.lines[0].why == ("place", "name")
    assert len(ids(found(world, "29-я колония"))) == 2
    assert ids(found(world, "СИЗО-29")) == []


@pytest.mark.parametrize("line", ["+7 912 345-67-89", "8 (912) 345 67 89", "9123456789"])
def test_a_telephone_number_is_found_by_who_may_read_how_tellers_are_reached(world: World, line: str) -> None:
    wanted, _ = case(world, reached="Signal +7 912 345 67 89"), case(world, reached="+7 912 345 67 88")
    page = found(world, line)
    assert (ids(page), page.lines[0].why) == ([wanted], ("number",))
    assert ids(found(world, line, "worker")) == []


def test_a_search_for_a_number_opens_so_many_records_and_says_how_many_it_left(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases = sorted(case(world, reached="+7 912 345 67 89") for _ in range(3))
    assert found(world, "9123456789").unopened == 0
    monkeypatch.setattr(finding, "MOST_OPENED", 2)
    page = found(world, "9123456789")
    assert (sorted(ids(page)), page.unopened) == (cases[:2], 1)


def test_another_desk_finds_nothing_of_what_this_one_finds(world: World) -> None:
    wanted = case(world, "Байгужин Назар", STORY, IK_29)
    for line in ("Байгужин Назар", "этап", "ИК-29", f"{short_code(wanted)}"):
        assert ids(found(world, line, "worker")) == [wanted]
        assert found(world, line, "stranger") == searching.SearchPage((), 0, 0, 0, 0)


def test_who_has_left_the_desk_finds_nothing(world: World) -> None:
    case(world, "Байгужин Назар", STORY)
    assert found(world, "Байгужин Назар", "worker").found == 1
    world.unseat("worker", "north")
    assert found(world, "Байгужин Назар", "worker").found == 0


@pytest.mark.parametrize(
    ("opens", "finds"),
    [({C.IDENTITY}, ("name",)), ({C.NARRATIVE}, ("words",)), ({C.FACTS}, ()), (set[Compartment](), ())],
)
def test_a_lawyer_finds_in_the_granted_case_what_the_grant_opens(
    world: World, opens: set[Compartment], finds: tuple[str, ...]
) -> None:
    granted, other = (case(world, "Лободай Тихон", "Лободай Тихон на этапе") for _ in range(2))
    caller = world.grantee("lawyer", granted, opens)
    page = search(world.store, caller, "Лободай Тихон", REASON)
    assert ([one.why for one in page.lines], ids(page)) == ([finds] if finds else [], [granted] if finds else [])
    assert search(world.store, caller, "Лободай ИК-29", REASON).found == 0
    assert other not in ids(page)


def test_a_grant_that_ended_finds_nothing(world: World) -> None:
    granted = case(world, "Лободай Тихон")
    assert ids(search(world.store, world.grantee("lawyer", granted, {C.IDENTITY}), "Лободай", REASON)) == [granted]
    ended = world.grantee("lawyer", granted, {C.IDENTITY}, ends="2020-01-01")
    assert ids(search(world.store, ended, "Лободай", REASON)) == []


@pytest.mark.parametrize("name", ["analyst", "auditor", "admin", "trustee"])
def test_who_has_no_list_has_no_search(world: World, name: str) -> None:
    with pytest.raises(Forbidden):
        found(world, "Лободай", name)


def test_names_are_opened_with_a_reason_only(world: World) -> None:
    case(world, "Лободай Тихон", STORY, IK_29)
    for reason in ("", "because", "renew-keys"):
        with pytest.raises(ReasonMissing):
            search(world.store, world.caller("worker"), "Лободай", reason)
    assert search(world.store, world.caller("worker"), "ИК-29").found == 1


def test_the_log_says_who_searched_where_and_why_but_not_for_what(world: World, entries: list[Entry]) -> None:
    case(world, "Лободай Тихон", STORY)
    found(world, "Лободай этап", "worker")
    (entry,) = entries
    member = world.members["worker"][0]
    assert entry == Entry("case:search", member, compartments=(C.IDENTITY, C.NARRATIVE), reason=REASON)
    assert "Лобод" not in repr(entries)


def test_nothing_is_opened_before_it_stands_in_the_log(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    case(world, "Лободай Тихон")

    def full(*_: object) -> None:
        raise OSError

    monkeypatch.setattr(audit, "record", full)
    monkeypatch.setattr(searching, "opened", lambda *_: pytest.fail("opened"))
    with pytest.raises(OSError):
        found(world, "Лободай")


@pytest.mark.parametrize(
    ("line", "code"),
    [("", "nothing-to-find"), ("я", "nothing-to-find"), ("😀", "nothing-to-find"), ("я" * 10_000, "too-long")],
)
def test_a_line_that_cannot_be_searched_is_refused_with_one_sentence(
    world: World, entries: list[Entry], line: str, code: str
) -> None:
    with pytest.raises(Invalid) as refused:
        found(world, line)
    assert refused.value.problems == {"line": code}
    assert entries == []


NASTY = [
    "%",
    "__",
    "Иvaнoв Сергей",
    "'; drop table case_;--",
    "a\x00b",
    "ﷺ ﷺ",
    "x" * 200,
    "\ud800 \ud800x",
    "\u202eЛоб",
]


@pytest.mark.parametrize("line", NASTY)
def test_a_nasty_line_finds_nothing_and_breaks_nothing(world: World, line: str) -> None:
    case(world, "Лободай Тихон", STORY)
    with suppress(Invalid):
        assert found(world, line).found == 0


def test_pages_follow_each_other_without_a_gap(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "PAGE", 2)
    cases = {case(world, "Лободай Тихон") for _ in range(5)}
    first, second, third = (found(world, "Лободай Тихон", skip=skip) for skip in (0, 2, 4))
    assert {*ids(first), *ids(second), *ids(third)} == cases
    assert [page.next for page in (first, second, third)] == [2, 4, 0]
    assert first.found == 5
    assert found(world, "Лободай Тихон", skip=10**6).lines == ()


def test_a_renamed_man_is_found_by_both_names_and_an_erased_one_by_none(world: World) -> None:
    case_id = case(world, "Лободай Тихон")
    tidy(world)
    name_again(world, case_id, "Стожаров Лукьян")
    assert ids(found(world, "Лободай Тихон")) == ids(found(world, "Стожаров Лукьян")) == [case_id]
    erase_case(world.enter("worker", case_id, Action.CASE_ERASE))
    assert ids(found(world, "Лободай Тихон")) == ids(found(world, "Стожаров Лукьян")) == []


def test_a_row_that_is_older_than_its_record_is_not_shown_and_is_reported(
    world: World, entries: list[Entry], monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id = case(world, "Лободай Тихон")
    assert ids(found(world, "Лободай Тихон")) == [case_id]
    with monkeypatch.context() as planted:
        planted.setattr(shelves.tails, "put", lambda *_: None)
        name_again(world, case_id, "Стожаров Лукьян")
    (line,) = found(world, "Лободай Тихон").lines
    assert (line.line.refused, line.line.title) == (True, "")
    assert [(one.verb, one.case) for one in entries if one.verb == TAMPERED] == [(TAMPERED, case_id)]


def tidy(world: World) -> None:
    keys: Mapping[tuple[Compartment, int], Any] = {(name, 1): key for name, key in world.keys["north"].items()}
    tidying.tidy(world.store, Ring(world.desks["north"], keys), NAMES)
