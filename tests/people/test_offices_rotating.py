"""Offices rotate like desks: who left the intake or the auditors never had the keys of what comes afterwards."""

import pytest
from sqlalchemy import delete, select, update

from api import audit
from api.access import sessions
from api.audit import Entry
from api.crypto import Key
from api.errors import Forbidden, SessionEnded, Tampered
from api.models.offices import OfficeRoster, Succession
from api.models.tables import Desk, Letter, Office, SignedIn
from api.sealed import heirs, offices, shreds
from api.services import departures, desks, inbox, logbook, members, receiving, rotating, tokens
from api.services import offices as service
from api.services.tokens import TokenTerms
from tests.people.planting import grants_held
from tests.trust.workflow import report, waiting
from tests.world import World


def epochs(world: World, kind: str) -> list[int]:
    with world.store.reading() as db:
        return list(db.scalars(select(Office.epoch).where(Office.kind == kind).order_by(Office.epoch)))


def token(world: World, login: str, **terms: object) -> str:
    return tokens.make_token(world.store, world.caller(login), TokenTerms(**terms), world.proof(login))


def test_what_is_reported_after_an_officer_left_opens_with_no_key_that_the_officer_had(world: World) -> None:
    isa = world.caller("isa")
    report(world, "Первый Человек", "до ухода")
    members.suspend(world.store, world.caller("ada"), world.ids["isa"])
    assert offices.INTAKE in departures.waits(world.store).places
    world.sign_in("ines")
    assert epochs(world, offices.INTAKE) == [1, 2]
    report(world, "Второй Человек", "после ухода")
    assert len(inbox.list_reports(world.store, world.caller("ines"))) == 2
    with world.store.reading() as db:
        letters = {row.intake_epoch for row in db.scalars(select(Letter))}
    assert letters == {1, 2}
    assert isa.keyring.intake.keys() == {1}
    assert world.caller("ines").keyring.intake.keys() == {1, 2}
    assert offices.INTAKE not in departures.waits(world.store).places


def test_a_case_is_found_from_its_mailbox_with_the_older_key_and_the_newer(world: World) -> None:
    material, _, mailbox = report(world, "Первый Человек", "рассказ")
    case = inbox.accept(world.store, world.caller("ines"), mailbox, world.desks["North"], [])
    rotating.rotate_office(world.store, world.caller("ines"), offices.INTAKE)
    receiving.write_letter(world.store, material, receiving.ADDITION, {"text": "ещё", "language": "ru"})
    assert mailbox in waiting(world)
    assert inbox.file_letters(world.store, world.caller("ines"), mailbox) == case


def test_the_log_goes_on_under_the_next_key_and_stays_readable_to_who_is_there(world: World) -> None:
    world.enrol("olga", "auditor")
    service.seat_auditor(world.store, world.caller("otto"), world.ids["olga"], world.words("olga"))
    otto = world.caller("otto")
    members.suspend(world.store, world.caller("ada"), world.ids["otto"])
    world.sign_in("olga")
    assert epochs(world, offices.AUDITORS) == [1, 2]
    audit.record(world.store, Entry("case:read", about="afterwards"))

    def verbs(keys: dict[int, Key]) -> list[object]:
        with world.store.reading() as db:
            return [entry["verb"] for entry in logbook.read(db, world.store, keys)]

    assert "log:unreadable" not in verbs(dict(world.caller("olga").keyring.auditors))
    assert verbs(dict(otto.keyring.auditors))[0] == "log:unreadable"
    assert audit.verify(world.store).whole


def test_a_desk_follows_the_offices_to_their_newest_keys(world: World) -> None:
    for _ in range(2):
        rotating.rotate_office(world.store, world.caller("ines"), offices.INTAKE)
        rotating.rotate_office(world.store, world.caller("otto"), offices.AUDITORS)
    world.enrol("olga", "case_worker")
    desks.seat(world.store, world.caller("carl"), world.desks["North"], world.ids["olga"], world.words("olga"))
    assert world.caller("olga").keyring.desks


def usurped(world: World, key: Key) -> None:
    """Somebody with every secret of the machine pins a next key that an enrolled officer made."""
    isa = world.caller("isa")
    with shreds.erasing(world.store) as db:
        row = offices.sign_office(offices.INTAKE, 2, heirs.half_of(key), isa.member_id, isa.signer)
        db.add(row)
        db.flush()
        offices.pin(db, world.store, row)


