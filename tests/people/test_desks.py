"""Desks: who makes their keys, who sits there, and that a desk believes only what it compared itself."""

from typing import Any

import pytest
from sqlalchemy import update

from api.access.caller import Caller
from api.access.rosters import read_roster
from api.catalogue.compartments import Compartment
from api.errors import Forbidden, Invalid, NotFound, OutOfOrder, Tampered
from api.models.tables import Desk, Grant
from api.services import desks, members
from api.services.desks import DeskView
from tests.people.planting import columns, count, edit, grants_held
from tests.world import World

C = Compartment


def view(world: World, login: str, desk: str = "North") -> DeskView:
    listed = desks.desks(world.store, world.caller(login))
    return next(one for one in listed if one.id == world.desks[desk])


def held(world: World, login: str, desk: str = "North") -> set[Compartment]:
    seats = world.caller(login).keyring.desks.get(world.desks[desk], ())
    return {name for one in seats for name, _ in one.keys}


def seat(world: World, by: str, login: str) -> None:
    desks.seat(world.store, world.caller(by), world.desks["North"], world.ids[login], world.words(login))


def row_of(world: World) -> dict[str, Any]:
    with world.store.reading() as db:
        row = db.get_one(Desk, world.desks["North"])
        return {"version": row.version, "roster": row.roster, "epoch": row.epoch}


def edit_desk(world: World, **values: Any) -> None:
    with world.store.writing() as db:
        db.execute(update(Desk).where(Desk.id == world.desks["North"]).values(**values))


def refused_to(world: World, caller: Caller, login: str) -> None:
    """Tampered, and nothing was sealed."""
    before = count(world.store, Grant)
    with pytest.raises(Tampered):
        desks.seat(world.store, caller, world.desks["North"], world.ids[login], world.words(login))
    assert count(world.store, Grant) == before


def test_a_desk_is_named_to_all_and_its_seats_only_to_those_who_sit_there(world: World) -> None:
    north = view(world, "carl")
    assert (north.name, north.mine) == ("North", True)
    assert set(north.members) == {world.ids[login] for login in ("carl", "ines", "ann")}
    for login in ("cora", "leo", "ada", "otto"):
        assert view(world, login) == DeskView(world.desks["North"], "North", mine=False)
    assert view(world, "ann") == DeskView(world.desks["North"], "North", mine=True)


def test_a_desk_warns_of_compartments_that_one_member_holds_alone(world: World) -> None:
    assert set(view(world, "carl").alone) == {"source", "contact", "legal"}
    world.enrol("olga", "intake")
    seat(world, "ines", "olga")
    assert set(view(world, "carl").alone) == {"legal"}
    members.suspend(world.store, world.caller("ada"), world.ids["olga"])
    assert set(view(world, "carl").alone) == {"source", "contact", "legal"}


def test_a_desk_needs_an_intake_officer_besides_and_a_name(world: World) -> None:
    carl = world.caller("carl")
    ann, ines = ({world.ids[login]: world.words(login)} for login in ("ann", "ines"))
    carls_own = {world.ids["carl"]: world.words("carl")}
    for name, seats in (("East", ann), ("East", {}), ("East", carls_own), ("", ines), (" \n ", ines)):
        with pytest.raises(Invalid):
            desks.found_desk(world.store, carl, name, seats)
    assert count(world.store, Desk) == 2


def test_lawyers_auditors_administrators_and_trustees_sit_at_no_desk(world: World) -> None:
    before = count(world.store, Grant)
    for login in ("leo", "otto", "ada", "tina"):
        with pytest.raises(Forbidden):
            seat(world, "carl", login)
    assert count(world.store, Grant) == before


def test_words_that_were_not_heard_seat_nobody(world: World) -> None:
    for words in (world.words("leo"), "", world.words("isa")[:-1]):
        with pytest.raises(Invalid):
            desks.seat(world.store, world.caller("carl"), world.desks["North"], world.ids["isa"], words)
    with pytest.raises(NotFound):
        desks.seat(world.store, world.caller("carl"), world.desks["North"], "0" * 26, world.words("isa"))
    assert not held(world, "isa")


