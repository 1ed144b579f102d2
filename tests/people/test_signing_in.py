"""Signing in, and what members change about it."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from api.clock import now
from api.crypto import Key
from api.errors import SessionEnded, SignInFailed
from api.models.tables import Leaf, Member
from api.services import members, own_sessions, signing_in, tokens
from api.services.signing_in import DECOY, Device, Proof
from api.services.tokens import TokenTerms
from tests.people.conftest import Turn
from tests.people.planting import columns, edit
from tests.world import World, key_for, one_time_code

NEW = Key(b"a passphrase that was stretched.")


def fresh_code(world: World, login: str) -> str:
    """Return a code that was not used: the world's own sign-in uses the step before the present one."""
    return one_time_code(world.secrets[login], 1)


def test_login_passphrase_and_code_open_a_session(founded: World) -> None:
    token = signing_in.sign_in(founded.store, key_for("ada"), " ADA", fresh_code(founded, "ada"))
    assert len(token) == 43
    founded.tokens["ada"] = token
    caller = founded.caller("ada")
    assert (caller.member_id, caller.language) == (founded.ids["ada"], "en")


def unknown(world: World) -> tuple[Key, str, str]:
    return key_for("ada"), "nobody", fresh_code(world, "ada")


def wrong_passphrase(world: World) -> tuple[Key, str, str]:
    return NEW, "ada", fresh_code(world, "ada")


def someone_elses_passphrase(world: World) -> tuple[Key, str, str]:
    return key_for("eve"), "ada", fresh_code(world, "ada")


def wrong_code(world: World) -> tuple[Key, str, str]:
    return key_for("ada"), "ada", f"{(int(fresh_code(world, 'ada')) + 1) % 10**6:06d}"


def no_code(world: World) -> tuple[Key, str, str]:
    return key_for("ada"), "ada", ""


def foreign_digits(world: World) -> tuple[Key, str, str]:
    return key_for("ada"), "ada", "١٢٣٤٥٦"


def used_code(world: World) -> tuple[Key, str, str]:
    code = fresh_code(world, "ada")
    signing_in.sign_in(world.store, key_for("ada"), "ada", code)
    return key_for("ada"), "ada", code


def older_code(world: World) -> tuple[Key, str, str]:
    signing_in.sign_in(world.store, key_for("ada"), "ada", fresh_code(world, "ada"))
    return key_for("ada"), "ada", one_time_code(world.secrets["ada"], 0)


def waiting(world: World) -> tuple[Key, str, str]:
    code = members.invite(world.store, world.caller("ada"), "lawyer")
    members.join(world.store, code, world.newcomer("leo"))
    return key_for("leo"), "leo", fresh_code(world, "leo")


def suspended(world: World) -> tuple[Key, str, str]:
    world.enrol("leo", "lawyer")
    members.suspend(world.store, world.caller("ada"), world.ids["leo"])
    return key_for("leo"), "leo", fresh_code(world, "leo")


def edited(world: World) -> tuple[Key, str, str]:
    world.enrol("leo", "lawyer")
    edit(world.store, world.ids["leo"], role="intake")
    return key_for("leo"), "leo", fresh_code(world, "leo")


WRONG = (
    unknown,
    wrong_passphrase,
    someone_elses_passphrase,
    wrong_code,
    no_code,
    foreign_digits,
    used_code,
    older_code,
    waiting,
    suspended,
    edited,
)


@pytest.mark.parametrize("attempt", WRONG, ids=[one.__name__ for one in WRONG])
def test_whatever_is_wrong_the_answer_is_the_same(
    founded: World, attempt: Callable[[World], tuple[Key, str, str]]
) -> None:
    key, login, code = attempt(founded)
    with pytest.raises(SignInFailed) as refusal:
        signing_in.sign_in(founded.store, key, login, code)
    assert refusal.type is SignInFailed
    assert refusal.value.args == ()


def test_an_unknown_login_is_tried_against_something_of_the_same_size(founded: World) -> None:
    assert len(columns(founded.store, founded.ids["ada"])["seeds"].blob) == len(DECOY.blob)


def test_a_code_that_changed_the_passphrase_signs_nobody_in(founded: World) -> None:
    code = fresh_code(founded, "ada")
    signing_in.change_passphrase(founded.store, founded.caller("ada"), "ada", key_for("ada"), NEW, code)
    with pytest.raises(SignInFailed):
        signing_in.sign_in(founded.store, NEW, "ada", code)


