"""Whatever somebody edits in the database, nothing is sealed to it: each test plants the edit and sees it refused."""

import dataclasses
import hashlib
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from sqlalchemy import delete, func, select, update

from api import audit
from api.access import grants
from api.access.caller import Caller
from api.access.grants import Terms
from api.audit import Entry
from api.clock import today
from api.crypto import Key, Opener, Parcel, PublicHalf, Signer, place, seal_parcel, wrap
from api.errors import Forbidden, Invalid, OutOfOrder, Refused, SignInFailed, Tampered
from api.ids import new_id
from api.models.tables import Grant, Group, Leaf, Member, Office
from api.policy.roles import Role
from api.sealed import offices, roots, shreds
from api.sealed.store import Store
from api.services import desks, founding, members, signing_in
from api.services import offices as service
from tests.people.planting import columns, count, edit, edit_office, grants_held
from tests.world import World, key_for, one_time_code

Edit = Callable[[World, str], Mapping[str, Any]]


def another_role(world: World, member_id: str) -> Mapping[str, Any]:
    return {"role": "case_worker"}


def raised_to_administrator(world: World, member_id: str) -> Mapping[str, Any]:
    return {"role": "administrator"}


def another_key(world: World, member_id: str) -> Mapping[str, Any]:
    return {"receive": Opener(Key.fresh()).public.blob}


def another_signing_key(world: World, member_id: str) -> Mapping[str, Any]:
    return {"verify": Signer(Key.fresh()).public.blob}


def another_version(world: World, member_id: str) -> Mapping[str, Any]:
    return {"version": 3}


def no_signature(world: World, member_id: str) -> Mapping[str, Any]:
    return {"signature": None, "signer": None}


def anothers_signature(world: World, member_id: str) -> Mapping[str, Any]:
    return {"signature": columns(world.store, world.ids["leo"])["signature"]}


def an_unknown_signer(world: World, member_id: str) -> Mapping[str, Any]:
    return {"signer": "0" * 26}


def signed_by_no_administrator(world: World, member_id: str) -> Mapping[str, Any]:
    return resigned(world, member_id, "carl", receive=Opener(Key.fresh()).public.blob)


def signed_by_itself(world: World, member_id: str) -> Mapping[str, Any]:
    own = Key.fresh()
    with world.store.reading() as db:
        row = db.get_one(Member, member_id)
        row.role, row.verify = "administrator", Signer(own).public.blob
        offices.sign_record(row, member_id, Signer(own))
        return {name: getattr(row, name) for name in ("role", "verify", "signer", "signature")}


EDITS = (
    another_role,
    raised_to_administrator,
    another_key,
    another_signing_key,
    another_version,
    no_signature,
    anothers_signature,
    an_unknown_signer,
    signed_by_no_administrator,
    signed_by_itself,
)


def resigned(world: World, member_id: str, login: str, **values: Any) -> Mapping[str, Any]:
    """Return the columns of a record that some member signs anew, with these values, at its present version."""
    signer = world.caller(login)
    with world.store.reading() as db:
        row = db.get_one(Member, member_id)
        for name, value in values.items():
            setattr(row, name, value)
        offices.sign_record(row, signer.member_id, signer.signer)
        return {**values, "signer": row.signer, "signature": row.signature}


@pytest.mark.parametrize("planted", EDITS, ids=[one.__name__ for one in EDITS])
def test_an_edited_record_is_refused_before_anything_is_sealed_to_it(world: World, planted: Edit) -> None:
    store, ann, heard = world.store, world.ids["ann"], world.words("ann")
    carl, before = world.caller("carl"), grants_held(store, ann)
    edit(store, ann, **planted(world, ann))
    with pytest.raises(Tampered):
        desks.seat(store, carl, world.desks["North"], ann, heard)
    with pytest.raises(Tampered), store.writing() as db:
        terms = Terms(grants.CASE, "verify-fact", today().isoformat(), world.desks["North"], "c" * 26)
        grants.give(db, store, carl, db.get_one(Member, ann), terms, {"facts": Key.fresh()})
    with pytest.raises(Tampered):
        world.caller("ann")
    with pytest.raises(SignInFailed):
        signing_in.sign_in(store, key_for("ann"), "ann", one_time_code(world.secrets["ann"], 1))
    assert grants_held(store, ann) == before


