"""Deep rotation: older cases under the newest keys, in parts, broken off and gone on with; no grant dies unseen."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from api.access.doors import enter_case
from api.catalogue.compartments import Compartment
from api.catalogue.keeping import Ending
from api.crypto import Key, Sealed
from api.errors import Erased, Forbidden, NotFound, OutOfOrder, Tampered
from api.ids import short_code
from api.models.remains import Remains
from api.models.tables import Case, Grant, Section
from api.policy.actions import Action
from api.policy.roles import DESK_HOLDS, Role
from api.sealed import cases as sealed
from api.sealed import epochs, shreds
from api.sealed.cases import CaseRow, Manifest, Part
from api.services import cases, desks, granting, keeping, moving, openings, rekeying, remaining, rotating
from tests.people.test_vouching import newly_keyed
from tests.trust.workflow import WORDS, Filled, fill
from tests.world import World

C = Compartment
WANTED = {C.FACTS, C.IDENTITY, C.NARRATIVE, C.LEGAL}


def read(world: World, login: str, case: str, *names: Compartment) -> dict[Compartment, Mapping[str, Any]]:
    access = enter_case(world.store, world.caller(login), case, Action.CASE_READ, set(names), "verify-fact", "a line")
    return {name: access.open(name).note for name in access.keys}


def row(world: World, case: str) -> Case:
    with world.store.reading() as db:
        return db.get_one(Case, case)


def rotated(filled: Filled) -> World:
    """Carl sees what comes: the desk has new keys, the cases lie under the old ones."""
    world = filled.world
    rotating.rotate(world.store, world.caller("ines"), world.desks["North"])
    return world


def every(world: World, login: str) -> rekeying.Progress:
    return rekeying.rekey(world.store, world.caller(login), world.desks["North"])


def test_an_older_case_opens_for_everyone_as_before_and_with_no_older_key(database_url: str, tmp_path: Path) -> None:
    filled = fill(database_url, tmp_path)
    world, names = filled.world, set(DESK_HOLDS[Role.CASE_WORKER])
    leaver = [key for one in world.caller("carl").keyring.desks[world.desks["North"]] for key in one.keys.items()]
    before = read(world, "carl", filled.case, *names)
    rotated(filled)
    assert every(world, "carl") == rekeying.Progress(2, 0, 0)
    assert (row(world, filled.case).epoch, row(world, filled.case).behind) == (2, "contact:1,source:1")
    after = read(world, "carl", filled.case, *names)
    assert {name: note for name, note in after.items() if name != C.CONTROL} == {
        name: note for name, note in before.items() if name != C.CONTROL
    }
    assert str(read(world, "ines", filled.case, C.SOURCE)).count(WORDS[3]) == 1
    assert not [name for (name, _), key in leaver if opens(world, filled.case, name, key)]
    for lawyers in (C.FACTS, C.IDENTITY, C.NARRATIVE, C.LEGAL):
        assert read(world, "leo", filled.case, lawyers)[lawyers] == before[lawyers]


def opens(world: World, case: str, name: Compartment, desk_key: Key) -> bool:
    """Say whether a section opens with an older key of the desk, by hand, whatever the row says of epochs."""
    with world.store.reading() as db:
        section = db.get(Section, (case, name.value))
        if section is None:
            return False
        use = sealed.section_key(
            sealed.case_key(desk_key, case, name), shreds.fetch_one(db, world.store, section.shred_id), case, name
        )
    try:
        return bool(sealed.open_section(use, case, name, section.version, section.body))
    except Tampered:
        return False


def test_the_older_key_does_open_what_was_not_moved(sqlite_url: str, tmp_path: Path) -> None:
    """The same hands as above, before the deep rotation: it is the moving, and not the hands, that fails there."""
    filled = fill(sqlite_url, tmp_path)
    leaver = filled.world.caller("carl").keyring.desks[filled.world.desks["North"]]
    rotated(filled)
    held = [(name, key) for one in leaver for (name, _), key in one.keys.items()]
    opened = {name for name, key in held if opens(filled.world, filled.case, name, key)}
    assert {C.FACTS, C.IDENTITY, C.NARRATIVE, C.CONTROL} <= opened


def test_the_next_holder_moves_what_the_first_could_not_open(database_url: str, tmp_path: Path) -> None:
    filled = fill(database_url, tmp_path)
    world = rotated(filled)
    assert every(world, "ines") == rekeying.Progress(2, 0, 0)
    assert row(world, filled.case).behind == "legal:1"
    assert every(world, "ines") == rekeying.Progress(0, 0, 1)
    assert read(world, "leo", filled.case, C.LEGAL)[C.LEGAL]
    with world.store.reading() as db:
        assert len(db.scalars(select(Grant).where(Grant.member_id == world.ids["leo"])).all()) == 2
    assert every(world, "carl") == rekeying.Progress(1, 0, 0)
    assert row(world, filled.case).behind == ""
    assert set(read(world, "leo", filled.case, *WANTED)) >= WANTED
    with world.store.reading() as db:
        assert len(db.scalars(select(Grant).where(Grant.member_id == world.ids["leo"])).all()) == 1


def test_a_grant_that_went_along_is_revoked_as_before(database_url: str, tmp_path: Path) -> None:
    filled = fill(database_url, tmp_path)
    world = rotated(filled)
    every(world, "ines")
    access = enter_case(world.store, world.caller("carl"), filled.case, Action.CASE_REVOKE)
    (holder,) = granting.who_can_open(access)
    granting.revoke_case_grant(access, holder.grant_id)
    with pytest.raises(NotFound):
        read(world, "leo", filled.case)
    with world.store.reading() as db:
        assert db.scalars(select(Grant).where(Grant.member_id == world.ids["leo"])).all() == []


def test_it_is_broken_off_and_gone_on_with(sqlite_url: str, tmp_path: Path) -> None:
    filled = fill(sqlite_url, tmp_path)
    world = rotated(filled)
    carl, north = world.caller("carl"), world.desks["North"]
    assert rekeying.rekey(world.store, carl, north, most=1) == rekeying.Progress(1, 1, 0)
    assert rekeying.rekey(world.store, carl, north, most=1) == rekeying.Progress(1, 0, 1)
    assert [one for one, _ in rekeying.waiting_cases(world.store, world.caller("ines"))] == [north]


def test_the_words_of_older_reasons_are_read_as_before(database_url: str, tmp_path: Path) -> None:
    filled = fill(database_url, tmp_path)
    world, names = filled.world, {C.IDENTITY, C.LEGAL}

    def words() -> list[str]:
        access = enter_case(world.store, world.caller("carl"), filled.case, Action.CASE_READ, names, "verify-fact")
        return [one.words for one in openings.openings(access) if one.words]

    before = words()
    assert before
    for _ in range(2):
        rotated(filled)
        every(world, "carl")
    assert words() == before


def test_an_older_state_of_the_whole_case_put_back_is_refused(database_url: str, tmp_path: Path) -> None:
    filled = fill(database_url, tmp_path)
    with filled.world.store.reading() as db:
        case = values(db.get_one(Case, filled.case))
        sections = [values(one) for one in db.scalars(select(Section).where(Section.case_id == filled.case))]
    world = rotated(filled)
    every(world, "carl")
    with world.store.writing() as db:
        db.execute(update(Case).where(Case.id == filled.case).values(**case))
        for one in sections:
            found = (Section.case_id == filled.case) & (Section.compartment == one["compartment"])
            db.execute(update(Section).where(found).values(**one))
    for login in ("carl", "ines"):
        with pytest.raises(Tampered):
            read(world, login, filled.case)


def values(one: Case | Section) -> dict[str, Any]:
    return {column.key: getattr(one, column.key) for column in one.__table__.columns}


def test_a_lawyer_whose_keys_were_exchanged_receives_nothing(sqlite_url: str, tmp_path: Path) -> None:
    filled = fill(sqlite_url, tmp_path)
    world = rotated(filled)
    newly_keyed(world, "leo")
    before = len(all_grants(world, "leo"))
    assert every(world, "carl").done == 2
    assert len(all_grants(world, "leo")) == before


def all_grants(world: World, login: str) -> list[str]:
    with world.store.reading() as db:
        return list(db.scalars(select(Grant.id).where(Grant.member_id == world.ids[login])))


def test_a_move_that_forgets_the_grants_is_seen(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled = fill(sqlite_url, tmp_path)
    world = rotated(filled)
    monkeypatch.setattr(moving, "_regrant", lambda db, access, entry, ended: entry)
    every(world, "carl")
    with pytest.raises((Forbidden, NotFound)):
        read(world, "leo", filled.case, C.FACTS)


def test_an_edited_epoch_opens_nothing(sqlite_url: str, tmp_path: Path) -> None:
    filled = fill(sqlite_url, tmp_path)
    world = rotated(filled)
    every(world, "carl")
    for edited in ({"behind": ""}, {"behind": "facts:1"}, {"epoch": 1}):
        with world.store.writing() as db:
            db.execute(update(Case).where(Case.id == filled.case).values(behind="contact:1,source:1", epoch=2))
            db.execute(update(Case).where(Case.id == filled.case).values(**edited))
        with pytest.raises((Tampered, Erased)):
            read(world, "ines", filled.case, C.SOURCE, C.FACTS)


def test_who_does_not_hold_the_newest_keys_moves_nothing(sqlite_url: str, tmp_path: Path) -> None:
    filled = fill(sqlite_url, tmp_path)
    world = filled.world
    with pytest.raises(OutOfOrder):
        rekeying.rekey(world.store, world.caller("ann"), world.desks["North"])
    for login in ("cora", "leo", "ada"):
        with pytest.raises(NotFound):
            rekeying.rekey(world.store, world.caller(login), world.desks["North"])


def test_cases_that_are_refused_stand_in_the_way_of_no_other(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled = fill(database_url, tmp_path)
    world = rotated(filled)
    first, second = sorted((filled.case, filled.other))
    with world.store.writing() as db:
        db.execute(update(Case).where(Case.id == first).values(version=Case.version + 1))
    assert rekeying.rekey(world.store, world.caller("carl"), world.desks["North"], most=1) == rekeying.Progress(
        1, 1, 0, (short_code(first),)
    )
    assert row(world, second).epoch == 2
    # A hundred at a time: the next hundred begins after the last, whatever became of it.
    monkeypatch.setattr(rekeying, "BATCH", 1)
    rotated(filled)
    seen = list(rekeying.all_of(world.store, world.caller("carl")))
    assert [(one.done, one.refused) for one in seen] == [(0, (short_code(first),)), (1, (short_code(first),))]
    assert (row(world, first).epoch, row(world, second).epoch) == (1, 3)


def test_a_token_that_does_not_sign_moves_nothing_and_is_told_so(sqlite_url: str, tmp_path: Path) -> None:
    filled = fill(sqlite_url, tmp_path)
    world = rotated(filled)
    narrow = replace(world.caller("carl"), signing=None)
    with pytest.raises(Forbidden):
        rekeying.rekey(world.store, narrow, world.desks["North"])
    with pytest.raises(Forbidden):
        list(rekeying.all_of(world.store, narrow))
    assert list(rekeying.waiting_cases(world.store, narrow)) != []
    assert every(world, "carl").done == 2
    assert rekeying.rekey(world.store, replace(world.caller("carl"), signing=None), world.desks["North"]).done == 0


def test_what_is_written_afterwards_goes_on(sqlite_url: str, tmp_path: Path) -> None:
    filled = fill(sqlite_url, tmp_path)
    world = rotated(filled)
    every(world, "carl")
    access = enter_case(world.store, world.caller("carl"), filled.case, Action.CASE_WRITE, {C.NARRATIVE})
    cases.append_to(access, C.NARRATIVE, "statement", {"text": "afterwards"})
    assert "afterwards" in str(read(world, "ines", filled.case, C.NARRATIVE))
    desks.unseat(world.store, world.caller("carl"), world.desks["North"], world.ids["ann"])


def test_what_remains_of_a_closed_case_goes_along(sqlite_url: str, tmp_path: Path) -> None:
    filled = fill(sqlite_url, tmp_path)
    world, north = filled.world, filled.world.desks["North"]
    told = {"case": [{"id": "0" * 26, "title": "A title", "status": "X25-0103a", "counting": "yes"}]}
    case = cases.create_case(world.store, world.caller("ines"), north, {C.FACTS: told, C.CONSENT: {}})
    keeping.close(enter_case(world.store, world.caller("carl"), case, Action.CASE_KEEP), Ending.FATE_KNOWN, 1)
    rotated(filled)
    assert every(world, "carl").refused == ()
    with world.store.reading() as db:
        remains = db.get_one(Remains, case)
        (key,) = [one.keys[C.FACTS, 2] for one in world.caller("carl").keyring.desks[north] if (C.FACTS, 2) in one.keys]
        assert remains.epoch == 2
        assert remaining._open(db, world.store, key, remains)


@pytest.mark.parametrize(
    "edited",
    [
        {"behind": "narrative:1"},
        {"behind": "evidence:1,legal:1"},
        {"epoch": 1},
        {"epoch": 1, "behind": "control:2,consent:2,facts:2"},
        {"behind": "narrative:x"},
        {"behind": "nothing:1"},
    ],
)
def test_no_edited_row_of_a_case_lays_what_comes_under_older_keys(
    database_url: str, tmp_path: Path, edited: Mapping[str, Any]
) -> None:
    """A compartment that nobody wrote yet has nothing that would not open."""
    filled = fill(database_url, tmp_path)
    world = rotated(filled)
    sections = {C.FACTS: {"case": [{"id": "0" * 26, "title": "A title"}]}, C.CONSENT: {}}
    case_id = cases.create_case(world.store, world.caller("ines"), world.desks["North"], sections)
    assert read(world, "carl", case_id, C.FACTS)
    with world.store.writing() as db:
        db.execute(update(Case).where(Case.id == case_id).values(**edited))
    with pytest.raises((Tampered, Forbidden)):
        enter_case(world.store, world.caller("carl"), case_id, Action.CASE_WRITE, {C.NARRATIVE})
    with pytest.raises((Tampered, Forbidden)):
        enter_case(world.store, world.caller("ines"), case_id, Action.CASE_READ)


def test_a_manifest_from_before_it_named_the_epoch_leaves_behind_what_is_written_alone() -> None:
    part = Part(1, "", "")
    older = Manifest("d", 1, "m", {C.CONTROL: part, C.SOURCE: part})
    said = replace(older, epoch=2, behind="source:1")
    assert ("epoch" in older.note(), said.note()["epoch"], said.note()["behind"]) == (False, 2, "source:1")

    def row(epoch: int, behind: str) -> CaseRow:
        return CaseRow("c", "d", epoch, behind, 1, Sealed(b""))

    for taken in (row(1, ""), row(2, "source:1")):
        epochs.require(taken, older)
    epochs.require(row(2, "source:1"), said)
    for refused, manifest in ((row(2, "narrative:1"), older), (row(2, ""), said), (row(1, "source:1"), said)):
        with pytest.raises(Tampered):
            epochs.require(refused, manifest)
