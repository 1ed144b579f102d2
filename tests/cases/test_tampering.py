"""What is altered, swapped, put back or moved is refused, reported, and never shown."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from api import audit
from api.access.caller import Caller
from api.access.doors import enter_case
from api.audit import Entry
from api.catalogue.compartments import Compartment
from api.crypto import Sealed
from api.errors import Refused, Tampered
from api.models.segments import Segment
from api.models.tables import Case, Leaf, Member, Reason, Section, ShredRow
from api.policy.actions import Action
from api.sealed.store import Store
from api.services.cases import append_to, read_case
from api.services.counting import count_cases
from api.services.listing import list_cases
from api.services.openings import openings
from tests.cases.bench_world import SECTIONS, World, make_bench

C = Compartment
COUNTED = {**SECTIONS, C.FACTS: {"case": [{**SECTIONS[C.FACTS]["case"][0], "counting": "yes"}]}}


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> World:
    return make_bench(database_url, tmp_path)


def flipped(sealed: Sealed, place: int = -1) -> Sealed:
    blob = bytearray(sealed.blob)
    blob[place] ^= 1
    return Sealed(bytes(blob))


def section(db: Session, case_id: str, compartment: Compartment) -> Section:
    row = db.get(Section, (case_id, compartment.value))
    assert row is not None
    return row


def case(db: Session, case_id: str) -> Case:
    row = db.get(Case, case_id)
    assert row is not None
    return row


def leaves(world: World) -> int:
    with world.store.reading() as db:
        return db.scalar(select(func.count()).select_from(Leaf)) or 0


def flip_body(db: Session, first: str, second: str) -> None:
    row = section(db, first, C.FACTS)
    row.body = flipped(row.body)


def flip_salt_of_a_shut_body(db: Session, first: str, second: str) -> None:
    row = section(db, first, C.SOURCE)
    row.body = flipped(row.body, 0)


def flip_manifest(db: Session, first: str, second: str) -> None:
    row = case(db, first)
    row.manifest = flipped(row.manifest)


def flip_shred(db: Session, first: str, second: str) -> None:
    row = db.get(ShredRow, section(db, first, C.FACTS).shred_id)
    assert row is not None
    row.sealed = flipped(row.sealed)


def swap_with_neighbour(db: Session, first: str, second: str) -> None:
    one, other = section(db, first, C.FACTS), section(db, first, C.NARRATIVE)
    one.body, other.body = other.body, one.body


def move_body_to_another_case(db: Session, first: str, second: str) -> None:
    section(db, first, C.FACTS).body = section(db, second, C.FACTS).body


def move_section_to_another_case(db: Session, first: str, second: str) -> None:
    one, other = section(db, first, C.FACTS), section(db, second, C.FACTS)
    one.body, one.shred_id = other.body, other.shred_id


def move_manifest_to_another_case(db: Session, first: str, second: str) -> None:
    case(db, first).manifest = case(db, second).manifest


def swap_shreds(db: Session, first: str, second: str) -> None:
    one, other = section(db, first, C.FACTS), section(db, first, C.NARRATIVE)
    one.shred_id, other.shred_id = other.shred_id, one.shred_id


def drop_section(db: Session, first: str, second: str) -> None:
    db.delete(section(db, first, C.NARRATIVE))


def drop_control(db: Session, first: str, second: str) -> None:
    db.delete(section(db, first, C.CONTROL))


def drop_shred(db: Session, first: str, second: str) -> None:
    db.execute(delete(ShredRow).where(ShredRow.id == section(db, first, C.NARRATIVE).shred_id))


def add_section(db: Session, first: str, second: str) -> None:
    row = section(db, first, C.FACTS)
    db.add(Section(case_id=first, compartment="legal", version=1, shred_id=row.shred_id, body=row.body))


def add_unknown_section(db: Session, first: str, second: str) -> None:
    row = section(db, first, C.FACTS)
    db.add(Section(case_id=first, compartment="else", version=1, shred_id=row.shred_id, body=row.body))


def raise_version(db: Session, first: str, second: str) -> None:
    case(db, first).version += 1


def raise_section_version(db: Session, first: str, second: str) -> None:
    section(db, first, C.FACTS).version += 1


def swap_the_writers_key(db: Session, first: str, second: str) -> None:
    keys = list(db.scalars(select(Member.verify)))
    for row in db.scalars(select(Member).where(Member.role == "intake")):
        row.verify = keys[0]


def drop_the_writer(db: Session, first: str, second: str) -> None:
    db.execute(delete(Member).where(Member.role == "intake"))


def drop_the_leaf(db: Session, first: str, second: str) -> None:
    db.execute(update(Leaf).values(tag=None))


def garble_the_epochs(db: Session, first: str, second: str) -> None:
    case(db, first).behind = "facts"


def name_an_unknown_compartment(db: Session, first: str, second: str) -> None:
    case(db, first).behind = "else:1"


FAULTS = [
    garble_the_epochs,
    name_an_unknown_compartment,
    flip_body,
    flip_salt_of_a_shut_body,
    flip_manifest,
    flip_shred,
    swap_with_neighbour,
    move_body_to_another_case,
    move_section_to_another_case,
    move_manifest_to_another_case,
    swap_shreds,
    drop_section,
    drop_control,
    drop_shred,
    add_section,
    add_unknown_section,
    raise_version,
    raise_section_version,
    swap_the_writers_key,
    drop_the_writer,
    drop_the_leaf,
]


@pytest.mark.parametrize("fault", FAULTS)
def test_each_alteration_is_refused_and_recorded(world: World, fault: Callable[[Session, str, str], None]) -> None:
    first, second = world.case(), world.case()
    read_case(world.enter("worker", first, Action.CASE_READ))
    with world.store.writing() as db:
        fault(db, first, second)
    before = leaves(world)
    with pytest.raises(Tampered):
        world.enter("worker", first, Action.CASE_READ)
    # What does not fit was not opened: of it the log has the misfit, and no opening.
    assert leaves(world) == before + 1


def listed(world: World, caller: Caller) -> tuple[dict[str, bool], int]:
    """Return which cases are listed and whether each is refused, and how many misfits went into the log."""
    before = leaves(world)
    lines = {one.id: one.refused for one in list_cases(world.store, caller).lines}
    return lines, leaves(world) - before - 1


@pytest.mark.parametrize("behind", ["facts", "else:1", "facts:x", "facts:1:1", ":", "control:1,,facts"])
def test_a_case_whose_epochs_were_edited_stands_alone_in_the_list(world: World, behind: str) -> None:
    first, second = world.case(COUNTED), world.case(COUNTED)
    worker, lawyer = world.caller("worker"), world.grantee("lawyer", first, {C.FACTS})
    assert listed(world, worker) == ({first: False, second: False}, 0)
    assert listed(world, lawyer) == ({first: False}, 0)
    with world.store.writing() as db:
        case(db, first).behind = behind
    assert listed(world, worker) == ({first: True, second: False}, 1)
    assert listed(world, lawyer) == ({first: True}, 1)
    assert count_cases(world.store, world.caller("analyst"), "case.status").cases == 2


def test_a_case_whose_epochs_were_edited_stops_no_other_that_is_made_again(world: World) -> None:
    first, second = world.case(COUNTED), world.case(COUNTED)
    with world.store.writing() as db:
        case(db, first).behind = "facts"
        db.execute(delete(Segment))
    lines = [(one.id, one.refused) for one in list_cases(world.store, world.caller("worker")).lines]
    assert (second, False) in lines
    assert (first, False) not in lines


def test_a_whole_older_state_put_back_is_refused(world: World) -> None:
    case_id = world.case()
    with world.store.reading() as db:
        old_case, old = case(db, case_id), section(db, case_id, C.NARRATIVE)
    access = world.enter("worker", case_id, Action.CASE_WRITE)
    append_to(access, C.NARRATIVE, "statement", {"text": "a second statement"})
    with world.store.writing() as db:
        now = section(db, case_id, C.NARRATIVE)
        now.version, now.body, now.shred_id = old.version, old.body, old.shred_id
        row = case(db, case_id)
        row.version, row.manifest = old_case.version, old_case.manifest
    with pytest.raises(Tampered):
        world.enter("worker", case_id, Action.CASE_READ)


def test_an_older_body_put_back_is_refused(world: World) -> None:
    case_id = world.case()
    with world.store.reading() as db:
        old = section(db, case_id, C.NARRATIVE)
    append_to(world.enter("worker", case_id, Action.CASE_WRITE), C.NARRATIVE, "statement", {"text": "newer"})
    with world.store.writing() as db:
        now = section(db, case_id, C.NARRATIVE)
        now.version, now.body = old.version, old.body
    with pytest.raises(Tampered):
        world.enter("worker", case_id, Action.CASE_READ)


def test_a_manifest_without_its_signature_check_would_let_a_forger_in(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The planted fault: with the checks taken out, one of the alterations above is shown."""
    first, second = world.case(), world.case()
    with world.store.writing() as db:
        drop_section(db, first, second)
    for check in ("check_manifest", "require_gone"):
        monkeypatch.setattr(f"api.sealed.cases.{check}", lambda *_: None)
    assert read_case(world.enter("worker", first, Action.CASE_READ)).sections[C.NARRATIVE] == {}
    monkeypatch.undo()
    with pytest.raises(Tampered):
        world.enter("worker", first, Action.CASE_READ)


