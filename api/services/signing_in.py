"""Signing in: login, passphrase, one-time code; and what a member changes about them.

Promises that unknown login, wrong passphrase and wrong code answer alike after equal work, and that a code works once.
Must never tell which of the three was wrong, nor keep a passphrase.
"""

import hashlib

from sqlalchemy import select
from sqlalchemy.orm import Session

from api import audit
from api.access import sessions
from api.access.caller import Caller
from api.audit import Entry
from api.clock import now
from api.crypto import Key, Parcel, Sealed, Shred
from api.crypto.people import code_key, random_bytes, totp_matches
from api.errors import SessionEnded, SignInFailed, Tampered
from api.ids import new_id
from api.models.tables import Member, SignedIn
from api.sealed import offices, shreds
from api.sealed.store import Store
from api.services.logins import canonical, login_digest
from api.services.members import ACTIVE, unwrap_seeds, wrap_seeds
from api.words.receipt import new_receipt


def sign_in(store: Store, key: Key, login: str, code: str) -> str:
    """Return a new session's secret; raises SignInFailed, whatever was wrong."""
    with store.reading() as db:
        member, seeds = _unlock(db, store, key, login)
        step = totp_matches(seeds.keys["totp"], code, now().timestamp())
    if step is None or member is None:
        raise SignInFailed
    with store.writing() as db:
        token = _begin(db, store, member.id, seeds, step)
    audit.publish(store)
    return token


def change_passphrase(store: Store, caller: Caller, login: str, old: Key, new: Key, code: str) -> None:
    """Put one's seeds under a new passphrase, and end all one's sessions and tokens; raises SignInFailed."""
    with store.reading() as db:
        member, seeds = _unlock(db, store, old, login)
        right = totp_matches(seeds.keys["totp"], code, now().timestamp()) is not None
    if not right or member is None or member.id != caller.member_id:
        raise SignInFailed
    _reseal(store, caller.member_id, new, seeds, "member:passphrase-changed")


def change_device(store: Store, caller: Caller, login: str, key: Key, totp: Key, code: str) -> None:
    """Replace the seed of one-time codes; `code` is one of the new device. Raises SignInFailed."""
    with store.reading() as db:
        member, seeds = _unlock(db, store, key, login)
    if member is None or member.id != caller.member_id or totp_matches(totp, code, now().timestamp()) is None:
        raise SignInFailed
    changed = Parcel({}, {**seeds.keys, "totp": totp})
    _reseal(store, caller.member_id, key, changed, "member:device-changed")


def print_code(store: Store, caller: Caller, login: str, key: Key) -> str:
    """Return a new recovery code of twenty-two words (two times 121 bits), which opens one's own seeds."""
    with store.reading() as db:
        member, seeds = _unlock(db, store, key, login)
    if member is None or member.id != caller.member_id:
        raise SignInFailed
    code = " ".join((*new_receipt("en", random_bytes(16)), *new_receipt("en", random_bytes(16))))
    with store.writing() as db:
        row = db.get_one(Member, member.id)
        own = shreds.fetch_one(db, store, row.shred_id)
        row.printed_seeds = wrap_seeds(_printed(code), own, row.id, seeds)
        audit.append(db, store, Entry("member:code-printed", row.id))
    audit.publish(store)
    return code


def recover(store: Store, login: str, printed: str, new: Key) -> None:
    """Set a new passphrase with a printed code, which is used up; ends all sessions. Raises SignInFailed."""
    with store.reading() as db:
        member = _by_login(db, store, login)
        if member is None or member.printed_seeds is None or member.state != ACTIVE:
            raise SignInFailed
        own = shreds.fetch_one(db, store, member.shred_id)
        seeds = unwrap_seeds(_printed(printed), own, member.id, member.printed_seeds)
    _reseal(store, member.id, new, seeds, "member:recovered")


def sign_out(store: Store, caller: Caller) -> None:
    """End this session."""
    sessions.end(store, [caller.session_id])


def own_sessions(store: Store, caller: Caller) -> tuple[tuple[str, bool], ...]:
    """Return one's sessions and tokens: an id and whether it is the present one."""
    with store.reading() as db:
        found = sessions.ids_of(db, caller.member_id)
    return tuple((one, one == caller.session_id) for one in found)


def end_own(store: Store, caller: Caller, session_id: str) -> None:
    """End one of one's own sessions or tokens; raises SessionEnded for anyone else's."""
    with store.reading() as db:
        row = db.get(SignedIn, session_id)
    if row is None or row.member_id != caller.member_id:
        raise SessionEnded
    sessions.end(store, [session_id])


def _unlock(db: Session, store: Store, key: Key, login: str) -> tuple[Member | None, Parcel]:
    """Open a member's seeds; an unknown login costs the same query, the same unwrapping and gives the same answer."""
    member = _by_login(db, store, login)
    shred_id = member.shred_id if member else new_id()
    alive = shreds.fetch(db, store, [shred_id])
    sealed = member.seeds if member else _decoy()
    own = alive.get(shred_id, Shred.fresh())
    return member, unwrap_seeds(key, own, member.id if member else shred_id, sealed)


def _decoy() -> Sealed:
    """Return something of the size of a member's seeds that no key opens."""
    return Sealed(bytes(320))


def _begin(db: Session, store: Store, member_id: str, seeds: Parcel, step: int) -> str:
    try:
        member = offices.check_member(db, store, db.get_one(Member, member_id))
    except Tampered:
        raise SignInFailed from None
    note = sessions.label(store, member).note
    if member.state != ACTIVE or int(note.get("spent", 0)) >= step:
        raise SignInFailed
    sessions.set_label(store, member, {**note, "spent": step})
    audit.append(db, store, Entry("session:begun", member.id))
    return sessions.begin(db, store, member, seeds)


def _reseal(store: Store, member_id: str, key: Key, seeds: Parcel, verb: str) -> None:
    """Move a member to a new shred, so that the old passphrase opens nothing, in no copy either."""
    with shreds.erasing(store) as db:
        member = db.get_one(Member, member_id)
        made, old = shreds.make(db, store), member.shred_id
        member.seeds, member.shred_id = wrap_seeds(key, made.shred, member.id, seeds), made.id
        member.printed_seeds = None
        sessions.end_in(db, sessions.ids_of(db, member.id))
        shreds.destroy(db, [old])
        audit.append(db, store, Entry(verb, member.id))
    audit.publish(store)


def _by_login(db: Session, store: Store, login: str) -> Member | None:
    return db.scalar(select(Member).where(Member.login_digest == login_digest(store.deployment, login)))


def _printed(code: str) -> Key:
    return code_key(hashlib.sha256(canonical(code).encode()).digest())
