"""A key of a case goes to the person whose words were heard, as far as the table goes, and ends."""

from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from api.access import grants
from api.access.caller import Caller
from api.access.doors import CaseAccess, enter_case
from api.catalogue.compartments import LANGUAGES, Compartment, Language
from api.clock import today
from api.crypto import Opener
from api.errors import Forbidden, Invalid, NotFound, ReasonMissing, Refused, Stale, Tampered
from api.ids import new_id
from api.models.tables import Grant, Member
from api.policy.actions import Action
from api.policy.roles import ALWAYS_WITH_A_CASE, Role
from api.sealed import offices, shreds
from api.services.granting import grant_case, revoke_case_grant, who_can_open
from api.services.openings import openings
from api.words.passphrase import six_words
from tests.cases.bench_world import World, make_bench

C = Compartment
FOUR = frozenset({C.FACTS, C.IDENTITY, C.NARRATIVE})


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> World:
    return make_bench(database_url, tmp_path)


def heard(world: World, name: str, language: Language = "en") -> str:
    with world.store.reading() as db:
        member = db.get(Member, world.members[name][0])
        assert member is not None
        return " ".join(six_words(offices.print_of(member), language))


def granter(world: World, case_id: str, name: str = "worker") -> CaseAccess:
    return world.enter(name, case_id, Action.CASE_GRANT, FOUR)


def granted(world: World, case_id: str, to: str = "lawyer", days: int = 30) -> str:
    member_id = world.members[to][0]
    return grant_case(granter(world, case_id), member_id, heard(world, to), FOUR, days, "prepare-submission")


def signed_in(world: World, name: str) -> Caller:
    """Return the member as a session opens their grants."""
    member_id, role, receive, signing = world.members[name]
    with world.store.reading() as db:
        rows = [row for row in grants.grants_of(db, member_id) if row.sealed.blob != b"grant"]
        alive = shreds.fetch(db, world.store, [row.shred_id for row in rows])
        opener = Opener(receive)
        opened = {row.id: grants.open_grant(db, world.store, opener, row, alive[row.shred_id]) for row in rows}
    return Caller(member_id, role, 1, "session", "en", grants.keyring(opened), receive, signing)


def test_a_lawyer_opens_the_compartments_granted_with_control_and_consent(world: World) -> None:
    case_id = world.case()
    granted(world, case_id)
    access = enter_case(
        world.store, signed_in(world, "lawyer"), case_id, Action.CASE_READ, set(C), "prepare-submission", "why"
    )
    assert set(access.keys) == FOUR | ALWAYS_WITH_A_CASE
    assert set(access.shut) == {C.SOURCE, C.CONTACT, C.EVIDENCE, C.LEGAL}
    assert {one.compartment for one in openings(access)} == FOUR | ALWAYS_WITH_A_CASE


def test_the_case_says_who_can_open_what_until_when_and_why(world: World) -> None:
    case_id = world.case()
    grant_id = granted(world, case_id)
    (holder,) = who_can_open(world.enter("intake", case_id, Action.CASE_READ))
    assert (holder.grant_id, holder.initial, holder.role) == (grant_id, "L", Role.LAWYER)
    assert holder.until == today() + timedelta(30)
    assert set(holder.compartments) == FOUR | ALWAYS_WITH_A_CASE
    assert (holder.reason, holder.given_by) == ("prepare-submission", world.members["worker"][0])


def test_the_grant_row_names_no_case(world: World) -> None:
    case_id = world.case()
    grant_id = granted(world, case_id)
    with world.store.reading() as db:
        row = db.get(Grant, grant_id)
        assert row is not None
        assert case_id.encode() not in row.sealed.blob
        assert case_id not in (row.id, row.member_id, row.shred_id)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_six_words_are_heard_in_any_language(world: World, language: Language) -> None:
    case_id = world.case()
    words = heard(world, "lawyer", language).upper()
    assert grant_case(granter(world, case_id), world.members["lawyer"][0], words, FOUR, 1, "verify-fact")


@pytest.mark.parametrize("words", ["", "one two three four five six", "heard of another"])
def test_other_words_than_the_owners_grant_nothing(world: World, words: str) -> None:
    case_id = world.case()
    said = heard(world, "analyst") if words == "heard of another" else words
    with pytest.raises(Invalid):
        grant_case(granter(world, case_id), world.members["lawyer"][0], said, FOUR, 30, "verify-fact")


def test_a_key_that_was_swapped_in_the_database_receives_nothing(world: World) -> None:
    case_id, words = world.case(), heard(world, "lawyer")
    with world.store.writing() as db:
        member, other = (db.get(Member, world.members[name][0]) for name in ("lawyer", "analyst"))
        assert member is not None
        assert other is not None
        member.receive = other.receive
    with pytest.raises(Tampered):
        grant_case(granter(world, case_id), world.members["lawyer"][0], words, FOUR, 30, "verify-fact")