@pytest.mark.parametrize("how", ["flipped", "swapped", "moved", "dropped"])
def test_altered_words_of_a_reason_are_refused_and_recorded(world: World, how: str) -> None:
    first, second = world.case(), world.case()
    opens = {C.IDENTITY, C.FACTS}
    for case_id in (first, first, second):
        access = world.enter("worker", case_id, Action.CASE_READ, opens)
    access = world.enter("worker", first, Action.CASE_READ, opens)
    assert {one.words for one in openings(access)} == {"a line"}
    with world.store.writing() as db:
        rows = list(db.scalars(select(Reason).where(Reason.case_id == first).order_by(Reason.leaf)))
        match how:
            case "flipped":
                rows[0].sealed = flipped(rows[0].sealed)
            case "swapped":
                rows[0].sealed, rows[2].sealed = rows[2].sealed, rows[0].sealed
            case "moved":
                other = db.scalars(select(Reason).where(Reason.case_id == second)).first()
                assert other is not None
                other.case_id = first
            case _:
                db.delete(rows[0])
    before = leaves(world)
    with pytest.raises(Tampered):
        openings(access)
    assert leaves(world) == before + 1


@pytest.mark.parametrize("taken", ["first", "newest", "all"])
@pytest.mark.parametrize("later", [0, 1, 3])
def test_an_opening_that_was_taken_away_is_missed_for_ever(world: World, taken: str, later: int) -> None:
    case_id, opens = world.case(), {C.IDENTITY}
    for _ in range(3):
        access = world.enter("worker", case_id, Action.CASE_READ, opens)
    leaves_of = sorted({one.leaf for one in reasons_of(world, case_id)})
    assert len({(one.compartment, one.on) for one in openings(access)}) > 0
    gone = {"first": leaves_of[:1], "newest": leaves_of[-1:], "all": leaves_of}[taken]
    with world.store.writing() as db:
        db.execute(delete(Reason).where(Reason.leaf.in_(gone)))
    for _ in range(later):
        access = world.enter("worker", case_id, Action.CASE_READ, opens)
    with pytest.raises(Tampered):
        openings(access)