def test_a_seat_holds_no_more_than_who_gave_it_and_a_second_giver_adds_the_rest(world: World) -> None:
    world.enrol("olga", "intake")
    seat(world, "carl", "olga")
    assert held(world, "olga") == set(C) - {C.LEGAL, C.SOURCE, C.CONTACT}
    seat(world, "ines", "olga")
    assert held(world, "olga") == set(C) - {C.LEGAL}


def test_nobody_seats_at_a_desk_where_one_does_not_sit(world: World) -> None:
    for login in ("cora", "isa", "leo", "ada"):
        with pytest.raises(NotFound):
            seat(world, login, "isa")
        with pytest.raises(NotFound):
            desks.unseat(world.store, world.caller(login), world.desks["North"], world.ids["ann"])


def test_an_analyst_holds_no_control_and_so_seats_nobody(world: World) -> None:
    with pytest.raises(Forbidden):
        seat(world, "ann", "isa")
    with pytest.raises(Forbidden):
        desks.unseat(world.store, world.caller("ann"), world.desks["North"], world.ids["carl"])


def test_who_is_unseated_holds_nothing_at_the_next_request_and_all_that_is_elsewhere(world: World) -> None:
    seat(world, "carl", "isa")
    assert held(world, "isa")
    desks.unseat(world.store, world.caller("carl"), world.desks["North"], world.ids["isa"])
    assert not held(world, "isa")
    assert held(world, "isa", "South") == set(C) - {C.LEGAL}
    assert set(world.caller("isa").keyring.intake) == {1}
    assert world.ids["isa"] not in view(world, "carl").members
    with pytest.raises(NotFound):
        desks.unseat(world.store, world.caller("carl"), world.desks["North"], world.ids["isa"])
    seat(world, "ines", "isa")
    assert held(world, "isa")


def test_the_last_one_at_a_desk_stays(world: World) -> None:
    carl, north = world.caller("carl"), world.desks["North"]
    for login in ("ines", "ann"):
        desks.unseat(world.store, carl, north, world.ids[login])
    with pytest.raises(OutOfOrder):
        desks.unseat(world.store, carl, north, world.ids["carl"])
    assert grants_held(world.store, world.ids["carl"])


def test_an_old_roster_put_back_is_refused(world: World) -> None:
    before = row_of(world)
    seat(world, "carl", "isa")
    edit_desk(world, **before)
    world.enrol("olga", "case_worker")
    refused_to(world, world.caller("carl"), "olga")
    with pytest.raises(Tampered):
        desks.desks(world.store, world.caller("carl"))


def test_a_roster_of_another_version_or_desk_is_refused(world: World) -> None:
    carl, before = world.caller("carl"), row_of(world)
    edit_desk(world, version=2)
    refused_to(world, carl, "isa")
    with world.store.reading() as db:
        souths = db.get_one(Desk, world.desks["South"]).roster
    edit_desk(world, version=1, roster=souths)
    refused_to(world, carl, "isa")
    edit_desk(world, **{**before, "epoch": 2})
    with pytest.raises(Forbidden):
        seat(world, "carl", "isa")


def test_a_roster_by_a_hand_that_changed_is_refused(world: World) -> None:
    ines, stranger = world.caller("ines"), columns(world.store, world.ids["cora"])["receive"]
    with world.store.reading() as db:
        desk = db.get_one(Desk, world.desks["North"])
        keys = {name: key for one in ines.keyring.desks[desk.id] for name, key in one.keys.items()}
        assert read_roster(db, world.store, desk, keys).seats.keys() == {
            world.ids[name] for name in ("carl", "ines", "ann")
        }
    edit(world.store, world.ids["carl"], receive=stranger)
    with world.store.reading() as db, pytest.raises(Tampered):
        read_roster(db, world.store, desk, keys)
