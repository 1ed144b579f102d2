"""Signing in: login, passphrase, one-time code; and what a member changes about them.

Promises that unknown login, wrong passphrase and wrong code answer alike after equal work, and that a code works once.
Must never tell which of the three was wrong, nor keep a passphrase.
"""

import contextlib
import hashlib
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from api import audit
from api.access import sessions
from api.access.caller import Caller
from api.audit import Entry
from api.clock import now
from api.crypto import Key, Parcel, Sealed, Shred, place
from api.crypto.people import code_key, random_bytes, totp_matches
from api.errors import Refused, SignInFailed, Tampered
from api.ids import new_id
from api.models.tables import Member
from api.sealed import offices, roots, shreds
from api.sealed.store import Store
from api.services import entrusting, paper, rotating
from api.services.logins import canonical, login_digest
from api.services.members import ACTIVE, unwrap_seeds, wrap_seeds
from api.words.receipt import new_receipt

# As long as a member's wrapped seeds; no key opens it.
DECOY = Sealed(bytes(256))
# So many wrong codes within so many half minutes, each beside the right passphrase, and no code is taken.
MISSES, RESTS = 10, 20


@dataclass(frozen=True, slots=True)
class Device:
    """A new device for one-time codes: its seed, and a code that shows it works."""

    totp: Key = field(repr=False)
    code: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Proof:
    """What shows that whoever holds a session is its member: login, stretched passphrase, a code not yet used."""

    login: str = field(repr=False)
    key: Key = field(repr=False)
    code: str = field(repr=False)


def sign_in(store: Store, key: Key, login: str, code: str) -> str:
    """Return a new session's secret; raises SignInFailed, whatever was wrong.

    A desk that somebody left gets its next keys in the first session that can make them.
    """
    with store.reading() as db:
        member, seeds = _unlock(db, store, key, login)
    step = _shown(store, member, seeds, code)
    with store.writing() as db:
        roots.shared(db, store)
        token = _begin(db, store, member.id, seeds, step)
    # What is wrong with a desk is said where it is opened, and keeps nobody out.
    with contextlib.suppress(Refused):
        rotating.rotate_waiting(store, sessions.enter(store, token))
    return token


def change_passphrase(store: Store, caller: Caller, login: str, old: Key, new: Key, code: str) -> None:
    """Put one's seeds under a new passphrase, and end all one's sessions and tokens; raises SignInFailed."""
    member, seeds = _own(store, caller, login, old)
    _reseal(store, member, new, seeds, "member:passphrase-changed", _shown(store, member, seeds, code))


def change_device(store: Store, caller: Caller, proof: Proof, device: Device) -> None:
    """Replace the seed of one-time codes, and end all one's sessions and tokens; raises SignInFailed.

    `proof` holds a code of the present device: an open session and an overheard passphrase are not enough to take over.
    """
    member, seeds = _own(store, caller, proof.login, proof.key)
    changed = _with_device(seeds, device)
    step, first = _shown(store, member, seeds, proof.code), _step(changed, device.code)
    _reseal(store, member, proof.key, changed, "member:device-changed", step, first)


def print_code(store: Store, caller: Caller, proof: Proof) -> str:
    """Return a new recovery code of twenty-two words (two times 121 bits), which opens one's own seeds."""
    member, seeds = _own(store, caller, proof.login, proof.key)
    step = _shown(store, member, seeds, proof.code)
    code = " ".join((*new_receipt("en", random_bytes(16)), *new_receipt("en", random_bytes(16))))
    with shreds.erasing(store) as db:
        row = spend(db, store, (member, step))
        # A shred of its own beside the member's: the code before it opens nothing from now on, in no old copy either.
        paper.end(db, store, row)
        own, made = shreds.fetch_one(db, store, row.shred_id), shreds.make(db, store)
        row.printed_seeds = wrap_seeds(_printed(code, made.shred, row.id), own, row.id, seeds)
        sessions.set_label(store, row, {**sessions.label(store, row).note, paper.NAMED: made.id})
        audit.append(db, store, Entry("member:code-printed", row.id))
    return code


def recover(store: Store, login: str, printed: str, new: Key, device: Device | None = None) -> None:
    """Set a new passphrase, and a new device where the old one is lost, with a printed code, which is used up.

    Ends all sessions and tokens. Raises SignInFailed for an unknown login, another code, or a suspended member.
    """
    with store.reading() as db:
        found = _by_login(db, store, login)
        member, seeds = unlock_printed(db, store, printed, found)
    changed = _with_device(seeds, device) if device else seeds
    first = _step(changed, device.code) if device else 0
    _reseal(store, member, new, changed, "member:recovered", 0, first)


def prove(store: Store, caller: Caller, proof: Proof) -> tuple[Member, int]:
    """Return the caller's row and the step of the code, to be spent; raises SignInFailed, whatever was wrong."""
    member, seeds = _own(store, caller, proof.login, proof.key)
    return member, _shown(store, member, seeds, proof.code)


def spend(db: Session, store: Store, proved: tuple[Member, int]) -> Member:
    """Spend the code that `prove` took, and return the member's row, locked; raises SignInFailed for a used one."""
    member = _unchanged(db, proved[0])
    _spend(store, member, proved[1])
    return member


