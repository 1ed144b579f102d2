"""Recovery by quorum: opened, announced, waited for, brought to by k trustees, finished; and every way it is not."""

import threading
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from api import audit, clock
from api.access import sessions
from api.access.doors import enter_case
from api.crypto import Key, Opener, Parcel, place, unwrap_parcel, wrap_parcel
from api.crypto.people import split
from api.errors import (
    Forbidden,
    Invalid,
    NotFound,
    NotYet,
    OtherShare,
    OutOfOrder,
    SessionEnded,
    SignInFailed,
    Tampered,
)
from api.models.recovery import Brought, Ceremony
from api.models.tables import Desk, Member, Office
from api.policy.actions import Action
from api.sealed import offices, shreds
from api.services import (
    cases,
    ceremonies,
    entrusting,
    logbook,
    members,
    recovering,
    retaining,
    shares,
    signing_in,
    trustees,
)
from api.services.signing_in import Device
from tests.people.planting import count
from tests.people.test_rotating import SECTIONS
from tests.world import World, key_for, make_world, one_time_code

NEW = Key.fresh()


@dataclass
class Lost:
    """Carl has lost everything; `words` are those of what he took up, `secret` the seed of his new device."""

    world: World
    opened: recovering.Opened
    words: str = ""
    secret: str = ""

    def take_up(self) -> None:
        """Carl takes the recovery up with the code, a new passphrase and a new device."""
        offer = members.offer("en")
        self.secret = offer.secret
        device = Device(offer.totp, one_time_code(offer.secret))
        self.words = " ".join(recovering.claim(self.world.store, self.opened.code, "carl", NEW, device))

    def bring(self, *logins: str) -> None:
        """Trustees bring their shares, each in an own session, after hearing Carl's six words."""
        for login in logins:
            shares.bring(self.world.store, self.world.caller(login), self.opened.ceremony, self.words)

    def finish(self) -> str:
        """Carl finishes with the new passphrase and the new device."""
        return recovering.finish(self.world.store, NEW, "carl", one_time_code(self.secret, 1))


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> World:
    """The group; Carl has signed in since there is a recovery key, and so entrusted his seeds to it."""
    made = make_world(database_url, tmp_path)
    made.sign_in("carl")
    return made


@pytest.fixture
def lost(world: World) -> Lost:
    return Lost(world, recovering.open_for(world.store, world.caller("ada"), world.ids["carl"]))


def later(monkeypatch: pytest.MonkeyPatch, hours: float) -> None:
    """Turn the ceremonies' clock."""
    monkeypatch.setattr(ceremonies, "now", lambda: clock.now() + timedelta(hours=hours))


