"""The offices' keys: the log, the recovery and its shares, the intake."""

import pytest
from sqlalchemy import select

from api.access import grants
from api.catalogue.compartments import Compartment
from api.crypto import Opener, Sealed, open_parcel, place, unwrap
from api.crypto.people import join
from api.errors import Forbidden, Invalid, NotFound, OutOfOrder, Tampered
from api.models.tables import Grant, Office
from api.services import logbook, members, offices, trustees
from tests.people.planting import count, grants_held
from tests.world import World


def heard(world: World, *logins: str) -> dict[str, str]:
    return {world.ids[login]: world.words(login) for login in logins}


def with_heard(founded: World) -> World:
    for login, role in (("otto", "auditor"), ("tina", "trustee"), ("tom", "trustee"), ("toni", "trustee")):
        founded.enrol(login, role)
    offices.found_log(founded.store, founded.caller("otto"))
    return founded


def shares(world: World, *logins: str) -> list[str]:
    return [trustees.own_share(world.store, world.caller(login)) for login in logins]


@pytest.mark.parametrize("two", [("tina", "tom"), ("tom", "toni"), ("toni", "tina")])
def test_any_two_of_three_trustees_open_what_was_sealed_to_the_recovery(world: World, two: tuple[str, str]) -> None:
    opener = Opener(join(shares(world, *two)))
    carried = set[str]()
    with world.store.reading() as db:
        for row in grants.grants_of(db, grants.RECOVERY):
            where = place("grant", row.id, grants.RECOVERY)
            inner = unwrap(grants.shred_of(db, world.store, row).as_key(place("grant", row.id)), where, row.sealed)
            carried |= open_parcel(opener, where, Sealed(inner)).keys.keys()
    assert carried == {"1", *(f"{name}:1" for name in Compartment)}


def test_one_trustee_alone_opens_nothing(world: World) -> None:
    for alone in (shares(world, "tina"), shares(world, "tina", "tina"), [], ["no words"]):
        with pytest.raises(Tampered):
            join(alone)


def test_a_share_is_shown_to_its_trustee_alone_and_the_reading_is_logged(world: World) -> None:
    assert len({*shares(world, "tina", "tom", "toni")}) == 3
    for login in ("ada", "otto", "ines", "leo"):
        with pytest.raises(NotFound):
            trustees.own_share(world.store, world.caller(login))
    entries = logbook.newest(world.store, world.caller("otto"))
    read = [entry["actor"] for entry in entries if entry["verb"] == "recovery:share-read"]
    assert {world.ids[login] for login in ("tina", "tom", "toni")} <= set(read)


def test_the_recovery_takes_two_to_sixteen_trustees_who_were_heard(founded: World) -> None:
    world = with_heard(founded)
    everyone = heard(world, "tina", "tom", "toni")
    for threshold, chosen in (
        (1, everyone),
        (4, everyone),
        (2, heard(world, "tom", "toni")),
        (2, {**everyone, world.ids["tom"]: world.words("toni")}),
        (2, {}),
    ):
        with pytest.raises(Invalid):
            offices.found_recovery(world.store, world.caller("tina"), threshold, chosen)
    with pytest.raises(Forbidden):
        offices.found_recovery(world.store, world.caller("tina"), 2, heard(world, "tina", "otto"))
    assert count(world.store, Office) == 1
    offices.found_recovery(world.store, world.caller("tina"), 3, everyone)
    assert join(shares(world, "tina", "tom", "toni"))
    with pytest.raises(OutOfOrder):
        members.suspend(world.store, world.caller("ada"), world.ids["tom"])


def test_only_intake_officers_are_given_the_intakes_key_by_one_who_holds_it(world: World) -> None:
    world.enrol("olga", "intake")
    with pytest.raises(Forbidden):
        offices.seat_intake(world.store, world.caller("carl"), world.ids["olga"], world.words("olga"))
    with pytest.raises(Forbidden):
        offices.seat_intake(world.store, world.caller("ines"), world.ids["carl"], world.words("carl"))
    with pytest.raises(Invalid):
        offices.seat_intake(world.store, world.caller("ines"), world.ids["olga"], world.words("isa"))
    assert grants_held(world.store, world.ids["olga"]) == []
    offices.seat_intake(world.store, world.caller("isa"), world.ids["olga"], world.words("olga"))
    assert world.caller("olga").keyring.intake == world.caller("ines").keyring.intake


def test_only_auditors_are_given_the_logs_key_by_one_who_holds_it(world: World) -> None:
    world.enrol("olga", "auditor")
    with pytest.raises(Forbidden):
        offices.seat_auditor(world.store, world.caller("ada"), world.ids["olga"], world.words("olga"))
    with pytest.raises(Forbidden):
        offices.seat_auditor(world.store, world.caller("otto"), world.ids["ada"], world.words("ada"))
    offices.seat_auditor(world.store, world.caller("otto"), world.ids["olga"], world.words("olga"))
    verbs = [entry["verb"] for entry in logbook.newest(world.store, world.caller("olga"))]
    assert "auditors:seated" in verbs
    assert "log:unreadable" not in verbs


def test_a_waiting_member_is_given_nothing(world: World) -> None:
    code = members.invite(world.store, world.caller("ada"), "intake")
    world.ids["olga"] = members.join(world.store, code, world.newcomer("olga"))
    with pytest.raises(Tampered):
        offices.seat_intake(world.store, world.caller("ines"), world.ids["olga"], world.words("olga"))
    with world.store.reading() as db:
        assert db.scalar(select(Grant).where(Grant.member_id == world.ids["olga"])) is None
