"""Members: invited, joined with keys of their own, confirmed by voice, suspended."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, select

from api import audit
from api.access import sessions
from api.errors import Forbidden, Invalid, NotFound, OutOfOrder, SessionEnded, SignInFailed
from api.models.tables import Grant, Invitation, Member, SignedIn
from api.policy.roles import Role
from api.sealed import offices
from api.services import members, signing_in
from api.services.members import Newcomer
from api.services.offices import found_log, found_recovery, seat_auditor
from tests.people.conftest import Turn
from tests.people.planting import columns, count, edit, grants_held
from tests.world import World, key_for, one_time_code

SIX = "able able able able able able"


def joined(world: World, login: str = "eve", role: str = "case_worker") -> str:
    code = members.invite(world.store, world.caller("ada"), role)
    world.ids[login] = members.join(world.store, code, world.newcomer(login))
    return world.ids[login]


def test_a_newcomer_waits_until_the_six_words_were_heard(founded: World) -> None:
    member_id = joined(founded)
    assert members.view(founded.store, member_id).state == "waiting"
    with pytest.raises(SignInFailed):
        signing_in.sign_in(founded.store, key_for("eve"), "eve", one_time_code(founded.secrets["eve"]))
    members.confirm(founded.store, founded.caller("ada"), member_id, founded.words("eve").upper())
    view = members.view(founded.store, member_id)
    assert (view.state, view.initial, view.role, len(view.words)) == ("active", "E", "case_worker", 6)
    founded.sign_in("eve")
    assert founded.caller("eve").role is Role.CASE_WORKER


def test_a_used_invitation_put_back_into_the_database_lets_nobody_in(founded: World) -> None:
    store = founded.store
    code = members.invite(store, founded.caller("ada"), "lawyer")
    with store.reading() as db:
        (row,) = [dict(one) for one in db.execute(select(Invitation.__table__)).mappings()]
    founded.ids["eve"] = members.join(store, code, founded.newcomer("eve"))
    for _ in range(2):
        with store.writing() as db:
            db.execute(delete(Invitation))
            db.add(Invitation(**row))
        with pytest.raises(NotFound):
            members.join(store, code, founded.newcomer("zed"))
    assert count(store, Member) == 2
    assert audit.verify(store).whole


def test_other_words_confirm_nobody(founded: World) -> None:
    member_id = joined(founded)
    for heard in (SIX, founded.words("ada"), "", founded.words("eve").rsplit(" ", 1)[0]):
        with pytest.raises(Invalid):
            members.confirm(founded.store, founded.caller("ada"), member_id, heard)
    assert members.view(founded.store, member_id).state == "waiting"


def test_keys_exchanged_before_the_confirmation_have_other_words(founded: World) -> None:
    member_id = joined(founded)
    heard = founded.words("eve")
    edit(founded.store, member_id, receive=columns(founded.store, founded.ids["ada"])["receive"])
    with pytest.raises(Invalid):
        members.confirm(founded.store, founded.caller("ada"), member_id, heard)


def test_only_an_administrator_confirms_and_suspends(world: World) -> None:
    member_id = joined(world)
    heard = world.words("eve")
    for login in ("ines", "carl", "otto", "tina", "leo"):
        with pytest.raises(Forbidden):
            members.confirm(world.store, world.caller(login), member_id, heard)
        with pytest.raises(Forbidden):
            members.suspend(world.store, world.caller(login), world.ids["ann"])
    assert members.view(world.store, member_id).state == "waiting"
    assert world.caller("ann").keyring.desks


def test_an_invitation_lets_one_person_in_and_once(founded: World) -> None:
    code = members.invite(founded.store, founded.caller("ada"), "lawyer")
    members.join(founded.store, code, founded.newcomer("leo"))
    for used in (code, "", "no such code"):
        with pytest.raises(NotFound):
            members.join(founded.store, used, founded.newcomer("eve"))
    assert (count(founded.store, Member), count(founded.store, Invitation)) == (2, 0)


def test_an_invitation_ends_after_a_week(founded: World, turn: Turn) -> None:
    code = members.invite(founded.store, founded.caller("ada"), "lawyer")
    turn(timedelta(days=8))
    with pytest.raises(NotFound):
        members.join(founded.store, code, founded.newcomer("leo"))


@pytest.mark.parametrize("role", ["reporter", "", "root"])
def test_nobody_is_invited_in_a_role_that_members_do_not_have(founded: World, role: str) -> None:
    with pytest.raises(Invalid):
        members.invite(founded.store, founded.caller("ada"), role)


def test_a_login_in_use_a_short_one_and_a_dead_device_are_refused_and_the_code_stays_good(founded: World) -> None:
    code = members.invite(founded.store, founded.caller("ada"), "lawyer")
    offer = members.offer("uk")
    works = one_time_code(offer.secret)
    for login, shown in ((" ADA ", works), ("a", works), ("leo", "000"), ("leo", "")):
        with pytest.raises(Invalid):
            members.join(founded.store, code, Newcomer(login, key_for("leo"), offer.totp, shown))
    members.join(founded.store, code, Newcomer("leo", key_for("leo"), offer.totp, works))


def test_what_is_offered_is_seven_words_and_a_seed_for_a_device() -> None:
    offer = members.offer("ru")
    assert len(offer.passphrase.split()) == 7
    assert offer.address("leo").startswith("otpauth://totp/Lastheard:leo?secret=" + offer.secret)
    assert offer.secret not in repr(offer)
    assert offer.passphrase not in repr(offer)


def test_no_name_and_no_login_stands_in_the_row(founded: World) -> None:
    row = columns(founded.store, founded.ids["ada"])
    assert not [name for name, value in row.items() if isinstance(value, str) and "ada" in value]
    assert len(row["login_digest"]) == 64


def test_confirming_twice_is_out_of_order_and_nobody_unknown_is_confirmed(founded: World) -> None:
    ada, words = founded.caller("ada"), founded.words("ada")
    with pytest.raises(OutOfOrder):
        members.confirm(founded.store, ada, ada.member_id, words)
    with pytest.raises(NotFound):
        members.confirm(founded.store, ada, "0" * 26, words)


def test_a_suspended_member_is_refused_at_the_next_request_and_keeps_nothing(world: World) -> None:
    store, ann = world.store, world.ids["ann"]
    assert world.caller("ann").keyring.desks
    members.suspend(store, world.caller("ada"), ann)
    with pytest.raises(SessionEnded):
        world.caller("ann")
    with pytest.raises(SignInFailed):
        signing_in.sign_in(store, key_for("ann"), "ann", one_time_code(world.secrets["ann"], 1))
    assert grants_held(store, ann) == []
    with store.reading() as db:
        assert sessions.ids_of(db, ann) == []
        assert offices.check_member(db, store, db.get_one(Member, ann)).state == "suspended"
    assert count(store, SignedIn) == len(world.tokens) - 1
    assert {one.id: one.state for one in members.members(store, world.caller("ada"))}[ann] == "suspended"


def test_nobody_suspends_oneself_or_anyone_twice(world: World) -> None:
    ada = world.caller("ada")
    with pytest.raises(OutOfOrder):
        members.suspend(world.store, ada, ada.member_id)
    members.suspend(world.store, ada, world.ids["leo"])
    with pytest.raises(OutOfOrder):
        members.suspend(world.store, ada, world.ids["leo"])


def test_of_two_administrators_who_suspend_each_other_the_second_is_too_late(founded: World) -> None:
    founded.enrol("eve", "administrator")
    ada, eve = founded.caller("ada"), founded.caller("eve")
    members.suspend(founded.store, ada, eve.member_id)
    with pytest.raises(Forbidden):
        members.suspend(founded.store, eve, ada.member_id)
    assert founded.caller("ada").role is Role.ADMINISTRATOR


def test_the_last_holder_of_the_logs_key_cannot_be_suspended(world: World) -> None:
    store, before = world.store, count(world.store, Grant)
    with pytest.raises(OutOfOrder):
        members.suspend(store, world.caller("ada"), world.ids["otto"])
    assert count(store, Grant) == before
    world.enrol("olga", "auditor")
    with pytest.raises(OutOfOrder):
        members.suspend(store, world.caller("ada"), world.ids["otto"])
    seat_auditor(store, world.caller("otto"), world.ids["olga"], world.words("olga"))
    members.suspend(store, world.caller("ada"), world.ids["otto"])
    assert world.caller("olga").keyring.auditors


def test_so_many_trustees_stay_that_the_recovery_key_can_be_put_together(world: World) -> None:
    ada = world.caller("ada")
    members.suspend(world.store, ada, world.ids["toni"])
    with pytest.raises(OutOfOrder):
        members.suspend(world.store, ada, world.ids["tom"])


def test_who_holds_what_the_recovery_holds_too_can_be_suspended(world: World) -> None:
    for login in ("carl", "ines", "isa"):
        members.suspend(world.store, world.caller("ada"), world.ids[login])
        with pytest.raises(SessionEnded):
            world.caller(login)


def test_before_the_recovery_has_a_key_whoever_holds_one_stays(founded: World) -> None:
    for login, role in (("otto", "auditor"), ("tina", "trustee"), ("tom", "trustee")):
        founded.enrol(login, role)
    found_log(founded.store, founded.caller("otto"))
    with pytest.raises(OutOfOrder):
        members.suspend(founded.store, founded.caller("ada"), founded.ids["otto"])
    members.suspend(founded.store, founded.caller("ada"), founded.ids["tom"])
    with pytest.raises(OutOfOrder):
        heard = {founded.ids[login]: founded.words(login) for login in ("tina", "tom")}
        found_recovery(founded.store, founded.caller("tina"), 2, heard)