def test_a_state_edited_back_to_active_wakes_nobody(world: World) -> None:
    store, ann, heard = world.store, world.ids["ann"], world.words("ann")
    members.suspend(store, world.caller("ada"), ann)
    edit(store, ann, state="active")
    with pytest.raises(Tampered):
        desks.seat(store, world.caller("carl"), world.desks["North"], ann, heard)
    edit(store, ann, state="suspended")
    with pytest.raises(OutOfOrder):
        desks.seat(store, world.caller("carl"), world.desks["North"], ann, heard)
    assert grants_held(store, ann) == []


def test_an_old_signed_record_put_back_is_refused(world: World) -> None:
    store, ann, heard = world.store, world.ids["ann"], world.words("ann")
    before = columns(store, ann)
    members.suspend(store, world.caller("ada"), ann)
    edit(store, ann, **before)
    with pytest.raises(Tampered):
        desks.seat(store, world.caller("carl"), world.desks["North"], ann, heard)
    with pytest.raises(SignInFailed):
        signing_in.sign_in(store, key_for("ann"), "ann", one_time_code(world.secrets["ann"], 1))
    with store.reading() as db, pytest.raises(Tampered):
        offices.check_member(db, store, db.get_one(Member, ann))


def test_a_record_that_was_never_logged_is_refused(world: World) -> None:
    store, ann = world.store, world.ids["ann"]
    edit(store, ann, **resigned(world, ann, "ada", version=3))
    with store.reading() as db, pytest.raises(Tampered):
        offices.check_member(db, store, db.get_one(Member, ann))


def test_removing_the_leaf_that_betrays_a_rollback_is_found_by_the_log(world: World) -> None:
    store, ann, before = world.store, world.ids["ann"], columns(world.store, world.ids["ann"])
    members.suspend(store, world.caller("ada"), ann)
    edit(store, ann, **before)
    with store.writing() as db:
        tag = offices.version_tag(store, db.get_one(Member, ann), 3)
        db.execute(update(Leaf).where(Leaf.tag == tag).values(tag=None))
    assert not audit.verify(store).whole


def signed_anew(world: World, member_id: str, **changed: Any) -> None:
    """An administrator with the database in hand signs another record of the same version, and logs nothing."""
    ada = world.caller("ada")
    with world.store.writing() as db:
        row = db.get_one(Member, member_id)
        for name, value in changed.items():
            setattr(row, name, value)
        offices.sign_record(row, ada.member_id, ada.signer)


def test_a_record_signed_anew_at_the_same_version_is_refused(world: World) -> None:
    ann = world.ids["ann"]
    signed_anew(world, ann)
    with world.store.reading() as db:
        offices.check_member(db, world.store, db.get_one(Member, ann))
    signed_anew(world, ann, role="intake", receive=Opener(Key.fresh()).public.blob)
    with world.store.reading() as db, pytest.raises(Tampered):
        offices.check_member(db, world.store, db.get_one(Member, ann))
    with pytest.raises(Refused):
        world.caller("ann")


def test_a_founder_exchanged_in_the_database_vouches_for_nobody(founded: World) -> None:
    founded.enrol("leo", "lawyer")
    store, own = founded.store, Key.fresh()
    with store.writing() as db:
        ada, leo = db.get_one(Member, founded.ids["ada"]), db.get_one(Member, founded.ids["leo"])
        ada.verify = Signer(own).public.blob
        for row in (ada, leo):
            offices.sign_record(row, ada.id, Signer(own))
    with pytest.raises(Tampered):
        founded.caller("leo")


def test_the_groups_note_cannot_be_exchanged_without_the_deployment_secret(founded: World) -> None:
    where = place("group")
    with founded.store.writing() as db:
        forged = wrap(Key.fresh(), where, Parcel({"founder_print": "00"}).packed())
        db.execute(update(Group).values(sealed=forged))
    with pytest.raises(Tampered):
        founding.group_note(founded.store)
    with pytest.raises(Tampered):
        founded.caller("ada")


def newly_keyed(world: World, login: str) -> str:
    """The administrator, with the machine in hand, exchanges a member's keys and vouches for them; return the words."""
    store, ada, member_id = world.store, world.caller("ada"), world.ids[login]
    with store.writing() as db:
        row = db.get_one(Member, member_id)
        row.receive, row.verify = Opener(Key.fresh()).public.blob, Signer(Key.fresh()).public.blob
        row.version += 1
        offices.sign_record(row, ada.member_id, ada.signer)
        members.signed_leaf(db, store, row, Entry("member:confirmed", ada.member_id, about=member_id))
    return world.words(login)


