"""Founding: the order, the one code, and who may make which key."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from api.crypto import place
from api.errors import Forbidden, Invalid, NotFound, OutOfOrder, SecretMissing
from api.models.tables import Desk, Group, Leaf, Office
from api.services import desks, founding, members, offices
from api.services.founding import GroupNote
from api.services.members import Newcomer
from tests.people.conftest import Turn
from tests.people.planting import count
from tests.world import DEPLOYMENT, World, empty_store, key_for, one_time_code

NOTE = GroupNote("The Lantern", "desk@lantern.example")


def newcomer(login: str = "ada") -> Newcomer:
    offer = members.offer("en")
    return Newcomer(login, key_for(login), offer.totp, one_time_code(offer.secret), login[0])


def done(world: World) -> list[str]:
    return [step.key for step in founding.checklist(world.store) if step.done]


def test_the_group_is_founded_step_by_step_and_the_public_page_opens_with_the_intakes_key(founded: World) -> None:
    store = founded.store
    for login, role in (("otto", "auditor"), ("tina", "trustee"), ("tom", "trustee"), ("ines", "intake")):
        founded.enrol(login, role)
    founded.enrol("carl", "case_worker")
    assert (done(founded), founding.is_open(store)) == ([], False)
    offices.found_log(store, founded.caller("otto"))
    assert done(founded) == ["log"]
    heard = {founded.ids[login]: founded.words(login) for login in ("tina", "tom")}
    offices.found_recovery(store, founded.caller("tina"), 2, heard)
    assert (done(founded), founding.is_open(store)) == (["log", "recovery"], False)
    offices.found_intake(store, founded.caller("ines"))
    assert (done(founded), founding.is_open(store)) == (["log", "recovery", "intake"], True)
    desks.found_desk(store, founded.caller("carl"), "North", {founded.ids["ines"]: founded.words("ines")})
    assert done(founded) == ["log", "recovery", "intake", "desk"]


def test_no_key_is_made_before_the_one_it_stands_on(founded: World) -> None:
    store = founded.store
    for login, role in (("otto", "auditor"), ("tina", "trustee"), ("tom", "trustee"), ("ines", "intake")):
        founded.enrol(login, role)
    founded.enrol("carl", "case_worker")
    ines = {founded.ids["ines"]: founded.words("ines")}
    heard = {founded.ids[login]: founded.words(login) for login in ("tina", "tom")}

    def recovery() -> None:
        offices.found_recovery(store, founded.caller("tina"), 2, heard)

    def intake() -> None:
        offices.found_intake(store, founded.caller("ines"))

    def desk() -> None:
        desks.found_desk(store, founded.caller("carl"), "North", ines)

    def refused(*early: Callable[[], None]) -> None:
        for step in early:
            with pytest.raises(OutOfOrder):
                step()

    refused(recovery, intake, desk)
    offices.found_log(store, founded.caller("otto"))
    refused(intake, desk)
    recovery()
    refused(desk)
    assert (count(store, Desk), count(store, Office), founding.is_open(store)) == (0, 2, False)


def test_an_offices_key_is_made_once(world: World) -> None:
    store = world.store
    with pytest.raises(OutOfOrder):
        offices.found_log(store, world.caller("otto"))
    with pytest.raises(OutOfOrder):
        offices.found_intake(store, world.caller("isa"))
    heard = {world.ids[login]: world.words(login) for login in ("tina", "tom")}
    with pytest.raises(OutOfOrder):
        offices.found_recovery(store, world.caller("tina"), 2, heard)


def test_nobody_makes_another_roles_key(founded: World) -> None:
    store, ada = founded.store, founded.caller("ada")
    for make in (offices.found_log, offices.found_intake):
        with pytest.raises((Forbidden, OutOfOrder)):
            make(store, ada)
    with pytest.raises(Forbidden):
        offices.found_recovery(store, ada, 2, {ada.member_id: founded.words("ada")})
    assert count(store, Office) == 0


def test_until_the_auditor_has_a_key_the_log_says_only_who_became_a_member(founded: World) -> None:
    founded.enrol("otto", "auditor")
    with founded.store.reading() as db:
        early = [leaf.public for leaf in db.scalars(select(Leaf))]
    assert all(line is not None and ('"member:' in line or '"session:' in line or '"group:' in line) for line in early)
    offices.found_log(founded.store, founded.caller("otto"))
    with founded.store.reading() as db:
        leaves = list(db.scalars(select(Leaf).order_by(Leaf.index)))
    assert [leaf.public is None for leaf in leaves] == [False] * len(early) + [True] * (len(leaves) - len(early))
    assert len(leaves) > len(early)


def test_the_founding_code_works_once_and_a_wrong_one_never(sqlite_url: str, tmp_path: Path) -> None:
    store = empty_store(sqlite_url, tmp_path)
    code = founding.begin_founding(store)
    with pytest.raises(NotFound):
        founding.found_group(store, code + " stone", NOTE, newcomer())
    assert not founding.is_founded(store)
    founding.found_group(store, f"  {code.upper()} ", NOTE, newcomer())
    assert founding.is_founded(store)
    assert founding.group_note(store) == NOTE
    with pytest.raises(OutOfOrder):
        founding.found_group(store, code, NOTE, newcomer("eve"))
    with pytest.raises(OutOfOrder):
        founding.begin_founding(store)
    with pytest.raises(NotFound):
        members.join(store, code, newcomer("eve"))


def test_a_new_founding_code_replaces_the_forgotten_one(sqlite_url: str, tmp_path: Path) -> None:
    store = empty_store(sqlite_url, tmp_path)
    forgotten = founding.begin_founding(store)
    code = founding.begin_founding(store)
    with pytest.raises(NotFound):
        founding.found_group(store, forgotten, NOTE, newcomer())
    founding.found_group(store, code, NOTE, newcomer())
    with pytest.raises(NotFound):
        members.join(store, forgotten, newcomer("eve"))


def test_a_founding_code_ends_after_a_week(sqlite_url: str, tmp_path: Path, turn: Turn) -> None:
    store = empty_store(sqlite_url, tmp_path)
    code = founding.begin_founding(store)
    turn(timedelta(days=8))
    with pytest.raises(NotFound):
        founding.found_group(store, code, NOTE, newcomer())
    assert count(store, Group) == 0


def test_the_founder_must_show_a_working_device(sqlite_url: str, tmp_path: Path) -> None:
    store = empty_store(sqlite_url, tmp_path)
    code = founding.begin_founding(store)
    offer = members.offer("en")
    with pytest.raises(Invalid):
        founding.found_group(store, code, NOTE, Newcomer("ada", key_for("ada"), offer.totp, "000000x"))
    founding.found_group(store, code, NOTE, newcomer())


def test_another_groups_secret_is_named_and_the_root_is_made_once(sqlite_url: str, tmp_path: Path) -> None:
    store = empty_store(sqlite_url, tmp_path)
    founding.make_root(store)
    founding.found_group(store, founding.begin_founding(store), NOTE, newcomer())
    store.deployment = DEPLOYMENT.derive(place("another"))
    with pytest.raises(SecretMissing):
        founding.is_founded(store)
    store.close()
