"""Rotation: who left a desk never had the keys of what is documented there afterwards."""

from collections.abc import Mapping

import pytest
from sqlalchemy import select, update

from api.access.caller import Caller
from api.access.doors import enter_case
from api.catalogue.compartments import Compartment
from api.crypto import Key
from api.errors import Forbidden, NotFound, SessionEnded, Tampered
from api.models.tables import Case, Desk, Grant, Section
from api.policy.actions import Action
from api.policy.roles import Role
from api.sealed import shreds
from api.sealed.cases import case_key, open_section, section_key
from api.services import cases, desks, members, rotating, signing_in
from api.services.desks import DeskView
from tests.world import World, key_for, one_time_code

C = Compartment
SECTIONS: Mapping[Compartment, Mapping[str, list[dict[str, str]]]] = {
    C.FACTS: {"case": [{"id": "0" * 26, "title": "A title"}]},
    C.NARRATIVE: {},
    C.CONSENT: {},
}


def opened_with(world: World, caller: Caller, case_id: str) -> bool:
    """Say whether a section of the case opens with any key that the caller holds, whatever the rows say of epochs."""
    with world.store.reading() as db:
        row = db.get_one(Section, (case_id, "facts"))
        shred = shreds.fetch_one(db, world.store, row.shred_id)
    held = [key for one in caller.keyring.desks[world.desks["North"]] for key in one.keys.values()]
    return any(opens(section_key(case_key(key, case_id, C.FACTS), shred, case_id, C.FACTS), row) for key in held)


def opens(use: Key, row: Section) -> bool:
    try:
        return bool(open_section(use, row.case_id, C.FACTS, row.version, row.body))
    except Tampered:
        return False


def new_case(world: World, desk: str) -> str:
    return cases.create_case(world.store, world.caller("ines"), desk, SECTIONS)


def epoch_of(world: World, case_id: str) -> int:
    with world.store.reading() as db:
        return db.get_one(Case, case_id).epoch


def title(world: World, login: str, case_id: str) -> str:
    view = cases.read_case(enter_case(world.store, world.caller(login), case_id, Action.CASE_READ))
    return str(view.sections[C.FACTS]["case"][0]["title"])


def test_what_comes_after_a_leaver_lies_under_keys_the_leaver_never_had(world: World) -> None:
    desk = world.desks["North"]
    before, leaver = new_case(world, desk), world.caller("carl")
    world.enrol("cleo", "case_worker")
    desks.seat(world.store, leaver, desk, world.ids["cleo"], world.words("cleo"))
    desks.unseat(world.store, world.caller("ines"), desk, world.ids["carl"])
    assert rotating.rotate(world.store, world.caller("ines"), desk) == 2
    after = new_case(world, desk)
    assert (epoch_of(world, before), epoch_of(world, after)) == (1, 2)
    for login in ("ines", "cleo"):
        assert title(world, login, before) == title(world, login, after) == "A title"
    # Opened by hand, with all that the leaver ever held, straight from the tables.
    assert opened_with(world, leaver, before)
    assert not opened_with(world, leaver, after)
    with pytest.raises(NotFound):
        enter_case(world.store, world.caller("carl"), after, Action.CASE_READ)


def test_the_analyst_counts_on(world: World) -> None:
    desk = world.desks["North"]
    rotating.rotate(world.store, world.caller("ines"), desk)
    held = [name for one in world.caller("ann").keyring.desks[desk] for name in one.keys]
    assert set(held) == {(C.FACTS, 1), (C.FACTS, 2)}


def test_the_desk_waits_and_the_next_session_of_somebody_who_sits_there_rotates(world: World) -> None:
    desk = world.desks["North"]

    def north() -> DeskView:
        return next(one for one in desks.desks(world.store, world.caller("ines")) if one.mine)

    assert not north().waits
    desks.unseat(world.store, world.caller("ines"), desk, world.ids["ann"])
    assert north().waits
    world.sign_in("ada")
    assert north().waits
    world.sign_in("carl")
    assert not north().waits
    with world.store.reading() as db:
        assert db.get_one(Desk, desk).epoch == 2


def test_who_is_suspended_is_rotated_away_from(world: World) -> None:
    members.suspend(world.store, world.caller("ada"), world.ids["ann"])
    world.sign_in("ines")
    with world.store.reading() as db:
        assert db.get_one(Desk, world.desks["North"]).epoch == 2
        assert db.scalars(select(Grant).where(Grant.member_id == world.ids["ann"])).all() == []
    with pytest.raises(SessionEnded):
        world.caller("ann")


def test_who_does_not_hold_the_desks_control_makes_no_keys(world: World) -> None:
    with pytest.raises(Forbidden):
        rotating.rotate(world.store, world.caller("ann"), world.desks["North"])
    with pytest.raises(NotFound):
        rotating.rotate(world.store, world.caller("isa"), world.desks["North"])


def test_an_older_row_of_the_desk_put_back_is_refused(world: World) -> None:
    """By the old keys nothing newer would be known: the old key's leaf says that there is."""
    desk = world.desks["North"]
    with world.store.reading() as db:
        row = db.get_one(Desk, desk)
        old = {"epoch": row.epoch, "version": row.version, "roster": row.roster}
    rotating.rotate(world.store, world.caller("ines"), desk)
    with world.store.writing() as db:
        db.execute(update(Desk).where(Desk.id == desk).values(**old))
    for login in ("ines", "carl"):
        with pytest.raises(Tampered):
            desks.desks(world.store, world.caller(login))


def test_a_key_that_was_exchanged_receives_no_new_keys(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    before = len(world.caller("carl").keyring.desks[world.desks["North"]])

    def differs(*_: object) -> None:
        raise Tampered

    monkeypatch.setattr(rotating, "require_pinned", differs)
    with pytest.raises(Tampered):
        rotating.rotate(world.store, world.caller("ines"), world.desks["North"])
    assert len(world.caller("carl").keyring.desks[world.desks["North"]]) == before


def test_a_desk_that_does_not_fit_keeps_nobody_out(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def misfit(*_: object) -> None:
        raise Tampered

    monkeypatch.setattr(rotating, "read_roster", misfit)
    token = signing_in.sign_in(world.store, key_for("ines"), "ines", one_time_code(world.secrets["ines"], 1))
    assert token
    assert world.caller("ines").role is Role.INTAKE


def test_a_second_rotation_follows_the_first(world: World) -> None:
    desk = world.desks["North"]
    for expected in (2, 3, 4):
        assert rotating.rotate(world.store, world.caller("ines"), desk) == expected
        case_id = new_case(world, desk)
        assert title(world, "carl", case_id) == "A title"
