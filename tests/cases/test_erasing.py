"""What is erased opens nowhere: not from an old copy with today's secrets, not from old rows in today's store."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from api.access.doors import enter_case
from api.catalogue.compartments import Compartment
from api.catalogue.purposes import Purpose
from api.clock import today
from api.crypto import Key
from api.errors import Forbidden, NotFound, Refused, SecretMissing, Stale, Tampered
from api.models.tables import Case, Erasure, Grant, Reason, Section, ShredBackup, ShredRow
from api.policy.actions import Action
from api.sealed import cases, shreds
from api.sealed.store import Store
from api.services import consents
from api.services.cases import append_to, read_case
from api.services.erasing import erase_case, remove_entry
from tests.cases.bench_world import World, case_row, make_bench
from tests.sealed.stores import copy_of

C = Compartment
TABLES = (Case, Section, ShredRow, Reason)


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> World:
    return make_bench(database_url, tmp_path)


def erased(world: World, case_id: str) -> None:
    erase_case(world.enter("worker", case_id, Action.CASE_ERASE))


def rows_of(store: Store, case_id: str) -> list[Any]:
    """Return the rows of a case and of its shreds, as a thief copied them."""
    with store.reading() as db:
        sections = list(db.scalars(select(Section).where(Section.case_id == case_id)))
        shred_rows = list(db.scalars(select(ShredRow).where(ShredRow.id.in_([row.shred_id for row in sections]))))
        found = [case_row(db, case_id), *sections, *shred_rows]
    return [type(row)(**{column.name: getattr(row, column.name) for column in row.__table__.columns}) for row in found]


def put_back(store: Store, rows: Iterable[Any]) -> None:
    with store.writing() as db:
        for row in rows:
            db.merge(row)
            db.flush()


def test_an_erased_case_is_gone_and_the_others_stay(world: World) -> None:
    case_id, other = world.case(), world.case()
    world.enter("worker", case_id, Action.CASE_READ, {C.IDENTITY})
    erased(world, case_id)
    with pytest.raises(NotFound):
        world.enter("worker", case_id, Action.CASE_READ)
    assert read_case(world.enter("worker", other, Action.CASE_READ)).version == 1
    with world.store.reading() as db:
        for table in (Section, Reason):
            assert db.scalar(select(func.count()).select_from(table).where(table.case_id == case_id)) == 0


def test_an_old_copy_with_todays_secrets_opens_nothing_of_it(sqlite_url: str, tmp_path: Path) -> None:
    world = make_bench(sqlite_url, tmp_path)
    case_id = world.case()
    thief = copy_of(world.store, tmp_path / "thief")
    stolen = World(thief, world.members, world.desks, world.keys, world.grants)
    erased(world, case_id)
    with pytest.raises(SecretMissing):
        stolen.enter("worker", case_id, Action.CASE_READ)
    with pytest.raises(SecretMissing), thief.reading() as db:
        open_by_hand(db, thief, world, case_id)


def open_by_hand(db: Session, store: Store, world: World, case_id: str) -> object:
    """Open a section with every key there is, past the door: what a thief with all passphrases would do."""
    row = db.get(Section, (case_id, "identity"))
    assert row is not None
    key = cases.case_key(world.keys["north"][C.IDENTITY], case_id, C.IDENTITY)
    shred = shreds.fetch_one(db, store, row.shred_id)
    use = cases.section_key(key, shred, case_id, C.IDENTITY)
    return cases.open_section(use, case_id, C.IDENTITY, row.version, row.body).note


def test_old_rows_put_back_into_todays_store_open_nothing(world: World) -> None:
    case_id = world.case()
    rows = rows_of(world.store, case_id)
    erased(world, case_id)
    put_back(world.store, rows)
    with world.store.reading() as db, pytest.raises(Tampered):
        open_by_hand(db, world.store, world, case_id)
    with pytest.raises(Tampered):
        world.enter("worker", case_id, Action.CASE_READ)


def test_without_rekeying_the_bucket_the_old_rows_would_open(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The planted fault: the test above can fail."""

    def forgotten(db: Session, bucket: int, old: Key) -> Key:
        return old

    case_id = world.case()
    rows = rows_of(world.store, case_id)
    monkeypatch.setattr(shreds, "_rekey", forgotten)
    erased(world, case_id)
    put_back(world.store, rows)
    with world.store.reading() as db:
        assert "Planted Name" in str(open_by_hand(db, world.store, world, case_id))