def reasons_of(world: World, case_id: str) -> list[Reason]:
    with world.store.reading() as db:
        return list(db.scalars(select(Reason).where(Reason.case_id == case_id)))


def test_a_case_carried_to_another_desk_opens_for_neither(world: World) -> None:
    case_id = world.case()
    with world.store.writing() as db:
        case(db, case_id).desk_id = world.desks["south"]
    for name in ("worker", "stranger"):
        with pytest.raises(Refused):
            world.enter(name, case_id, Action.CASE_READ)


def test_a_case_carried_to_another_desk_does_not_open_for_a_grantee(world: World) -> None:
    case_id = world.case()
    lawyer = world.grantee("lawyer", case_id, {C.FACTS})
    with world.store.writing() as db:
        case(db, case_id).desk_id = world.desks["south"]
    with pytest.raises(Tampered):
        enter_case(world.store, lawyer, case_id, Action.CASE_READ)


def test_a_case_without_its_control_is_refused_with_a_reason_too(world: World) -> None:
    case_id = world.case()
    with world.store.writing() as db:
        drop_control(db, case_id, "")
    with pytest.raises(Tampered):
        world.enter("worker", case_id, Action.CASE_READ, {C.IDENTITY})


def test_what_a_lawyer_cannot_open_is_verified_too(world: World) -> None:
    case_id = world.case()
    lawyer = world.grantee("lawyer", case_id, {C.FACTS})
    with world.store.writing() as db:
        flip_salt_of_a_shut_body(db, case_id, "")
    with pytest.raises(Tampered):
        enter_case(world.store, lawyer, case_id, Action.CASE_READ)


def test_a_misfit_is_reported_by_the_door(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    case_id, seen, record = world.case(), list[str](), audit.record

    def watched(store: Store, entry: Entry) -> int:
        seen.append(entry.verb)
        return record(store, entry)

    monkeypatch.setattr(audit, "record", watched)
    with world.store.writing() as db:
        flip_body(db, case_id, "")
    with pytest.raises(Tampered):
        world.enter("worker", case_id, Action.CASE_READ)
    assert seen == ["case:tampered"]
