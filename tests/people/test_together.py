"""Members at the same moment: one code lets one in, nobody waits for ever, nobody's row is written twice."""

import asyncio
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from api.access import grants, sessions
from api.access.grants import Terms
from api.clock import today
from api.crypto import Key
from api.errors import NotFound, OutOfOrder, Refused, SessionEnded, SignInFailed
from api.models.tables import Member, SignedIn
from api.services import desks, members, own_sessions, signing_in
from api.services.offices import seat_auditor
from api.services.stretching import Stretcher
from tests.people.planting import count
from tests.world import CAST, DEPLOYMENT, World, key_for, one_time_code, passphrase


def together(*works: Callable[[], object]) -> Sequence[object]:
    """Start all at one moment; return what each gave, or its refusal."""
    gate = threading.Barrier(len(works))

    def begun(work: Callable[[], object]) -> object:
        gate.wait(20)
        try:
            return work()
        except Refused as refusal:
            return type(refusal)

    with ThreadPoolExecutor(len(works)) as pool:
        return [one.result(60) for one in [pool.submit(begun, work) for work in works]]


def test_one_code_sent_eight_times_at_once_opens_one_session(world: World) -> None:
    code = one_time_code(world.secrets["ines"], 1)
    answers = together(*[lambda: signing_in.sign_in(world.store, key_for("ines"), "ines", code)] * 8)
    assert sum(isinstance(one, str) for one in answers) == 1
    assert answers.count(SignInFailed) == 7


def test_one_invitation_used_four_times_at_once_lets_one_in(founded: World) -> None:
    code = members.invite(founded.store, founded.caller("ada"), "lawyer")
    comers = [founded.newcomer(f"leo{number}") for number in range(4)]
    answers = together(*[partial(members.join, founded.store, code, one) for one in comers])
    assert answers.count(NotFound) == 3
    assert count(founded.store, Member) == 2


def test_sixteen_sign_ins_at_once_end(world: World) -> None:
    async def one(stretcher: Stretcher, login: str, code: str) -> str:
        key = await stretcher.derive(passphrase(login), login)
        return await asyncio.to_thread(signing_in.sign_in, world.store, key, login, code)

    async def everyone() -> list[str | BaseException]:
        stretcher = Stretcher(DEPLOYMENT)
        right = [(login, one_time_code(world.secrets[login], 1)) for login in CAST]
        wrong = [(f"nobody{number}", "000000") for number in range(16 - len(CAST))]
        work = [one(stretcher, login, code) for login, code in (*right, *wrong)]
        return await asyncio.gather(*work, return_exceptions=True)

    answers = asyncio.run(asyncio.wait_for(everyone(), 120))
    opened = [answer for answer in answers if isinstance(answer, str)]
    assert len(opened) == len(CAST)
    assert {type(answer) for answer in answers} == {str, SignInFailed}
    assert {sessions.enter(world.store, token).member_id for token in opened} == set(world.ids.values())


def test_signing_in_seating_and_signing_out_at_once_do_not_wait_for_each_other_for_ever(world: World) -> None:
    """Erasing locks the shreds and then the log; whoever locks the other way round would deadlock with it."""
    store = world.store
    callers = {login: world.caller(login) for login in ("ada", "otto", "tina", "tom", "cora", "carl")}
    heard = world.words("isa")

    def signs_in(login: str) -> Callable[[], object]:
        return lambda: signing_in.sign_in(store, key_for(login), login, one_time_code(world.secrets[login], 1))

    def signs_out(login: str) -> Callable[[], object]:
        return lambda: own_sessions.sign_out(store, callers[login])

    answers = together(
        *(signs_in(login) for login in ("leo", "ines", "isa", "ann")),
        *(signs_out(login) for login in ("ada", "otto", "tina", "tom", "cora")),
        *[lambda: desks.seat(store, callers["carl"], world.desks["North"], world.ids["isa"], heard)] * 3,
    )
    assert [one for one in answers if one is not None and not isinstance(one, str)] == []
    assert count(store, SignedIn) == len(CAST) + 4 - 5


def test_seating_and_unseating_at_once_end(world: World) -> None:
    north, heard, carl = world.desks["North"], world.words("isa"), world.caller("carl")
    for login in ("olga", "oleg"):
        world.enrol(login, "case_worker")
        desks.seat(world.store, carl, north, world.ids[login], world.words(login))
    leaves = [partial(desks.unseat, world.store, carl, north, world.ids[login]) for login in ("olga", "oleg", "ann")]
    comes = [partial(desks.seat, world.store, carl, north, world.ids["isa"], heard)] * 4
    assert list(together(*leaves, *comes)) == [None] * 7
    (view,) = (one for one in desks.desks(world.store, world.caller("carl")) if one.mine)
    assert set(view.members) == {world.ids[login] for login in ("carl", "ines", "isa")}


def test_two_who_seat_at_once_both_do(world: World) -> None:
    for login in ("olga", "oleg"):
        world.enrol(login, "case_worker")
    north, seated = world.desks["North"], list[Callable[[], object]]()
    for by, login in (("carl", "olga"), ("ines", "oleg")):
        caller, heard = world.caller(by), world.words(login)
        seated.append(partial(desks.seat, world.store, caller, north, world.ids[login], heard))
    assert list(together(*seated)) == [None, None]
    (view,) = (one for one in desks.desks(world.store, world.caller("carl")) if one.mine)
    assert {world.ids["olga"], world.ids["oleg"]} <= set(view.members)


def test_requests_of_one_session_pick_up_a_grant_at_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    carl = world.caller("carl")
    ends = (today() + timedelta(days=1)).isoformat()
    with world.store.writing() as db:
        terms = Terms(grants.CASE, "verify-fact", ends, world.desks["North"], "c" * 26)
        grants.give(db, world.store, carl, db.get_one(Member, world.ids["leo"]), terms, {"facts": Key.fresh()})
    gate, picked_up = threading.Barrier(8), sessions._picked_up

    def all_at_once(*found: Any) -> Any:
        opened = picked_up(*found)
        gate.wait(20)
        return opened

    monkeypatch.setattr(sessions, "_picked_up", all_at_once)
    answers = together(*[lambda: tuple(world.caller("leo").keyring.cases)] * 8)
    assert list(answers) == [("c" * 26,)] * 8


def test_a_session_that_ends_while_it_is_used_ends(world: World) -> None:
    leo = world.caller("leo")
    answers = together(*[lambda: world.caller("leo").member_id] * 6, lambda: own_sessions.sign_out(world.store, leo))
    assert set(answers) <= {leo.member_id, SessionEnded, None}
    with pytest.raises(SessionEnded):
        world.caller("leo")


def test_of_two_auditors_suspended_at_once_one_stays(world: World) -> None:
    for login, role in (("olga", "auditor"), ("eve", "administrator")):
        world.enrol(login, role)
    seat_auditor(world.store, world.caller("otto"), world.ids["olga"], world.words("olga"))
    pairs = ((world.caller("ada"), world.ids["otto"]), (world.caller("eve"), world.ids["olga"]))
    answers = together(*[partial(members.suspend, world.store, who, whom) for who, whom in pairs])
    assert set(answers) == {None, OutOfOrder}