def test_the_rows_alone_put_back_say_that_it_was_erased(world: World) -> None:
    case_id = world.case()
    rows = [row for row in rows_of(world.store, case_id) if not isinstance(row, ShredRow)]
    erased(world, case_id)
    put_back(world.store, rows)
    with pytest.raises(Refused):
        world.enter("worker", case_id, Action.CASE_READ)


def test_what_else_belongs_to_the_case_goes_in_the_same_transaction(world: World) -> None:
    case_id = world.case()
    with world.store.writing() as db:
        letter = shreds.make(db, world.store).id
    erase_case(world.enter("worker", case_id, Action.CASE_ERASE), lambda _: [letter])
    with world.store.reading() as db:
        assert db.get(ShredRow, letter) is None
        assert db.get(Erasure, letter) is not None


def test_grants_and_stops_of_the_case_go_with_it(world: World) -> None:
    case_id = world.case()
    lawyer = world.grantee("lawyer", case_id, {C.FACTS})
    (held,) = lawyer.keyring.cases[case_id]
    append_to(world.enter("worker", case_id, Action.CASE_WRITE), C.CONTROL, "access", {"grant": held.grant_id})
    with shreds.erasing(world.store) as db:
        consents.stop(db, world.store, case_id, [Purpose.COUNT])
    erased(world, case_id)
    with world.store.reading() as db:
        assert db.get(Grant, held.grant_id) is None
        assert case_id not in shreds.stops(db, world.store)


def test_the_notice_names_the_backups_that_are_still_due(world: World) -> None:
    case_id = world.case()
    with world.store.writing() as db:
        for number, day in enumerate(("2099-01-02", "2099-01-01", "2020-01-01")):
            db.add(ShredBackup(id=f"{number:026d}", day=today().isoformat(), destroy_by=day))
    notice = erase_case(world.enter("worker", case_id, Action.CASE_ERASE))
    assert notice.backups_due == ("2099-01-01", "2099-01-02")


def test_a_lawyer_erases_nothing_and_a_stale_access_neither(world: World) -> None:
    case_id = world.case()
    lawyer = enter_case(world.store, world.grantee("lawyer", case_id, {C.FACTS}), case_id, Action.CASE_READ)
    with pytest.raises(Forbidden):
        erase_case(lawyer)
    access = world.enter("worker", case_id, Action.CASE_ERASE)
    append_to(access, C.CONTROL, "task", {"what": "call"})
    with pytest.raises(Stale):
        erase_case(access)


def test_a_removed_entry_opens_from_no_old_row(world: World) -> None:
    case_id = world.case()
    with world.store.reading() as db:
        old = db.get(Section, (case_id, "narrative"))
        assert old is not None
        shred = db.get(ShredRow, old.shred_id)
    rows = rows_of(world.store, case_id)
    remove_entry(world.enter("worker", case_id, Action.CASE_WRITE), "statement", "3" * 26, 1)
    with world.store.reading() as db:
        now = db.get(Section, (case_id, "narrative"))
        assert now is not None
        assert now.shred_id != old.shred_id
        assert db.get(ShredRow, old.shred_id) is None
    assert shred is not None
    put_back(world.store, [row for row in rows if isinstance(row, ShredRow) and row.id == old.shred_id])
    with world.store.reading() as db, pytest.raises(Tampered):
        shreds.fetch_one(db, world.store, old.shred_id)
