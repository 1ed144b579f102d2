"""A new split of the recovery: after a trustee left, by k old shares, for the trustees of now."""

from pathlib import Path

import pytest
from sqlalchemy import select

from api import clock
from api.access import grants
from api.crypto import Key, Opener
from api.crypto.people import join
from api.errors import Forbidden, Invalid, NotFound, NotYet, OtherShare, OutOfOrder, Tampered
from api.models.tables import Grant, Member, Office
from api.sealed import heirs, offices
from api.services import ceremonies, departures, desks, members, recovering, shares, splitting, trustees
from api.services.signing_in import Device
from tests.people.test_recovering import NEW, later
from tests.world import World, make_world, one_time_code


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> World:
    """The group after Toni left, with a new trustee, Tess; Carl has entrusted his seeds."""
    made = make_world(database_url, tmp_path)
    made.sign_in("carl")
    made.enrol("tess", "trustee")
    members.suspend(made.store, made.caller("ada"), made.ids["toni"])
    return made


def chosen(world: World, *logins: str) -> dict[str, str]:
    return {world.ids[login]: world.words(login) for login in logins}


def opened(world: World) -> tuple[str, str]:
    made, words = splitting.open_split(world.store, world.caller("tina"), 2, chosen(world, "tina", "tom", "tess"))
    return made, " ".join(words)


def split_anew(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    made, words = opened(world)
    for login in ("tina", "tom"):
        shares.bring(world.store, world.caller(login), made, words)
    later(monkeypatch, 73)
    splitting.finish_split(world.store, world.caller("tina"), made)


def own(world: World, *logins: str) -> list[str]:
    return [trustees.own_share(world.store, world.caller(login)) for login in logins]


def entrusted(world: World) -> list[Grant]:
    with world.store.reading() as db:
        return grants.grants_of(db, grants.RECOVERY)


def opens(world: World, key: Key) -> int:
    """Say how many of the grants to the recovery open with a key."""
    found = 0
    with world.store.reading() as db:
        for row in entrusted(world):
            try:
                grants.open_grant(db, world.store, Opener(key), row, grants.shred_of(db, world.store, row))
            except Tampered:
                continue
            found += 1
    return found


def test_new_shares_open_all_that_was_entrusted_and_old_ones_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = join(own(world, "tina", "tom"))
    before = len(entrusted(world))
    assert opens(world, old) == before
    assert offices.RECOVERY in departures.waits(world.store).places
    split_anew(world, monkeypatch)
    fresh = join(own(world, "tess", "tom"))
    assert (opens(world, fresh), opens(world, old), len(entrusted(world))) == (before, 0, before)
    assert offices.RECOVERY not in departures.waits(world.store).places
    with world.store.reading() as db:
        office = offices.office(db, world.store, offices.RECOVERY)
        assert office is not None
        assert heirs.half_of(fresh).blob == office.public.blob + office.verify.blob
        assert len(db.scalars(select(Office).where(Office.kind == offices.RECOVERY)).all()) == 2
    desks.seat(world.store, world.caller("carl"), world.desks["North"], world.ids["isa"], world.words("isa"))


def test_a_share_of_before_is_refused_after_a_new_split_and_a_new_one_recovers(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, (old, _) = world.store, own(world, "tom", "tina")
    split_anew(world, monkeypatch)
    monkeypatch.setattr(ceremonies, "now", clock.now)
    offer, made = members.offer("en"), recovering.open_for(store, world.caller("ada"), world.ids["carl"])
    device = Device(offer.totp, one_time_code(offer.secret))
    words = " ".join(recovering.claim(store, made.code, "carl", NEW, device))
    with pytest.raises(OtherShare):
        shares.bring(store, world.caller("tom"), made.ceremony, words, old)
    for login in ("tess", "tina"):
        shares.bring(store, world.caller(login), made.ceremony, words)
    later(monkeypatch, 73)
    assert recovering.finish(store, NEW, "carl", one_time_code(offer.secret, 1))


def test_a_new_split_waits_takes_k_shares_and_is_ended_like_a_recovery(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, (made, words) = world.store, opened(world)
    shares.bring(store, world.caller("tom"), made, words)
    with pytest.raises(Invalid):
        shares.bring(store, world.caller("tina"), made, world.words("tina"))
    later(monkeypatch, 73)
    with pytest.raises(NotYet):
        splitting.finish_split(store, world.caller("tina"), made)
    shares.bring(store, world.caller("tina"), made, words)
    later(monkeypatch, 71)
    with pytest.raises(NotYet):
        splitting.finish_split(store, world.caller("tina"), made)
    with pytest.raises(NotFound):
        splitting.finish_split(store, world.caller("tom"), made)
    ceremonies.cancel(store, world.caller("otto"), made)
    later(monkeypatch, 73)
    with pytest.raises(NotFound):
        splitting.finish_split(store, world.caller("tina"), made)


def test_who_was_chosen_and_left_meanwhile_gets_no_share(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    store, (made, words) = world.store, opened(world)
    for login in ("tina", "tom"):
        shares.bring(store, world.caller(login), made, words)
    with store.writing() as db:
        row = db.get_one(Member, world.ids["tess"])
        row.receive = Opener(Key.fresh()).public.blob
    later(monkeypatch, 73)
    with pytest.raises((OutOfOrder, Tampered)):
        splitting.finish_split(store, world.caller("tina"), made)
    assert own(world, "tom")


def test_only_a_trustee_with_a_share_splits_anew_among_trustees_who_were_heard(world: World) -> None:
    store = world.store
    three = chosen(world, "tina", "tom", "tess")
    unheard, without = {**three, world.ids["tom"]: ""}, chosen(world, "tom", "tess")
    for threshold, some in ((1, three), (4, three), (2, without), (2, unheard)):
        with pytest.raises(Invalid):
            splitting.open_split(store, world.caller("tina"), threshold, some)
    with pytest.raises(Forbidden):
        splitting.open_split(store, world.caller("tess"), 2, three)
    with pytest.raises(Forbidden):
        splitting.open_split(store, world.caller("tina"), 2, {**three, **chosen(world, "leo")})