def test_a_new_passphrase_ends_every_session_and_token_and_the_old_one_opens_nothing(
    founded: World, turn: Turn
) -> None:
    store, before = founded.store, columns(founded.store, founded.ids["ada"])
    reader = tokens.make_token(store, founded.caller("ada"), TokenTerms(signs=True), founded.proof("ada"))
    code = fresh_code(founded, "ada")
    signing_in.change_passphrase(store, founded.caller("ada"), "ada", key_for("ada"), NEW, code)
    for token in (founded.tokens["ada"], reader):
        founded.tokens["ada"] = token
        with pytest.raises(SessionEnded):
            founded.caller("ada")
    turn(timedelta(minutes=2))
    later = one_time_code(founded.secrets["ada"], 4)
    with pytest.raises(SignInFailed):
        signing_in.sign_in(store, key_for("ada"), "ada", later)
    # Not in an old copy of the row either: the shred it was wrapped with is gone.
    edit(store, founded.ids["ada"], seeds=before["seeds"], shred_id=before["shred_id"])
    with pytest.raises(SignInFailed):
        signing_in.sign_in(store, key_for("ada"), "ada", later)
    with pytest.raises(SignInFailed):
        signing_in.recover(store, "ada", "any words at all", NEW)


def test_with_the_new_passphrase_the_same_keys_open(world: World, turn: Turn) -> None:
    before, code = world.caller("ines"), fresh_code(world, "ines")
    signing_in.change_passphrase(world.store, before, "ines", key_for("ines"), NEW, code)
    turn(timedelta(minutes=2))
    world.tokens["ines"] = signing_in.sign_in(world.store, NEW, "ines", one_time_code(world.secrets["ines"], 4))
    after = world.caller("ines")
    assert (after.receive, after.signing, after.keyring) == (before.receive, before.signing, before.keyring)


def test_nobody_changes_anothers_passphrase_or_without_the_old_one(world: World) -> None:
    store, code = world.store, fresh_code(world, "ines")
    for caller, login, old, shown in (
        ("carl", "ines", key_for("ines"), code),
        ("ines", "ines", NEW, code),
        ("ines", "carl", key_for("ines"), code),
        ("ines", "ines", key_for("ines"), "000000x"),
    ):
        with pytest.raises(SignInFailed):
            signing_in.change_passphrase(store, world.caller(caller), login, old, NEW, shown)
    for login in ("ines", "nobody"):
        with pytest.raises(SignInFailed):
            signing_in.print_code(store, world.caller("carl"), Proof(login, key_for("ines"), code))
    assert world.caller("ines").keyring.desks


def test_a_printed_code_sets_a_new_passphrase_and_is_used_up(world: World, turn: Turn) -> None:
    store, before = world.store, world.caller("carl")
    printed = signing_in.print_code(store, before, world.proof("carl"))
    assert len(printed.split()) == 22
    for login, typed in (("carl", printed.rsplit(" ", 1)[0]), ("ines", printed), ("nobody", printed), ("carl", "")):
        with pytest.raises(SignInFailed):
            signing_in.recover(store, login, typed, NEW)
    signing_in.recover(store, " CARL", printed.upper(), NEW)
    with pytest.raises(SessionEnded):
        world.caller("carl")
    with pytest.raises(SignInFailed):
        signing_in.recover(store, "carl", printed, NEW)
    world.tokens["carl"] = signing_in.sign_in(store, NEW, "carl", fresh_code(world, "carl"))
    assert world.caller("carl").keyring == before.keyring


def test_who_lost_the_device_recovers_with_a_new_one(founded: World) -> None:
    store = founded.store
    printed = signing_in.print_code(store, founded.caller("ada"), founded.proof("ada"))
    offer = members.offer("en")
    with pytest.raises(SignInFailed):
        signing_in.recover(store, "ada", printed, NEW, Device(offer.totp, "none"))
    signing_in.recover(store, "ada", printed, NEW, Device(offer.totp, one_time_code(offer.secret)))
    with pytest.raises(SignInFailed):
        signing_in.sign_in(store, NEW, "ada", fresh_code(founded, "ada"))
    founded.tokens["ada"] = signing_in.sign_in(store, NEW, "ada", one_time_code(offer.secret, 1))
    assert founded.caller("ada").member_id == founded.ids["ada"]


def test_a_printed_code_that_was_replaced_opens_nothing_in_an_old_copy_either(world: World) -> None:
    store, leo = world.store, world.ids["leo"]
    first = signing_in.print_code(store, world.caller("leo"), world.proof("leo"))
    with store.reading() as db:
        old = db.get_one(Member, leo)
    second = signing_in.print_code(store, world.caller("leo"), world.proof("leo"))
    with store.reading() as db:
        now = db.get_one(Member, leo)
    for row in (old, now):
        with pytest.raises(SignInFailed), store.reading() as db:
            signing_in.unlock_printed(db, store, first, row)
    with store.reading() as db:
        assert signing_in.unlock_printed(db, store, second, now)[0].id == leo
    with store.writing() as db:
        planted = {"printed_seeds": old.printed_seeds, "label": old.label}
        db.execute(update(Member).where(Member.id == leo).values(planted))
    with pytest.raises(SignInFailed):
        signing_in.recover(store, "leo", first, NEW)


