"""The doors with real sessions: what is granted opens on the next request, what is revoked is gone on the next."""

from pathlib import Path

import pytest

from api.access.doors import enter_case
from api.catalogue.compartments import Compartment
from api.errors import NotFound
from api.policy.actions import Action
from api.services import desks
from api.services.cases import create_case, read_case
from api.services.files import add_file, open_sink, read_file
from api.services.granting import grant_case, revoke_case_grant
from api.services.listing import list_cases
from tests.cases.bench_world import SECTIONS
from tests.world import World, make_world

C = Compartment


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> World:
    return make_world(database_url, tmp_path)


def granted(world: World, case_id: str) -> str:
    carl = world.caller("carl")
    access = enter_case(world.store, carl, case_id, Action.CASE_GRANT, {C.FACTS, C.EVIDENCE})
    return grant_case(access, world.ids["leo"], world.words("leo"), {C.FACTS, C.EVIDENCE}, 30, "verify-fact")


def test_a_lawyers_open_session_gains_and_loses_a_case_between_two_requests(world: World) -> None:
    store = world.store
    case_id = create_case(store, world.caller("ines"), world.desks["North"], SECTIONS)
    with pytest.raises(NotFound):
        enter_case(store, world.caller("leo"), case_id, Action.CASE_READ)
    grant_id = granted(world, case_id)
    assert [line.id for line in list_cases(store, world.caller("leo")).lines] == [case_id]
    assert read_case(enter_case(store, world.caller("leo"), case_id, Action.CASE_READ)).desk == "North"
    carl = enter_case(store, world.caller("carl"), case_id, Action.CASE_REVOKE)
    old = world.caller("leo")
    revoke_case_grant(carl, grant_id)
    for caller in (world.caller("leo"), old):
        with pytest.raises(NotFound):
            enter_case(store, caller, case_id, Action.CASE_READ)
        assert list_cases(store, caller).lines == ()


def test_a_files_direct_address_is_refused_after_the_revocation(world: World) -> None:
    store = world.store
    case_id = create_case(store, world.caller("ines"), world.desks["North"], SECTIONS)
    sink = open_sink(store)
    sink.feed(b"a scan")
    file = sink.finish()
    carl = enter_case(store, world.caller("carl"), case_id, Action.FILE_ADD)
    add_file(carl, file, "scan", "image/png", "", carl.version)
    grant_id = granted(world, case_id)
    access = enter_case(store, world.caller("leo"), case_id, Action.FILE_READ, {C.EVIDENCE})
    assert b"".join(read_file(access, file.id)[1]) == b"a scan"
    revoke_case_grant(enter_case(store, world.caller("carl"), case_id, Action.CASE_REVOKE), grant_id)
    with pytest.raises(NotFound):
        enter_case(store, world.caller("leo"), case_id, Action.FILE_READ, {C.EVIDENCE})


def test_who_is_unseated_enters_no_case_of_the_desk(world: World) -> None:
    store = world.store
    case_id = create_case(store, world.caller("ines"), world.desks["North"], SECTIONS)
    ines = world.caller("ines")
    desks.unseat(store, world.caller("carl"), world.desks["North"], world.ids["ines"])
    for caller in (ines, world.caller("ines")):
        with pytest.raises(NotFound):
            enter_case(store, caller, case_id, Action.CASE_READ)
