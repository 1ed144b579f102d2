"""Keys that somebody planted are used by nobody, and no edited row of a desk moves what is written under older keys."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from api.access import grants
from api.access.grants import Terms, last_day
from api.access.rosters import Roster, office_book, read_book, read_roster, write_book, write_roster
from api.catalogue.compartments import Compartment
from api.crypto import Key, Sealed
from api.errors import Tampered
from api.models.offices import OfficeRoster
from api.models.tables import Case, Desk, Grant, Member, ShredRow
from api.policy.roles import DESK_HOLDS, Role
from api.sealed import lineage, pinned, roots, shreds, tidying
from api.sealed import offices as sealed_offices
from api.sealed.lineage import Keys
from api.sealed.segments import Ring
from api.sealed.store import Opened
from api.services import cases, desks, ledgers, logbook, members, offices, rekeying, rotating
from api.services.files import StoredFile
from tests.world import World

C = Compartment
SECTIONS: Mapping[Compartment, Mapping[str, list[dict[str, str]]]] = {
    C.FACTS: {"case": [{"id": "0" * 26, "title": "A title"}]},
    C.CONSENT: {},
}
TABLE = StoredFile("0" * 26, "0" * 26, Key.fresh(), 1, "")


def north(world: World) -> str:
    return world.desks["North"]


def edit_desk(world: World, **values: Any) -> None:
    with world.store.writing() as db:
        db.execute(update(Desk).where(Desk.id == north(world)).values(**values))


def row_of(world: World) -> Desk:
    with world.store.reading() as db:
        return db.get_one(Desk, north(world))


def made(epoch: int) -> Keys:
    """Keys of the accomplice's own making."""
    return {(name, epoch): Key.fresh() for name in C}


def epochs(world: World, login: str) -> set[int]:
    """Return the epochs of which a member's session holds a key of the desk, at this moment."""
    return {epoch for one in world.caller(login).keyring.desks.get(north(world), ()) for _, epoch in one.keys}


def new_case(world: World, login: str = "ines") -> int:
    """Make a case and return the epoch of the keys that it lies under."""
    case_id = cases.create_case(world.store, world.caller(login), north(world), SECTIONS)
    with world.store.reading() as db:
        return db.get_one(Case, case_id).epoch


def plant(world: World, keys: Keys, since: int = 1) -> dict[str, str]:
    """Seal keys to the desk's members, as an accomplice from elsewhere does with the whole machine; return grants."""
    giver, terms = world.caller("cora"), Terms(grants.DESK, "desk", last_day(), desk=north(world), since=since)
    with world.store.writing() as db:
        people = [db.get_one(Member, world.ids[login]) for login in ("ines", "carl")]
        names = {one.id: desks.named(keys, DESK_HOLDS[Role(one.role)]) for one in people}
        return {one.id: grants.give(db, world.store, giver, one, terms, names[one.id]) for one in people}


def verbs(world: World) -> list[str]:
    return [str(one["verb"]) for one in logbook.newest(world.store, world.caller("otto"), most=20)]


def test_keys_that_an_accomplice_planted_enter_no_session_and_are_reported(world: World) -> None:
    assert (epochs(world, "ines"), epochs(world, "carl")) == ({1}, {1})
    for epoch in (1, 2, 99):
        plant(world, made(epoch))
        assert (epochs(world, "ines"), epochs(world, "carl")) == ({1}, {1})
    assert new_case(world) == 1
    world.sign_in("carl")
    assert epochs(world, "carl") == set()
    assert "grant:not-believed" in verbs(world)


def test_keys_that_a_holder_made_are_believed_by_all_who_sit_there(world: World) -> None:
    assert rotating.rotate(world.store, world.caller("carl"), north(world)) == 2
    assert [epochs(world, login) for login in ("ines", "carl", "ann")] == [{1, 2}] * 3
    assert new_case(world) == 2
    world.sign_in("carl")
    assert epochs(world, "carl") == {1, 2}
    assert "grant:not-believed" not in verbs(world)


def pinned_with(world: World, keys: Keys, given: Mapping[str, str], epoch: int) -> None:
    """Write a roster of the accomplice's own, under the accomplice's key, and pin it as the whole machine allows."""
    cora = world.caller("cora")
    with shreds.erasing(world.store) as db:
        row = db.get_one(Desk, north(world))
        prints = {one: sealed_offices.print_of(db.get_one(Member, one)).hex() for one in (*given, cora.member_id)}
        seats = {one: tuple(held.id for held in grants.grants_of(db, one)) for one in given}
        listed = {str(epoch): lineage.prints_of(row.id, keys, epoch)}
        said = {str(epoch): lineage.named(row.id, keys[C.CONTROL, epoch], epoch, listed[str(epoch)])}
        row.epoch = epoch
        forged = Roster(row.version + 1, prints, {}, seats, tuple(given), listed, said)
        write_roster(db, world.store, cora, row, keys, forged)