@pytest.mark.parametrize("name", ["admin", "analyst", "auditor", "trustee", "intake", "stranger"])
def test_roles_receive_what_the_table_says(world: World, name: str) -> None:
    case_id = world.case()
    with pytest.raises(Forbidden):
        grant_case(granter(world, case_id), world.members[name][0], heard(world, name), FOUR, 30, "verify-fact")


RECEIVING = {"lawyer": frozenset(C), "worker": frozenset({C.SOURCE, C.CONTACT, C.CONTROL, C.CONSENT})}
ROLES = ("admin", "trustee", "auditor", "analyst", "intake", "worker", "lawyer")


@pytest.mark.parametrize("name", ROLES)
def test_every_role_receives_of_every_compartment_what_the_table_says(world: World, name: str) -> None:
    """A role without a row receives no key at all, not even of what goes along with every grant."""
    case_id, given = world.case(), set()
    for compartment in C:
        holder = "worker" if compartment is C.LEGAL else "intake"
        access = world.enter(holder, case_id, Action.CASE_GRANT, {compartment})
        with suppress(Forbidden):
            grant_case(access, world.members[name][0], heard(world, name), {compartment}, 1, "verify-fact")
            given.add(compartment)
    assert given == RECEIVING.get(name, frozenset())
    assert bool(signed_in(world, name).keyring.cases) == (name in RECEIVING)


def test_the_source_goes_to_the_assigned_case_worker_from_the_intake(world: World) -> None:
    case_id = world.case()
    access = world.enter("intake", case_id, Action.CASE_GRANT, {C.SOURCE})
    grant_case(access, world.members["worker"][0], heard(world, "worker"), {C.SOURCE}, 30, "contact-reporter")
    single = signed_in(world, "worker").keyring.cases
    both = world.caller("worker", single)
    opened = enter_case(world.store, both, case_id, Action.CASE_READ, {C.SOURCE, C.FACTS}, "contact-reporter")
    assert opened.open(C.SOURCE).note["reporter"][0]["name"] == "Planted Source"
    assert opened.shut == (C.CONTACT,)


def test_nobody_grants_what_they_did_not_open(world: World) -> None:
    case_id = world.case()
    for compartments in ({C.SOURCE}, {C.LEGAL}):
        with pytest.raises(Forbidden):
            grant_case(
                granter(world, case_id),
                world.members["lawyer"][0],
                heard(world, "lawyer"),
                compartments,
                30,
                "verify-fact",
            )


def test_a_lawyer_passes_nothing_on(world: World) -> None:
    case_id = world.case()
    access = enter_case(world.store, world.grantee("lawyer", case_id, {C.FACTS}), case_id, Action.CASE_READ)
    with pytest.raises(Forbidden):
        grant_case(access, world.members["lawyer"][0], heard(world, "lawyer"), {C.FACTS}, 1, "verify-fact")
    with pytest.raises(Forbidden):
        revoke_case_grant(access, new_id())


@pytest.mark.parametrize(
    ("days", "reason", "refused"), [(0, "verify-fact", Invalid), (366, "verify-fact", Invalid), (9, "", ReasonMissing)]
)
def test_a_grant_has_an_end_and_a_reason(world: World, days: int, reason: str, refused: type[Refused]) -> None:
    case_id = world.case()
    with pytest.raises(refused):
        grant_case(granter(world, case_id), world.members["lawyer"][0], heard(world, "lawyer"), FOUR, days, reason)


def test_an_unknown_member_and_a_stale_version_grant_nothing(world: World) -> None:
    case_id = world.case()
    for member_id in (new_id(), "x"):
        with pytest.raises(NotFound):
            grant_case(granter(world, case_id), member_id, "", FOUR, 30, "verify-fact")
    member_id = world.members["lawyer"][0]
    with pytest.raises(Stale):
        grant_case(granter(world, case_id), member_id, heard(world, "lawyer"), FOUR, 30, "verify-fact", 9)
    with world.store.reading() as db:
        assert list(db.scalars(select(Grant).where(Grant.member_id == member_id))) == []


def test_a_revoked_grant_is_refused_in_an_open_session(world: World) -> None:
    case_id = world.case()
    grant_id, lawyer = granted(world, case_id), signed_in(world, "lawyer")
    assert enter_case(world.store, lawyer, case_id, Action.CASE_READ)
    access = world.enter("intake", case_id, Action.CASE_REVOKE)
    assert revoke_case_grant(access, grant_id, access.version) == access.version + 1
    with pytest.raises(NotFound):
        enter_case(world.store, lawyer, case_id, Action.CASE_READ)
    assert who_can_open(world.enter("intake", case_id, Action.CASE_READ)) == ()


def test_a_grant_of_another_case_is_not_found_here(world: World) -> None:
    grant_id = granted(world, world.case())
    with pytest.raises(NotFound):
        revoke_case_grant(world.enter("intake", world.case(), Action.CASE_REVOKE), grant_id)
