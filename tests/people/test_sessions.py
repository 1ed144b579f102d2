"""Sessions and tokens: what they open, and how soon they open it no more."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from api.access import grants, sessions
from api.access.grants import Terms
from api.catalogue.compartments import Compartment
from api.clock import today
from api.crypto import Key
from api.crypto.people import token_of
from api.errors import Forbidden, Invalid, NotFound, SessionEnded, Tampered
from api.models.tables import Grant, Member, SessionKey, SignedIn
from api.sealed import shreds
from api.services import desks, members, tokens
from api.services.tokens import TokenTerms
from tests.people.conftest import Turn
from tests.people.planting import count, grants_held
from tests.world import World

C = Compartment
CASE = "c" * 26


def given(world: World, to: str, ends: str, case_id: str = CASE) -> str:
    """Carl gives someone a key of one case until a day."""
    terms = Terms(grants.CASE, "verify-fact", ends, desk=world.desks["North"], case=case_id)
    carl = world.caller("carl")
    with world.store.writing() as db:
        member = db.get_one(Member, world.ids[to])
        return grants.give(db, world.store, carl, member, terms, {"facts": Key.fresh()})


def revoked(world: World, grant_id: str) -> None:
    with shreds.erasing(world.store) as db:
        grants.revoke(db, [db.get_one(Grant, grant_id)])


def after(days: int) -> str:
    return (today() + timedelta(days=days)).isoformat()


def token(world: World, login: str, terms: TokenTerms | None = None) -> str:
    return tokens.make_token(world.store, world.caller(login), terms or TokenTerms(), world.proof(login))


@pytest.mark.parametrize("presented", ["", "x", "é", "A" * 43, "A" * 44, "=" * 43, " "])
def test_what_is_no_session_opens_none(founded: World, presented: str) -> None:
    with pytest.raises(SessionEnded):
        sessions.enter(founded.store, presented)


def test_the_row_does_not_hold_the_secret(founded: World) -> None:
    with founded.store.reading() as db:
        row = db.get_one(SignedIn, founded.caller("ada").session_id)
    secret = founded.tokens["ada"]
    assert secret not in row.id
    assert row.id != secret
    with pytest.raises(SessionEnded):
        sessions.enter(founded.store, token_of(Key(bytes.fromhex(row.id))))


def test_a_session_left_alone_ends_after_a_quarter_of_an_hour(founded: World, turn: Turn) -> None:
    turn(timedelta(minutes=14))
    founded.caller("ada")
    turn(timedelta(minutes=28))
    founded.caller("ada")
    turn(timedelta(minutes=44))
    with pytest.raises(SessionEnded):
        founded.caller("ada")


def test_a_session_in_use_ends_after_eight_hours(founded: World, turn: Turn) -> None:
    for minutes in range(12, 8 * 60, 12):
        turn(timedelta(minutes=minutes))
        founded.caller("ada")
    turn(timedelta(hours=8, minutes=1))
    with pytest.raises(SessionEnded):
        founded.caller("ada")


def test_the_visit_is_noted_at_most_once_a_minute(founded: World, turn: Turn) -> None:
    def head() -> bytes:
        with founded.store.reading() as db:
            return db.get_one(SignedIn, session_id).head.blob

    session_id = founded.caller("ada").session_id
    first = head()
    turn(timedelta(seconds=30))
    founded.caller("ada")
    assert head() == first
    turn(timedelta(seconds=90))
    founded.caller("ada")
    assert head() != first


def test_each_role_holds_what_its_desk_seals_to_it(world: World) -> None:
    north = world.desks["North"]

    def held(login: str) -> set[Compartment]:
        return {name for one in world.caller(login).keyring.desks.get(north, ()) for name, _ in one.keys}

    assert held("ines") == set(C) - {C.LEGAL}
    assert held("carl") == set(C) - {C.SOURCE, C.CONTACT}
    assert held("ann") == {C.FACTS}
    for login in ("ada", "otto", "tina", "leo", "isa", "cora"):
        assert held(login) == set()
    assert set(world.caller("ines").keyring.intake) == set(world.caller("isa").keyring.intake) == {1}
    assert set(world.caller("otto").keyring.auditors) == {1}
    assert not world.caller("ada").keyring.intake


def test_a_grant_given_since_sign_in_opens_at_the_next_request_and_is_kept(world: World) -> None:
    assert not world.caller("leo").keyring.cases
    given(world, "leo", after(30))
    before = count(world.store, SessionKey)
    assert set(world.caller("leo").keyring.cases[CASE][0].keys) == {C.FACTS}
    assert count(world.store, SessionKey) == before + 1
    assert CASE in world.caller("leo").keyring.cases


def test_a_revoked_grant_is_refused_at_the_next_request_in_session_and_token(world: World) -> None:
    grant_id = given(world, "leo", after(30))
    access = token(world, "leo", TokenTerms(grants=frozenset({grant_id})))
    assert CASE in world.caller("leo").keyring.cases
    assert CASE in sessions.enter(world.store, access).keyring.cases
    revoked(world, grant_id)
    assert not world.caller("leo").keyring.cases
    assert not sessions.enter(world.store, access).keyring.cases


def test_a_grant_row_put_back_after_its_revocation_opens_nothing(world: World) -> None:
    grant_id = given(world, "leo", after(30))
    world.caller("leo")
    with world.store.reading() as db:
        row = db.get_one(Grant, grant_id)
        kept = Grant(id=row.id, member_id=row.member_id, shred_id=row.shred_id, sealed=row.sealed)
    revoked(world, grant_id)
    with world.store.writing() as db:
        db.add(kept)
    assert not world.caller("leo").keyring.cases


def test_a_grant_ends_with_its_last_day(world: World) -> None:
    given(world, "leo", after(0))
    assert CASE in world.caller("leo").keyring.cases
    given(world, "leo", after(-1), "d" * 26)
    assert set(world.caller("leo").keyring.cases) == {CASE}


def test_a_grant_expires_in_an_open_session_and_in_a_token(world: World, turn: Turn) -> None:
    access = token(world, "leo", TokenTerms(grants=frozenset({given(world, "leo", after(0))})))
    assert CASE in sessions.enter(world.store, access).keyring.cases
    turn(timedelta(days=1))
    assert not sessions.enter(world.store, access).keyring.cases


def test_two_grants_for_one_case_stand_side_by_side(world: World) -> None:
    first, second = given(world, "leo", after(1)), given(world, "leo", after(2))
    assert {one.grant_id for one in world.caller("leo").keyring.cases[CASE]} == {first, second}
    revoked(world, first)
    assert {one.grant_id for one in world.caller("leo").keyring.cases[CASE]} == {second}


def test_a_changed_record_ends_the_session(world: World) -> None:
    ada = world.caller("ada")
    with world.store.writing() as db:
        row = db.get_one(Member, world.ids["leo"])
        members._sign_next(db, world.store, ada, row, "active", "member:confirmed")
    with pytest.raises(SessionEnded):
        world.caller("leo")
    world.sign_in("leo")
    assert world.caller("leo").version == 3


def test_a_session_moved_to_another_member_or_another_head_is_refused(world: World) -> None:
    store, ines, carl = world.store, world.caller("ines").session_id, world.caller("carl").session_id
    with store.writing() as db:
        head = db.get_one(SignedIn, carl).head
        db.execute(update(SignedIn).where(SignedIn.id == ines).values(member_id=world.ids["carl"]))
    with pytest.raises(Tampered):
        world.caller("ines")
    with store.writing() as db:
        db.execute(update(SignedIn).where(SignedIn.id == ines).values(member_id=world.ids["ines"], head=head))
    with pytest.raises(Tampered):
        world.caller("ines")


def test_a_narrow_token_opens_what_was_chosen_and_nothing_that_comes_later(world: World) -> None:
    chosen, other = given(world, "leo", after(30)), given(world, "leo", after(30), "d" * 26)
    access = token(world, "leo", TokenTerms(grants=frozenset({chosen})))
    given(world, "leo", after(30), "e" * 26)
    caller = sessions.enter(world.store, access)
    assert set(caller.keyring.cases) == {CASE}
    assert (caller.receive, caller.signing) == (None, None)
    with pytest.raises(Forbidden):
        _ = caller.signer
    with pytest.raises(Forbidden):
        tokens.make_token(world.store, caller, TokenTerms(), world.proof("leo"))
    assert other in {one.grant_id for one in world.caller("leo").keyring.cases["d" * 26]}


def test_a_token_is_narrowed_to_the_desks_and_cases_that_were_named(world: World) -> None:
    chosen = given(world, "leo", after(9))
    given(world, "leo", after(9), "d" * 26)
    leo = world.caller("leo")
    assert tokens.grants_for(leo, (), ()) is None
    assert tokens.grants_for(leo, (), (CASE,)) == {chosen}
    narrow = sessions.enter(world.store, token(world, "leo", TokenTerms(grants=tokens.grants_for(leo, (), (CASE,)))))
    assert set(narrow.keyring.cases) == {CASE}
    for others in (((world.desks["North"],), ()), ((), ("e" * 26,))):
        with pytest.raises(NotFound):
            tokens.grants_for(leo, *others)


def test_a_token_takes_no_grant_of_another_member(world: World) -> None:
    foreign = frozenset(grants_held(world.store, world.ids["ines"]))
    caller = sessions.enter(world.store, token(world, "leo", TokenTerms(grants=foreign)))
    assert not caller.keyring.desks
    assert not caller.keyring.intake


def test_a_full_token_opens_what_the_member_opens_and_signs_only_if_so_made(world: World) -> None:
    for signs in (False, True):
        caller = sessions.enter(world.store, token(world, "carl", TokenTerms(signs=signs)))
        assert caller.keyring == world.caller("carl").keyring
        assert (caller.signing is not None) is signs


def test_a_token_made_with_a_token_ends_no_later_than_that_one(world: World, turn: Turn) -> None:
    caller = sessions.enter(world.store, token(world, "carl", TokenTerms(days=2, signs=True)))
    again = tokens.make_token(world.store, caller, TokenTerms(days=90, signs=True), world.proof("carl"))
    turn(timedelta(days=2))
    assert sessions.enter(world.store, again).until == caller.until
    turn(timedelta(days=3))
    with pytest.raises(SessionEnded):
        sessions.enter(world.store, again)


def test_a_token_outlives_the_quarter_of_an_hour_and_ends_with_its_day(world: World, turn: Turn) -> None:
    access = token(world, "carl", TokenTerms(days=2))
    turn(timedelta(days=2))
    assert sessions.enter(world.store, access).member_id == world.ids["carl"]
    turn(timedelta(days=3))
    with pytest.raises(SessionEnded):
        sessions.enter(world.store, access)


@pytest.mark.parametrize("days", [-1, 0, 91])
def test_a_token_lasts_a_day_to_ninety(founded: World, days: int) -> None:
    with pytest.raises(Invalid):
        token(founded, "ada", TokenTerms(days=days))


def test_unseating_and_suspending_reach_into_tokens(world: World) -> None:
    access = token(world, "ann", TokenTerms(signs=True))
    assert sessions.enter(world.store, access).keyring.desks
    desks.unseat(world.store, world.caller("carl"), world.desks["North"], world.ids["ann"])
    assert not sessions.enter(world.store, access).keyring.desks
    members.suspend(world.store, world.caller("ada"), world.ids["ann"])
    with pytest.raises(SessionEnded):
        sessions.enter(world.store, access)


def test_a_session_ended_while_a_request_notes_its_visit_stays_ended(founded: World, turn: Turn) -> None:
    turn(timedelta(minutes=5))
    store, secret = founded.store, founded.tokens["ada"]
    ended = founded.caller("ada").session_id
    turn(timedelta(minutes=10))
    real = sessions._picked_up

    def meanwhile(*where: object) -> dict[str, object]:
        sessions.end(store, [ended])
        return {}

    with pytest.MonkeyPatch.context() as patch, pytest.raises(SessionEnded):
        patch.setattr(sessions, "_picked_up", meanwhile)
        sessions.enter(store, secret)
    assert (sessions._picked_up, count(store, SignedIn)) == (real, 0)
