"""Records come in: nothing before a yes, no row twice, a consent to keeping alone, and nothing of the table stays."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update

from api import audit
from api.access.doors import enter_case
from api.catalogue.compartments import Compartment
from api.catalogue.purposes import Decision, Purpose
from api.clock import today
from api.crypto import Sealed
from api.errors import Forbidden, Invalid, NotFound, OutOfOrder, Stale, Tampered
from api.importing.findings import MOST_FINDINGS, Finding
from api.models.imports import Import
from api.models.tables import Case, File, Leaf
from api.policy.actions import Action
from api.services import cases, consents, desks, importing, ledgers, logbook, members, retaining
from api.services.importing import BATCH
from tests.importing.tables import MAPPING, TITLES, as_csv, begun, imported, last, name, previewed, row, table
from tests.world import World, make_world

C = Compartment


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> Iterator[World]:
    made = make_world(database_url, tmp_path)
    yield made
    made.store.close()


@pytest.fixture
def small(sqlite_url: str, tmp_path: Path) -> World:
    return make_world(sqlite_url, tmp_path)


def count(world: World, what: Any) -> int:
    with world.store.reading() as db:
        return db.scalar(select(func.count()).select_from(what)) or 0


def case_ids(world: World) -> list[str]:
    with world.store.reading() as db:
        return list(db.scalars(select(Case.id)))


def opened(world: World, case_id: str) -> dict[C, Any]:
    wanted = set(C) - {C.LEGAL}
    access = enter_case(world.store, world.caller("ines"), case_id, Action.CASE_READ, wanted, "verify-fact")
    return dict(cases.read_case(access).sections)


def everyone(world: World) -> list[str]:
    return sorted(opened(world, one)[C.IDENTITY]["person"][0]["name"] for one in case_ids(world))


def test_a_preview_imports_nothing_and_says_row_by_row_what_is_wrong(world: World) -> None:
    before = count(world, Case)
    wrong = [*row(5)[:4], "на днях", *row(5)[5:]]
    _, found = previewed(world, table(3, wrong, row(1)))
    assert (found.rows, found.fit, found.broken, found.doubled) == (6, 3, 1, 1)
    assert found.findings == (Finding(5, "act.when", "unreadable-date"), Finding(6, "row", "twice-in-table", "3"))
    assert count(world, Case) == before
    assert len(list(world.store.blobs.iterdir())) == 1


def test_what_fits_becomes_cases_like_those_of_accepted_reports(world: World) -> None:
    done = imported(world, table(2))
    assert (done.made, done.broken, done.doubled, done.done) == (2, 0, 0, True)
    found = {one[C.IDENTITY]["person"][0]["name"]: one for one in (opened(world, x) for x in case_ids(world))}
    one = found[name(1)]
    assert one[C.CONTROL]["case"][0]["received_on"] == "2023-05-03"
    assert one[C.CONTROL]["case"][0]["owner"] == world.ids["ines"]
    assert one[C.FACTS]["custody"][0]["facility"]["number"] == "2"
    assert one[C.NARRATIVE]["statement"][0]["text"] == "Рассказ 1"
    assert {told["words"] for told in one[C.NARRATIVE]["told"]} == {"1961", "май 2023"}
    person = one[C.IDENTITY]["person"][0]
    assert person["id"] == one[C.FACTS]["person"][0]["id"]


def test_how_to_reach_who_told_it_is_as_old_as_the_record(small: World) -> None:
    """Brought in today, a record of 2023 is no contact of today: the year after the last contact is over."""
    mapping = MAPPING.replace("[constants]", '"Телефон" = "reporter.address"\n[constants]')
    old, undated = [*row(1), "+7 900 123-45-67"], [*row(2)[:-1], "", "+7 900 123-45-68"]
    assert imported(small, as_csv([[*TITLES, "Телефон"], old, undated]).encode(), mapping).made == 2
    heads = {
        one[C.CONTACT]["reporter"][0]["address"]: one[C.CONTROL]["case"][0]
        for one in (opened(small, case_id) for case_id in case_ids(small))
    }
    assert [heads[line[-1]]["contacted_on"] for line in (old, undated)] == ["2023-05-03", today().isoformat()]


def test_consent_is_to_keeping_and_to_nothing_else(small: World) -> None:
    imported(small, table(1))
    [case_id] = case_ids(small)
    access = enter_case(small.store, small.caller("ines"), case_id, Action.CASE_READ)
    [given] = access.open(C.CONSENT).note["consent"]
    assert given.items() >= {"purpose": "keep", "value": "yes", "on": "2023-05-01", "how": "phone"}.items()
    assert given["taken_by"] == small.ids["ines"]
    held = consents.effective(access)
    assert {one for one in Purpose if held[one] is Decision.YES} == {Purpose.KEEP}
    assert "counting" not in access.open(C.FACTS).note.get("case", [{}])[0]


def test_the_log_has_an_entry_for_each_case_and_stays_whole(world: World) -> None:
    imported(world, table(BATCH + 2))
    verbs = [str(one["verb"]) for one in logbook.newest(world.store, world.caller("otto"))]
    assert verbs.count("case:create") == BATCH + 2
    assert {"import:begun", "import:compared", "import:confirmed", "import:ended"} <= set(verbs)
    assert audit.verify(world.store).whole


def test_nothing_of_the_table_stays_when_it_is_done(world: World) -> None:
    files_before = count(world, File)
    imported(world, table(2))
    assert count(world, Import) == 0
    assert count(world, File) == files_before
    assert list(world.store.blobs.iterdir()) == []


def test_given_up_it_is_gone_and_its_cases_stay(world: World) -> None:
    found = begun(world, table(BATCH * 2))
    caller = world.caller("ines")
    last(importing.preview(world.store, caller, found))
    importing.confirm(world.store, caller, found)
    next(importing.carry_on(world.store, caller, found))
    importing.give_up(world.store, caller, found)
    assert count(world, Case) == BATCH
    assert count(world, Import) == 0
    assert list(world.store.blobs.iterdir()) == []


def test_nothing_is_imported_without_a_preview_and_a_yes(small: World) -> None:
    found, caller = begun(small, table(2)), small.caller("ines")
    for too_early in (importing.confirm, lambda *given: next(importing.carry_on(*given))):
        with pytest.raises(OutOfOrder):
            too_early(small.store, caller, found)
    last(importing.preview(small.store, caller, found))
    with pytest.raises(OutOfOrder):
        next(importing.carry_on(small.store, caller, found))
    importing.give_mapping(small.store, caller, found, MAPPING)
    with pytest.raises(OutOfOrder):
        importing.confirm(small.store, caller, found)
    last(importing.preview(small.store, caller, found))
    importing.confirm(small.store, caller, found)
    for too_late in (
        lambda: importing.give_mapping(small.store, caller, found, MAPPING),
        lambda: importing.confirm(small.store, caller, found),
    ):
        with pytest.raises(OutOfOrder):
            too_late()
    assert count(small, Case) == 0


def test_a_preview_needs_a_mapping(small: World) -> None:
    found = begun(small, table(1))
    ledger = ledgers.look(small.store, small.caller("ines"), found)
    with small.store.writing() as db:
        ledgers.move(db, small.store, small.caller("ines"), replace(ledger, mapping=""), "import:mapped")
    with pytest.raises(OutOfOrder):
        next(importing.preview(small.store, small.caller("ines"), found))


def test_stopped_and_gone_on_with_no_row_is_made_twice_and_none_is_left_out(world: World) -> None:
    found = begun(world, table(BATCH * 2 + 7, row(0)))
    caller = world.caller("ines")
    last(importing.preview(world.store, caller, found))
    importing.confirm(world.store, caller, found)
    first = next(importing.carry_on(world.store, caller, found))
    assert first.made == BATCH
    view = importing.look(world.store, caller, found)
    assert (view.state, view.made, view.row) == ("confirmed", BATCH, BATCH + 1)
    done = last(importing.carry_on(world.store, world.caller("ines"), found))
    assert (done.made, done.doubled) == (BATCH * 2 + 7, 1)
    assert everyone(world) == sorted(map(name, range(BATCH * 2 + 7)))


def test_two_who_work_on_one_import_make_no_case_twice(world: World) -> None:
    found = begun(world, table(BATCH * 3))
    caller = world.caller("ines")
    last(importing.preview(world.store, caller, found))
    importing.confirm(world.store, caller, found)
    one, other = (importing.carry_on(world.store, caller, found) for _ in range(2))
    next(one)
    next(other)
    with pytest.raises(Stale):
        next(one)
    last(other)
    assert everyone(world) == sorted(map(name, range(BATCH * 3)))


def test_who_is_in_a_case_of_the_desk_is_left_out_unless_a_person_wants_the_row(world: World) -> None:
    imported(world, table(3))
    assert imported(world, table(4)).made == 1
    again = imported(world, table(4), also=[3])
    assert (again.made, again.doubled) == (1, 3)
    assert everyone(world) == sorted([*map(name, range(4)), name(1)])
    codes = {one.like for one in again.findings}
    assert all(len(code) == 7 for code in codes)


def test_a_case_of_another_desk_is_neither_compared_nor_named(small: World) -> None:
    imported(small, table(2))
    found = begun(small, table(2), login="isa", desk="South")
    seen = last(importing.preview(small.store, small.caller("isa"), found))
    assert (seen.fit, seen.doubled) == (2, 0)


@pytest.mark.parametrize("login", ["carl", "ann", "leo", "otto", "ada"])
def test_only_an_intake_officer_brings_records_in(login: str, small: World) -> None:
    found, caller = begun(small, table(1)), small.caller(login)
    for forbidden in (
        lambda: importing.waiting(small.store, caller),
        lambda: importing.look(small.store, caller, found),
        lambda: importing.give_mapping(small.store, caller, found, MAPPING),
        lambda: next(importing.preview(small.store, caller, found)),
        lambda: importing.confirm(small.store, caller, found),
        lambda: next(importing.carry_on(small.store, caller, found)),
        lambda: importing.give_up(small.store, caller, found),
    ):
        with pytest.raises(Forbidden):
            forbidden()


def test_an_officer_of_another_desk_does_not_see_it(small: World) -> None:
    found, caller = begun(small, table(1)), small.caller("isa")
    assert importing.waiting(small.store, caller) == ()
    assert [one.id for one in importing.waiting(small.store, small.caller("ines"))] == [found]
    for invisible in (found, "0" * 26, "x"):
        with pytest.raises(NotFound):
            importing.look(small.store, caller, invisible)


def test_a_suspended_officer_s_work_stops_at_the_next_batch(small: World) -> None:
    found, caller = begun(small, table(BATCH * 2)), small.caller("ines")
    last(importing.preview(small.store, caller, found))
    importing.confirm(small.store, caller, found)
    working = importing.carry_on(small.store, caller, found)
    next(working)
    small.enrol("nora", "intake")
    desks.seat(small.store, caller, small.desks["North"], small.ids["nora"], small.words("nora"))
    desks.unseat(small.store, small.caller("carl"), small.desks["North"], small.ids["ines"])
    with pytest.raises(NotFound):
        next(working)
    assert count(small, Case) == BATCH
    done = last(importing.carry_on(small.store, small.caller("nora"), found))
    assert done.made == BATCH * 2


def test_an_older_place_in_the_table_put_back_is_refused_and_recorded(world: World) -> None:
    found, caller = begun(world, table(BATCH * 2)), world.caller("ines")
    last(importing.preview(world.store, caller, found))
    importing.confirm(world.store, caller, found)
    with world.store.reading() as db:
        before = db.get_one(Import, found)
        older = {"version": before.version, "sealed": before.sealed}
    next(importing.carry_on(world.store, caller, found))
    with world.store.writing() as db:
        db.execute(update(Import).values(**older))
    with pytest.raises(Tampered):
        next(importing.carry_on(world.store, caller, found))
    assert "case:tampered" in [one["verb"] for one in logbook.newest(world.store, world.caller("otto"))]
    assert count(world, Case) == BATCH


@pytest.mark.parametrize("fault", ["flipped", "version", "moved"])
def test_an_edited_ledger_is_refused_and_recorded(fault: str, small: World) -> None:
    found = begun(small, table(1))
    with small.store.writing() as db:
        sealed = db.get_one(Import, found).sealed.blob
        flipped = Sealed(sealed[:-1] + bytes([sealed[-1] ^ 1]))
        edits: dict[str, dict[str, object]] = {"flipped": {"sealed": flipped}, "version": {"version": 7}}
        edits["moved"] = {"id": "0" * 26}
        db.execute(update(Import).values(**edits[fault]))
    where = "0" * 26 if fault == "moved" else found
    with pytest.raises(Tampered):
        importing.look(small.store, small.caller("ines"), where)
    assert "case:tampered" in [one["verb"] for one in logbook.newest(small.store, small.caller("otto"))]


def test_an_import_that_was_altered_is_recorded_and_hides_no_other(small: World) -> None:
    altered, sound = (begun(small, table(1)) for _ in range(2))
    with small.store.writing() as db:
        db.execute(update(Import).where(Import.id == altered).values(version=7))
    assert [one.id for one in importing.waiting(small.store, small.caller("ines"))] == [sound]
    noted = next(iter(logbook.newest(small.store, small.caller("otto"))))
    assert (noted["verb"], noted["about"]) == ("case:tampered", altered)


def test_what_nobody_finishes_is_destroyed_after_two_weeks(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    begun(world, table(1))
    later = today() + timedelta(days=15)
    monkeypatch.setattr(retaining, "today", lambda: later)
    retaining.retain(world.store)
    assert count(world, Import) == 0
    assert list(world.store.blobs.iterdir()) == []


def test_the_findings_are_bounded_and_the_numbers_are_not(small: World) -> None:
    bad = [[*row(number)[:4], "?", "", ""] for number in range(MOST_FINDINGS + 20)]
    _, found = previewed(small, table(1, *bad))
    assert found.broken == MOST_FINDINGS + 20
    assert len(found.findings) == MOST_FINDINGS


def test_a_table_that_does_not_fit_the_mapping_keeps_the_earlier_one(small: World) -> None:
    found, caller = begun(small, table(1)), small.caller("ines")
    with pytest.raises(Invalid) as caught:
        importing.give_mapping(small.store, caller, found, MAPPING.replace('"Где"', '"Куда"'))
    assert caught.value.problems == {"columns 3": "missing-column"}
    assert importing.look(small.store, caller, found).mapping == MAPPING


def test_the_titles_and_what_the_mapping_leaves_out_are_shown(small: World) -> None:
    found = begun(small, table(1), MAPPING.replace('"Рассказ" = "statement.text"\n', ""))
    view = importing.look(small.store, small.caller("ines"), found)
    assert view.titles[:2] == ("ФИО", "Год рождения")
    assert view.unused == ("Рассказ",)


def test_leaves_and_cases_commit_together(small: World) -> None:
    before = count(small, Leaf)
    imported(small, table(3))
    # begun, mapped, compared, checked, confirmed, compared, moved, ended, and one for each case.
    assert count(small, Leaf) - before == 3 + 8


def test_a_member_who_may_not_sign_makes_nothing(small: World) -> None:
    found, caller = begun(small, table(1)), small.caller("ines")
    last(importing.preview(small.store, caller, found))
    importing.confirm(small.store, caller, found)
    with pytest.raises(Forbidden):
        next(importing.carry_on(small.store, replace(caller, signing=None), found))
    assert count(small, Case) == 0
    assert members.members(small.store, caller)