@pytest.mark.parametrize("epoch", [1, 2, 3])
def test_who_holds_older_keys_takes_no_roster_of_an_accomplice_with_the_whole_machine(world: World, epoch: int) -> None:
    keys = made(epoch)
    assert (epochs(world, "ines"), epochs(world, "carl")) == ({1}, {1})
    pinned_with(world, keys, plant(world, keys), epoch)
    assert (epochs(world, "ines"), epochs(world, "carl")) == ({1}, {1})
    for login in ("ines", "carl"):
        world.sign_in(login)
        assert epochs(world, login) == set()


def set_back(world: World) -> None:
    edit_desk(world, epoch=1)


def set_on(world: World) -> None:
    edit_desk(world, epoch=3)


def blank(world: World) -> None:
    edit_desk(world, roster=Sealed(bytes(len(row_of(world).roster.blob))))


def older(world: World) -> None:
    edit_desk(world, version=row_of(world).version - 1)


@pytest.mark.parametrize("edited", [set_back, set_on, blank, older])
def test_while_the_row_of_a_desk_does_not_fit_nothing_is_made_under_its_keys(
    world: World, edited: Callable[[World], None]
) -> None:
    rotating.rotate(world.store, world.caller("carl"), north(world))
    assert new_case(world) == 2
    edited(world)
    store, ines = world.store, world.caller("ines")
    ring = Ring(north(world), desks.own_keys(ines, north(world)))
    with pytest.raises(Tampered):
        new_case(world)
    with pytest.raises(Tampered):
        rekeying.rekey(store, ines, north(world))
    with pytest.raises(Tampered), store.writing() as db:
        ledgers.found(db, store, ines, north(world), TABLE)
    with pytest.raises(Tampered), store.reading() as db:
        tidying.may(db, store, ring, "facts")
    with pytest.raises(Tampered):
        desks.desks(store, ines)


def test_a_leaver_who_writes_the_roster_anew_before_the_rotation_is_given_nothing(world: World) -> None:
    """Until new keys are made the leaver holds the key that the roster lies under."""
    desks.seat(world.store, world.caller("carl"), north(world), world.ids["cora"], world.words("cora"))
    cora = world.caller("cora")
    copied = dict(desks.own_keys(cora, north(world)))
    desks.unseat(world.store, world.caller("carl"), north(world), world.ids["cora"])
    forge_roster(world, copied)
    world.sign_in("carl")
    assert epochs(world, "cora") == set()
    assert row_of(world).epoch == 1
    with pytest.raises(Tampered):
        new_case(world)


def forge_roster(world: World, copied: Keys) -> None:
    """Put a roster of the present version into the desk's row, sealed and signed by Cora, on which she sits."""
    cora, row = world.caller("cora"), row_of(world)
    with world.store.reading() as db:
        roster = read_roster(db, world.store, row, copied)
        own = tuple(one.id for one in grants.grants_of(db, cora.member_id))
    forged = replace(roster, seats={**roster.seats, cora.member_id: own}, given=("0" * 26,))
    # What cannot be pinned can still be written, and put into the database by hand.
    with pytest.raises(RuntimeError), world.store.writing() as db:
        write_roster(db, world.store, cora, row, copied, forged)
    edit_desk(world, roster=row.roster)


def put_back(world: World, shred: Mapping[str, Any] | None) -> Callable[[], None]:
    """Return what puts Ann's grants back as they are now, with a shred's row of somebody's making or without."""
    with world.store.reading() as db:
        rows = [
            {c.key: getattr(one, c.key) for c in Grant.__table__.columns}
            for one in db.scalars(select(Grant).where(Grant.member_id == world.ids["ann"]))
        ]

    def put() -> None:
        with world.store.writing() as db:
            db.execute(insert(Grant), rows)
            for one in rows if shred else ():
                made_up = {"id": one["shred_id"], "bucket": roots.bucket_of(one["shred_id"])}
                db.execute(insert(ShredRow), {**made_up, **(shred or {})})

    return put


@pytest.mark.parametrize("shred", [None, {"due": None, "held": False, "sealed": Sealed(bytes(112))}])
def test_a_leavers_grant_put_back_holds_up_no_rotation(world: World, shred: Mapping[str, Any] | None) -> None:
    put = put_back(world, shred)
    members.suspend(world.store, world.caller("ada"), world.ids["ann"])
    put()
    world.sign_in("carl")
    assert row_of(world).epoch == 2
    assert new_case(world) == 2