def test_who_lost_everything_comes_back_after_three_days_with_two_trustees(
    lost: Lost, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, store = lost.world, lost.world.store
    case = cases.create_case(store, world.caller("ines"), world.desks["North"], SECTIONS)
    before, old_session = world.words("carl"), world.tokens["carl"]
    lost.take_up()
    lost.bring("tina", "toni")
    later(monkeypatch, 73)
    token = lost.finish()
    caller = sessions.enter(store, token)
    assert enter_case(store, caller, case, Action.CASE_READ).keys
    assert world.words("carl") == before
    with pytest.raises(SessionEnded):
        sessions.enter(store, old_session)
    with pytest.raises(SignInFailed):
        signing_in.sign_in(store, key_for("carl"), "carl", one_time_code(world.secrets["carl"], 1))
    with store.reading() as db:
        assert db.get_one(Desk, world.desks["North"]).epoch == 2
        assert db.get_one(Desk, world.desks["South"]).epoch == 1
    assert (count(store, Ceremony), count(store, Brought)) == (0, 0)
    assert audit.verify(store).whole


def test_everyone_is_told_at_once_and_the_log_says_it(lost: Lost) -> None:
    world = lost.world
    for login in ("carl", "leo", "otto", "ann", "tom"):
        (told,) = ceremonies.announced(world.store, world.caller(login))
        assert (told.member, told.role, told.brought, told.threshold) == (world.ids["carl"], "case_worker", 0, 2)
        assert told.cancellable == (login in ("carl", "otto", "tom"))
    newest = logbook.newest(world.store, world.caller("otto"), most=1)[0]
    assert (newest["verb"], newest["about"]) == ("recovery:opened", world.ids["carl"])


def test_before_the_time_is_over_no_share_is_opened(lost: Lost, monkeypatch: pytest.MonkeyPatch) -> None:
    lost.take_up()
    lost.bring("tina", "tom", "toni")
    opened: list[object] = []
    real = shares._opened
    monkeypatch.setattr(shares, "_opened", lambda *given: opened.append(1) or real(*given))
    for hours in (0, 71.9):
        later(monkeypatch, hours)
        with pytest.raises(NotYet):
            lost.finish()
    assert opened == []
    later(monkeypatch, 72.1)
    lost.finish()
    assert len(opened) == 2


def test_one_trustee_is_not_enough_however_often_the_share_is_brought(
    lost: Lost, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost.take_up()
    lost.bring("tina", "tina")
    later(monkeypatch, 73)
    with pytest.raises(NotYet):
        lost.finish()
    lost.bring("tom")
    assert lost.finish()


@pytest.mark.parametrize("who", ["carl", "tom", "otto"])
def test_the_member_any_trustee_and_any_auditor_cancel_it_and_nothing_opens(
    lost: Lost, who: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost.take_up()
    lost.bring("tina", "toni")
    ceremonies.cancel(lost.world.store, lost.world.caller(who), lost.opened.ceremony)
    later(monkeypatch, 73)
    with pytest.raises(SignInFailed):
        lost.finish()
    with pytest.raises(NotFound):
        lost.bring("tom")
    assert count(lost.world.store, Brought) == 0


@pytest.mark.parametrize("who", ["ada", "ines", "leo", "ann"])
def test_nobody_else_cancels(lost: Lost, who: str) -> None:
    with pytest.raises(Forbidden):
        ceremonies.cancel(lost.world.store, lost.world.caller(who), lost.opened.ceremony)


def test_words_that_were_not_heard_take_no_share(lost: Lost) -> None:
    """An administrator who takes the code for themself has other words than Carl reads out."""
    lost.take_up()
    for heard in (lost.world.words("carl"), "", "able " * 6):
        with pytest.raises(Invalid):
            shares.bring(lost.world.store, lost.world.caller("tina"), lost.opened.ceremony, heard)


def test_a_half_exchanged_in_the_database_has_other_words(lost: Lost) -> None:
    lost.take_up()
    with lost.world.store.writing() as db:
        db.execute(update(Ceremony).values(half=Opener(Key.fresh()).public.blob))
    with pytest.raises(Invalid):
        lost.bring("tina")


def test_a_share_of_another_set_is_refused(lost: Lost) -> None:
    lost.take_up()
    other, mine = split(Key.fresh(), 2, 3)[0], trustees.own_share(lost.world.store, lost.world.caller("tom"))
    given = (lost.world.store, lost.world.caller("tom"), lost.opened.ceremony, lost.words)
    for typed in (other, "no share at all", mine.rsplit(" ", 1)[0]):
        with pytest.raises(OtherShare):
            shares.bring(*given, typed)
    shares.bring(*given, f"  {mine.upper()} ")


def test_who_holds_no_share_brings_none_and_nobody_brings_for_oneself(lost: Lost) -> None:
    lost.take_up()
    for login in ("ada", "carl", "otto"):
        with pytest.raises(Forbidden):
            lost.bring(login)
    world = lost.world
    world.sign_in("tina")
    opened = recovering.open_for(world.store, world.caller("tom"), world.ids["tina"])
    with pytest.raises(Forbidden):
        shares.bring(world.store, world.caller("tina"), opened.ceremony, "")


def test_a_trustee_who_was_suspended_meanwhile_has_brought_nothing(lost: Lost, monkeypatch: pytest.MonkeyPatch) -> None:
    lost.take_up()
    lost.bring("tina", "toni")
    members.suspend(lost.world.store, lost.world.caller("ada"), lost.world.ids["toni"])
    later(monkeypatch, 73)
    with pytest.raises(NotYet):
        lost.finish()


def test_what_an_editor_of_the_database_seals_is_no_share(lost: Lost, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tina's row, moved to Toni's name: the signature is not Toni's."""
    lost.take_up()
    lost.bring("tina", "tom")
    with lost.world.store.writing() as db:
        row = db.scalars(select(Brought).where(Brought.member_id == lost.world.ids["tina"])).one()
        db.execute(update(Brought).where(Brought.member_id == lost.world.ids["tom"]).values(sealed=row.sealed))
    later(monkeypatch, 73)
    with pytest.raises(Tampered):
        lost.finish()
    assert count(lost.world.store, Ceremony) == 1


def test_another_login_another_passphrase_and_another_code_answer_alike(
    lost: Lost, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost.take_up()
    lost.bring("tina", "tom")
    later(monkeypatch, 73)
    good = one_time_code(lost.secret, 1)
    for key, login, code in ((Key.fresh(), "carl", good), (NEW, "nobody", good), (NEW, "carl", "000000")):
        with pytest.raises(SignInFailed):
            recovering.finish(lost.world.store, key, login, code)
    assert lost.finish()


def test_a_code_is_used_once_and_by_its_member_alone(lost: Lost) -> None:
    offer = members.offer("en")
    device = Device(offer.totp, one_time_code(offer.secret))
    for code, login in ((lost.opened.code, "leo"), ("no such code", "carl"), ("", "carl")):
        with pytest.raises(NotFound):
            recovering.claim(lost.world.store, code, login, NEW, device)
    with pytest.raises(Invalid):
        recovering.claim(lost.world.store, lost.opened.code, "carl", NEW, Device(offer.totp, "000000"))
    lost.take_up()
    with pytest.raises(OutOfOrder):
        lost.take_up()


def test_one_recovery_at_a_time_for_a_member_who_has_entrusted_something(lost: Lost) -> None:
    world = lost.world
    with pytest.raises(OutOfOrder):
        recovering.open_for(world.store, world.caller("tom"), world.ids["carl"])
    with pytest.raises(OutOfOrder):
        recovering.open_for(world.store, world.caller("ada"), world.ids["leo"])
    with pytest.raises(Forbidden):
        recovering.open_for(world.store, world.caller("ada"), world.ids["ada"])
    with pytest.raises(NotFound):
        recovering.open_for(world.store, world.caller("ada"), "0" * 26)


def test_of_two_who_open_a_recovery_of_one_member_at_once_one_is_refused(world: World) -> None:
    store, opened, refused = world.store, list[str](), list[Exception]()
    tom, ada = world.caller("tom"), world.caller("ada")

    def second() -> None:
        try:
            opened.append(recovering.open_for(store, tom, world.ids["carl"]).ceremony)
        except OutOfOrder as error:
            refused.append(error)

    other = threading.Thread(target=second)
    with store.writing() as db:
        present = trustees.present(db, store)
        moment = int(clock.now().timestamp())
        terms = ceremonies.Terms(
            ceremonies.MEMBER, world.ids["carl"], world.ids["ada"], moment, present.threshold, present.set, "x"
        )
        ceremonies.begin(db, store, ada, terms)
        other.start()
        other.join(1)
    other.join()
    assert (len(opened), len(refused), count(store, Ceremony)) == (0, 1, 1)


def test_terms_that_somebody_edited_end_the_ceremony_for_everyone(lost: Lost, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the deployment secret in hand the waiting time is shortened; the opener's signature does not fit."""
    lost.take_up()
    lost.bring("tina", "tom")
    store = lost.world.store
    with store.writing() as db:
        row, where = db.scalars(select(Ceremony)).one(), place("ceremony", lost.opened.ceremony)
        note = unwrap_parcel(store.deployment.derive(where), where, row.terms).note
        earlier = Parcel({**note, "opened": int(note["opened"]) - 80 * 3600})
        row.terms = wrap_parcel(store.deployment.derive(where), where, earlier)
    with pytest.raises(SignInFailed):
        lost.finish()
    assert ceremonies.announced(store, lost.world.caller("tom")) == ()


def test_a_clock_that_goes_back_or_far_ahead_finishes_nothing(lost: Lost, monkeypatch: pytest.MonkeyPatch) -> None:
    lost.take_up()
    lost.bring("tina", "tom")
    for hours, refusal, told in ((-1, NotYet, 1), (31 * 24, SignInFailed, 0)):
        later(monkeypatch, hours)
        with pytest.raises(refusal):
            lost.finish()
        assert len(ceremonies.announced(lost.world.store, lost.world.caller("leo"))) == told


def test_a_clock_that_goes_back_lets_nobody_begin_a_second_one(lost: Lost, monkeypatch: pytest.MonkeyPatch) -> None:
    later(monkeypatch, -2)
    with pytest.raises(OutOfOrder):
        recovering.open_for(lost.world.store, lost.world.caller("tom"), lost.world.ids["carl"])


def test_a_ceremony_that_nobody_finishes_is_destroyed_by_the_run(lost: Lost, monkeypatch: pytest.MonkeyPatch) -> None:
    lost.take_up()
    lost.bring("tina", "tom")
    monkeypatch.setattr(retaining, "today", lambda: clock.today() + timedelta(days=31))
    retaining.retain(lost.world.store)
    assert (count(lost.world.store, Ceremony), count(lost.world.store, Brought)) == (0, 0)


def test_suspending_ends_the_recovery_and_what_was_entrusted(lost: Lost, monkeypatch: pytest.MonkeyPatch) -> None:
    store, carl = lost.world.store, lost.world.ids["carl"]
    lost.take_up()
    lost.bring("tina", "tom")
    with store.reading() as db:
        assert entrusting.entrusted(db, store, db.get_one(Member, carl))
    members.suspend(store, lost.world.caller("ada"), carl)
    with store.reading() as db:
        assert entrusting.entrusted(db, store, db.get_one(Member, carl)) is None
    later(monkeypatch, 73)
    with pytest.raises(SignInFailed):
        lost.finish()


def test_a_recovery_without_the_waiting_or_the_hearing_is_seen(lost: Lost, monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: no look at the clock, no look at the words. Each lets through what the tests above see refused."""
    lost.take_up()
    monkeypatch.setattr(shares, "require_heard", lambda *_: None)
    shares.bring(lost.world.store, lost.world.caller("tina"), lost.opened.ceremony, "not heard")
    lost.bring("tom")
    monkeypatch.setattr(ceremonies, "require_time", lambda _: None)
    assert lost.finish()


def test_an_auditor_comes_back_and_the_logs_key_rotates(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    store = world.store
    world.sign_in("otto")
    lost = Lost(world, recovering.open_for(store, world.caller("ada"), world.ids["otto"]))
    offer = members.offer("en")
    device = Device(offer.totp, one_time_code(offer.secret))
    lost.words = " ".join(recovering.claim(store, lost.opened.code, "otto", NEW, device))
    lost.bring("tina", "tom")
    later(monkeypatch, 73)
    token = recovering.finish(store, NEW, "otto", one_time_code(offer.secret, 1))
    assert sessions.enter(store, token).keyring.auditors.keys() == {1, 2}
    with store.reading() as db:
        assert len(db.scalars(select(Office).where(Office.kind == offices.AUDITORS)).all()) == 2


def test_what_was_cancelled_opens_from_no_copy(lost: Lost) -> None:
    """The row, copied before: with the shred destroyed nobody opens a share of it, whoever holds the other half."""
    lost.take_up()
    lost.bring("tina", "tom")
    with lost.world.store.reading() as db:
        shred_id = db.scalars(select(Ceremony.shred_id)).one()
    ceremonies.cancel(lost.world.store, lost.world.caller("tom"), lost.opened.ceremony)
    with lost.world.store.reading() as db:
        assert shreds.fetch(db, lost.world.store, [shred_id]) == {}
