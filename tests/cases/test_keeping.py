"""The end of a case: what is due goes by itself, what is held stays, an edited date destroys nothing."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from api import clock
from api.access import sessions
from api.access.doors import enter_case
from api.catalogue.check import check
from api.catalogue.compartments import Compartment
from api.catalogue.keeping import MONTHS, Ending, Holding, Reviewing, terms
from api.clock import month_after
from api.crypto import Key, Parcel
from api.errors import Erased, Forbidden, Held, Invalid, NotFound, OutOfOrder, Stale, Tampered
from api.ids import new_id
from api.models.tables import Case, Erasure, File, Grant, Leaf, Member, Section, ShredBackup, ShredRow, SignedIn
from api.policy.actions import Action
from api.sealed import roots, shreds
from api.sealed.store import Store
from api.services import erasing, erasures, files, keeping, operating, retaining, saving
from api.services.cases import append_to, read_case, save_entry
from tests.cases.bench_world import SECTIONS, World, case_row, make_bench

C = Compartment
Turn = Callable[[int], date]


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> World:
    return make_bench(database_url, tmp_path)


@pytest.fixture
def turn(monkeypatch: pytest.MonkeyPatch) -> Turn:
    """Turn the clock of the run to so many days after today."""

    def turned(days: int) -> date:
        day = clock.today() + timedelta(days=days)
        monkeypatch.setattr(retaining, "today", lambda: day)
        return day

    return turned


def closed(world: World, ending: Ending = Ending.FATE_KNOWN) -> str:
    case_id = world.case()
    keeping.close(world.enter("worker", case_id, Action.CASE_KEEP), ending, 1)
    return case_id


def parts(world: World, case_id: str) -> set[str]:
    with world.store.reading() as db:
        return set(db.scalars(select(Section.compartment).where(Section.case_id == case_id)))


def run(world: World, day: date) -> retaining.Run:
    return retaining.retain(world.store, confirmed=day)


def test_an_open_case_has_no_clock(world: World, turn: Turn) -> None:
    case_id = world.case()
    assert run(world, turn(365 * 50)).parts == 0
    assert read_case(world.enter("worker", case_id, Action.CASE_READ)).version == 1


def test_the_parts_of_a_closed_case_go_each_in_its_time(world: World, turn: Turn) -> None:
    case_id = closed(world)
    assert run(world, turn(365 * 3 - 40)).parts == 0
    assert run(world, turn(365 * 3 + 70)).parts == 4
    assert parts(world, case_id) == {"control", "consent"}
    view = read_case(world.enter("worker", case_id, Action.CASE_READ))
    assert view.sections[C.FACTS] == {}
    assert view.sections[C.CONTROL]["case"][0]["close_reason"] == "fate-known"
    assert run(world, turn(365 * 12)).parts == 2
    with pytest.raises(NotFound):
        world.enter("worker", case_id, Action.CASE_READ)
    with world.store.reading() as db:
        assert db.get(Case, case_id) is None


def test_what_is_left_of_a_case_can_be_written_to(world: World, turn: Turn) -> None:
    case_id = closed(world)
    run(world, turn(365 * 3 + 70))
    append_to(world.enter("worker", case_id, Action.CASE_WRITE), C.LEGAL, "intervention", {"reference": "G/SO"})
    keeping.reopen(world.enter("worker", case_id, Action.CASE_KEEP), 3)
    append_to(world.enter("worker", case_id, Action.CASE_WRITE), C.FACTS, "act", {"type": "x"})
    assert run(world, turn(365 * 40)).parts == 0
    assert parts(world, case_id) == {"control", "consent", "legal", "facts"}


def test_a_part_that_is_written_after_the_closing_has_the_same_clock(world: World, turn: Turn) -> None:
    case_id = closed(world)
    append_to(world.enter("worker", case_id, Action.CASE_WRITE), C.EVIDENCE, "document", {"title": "x"})
    assert run(world, turn(365 * 3 + 70)).parts == 5


def told(world: World) -> str:
    """A case with a teller who may be reached: contact was today."""
    reporter = {"id": "2" * 26, "name": "Planted Source"}
    contact = {"id": "2" * 26, "address": "@planted.example"}
    return world.case({**SECTIONS, C.SOURCE: {"reporter": [reporter]}, C.CONTACT: {"reporter": [contact]}})


def test_how_to_reach_the_teller_goes_twelve_months_after_the_last_contact_of_an_open_case_too(
    world: World, turn: Turn
) -> None:
    case_id = told(world)
    assert run(world, turn(365 - 40)).parts == 0
    assert run(world, turn(365 + 40)).parts == 1
    assert parts(world, case_id) == {"control", "consent", "facts", "identity", "source", "narrative"}
    view = read_case(world.enter("intake", case_id, Action.CASE_READ, {C.SOURCE, C.CONTACT}))
    assert view.sections[C.CONTACT] == {}
    assert view.sections[C.SOURCE]["reporter"][0]["name"] == "Planted Source"


def test_a_contact_starts_the_twelve_months_anew_and_needs_no_key_to_the_contact(
    world: World, turn: Turn, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id = told(world)
    later_on = clock.today() + timedelta(days=300)
    monkeypatch.setattr(saving, "today", lambda: later_on)
    monkeypatch.setattr(keeping, "today", lambda: later_on)
    keeping.touch(world.enter("worker", case_id, Action.CASE_KEEP), 1)
    assert run(world, turn(365 + 40)).parts == 0
    assert run(world, turn(365 + 340)).parts == 1


def test_closing_a_case_does_not_lengthen_what_is_kept_of_the_contact_and_a_hold_does(world: World, turn: Turn) -> None:
    closing, holding = told(world), told(world)
    keeping.close(world.enter("worker", closing, Action.CASE_KEEP), Ending.FATE_KNOWN, 1)
    keeping.hold(world.enter("worker", holding, Action.CASE_KEEP), Holding.REQUEST, 1)
    assert run(world, turn(365 + 40)).parts == 1
    assert "contact" not in parts(world, closing)
    assert "contact" in parts(world, holding)


def test_a_contact_that_is_written_anew_lives_from_that_day(world: World, turn: Turn) -> None:
    case_id = told(world)
    run(world, turn(365 + 40))
    opens = {C.CONTROL, C.SOURCE, C.CONTACT, C.NARRATIVE}
    access = world.enter("intake", case_id, Action.CASE_WRITE, opens)
    checked = check("reporter", {"name": "Planted Source", "address": "+7 900"}, "en", clock.today())
    save_entry(access, "reporter", "2" * 26, checked, access.version)
    assert "contact" in parts(world, case_id)
    assert run(world, turn(365 + 41)).parts == 1


def test_who_keeps_a_case_longer_says_until_when_and_why(world: World, turn: Turn) -> None:
    case_id = closed(world)
    access, soon = world.enter("worker", case_id, Action.CASE_KEEP), clock.today() + timedelta(days=300)
    keeping.review(access, soon.isoformat(), Reviewing.FAMILY_ASKS, 2)
    head = read_case(world.enter("worker", case_id, Action.CASE_READ)).sections[C.CONTROL]["case"][0]
    assert head["review"]["by"] == world.members["worker"][0]
    assert terms(head, C.FACTS) == terms({"closed_on": head["closed_on"]}, C.FACTS)
    assert terms({"closed_on": "2020-01-10", "review": head["review"]}, C.FACTS) == (soon.isoformat()[:7], False)
    assert terms({"contacted_on": "2020-01-10", "review": head["review"]}, C.CONTACT) == ("2021-01", False)


def test_a_case_that_is_due_stays_until_the_day_of_its_review(
    world: World, turn: Turn, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id = closed(world)
    late = clock.today() + timedelta(days=365 * 3 + 20)
    monkeypatch.setattr(keeping, "today", lambda: late)
    access = world.enter("worker", case_id, Action.CASE_KEEP)
    keeping.review(access, (late + timedelta(days=200)).isoformat(), Reviewing.STILL_NEEDED, 2)
    assert run(world, turn(365 * 3 + 150)).parts == 0
    assert run(world, turn(365 * 3 + 270)).parts == 4


@pytest.mark.parametrize("until", ["", "soon", "2001-01-01", "9999-12-31", "today", "in two years"])
def test_a_review_is_at_most_a_year_ahead(world: World, until: str) -> None:
    case_id = closed(world)
    days = {"today": 0, "in two years": 731}
    day = (clock.today() + timedelta(days=days[until])).isoformat() if until in days else until
    with pytest.raises(Invalid):
        keeping.review(world.enter("worker", case_id, Action.CASE_KEEP), day, Reviewing.STILL_NEEDED, 2)


def test_an_open_case_needs_no_review_and_opening_ends_one(world: World) -> None:
    case_id, soon = world.case(), (clock.today() + timedelta(days=30)).isoformat()
    with pytest.raises(OutOfOrder):
        keeping.review(world.enter("worker", case_id, Action.CASE_KEEP), soon, Reviewing.STILL_NEEDED, 1)
    keeping.close(world.enter("worker", case_id, Action.CASE_KEEP), Ending.ERROR, 1)
    keeping.review(world.enter("worker", case_id, Action.CASE_KEEP), soon, Reviewing.STILL_NEEDED, 2)
    keeping.reopen(world.enter("worker", case_id, Action.CASE_KEEP), 3)
    head = read_case(world.enter("worker", case_id, Action.CASE_READ)).sections[C.CONTROL]["case"][0]
    assert not {"review", "closed_on", "close_reason"} & head.keys()


def test_the_register_of_erasures_says_ids_and_days_to_auditor_and_administrator_alone(world: World) -> None:
    case_id = world.case()
    with world.store.reading() as db:
        shreds_of = set(db.scalars(select(Section.shred_id).where(Section.case_id == case_id)))
    erasing.erase_case(world.enter("worker", case_id, Action.CASE_ERASE))
    for name in ("auditor", "admin"):
        lines = erasures.register(world.store, world.caller(name))
        assert shreds_of <= {one.id for one in lines}
        assert {one.day for one in lines} == {clock.today().isoformat()}
        assert case_id not in str(lines)
    for name in ("worker", "intake", "analyst", "lawyer", "trustee"):
        with pytest.raises(Forbidden):
            erasures.register(world.store, world.caller(name))
        with pytest.raises(Forbidden):
            erasures.still_due(world.store, world.caller(name))


def test_the_register_is_read_in_pages_newest_first(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    with world.store.writing() as db:
        db.add_all(Erasure(shred_id=one[2] * 26, day=f"2026-01-0{one[0]}") for one in ("1.a", "1.b", "2.c", "2.d"))
    monkeypatch.setattr(erasures, "NEWEST", 1)
    seen, after = list[str](), ""
    while lines := erasures.register(world.store, world.caller("auditor"), after):
        seen += [one.day + one.id[0] for one in lines]
        after = erasures.cursor(lines)
    assert seen == ["2026-01-02c", "2026-01-02d", "2026-01-01a", "2026-01-01b"]


def test_backups_that_still_know_what_was_erased_are_listed_until_they_are_destroyed(world: World) -> None:
    with world.store.writing() as db:
        db.add(ShredBackup(id=new_id(), day="2026-11-01", destroy_by="2026-12-01"))
    (one,) = erasures.still_due(world.store, world.caller("admin"))
    assert (one.day, one.destroy_by) == ("2026-11-01", "2026-12-01")


def test_a_case_that_is_opened_again_has_no_clock(world: World, turn: Turn) -> None:
    case_id = closed(world)
    keeping.reopen(world.enter("worker", case_id, Action.CASE_KEEP), 2)
    assert run(world, turn(365 * 50)).parts == 0


def test_a_hold_stops_every_clock_until_it_is_lifted(world: World, turn: Turn) -> None:
    case_id = closed(world)
    keeping.hold(world.enter("worker", case_id, Action.CASE_KEEP), Holding.PROCEEDINGS, 2)
    assert run(world, turn(365 * 50)).parts == 0
    keeping.lift(world.enter("worker", case_id, Action.CASE_KEEP), 3)
    assert run(world, turn(365 * 50)).parts == 6


def test_a_held_case_is_erased_by_nobody(world: World) -> None:
    case_id = world.case()
    keeping.hold(world.enter("worker", case_id, Action.CASE_KEEP), Holding.REQUEST, 1)
    with pytest.raises(Held):
        erasing.erase_case(world.enter("worker", case_id, Action.CASE_ERASE))
    with pytest.raises(Held):
        erasing.remove_entry(world.enter("worker", case_id, Action.CASE_WRITE), "statement", "3" * 26, 2)
    with pytest.raises(Held):
        operating.erase_by_id(world.store, case_id)
    keeping.lift(world.enter("worker", case_id, Action.CASE_KEEP), 2)
    erasing.erase_case(world.enter("worker", case_id, Action.CASE_ERASE))


@pytest.mark.parametrize("edit", [{"due": "2001-01"}, {"due": "2001-01-01"}, {"due": None}, {"held": False}], ids=str)
def test_an_edited_date_or_hold_destroys_nothing_and_is_reported(
    world: World, turn: Turn, edit: dict[str, str | bool | None]
) -> None:
    case_id = closed(world)
    keeping.hold(world.enter("worker", case_id, Action.CASE_KEEP), Holding.REQUEST, 2)
    day = turn(365 * 50)
    with world.store.writing() as db:
        shred = db.get_one(Section, (case_id, "facts")).shred_id
        db.execute(update(ShredRow).where(ShredRow.id == shred).values({"held": False, **edit}))
    done = run(world, day)
    assert done.parts == 0
    assert done.edited == (0 if edit.get("due", "") is None else 1)
    assert parts(world, case_id) >= {"facts"}
    with pytest.raises(Tampered):
        world.enter("worker", case_id, Action.CASE_READ)


@pytest.mark.parametrize("edit", [{"due": "2099-01-01"}, {"held": True}], ids=str)
def test_a_date_put_off_by_hand_is_reported(world: World, turn: Turn, edit: dict[str, str | bool]) -> None:
    world.grantee("lawyer", world.case(), {C.FACTS})
    with world.store.writing() as db:
        made = shreds.make(db, world.store, "2026-12-01")
        db.flush()
        db.execute(update(ShredRow).where(ShredRow.id == made.id).values(**edit))
    assert run(world, turn(365)).edited == 1


def test_a_file_turned_to_another_shred_keeps_its_blob(world: World, turn: Turn) -> None:
    case_id = world.case()
    sink = files.open_sink(world.store)
    sink.feed(b"evidence")
    files.add_file(world.enter("worker", case_id, Action.FILE_ADD), sink.finish(), "A", "text/plain", "", 1)
    with world.store.writing() as db:
        made = shreds.make(db, world.store, "2026-12-01")
        row = db.scalars(select(File)).one()
        row.shred_id = made.id
    run(world, turn(365))
    assert next(world.store.blobs.iterdir()).read_bytes().strip(b"\0") != b""


def test_planted_a_run_that_does_not_look_at_the_seal_is_seen(
    world: World, turn: Turn, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id = world.case()
    with world.store.writing() as db:
        shred = db.get_one(Section, (case_id, "facts")).shred_id
        db.execute(update(ShredRow).where(ShredRow.id == shred).values(due="2001-01"))
    monkeypatch.setattr(shreds, "sound", lambda *_: True)
    assert run(world, turn(1)).parts == 1


def epoch(world: World) -> int:
    with world.store.reading() as db:
        return roots.opened(db, world.store).epoch


def test_what_is_due_goes_in_slices_and_nobody_waits_for_all_of_it(
    world: World, turn: Turn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retaining, "SLICE", 4)
    cases, open_one, before = [closed(world) for _ in range(3)], world.case(), epoch(world)
    every = sum(len(parts(world, case_id)) for case_id in cases)
    done = run(world, turn(365 * 50))
    assert (done.parts, done.edited) == (every, 0)
    assert [parts(world, case_id) for case_id in cases] == [set()] * 3
    with world.store.reading() as db:
        assert db.scalars(select(Case.id)).all() == [open_one]
    # A case that was begun ends in the same slice.
    assert before + 1 < epoch(world) <= before + every // 4 + 1


def test_a_run_that_is_ended_half_way_keeps_what_it_did_and_goes_on(
    world: World, turn: Turn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retaining, "SLICE", 7)
    cases, day = [closed(world) for _ in range(3)], turn(365 * 50)
    every = sum(len(parts(world, case_id)) for case_id in cases)
    with monkeypatch.context() as patched:
        patched.setattr(retaining, "_finish", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            run(world, day)
    left = sum(len(parts(world, case_id)) for case_id in cases)
    assert 0 < left < every
    with world.store.reading() as db:
        assert roots.anchored(db, world.store).get(retaining.LAST, "") < day.isoformat()
    assert run(world, day).parts == left
    with world.store.reading() as db:
        assert db.scalars(select(Case.id)).all() == []
        assert roots.anchored(db, world.store)[retaining.LAST] == day.isoformat()


def test_dates_are_looked_at_while_others_write(world: World, turn: Turn, monkeypatch: pytest.MonkeyPatch) -> None:
    closed(world)
    look, made = shreds.edited, list[str]()

    def meanwhile(db: Session, store: Store) -> list[str]:
        found = look(db, store)
        made.append(world.case())
        return found

    monkeypatch.setattr(shreds, "edited", meanwhile)
    run(world, turn(1))
    assert parts(world, made[0])


def test_a_section_taken_away_and_written_into_the_register_is_refused(world: World) -> None:
    case_id = world.case()
    with world.store.writing() as db:
        row = db.get_one(Section, (case_id, "narrative"))
        db.add(Erasure(shred_id=row.shred_id, day="2026-01-01"))
        db.delete(row)
    with pytest.raises(Tampered):
        world.enter("worker", case_id, Action.CASE_READ)


def test_a_section_taken_away_with_its_shred_and_no_word_of_it_is_refused(world: World) -> None:
    case_id = world.case()
    with world.store.writing() as db:
        row = db.get_one(Section, (case_id, "narrative"))
        db.execute(delete(ShredRow).where(ShredRow.id == row.shred_id))
        db.delete(row)
    with pytest.raises((Tampered, Erased)):
        world.enter("worker", case_id, Action.CASE_READ)


@pytest.mark.parametrize("days", [-1, 46, 365 * 40])
def test_a_clock_that_jumped_is_asked_about(world: World, turn: Turn, days: int) -> None:
    closed(world)
    run(world, turn(0))
    day = turn(days)
    with pytest.raises(OutOfOrder):
        retaining.retain(world.store)
    with pytest.raises(OutOfOrder):
        retaining.retain(world.store, confirmed=day - timedelta(days=1))
    if days > 0:
        assert retaining.retain(world.store, confirmed=day).day == day.isoformat()


def test_the_timer_makes_one_run_a_day(world: World, turn: Turn) -> None:
    case_id = closed(world)
    run(world, turn(365 * 3 + 60))
    before = parts(world, case_id)
    with world.store.writing() as db:
        db.execute(update(Case).where(Case.id == case_id).values(version=Case.version))
    retaining.retain_daily(world.store)
    assert parts(world, case_id) == before
    turn(365 * 3 + 100)
    retaining.retain_daily(world.store)
    with world.store.reading() as db:
        assert roots.anchored(db, world.store)[retaining.LAST] > clock.today().isoformat()


def test_the_timer_destroys_nothing_while_the_log_is_not_whole(world: World, turn: Turn) -> None:
    case_id = closed(world)
    run(world, turn(365 * 3 - 60))
    turn(365 * 3 + 70)
    with world.store.writing() as db:
        newest = select(func.max(Leaf.index)).scalar_subquery()
        db.execute(update(Leaf).where(Leaf.index == newest).values(tag=b"another"))
    with pytest.raises(Tampered):
        retaining.retain_daily(world.store)
    assert "facts" in parts(world, case_id)


def test_a_session_that_has_ended_is_destroyed(world: World, turn: Turn) -> None:
    with world.store.writing() as db:
        member = db.get_one(Member, world.members["auditor"][0])
        seeds = Parcel({}, {"receive": Key.fresh(), "sign": Key.fresh()})
        sessions.begin(db, world.store, member, seeds)
    run(world, turn(1))
    with world.store.reading() as db:
        assert len(db.scalars(select(SignedIn)).all()) == 1
    run(world, turn(2))
    with world.store.reading() as db:
        assert db.scalars(select(SignedIn)).all() == []


def test_a_grant_that_has_ended_is_destroyed(world: World, turn: Turn) -> None:
    world.grantee("lawyer", world.case(), {C.FACTS})
    with world.store.writing() as db:
        made = shreds.make(db, world.store, "2026-12-01")
        db.execute(update(Grant).where(Grant.member_id == world.members["lawyer"][0]).values(shred_id=made.id))
    assert run(world, turn(1)).grants == 0
    assert run(world, turn(365)).grants == 1


def test_what_is_due_is_seen_by_its_desk_alone(world: World) -> None:
    case_id = closed(world)
    month = month_after(clock.today(), 36)
    mine = keeping.due_by(world.store, world.caller("worker"), month)
    assert {(one.case_id, one.compartment, one.month) for one in mine} == {
        (case_id, name, month) for name in ("facts", "identity", "source", "narrative")
    }
    assert keeping.due_by(world.store, world.caller("worker"), month_after(clock.today(), 35)) == []
    assert keeping.due_by(world.store, world.caller("stranger"), "2999-01") == []
    with pytest.raises(Forbidden):
        keeping.due_by(world.store, world.caller("analyst"), month)


def test_who_does_not_sit_at_the_desk_closes_and_holds_nothing(world: World) -> None:
    case_id = world.case()
    with pytest.raises(NotFound):
        world.enter("stranger", case_id, Action.CASE_KEEP)
    lawyer = world.grantee("lawyer", case_id, {C.FACTS})
    with pytest.raises(Forbidden):
        enter_case(world.store, lawyer, case_id, Action.CASE_KEEP)


def test_twice_the_same_is_out_of_order_and_an_older_version_is_stale(world: World) -> None:
    case_id = closed(world)
    with pytest.raises(OutOfOrder):
        keeping.close(world.enter("worker", case_id, Action.CASE_KEEP), Ending.ERROR, 2)
    with pytest.raises(OutOfOrder):
        keeping.lift(world.enter("worker", case_id, Action.CASE_KEEP), 2)
    with pytest.raises(Stale):
        keeping.reopen(world.enter("worker", case_id, Action.CASE_KEEP), 1)
    with world.store.reading() as db:
        assert case_row(db, case_id).version == 2


@given(st.dates(date(1900, 1, 1), date(2900, 1, 1)), st.integers(0, 400))
def test_a_month_later_is_a_month_later(day: date, months: int) -> None:
    year, month = (int(part) for part in month_after(day, months).split("-"))
    assert year * 12 + month == day.year * 12 + day.month + months


def test_control_outlives_every_other_part() -> None:
    assert MONTHS[C.CONTROL] == max(MONTHS.values())
    assert terms({}, C.FACTS) == (None, False)
    assert terms({"closed_on": "2026-11-23"}, C.FACTS) == ("2029-11", False)
    assert terms({"closed_on": "2026-11-23", "hold": {}}, C.CONTROL) == ("2036-11", True)