def test_a_key_that_an_administrator_signed_anew_receives_nothing(world: World) -> None:
    store, ann, heard = world.store, world.ids["ann"], world.words("ann")
    carl, before = world.caller("carl"), count(store, Grant)
    said = newly_keyed(world, "ann")
    with pytest.raises(Invalid):
        desks.seat(store, carl, world.desks["North"], ann, heard)
    # Even when the administrator's own words are read out: the desk has pinned those it compared.
    with pytest.raises(Tampered):
        desks.seat(store, carl, world.desks["North"], ann, said)
    desks.unseat(store, carl, world.desks["North"], ann)
    with pytest.raises(Tampered):
        desks.seat(store, carl, world.desks["North"], ann, said)
    assert count(store, Grant) == before - 1


def another_public_half(world: World) -> None:
    edit_office(world.store, "intake", public=Opener(Key.fresh()).public.blob)


def signed_by_the_administrator(world: World) -> None:
    public, ada = Opener(Key.fresh()).public, world.caller("ada")
    row = offices.sign_office("intake", 1, public, ada.member_id, ada.signer)
    edit_office(world.store, "intake", public=public.blob, signer=row.signer, signature=row.signature)


def an_old_epochs_signature(world: World) -> None:
    edit_office(world.store, "intake", epoch=2)


def signed_by_nobody(world: World) -> None:
    edit_office(world.store, "intake", signer="0" * 26)


def made_by_one_whose_role_was_edited(world: World) -> None:
    world.caller("ada")
    signed_by_the_administrator(world)
    edit(world.store, world.ids["ada"], role="intake")


SWAPS = (
    another_public_half,
    signed_by_the_administrator,
    an_old_epochs_signature,
    signed_by_nobody,
    made_by_one_whose_role_was_edited,
)


@pytest.mark.parametrize("planted", SWAPS, ids=[one.__name__ for one in SWAPS])
def test_an_offices_key_exchanged_in_the_database_receives_nothing(
    world: World, planted: Callable[[World], None]
) -> None:
    planted(world)
    with world.store.reading() as db, pytest.raises(Tampered):
        offices.intake(db, world.store)
    with pytest.raises(Tampered):
        founding.is_open(world.store)


def made_by_an_accomplice(world: World) -> Office:
    """Put an intake key into the database that an enrolled intake officer made and signed."""
    world.enrol("eve", "intake")
    eve, public = world.caller("eve"), Opener(Key.fresh()).public
    row = offices.sign_office("intake", 1, public, eve.member_id, eve.signer)
    edit_office(world.store, "intake", public=public.blob, signer=row.signer, signature=row.signature)
    return row


def test_an_offices_key_that_an_enrolled_accomplice_made_receives_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    made_by_an_accomplice(world)
    with pytest.raises(Tampered):
        founding.is_open(world.store)
    # Planted: without the print under the root the accomplice's key would pass.
    with world.store.reading() as db:
        forged = {"intake": hashlib.sha256(db.get_one(Office, ("intake", 1)).public).hexdigest()}
    monkeypatch.setattr(roots, "anchored", lambda *_: {"offices": forged})
    assert founding.is_open(world.store)


FOUNDED_AGAIN: Mapping[str, Callable[[World], object]] = {
    "intake": lambda world: service.found_intake(world.store, world.caller("isa")),
    "auditors": lambda world: service.found_log(world.store, world.caller("otto")),
    "recovery": lambda world: service.found_recovery(
        world.store, world.caller("tom"), 2, {world.ids[one]: world.words(one) for one in ("tom", "toni")}
    ),
}


@pytest.mark.parametrize("kind", FOUNDED_AGAIN)
def test_an_office_whose_row_was_taken_away_is_not_founded_again(world: World, kind: str) -> None:
    """With the row gone an accomplice would make a key of their own, and the log would go on in the clear."""
    world.caller("isa"), world.caller("otto"), world.caller("tom")
    with world.store.writing() as db:
        leaves = db.scalar(select(func.count()).select_from(Leaf).where(Leaf.public.is_not(None)))
        db.execute(delete(Office).where(Office.kind == kind))
    with pytest.raises(Tampered):
        FOUNDED_AGAIN[kind](world)
    with world.store.reading() as db, pytest.raises(Tampered):
        offices.office(db, world.store, kind)
    if kind == "auditors":
        with pytest.raises(Tampered):
            audit.record(world.store, Entry("case:read", case="0" * 26))
    with world.store.reading() as db:
        assert db.scalar(select(func.count()).select_from(Leaf).where(Leaf.public.is_not(None))) == leaves