@pytest.mark.parametrize("named", ["by nobody", "by itself", "for another epoch"])
def test_a_next_key_that_the_one_before_did_not_name_receives_nothing_of_a_desk(world: World, named: str) -> None:
    world.enrol("olga", "case_worker")
    key, heard, old = Key.fresh(), world.words("olga"), world.caller("ines").keyring.intake[1]
    usurped(world, key)
    with world.store.writing() as db:
        row = db.get_one(Office, (offices.INTAKE, 2))
        if named == "by itself":
            heirs.name_heir(db, key, row)
        if named == "for another epoch":
            other = Office(kind=offices.INTAKE, epoch=3, public=row.public)
            heirs.name_heir(db, old, other)
            db.flush()
            db.execute(update(Succession).values(epoch=2))
    with pytest.raises(Tampered):
        desks.seat(world.store, world.caller("carl"), world.desks["North"], world.ids["olga"], heard)
    with pytest.raises(Tampered):
        rotating.rotate(world.store, world.caller("carl"), world.desks["North"])
    assert grants_held(world.store, world.ids["olga"]) == []
    # The same, named by the key before: it is the naming that is missing above.
    with world.store.writing() as db:
        db.execute(delete(Succession))
        heirs.name_heir(db, old, db.get_one(Office, (offices.INTAKE, 2)))
    desks.seat(world.store, world.caller("carl"), world.desks["North"], world.ids["olga"], heard)


def test_who_does_not_hold_an_offices_key_rotates_nothing(world: World) -> None:
    for login in ("carl", "ada", "leo", "ines"):
        with pytest.raises(Forbidden):
            rotating.rotate_office(world.store, world.caller(login), offices.AUDITORS)
    assert epochs(world, offices.AUDITORS) == [1]


def test_an_older_roster_of_an_office_put_back_is_refused(world: World) -> None:
    world.enrol("olga", "intake")
    with world.store.reading() as db:
        row = db.get_one(OfficeRoster, offices.INTAKE)
        old = {"version": row.version, "roster": row.roster}
    service.seat_intake(world.store, world.caller("ines"), world.ids["olga"], world.words("olga"))
    with world.store.writing() as db:
        db.execute(update(OfficeRoster).where(OfficeRoster.kind == offices.INTAKE).values(**old))
    with pytest.raises(Tampered):
        rotating.rotate_office(world.store, world.caller("ines"), offices.INTAKE)


def test_tokens_of_who_sits_at_a_desk_end_when_it_rotates_and_sessions_go_on(world: World) -> None:
    carls, coras = token(world, "carl", signs=True), token(world, "cora")
    assert sessions.enter(world.store, carls).keyring.desks
    rotating.rotate(world.store, world.caller("ines"), world.desks["North"])
    with pytest.raises(SessionEnded):
        sessions.enter(world.store, carls)
    assert sessions.enter(world.store, coras).keyring.desks
    assert {epoch for one in world.caller("carl").keyring.desks[world.desks["North"]] for _, epoch in one.keys} == {
        1,
        2,
    }


def test_a_token_that_its_row_calls_a_session_opens_nothing(world: World) -> None:
    """Somebody with the database makes a token look like a session, so that the rotation leaves it alone."""
    carls = token(world, "carl")
    with world.store.writing() as db:
        db.execute(update(SignedIn).where(SignedIn.kind == "token").values(kind="session"))
    rotating.rotate(world.store, world.caller("ines"), world.desks["North"])
    with pytest.raises(SessionEnded):
        sessions.enter(world.store, carls)


def test_a_rotation_that_forgets_the_tokens_is_seen(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    carls = token(world, "carl")
    monkeypatch.setattr(sessions, "tokens_of", lambda *_: [])
    rotating.rotate(world.store, world.caller("ines"), world.desks["North"])
    assert sessions.enter(world.store, carls).keyring.desks


def test_what_waits_is_noted_until_a_holder_has_looked(world: World) -> None:
    store, north, south = world.store, world.desks["North"], world.desks["South"]
    assert departures.waits(store).places == {}
    members.suspend(store, world.caller("ada"), world.ids["ann"])
    assert departures.waits(store).places.keys() == {north, south}
    world.sign_in("leo")
    assert departures.waits(store).places.keys() == {north, south}
    world.sign_in("cora")
    assert departures.waits(store).places.keys() == {north}
    world.sign_in("carl")
    assert departures.waits(store).places == {}
    with store.reading() as db:
        assert [db.get_one(Desk, one).epoch for one in (north, south)] == [2, 1]


def test_a_desk_that_does_not_fit_stops_no_other_rotation_and_stands_in_the_log(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def misfit(*_: object) -> None:
        raise Tampered

    members.suspend(world.store, world.caller("ada"), world.ids["isa"])
    north = world.desks["North"]
    monkeypatch.setattr(rotating, "read_roster", misfit)
    assert rotating.rotate_waiting(world.store, world.caller("ines")) == (north,)
    assert epochs(world, offices.INTAKE) == [1, 2]
    verbs = [one["verb"] for one in logbook.newest(world.store, world.caller("otto"), most=9)]
    assert rotating.NOT_ROTATED in verbs
    world.sign_in("ines")
    assert rotating.rotate_held(world.store, world.caller("ines")) == (north,)
    assert epochs(world, offices.INTAKE) == [1, 2, 3]