def _own(store: Store, caller: Caller, login: str, key: Key) -> tuple[Member, Parcel]:
    """Open the caller's own seeds; raises SignInFailed for another member's login, too."""
    with store.reading() as db:
        member, seeds = _unlock(db, store, key, login)
    if member.id != caller.member_id:
        raise SignInFailed
    return member, seeds


def _unlock(db: Session, store: Store, key: Key, login: str) -> tuple[Member, Parcel]:
    """Open a member's seeds with a stretched passphrase."""
    found = _by_login(db, store, login)
    return _unlock_with(db, store, key, found, found.seeds if found else None)


def unlock_printed(db: Session, store: Store, code: str, found: Member | None) -> tuple[Member, Parcel]:
    """Open seeds with the printed code that holds now; raises SignInFailed, whatever was wrong."""
    shred_id = (sessions.label(store, found).note.get(paper.NAMED) if found else None) or new_id()
    shred = shreds.fetch(db, store, [shred_id]).get(shred_id, Shred.fresh())
    key = _printed(code, shred, found.id if found else shred_id)
    return _unlock_with(db, store, key, found, found.printed_seeds if found else None)


def _unlock_with(
    db: Session, store: Store, key: Key, found: Member | None, sealed: Sealed | None
) -> tuple[Member, Parcel]:
    """Open seeds; an unknown login costs the same query, the same unwrapping and gives the same answer."""
    shred_id = found.shred_id if found else new_id()
    own = shreds.fetch(db, store, [shred_id]).get(shred_id, Shred.fresh())
    seeds = unwrap_seeds(key, own, found.id if found else shred_id, sealed or DECOY)
    if found is None:
        raise SignInFailed
    return found, seeds


def _shown(store: Store, member: Member, seeds: Parcel, code: str) -> int:
    """Return the step of a code of the present device; raises SignInFailed for a wrong one, or after many wrong ones.

    Who comes this far knows the passphrase: the log says that the code was not theirs, and guessing ends soon.
    """
    present = int(now().timestamp()) // 30
    missed = [one for one in sessions.label(store, member).note.get("missed", ()) if one > present - RESTS]
    with contextlib.suppress(SignInFailed):
        if len(missed) < MISSES:
            return _step(seeds, code)
    with store.writing() as db:
        row = _unchanged(db, member)
        sessions.set_label(store, row, {**sessions.label(store, row).note, "missed": [*missed, present][-MISSES:]})
        audit.append(db, store, Entry("session:code-refused", member.id))
    raise SignInFailed


def _step(seeds: Parcel, code: str) -> int:
    """Return the time step of a one-time code; raises SignInFailed for a wrong one."""
    step = totp_matches(seeds.keys["totp"], code, now().timestamp())
    if step is None:
        raise SignInFailed
    return step


def _with_device(seeds: Parcel, device: Device) -> Parcel:
    return Parcel({}, {**seeds.keys, "totp": device.totp})


def _begin(db: Session, store: Store, member_id: str, seeds: Parcel, step: int) -> str:
    # Locked: of two that send one code at the same moment, the second must see that it is spent.
    row = db.get_one(Member, member_id, with_for_update=True)
    try:
        member = offices.check_member(db, store, row)
    except Tampered:
        raise SignInFailed from None
    if member.state != ACTIVE:
        raise SignInFailed
    _spend(store, member, step)
    token = sessions.begin(db, store, member, seeds)
    entrusting.entrust(db, store, member, seeds)
    audit.append(db, store, Entry("session:begun", member.id))
    return token


def _spend(store: Store, member: Member, step: int) -> None:
    """Remember a code's step, so that it works once; raises SignInFailed for one that was used, or an older one."""
    note = sessions.label(store, member).note
    if int(note.get("spent", 0)) >= step:
        raise SignInFailed
    sessions.set_label(store, member, {**note, "spent": step})


def _unchanged(db: Session, seen: Member) -> Member:
    """Return the row again, locked; raises SignInFailed when the member was suspended or resealed meanwhile."""
    member = db.get_one(Member, seen.id, with_for_update=True)
    if (member.state, member.shred_id) != (ACTIVE, seen.shred_id):
        raise SignInFailed
    return member


def _reseal(store: Store, seen: Member, key: Key, seeds: Parcel, verb: str, step: int, first: int = 0) -> None:
    """Move a member to a new shred, so that the old passphrase opens nothing, in no copy either.

    `step` is spent, and `first` is the first of a new device, whose codes no older one has spent; 0 for none.
    """
    with shreds.erasing(store) as db:
        member = _unchanged(db, seen)
        if step:
            _spend(store, member, step)
        if first:
            sessions.set_label(store, member, {**sessions.label(store, member).note, "spent": first})
        made = shreds.make(db, store)
        member.seeds, member.shred_id = wrap_seeds(key, made.shred, member.id, seeds), made.id
        paper.end(db, store, member)
        sessions.end_in(db, sessions.ids_of(db, member.id))
        shreds.destroy(db, [seen.shred_id])
        audit.append(db, store, Entry(verb, member.id))


def _by_login(db: Session, store: Store, login: str) -> Member | None:
    return db.scalar(select(Member).where(Member.login_digest == login_digest(store.deployment, login)))


def _printed(code: str, shred: Shred, member_id: str) -> Key:
    return code_key(hashlib.sha256(canonical(code).encode()).digest()).with_shred(shred, place("printed", member_id))