def test_an_offices_key_made_with_every_secret_is_not_the_one_the_desk_pinned(world: World) -> None:
    world.enrol("olga", "case_worker")
    store, heard = world.store, world.words("olga")
    row = made_by_an_accomplice(world)
    with shreds.erasing(store) as db:
        offices.pin(db, store, row)
    assert founding.is_open(store)
    with pytest.raises(Tampered):
        desks.seat(store, world.caller("carl"), world.desks["North"], world.ids["olga"], heard)
    assert grants_held(store, world.ids["olga"]) == []


def planted_grant(world: World, giver: Caller, keys: Mapping[str, Key]) -> None:
    """Somebody with the machine in hand puts a desk's grant into the database for the intake officer."""
    terms = Terms(grants.DESK, "desk", "2099-01-01", desk=world.desks["North"])
    with world.store.writing() as db:
        grants.give(db, world.store, giver, db.get_one(Member, world.ids["ines"]), terms, keys)


def test_who_enrols_members_cannot_grant(world: World) -> None:
    ada, before = world.caller("ada"), count(world.store, Grant)
    with pytest.raises(Forbidden):
        planted_grant(world, ada, {"facts:2": Key.fresh()})
    assert count(world.store, Grant) == before
    # Nor by writing the row without the check: the reader looks who signed it.
    planted_grant(world, dataclasses.replace(ada, role=Role.CASE_WORKER), {"facts:2": Key.fresh()})
    with pytest.raises(Tampered):
        world.caller("ines")


def test_a_key_from_a_made_up_member_enters_no_keyring(world: World) -> None:
    eve, own = new_id(), Key.fresh()
    carl = columns(world.store, world.ids["carl"])
    made_up = {"id": eve, "login_digest": "0" * 64, "verify": Signer(own).public.blob}
    with world.store.writing() as db:
        db.add(Member(**{**carl, **made_up}))
    giver = dataclasses.replace(world.caller("carl"), member_id=eve, signing=own)
    planted_grant(world, giver, {"facts:2": Key.fresh()})
    with pytest.raises(Tampered):
        world.caller("ines")


def resealed(store: Store, member: Member, row: Grant, parcel: Parcel) -> None:
    """Seal something else in the place of a grant, as who holds the machine's secrets could."""
    where = place("grant", row.id, row.member_id)
    with store.writing() as db:
        shred = shreds.fetch_one(db, store, row.shred_id)
        inner = seal_parcel(PublicHalf(member.receive), where, parcel)
        sealed = wrap(shred.as_key(place("grant", row.id)), where, inner.blob)
        db.execute(update(Grant).where(Grant.id == row.id).values(sealed=sealed))


def longer(parcel: Parcel) -> Parcel:
    return Parcel({**parcel.note, "ends": "2199-01-01"}, parcel.keys)


def other_keys(parcel: Parcel) -> Parcel:
    return Parcel(parcel.note, {name: Key.fresh() for name in parcel.keys})


def one_key_more(parcel: Parcel) -> Parcel:
    return Parcel(parcel.note, {**parcel.keys, "facts:2": Key.fresh()})


def other_kind(parcel: Parcel) -> Parcel:
    return Parcel({**parcel.note, "kind": grants.AUDITORS}, parcel.keys)


CHANGES = (longer, other_keys, one_key_more, other_kind)


@pytest.mark.parametrize("change", CHANGES, ids=[one.__name__ for one in CHANGES])
def test_terms_and_keys_stand_under_the_givers_signature(world: World, change: Callable[[Parcel], Parcel]) -> None:
    store, ann = world.store, world.caller("ann")
    assert ann.receive is not None
    with store.reading() as db:
        member, row = db.get_one(Member, ann.member_id), grants.grants_of(db, ann.member_id)[0]
        opener, shred = Opener(ann.receive), grants.shred_of(db, store, row)
        parcel = grants.open_grant(db, store, opener, row, shred)
    resealed(store, member, row, parcel)
    with store.reading() as db:
        assert grants.open_grant(db, store, opener, db.get_one(Grant, row.id), shred) == parcel
    resealed(store, member, row, change(parcel))
    with store.reading() as db, pytest.raises(Tampered):
        grants.open_grant(db, store, opener, db.get_one(Grant, row.id), shred)


def test_a_grant_moved_to_another_member_or_row_opens_nothing(world: World) -> None:
    store, ines = world.store, world.ids["ines"]
    moved = grants_held(store, world.ids["carl"])[0]
    with store.writing() as db:
        db.execute(update(Grant).where(Grant.id == moved).values(member_id=ines))
    with pytest.raises(Refused):
        world.caller("ines")