def test_the_printed_code_passes_through_the_members_shred(world: World) -> None:
    printed = signing_in.print_code(world.store, world.caller("leo"), world.proof("leo"))
    before = columns(world.store, world.ids["leo"])
    members.suspend(world.store, world.caller("ada"), world.ids["leo"])
    with pytest.raises(SignInFailed):
        signing_in.recover(world.store, "leo", printed, NEW)
    # Somebody puts the whole old row back: the code is right, and the shred is not there any more.
    edit(world.store, world.ids["leo"], **before)
    with pytest.raises(SignInFailed):
        signing_in.recover(world.store, "leo", printed, NEW)


def test_a_suspension_between_reading_and_resealing_wins(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    caller, ada = world.caller("leo"), world.caller("ada")

    def meanwhile(*_: object) -> int:
        members.suspend(world.store, ada, caller.member_id)
        return 10**12

    monkeypatch.setattr(signing_in, "_step", meanwhile)
    with pytest.raises(SignInFailed):
        signing_in.change_passphrase(world.store, caller, "leo", key_for("leo"), NEW, "")
    with world.store.reading() as db:
        assert db.get_one(Member, caller.member_id).state == "suspended"


def test_a_new_device_replaces_the_old_one_and_ends_the_sessions(founded: World) -> None:
    store, offer = founded.store, members.offer("en")
    ada, right = founded.caller("ada"), Device(offer.totp, one_time_code(offer.secret))
    for device in (Device(offer.totp, ""), Device(offer.totp, fresh_code(founded, "ada"))):
        with pytest.raises(SignInFailed):
            signing_in.change_device(store, ada, founded.proof("ada"), device)
    with pytest.raises(SignInFailed):
        signing_in.change_device(store, ada, Proof("ada", key_for("ada"), right.code), right)
    signing_in.change_device(store, ada, founded.proof("ada"), right)
    with pytest.raises(SessionEnded):
        founded.caller("ada")
    for code in (fresh_code(founded, "ada"), one_time_code(offer.secret)):
        with pytest.raises(SignInFailed):
            signing_in.sign_in(store, key_for("ada"), "ada", code)
    founded.tokens["ada"] = signing_in.sign_in(store, key_for("ada"), "ada", one_time_code(offer.secret, 1))
    assert founded.caller("ada").member_id == ada.member_id


def test_sessions_are_listed_and_ended_one_by_one_and_nobody_elses(world: World) -> None:
    store = world.store
    here = world.tokens["ines"]
    world.tokens["ines"] = signing_in.sign_in(store, key_for("ines"), "ines", fresh_code(world, "ines"))
    ines = world.caller("ines")
    listed = dict(own_sessions.listed(store, ines))
    assert (len(listed), listed[ines.session_id]) == (2, True)
    other = next(one for one, present in listed.items() if not present)
    for foreign in (world.caller("carl").session_id, "0" * 64):
        with pytest.raises(SessionEnded):
            own_sessions.end_own(store, ines, foreign)
    own_sessions.end_own(store, ines, other)
    assert world.caller("ines").session_id == ines.session_id
    world.tokens["ines"] = here
    with pytest.raises(SessionEnded):
        world.caller("ines")


def test_signing_out_ends_this_session(founded: World) -> None:
    own_sessions.sign_out(founded.store, founded.caller("ada"))
    with pytest.raises(SessionEnded):
        founded.caller("ada")


def test_many_wrong_codes_beside_the_right_passphrase_are_recorded_and_end_the_guessing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, clock = leaves(world), now()
    for _ in range(signing_in.MISSES):
        with pytest.raises(SignInFailed):
            signing_in.sign_in(world.store, key_for("carl"), "carl", "none")
    assert leaves(world) == before + signing_in.MISSES
    with pytest.raises(SignInFailed):
        signing_in.sign_in(world.store, key_for("carl"), "carl", fresh_code(world, "carl"))
    # Whoever guesses passphrases writes nothing, and shuts nobody out.
    with pytest.raises(SignInFailed):
        signing_in.sign_in(world.store, NEW, "ines", "none")
    assert leaves(world) == before + signing_in.MISSES + 1
    later = clock + timedelta(seconds=30 * signing_in.RESTS + 60)
    monkeypatch.setattr(signing_in, "now", lambda: later)
    code = one_time_code(world.secrets["carl"], signing_in.RESTS + 2)
    assert signing_in.sign_in(world.store, key_for("carl"), "carl", code)


def leaves(world: World) -> int:
    """Return how many entries the log has."""
    with world.store.reading() as db:
        return db.scalar(select(func.count()).select_from(Leaf)) or 0