def test_the_roster_of_an_office_is_pinned_as_well(world: World) -> None:
    store, ines = world.store, world.caller("ines")
    held = rotating.office_keys(ines, "intake")
    with store.reading() as db:
        book = office_book(db, store, "intake", held)
        roster = replace(read_book(db, store, book), given=())
    with pytest.raises(RuntimeError), store.writing() as db:
        write_book(db, store, ines, book, roster)
    with store.writing() as db:
        db.execute(update(OfficeRoster).where(OfficeRoster.kind == "intake").values(roster=book.row.roster))
    with pytest.raises(Tampered), store.reading() as db:
        read_book(db, store, office_book(db, store, "intake", held))
    with pytest.raises(Tampered):
        offices.seat_intake(store, ines, world.ids["isa"], world.words("isa"))
    world.sign_in("isa")
    assert world.caller("isa").keyring.intake == {}


def test_an_offices_key_that_was_planted_enters_no_session(world: World) -> None:
    assert world.caller("ines").keyring.intake.keys() == {1}
    world.enrol("olga", "intake")
    terms = offices.office_terms("intake")
    with world.store.writing() as db:
        ines = db.get_one(Member, world.ids["ines"])
        grants.give(db, world.store, world.caller("olga"), ines, terms, {"1": Key.fresh(), "2": Key.fresh()})
    assert world.caller("ines").keyring.intake.keys() == {1}
    assert rotating.rotate_office(world.store, world.caller("ines"), "intake") == 2


def without_pins(world: World) -> None:
    """Make the store one from before there were pins, and its desk one whose keys name nothing."""
    store, carl = world.store, world.caller("carl")
    keys = desks.own_keys(carl, north(world))
    with shreds.erasing(store) as db:
        row = db.get_one(Desk, north(world))
        roster = read_roster(db, store, row, keys)
        write_roster(db, store, carl, row, keys, replace(roster, version=row.version + 1, prints={}, heirs={}))
    with store.writing() as db:
        now = roots.opened(db, store)
        note = {name: value for name, value in now.note.items() if name != pinned.ROSTERS}
        older = Opened(now.epoch, now.root, now.buckets, note, now.beside)
        roots.write_root(db, older, store.secrets.erasure_key(now.epoch))
    store.opened = store.earlier = None


def test_a_store_from_before_there_were_pins_opens_and_takes_them_at_its_next_erasing(world: World) -> None:
    without_pins(world)
    assert epochs(world, "ines") == {1}
    assert new_case(world) == 1
    with shreds.erasing(world.store):
        pass
    assert new_case(world) == 1
    set_on(world)
    with pytest.raises(Tampered):
        new_case(world)


def test_a_desk_whose_keys_name_nothing_is_given_keys_that_do(world: World) -> None:
    without_pins(world)
    world.sign_in("carl")
    assert row_of(world).epoch == 2
    for login in ("ines", "carl"):
        world.sign_in(login)
        assert epochs(world, login) == {1, 2}
    assert row_of(world).epoch == 2
    keys = made(3)
    pinned_with(world, keys, plant(world, keys), 3)
    assert epochs(world, "ines") == {1, 2}


def test_an_older_stores_steps_that_nobody_named_are_taken(world: World) -> None:
    """Keys of three epochs, of which only the last step was named: what lies before it is from an older store."""
    desk, keys = north(world), {(C.CONTROL, epoch): Key.fresh() for epoch in (1, 2, 3)}
    prints = {"3": lineage.prints_of(desk, keys, 3)}
    heirs = {"3": lineage.named(desk, keys[C.CONTROL, 2], 3, prints["3"])}
    assert (lineage.since(heirs, 3), lineage.since({}, 1), lineage.since({}, 4)) == (2, 1, 4)
    lineage.require(desk, keys, prints, heirs, 2)
    lineage.require(desk, keys, prints, {}, None)
    for strict, said in ((1, heirs), (2, {}), (2, {"3": heirs["3"][::-1]})):
        with pytest.raises(Tampered):
            lineage.require(desk, keys, prints, said, strict)
    with pytest.raises(Tampered):
        lineage.require(desk, {**keys, (C.FACTS, 3): Key.fresh()}, prints, heirs, 2)
    with pytest.raises(Tampered):
        lineage.require(desk, {**keys, (C.CONTROL, 3): Key.fresh()}, prints, heirs, None)
