"""Recovery by quorum: who lost passphrase and printed code comes back with k trustees, after 72 hours.

Promises that only this member's seeds are opened, that everyone was told, and that what the member holds rotates
afterwards. Must never let one person recover another.
"""

import contextlib
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from api import audit
from api.access import sessions
from api.access.caller import Caller
from api.audit import Entry
from api.clock import now
from api.crypto import Key, Opener, Parcel, Shred, unwrap_parcel, wrap_parcel
from api.crypto.people import code_locator, random_bytes, totp_matches
from api.errors import Forbidden, Invalid, NotFound, OutOfOrder, Refused, SignInFailed, Tampered
from api.ids import is_id
from api.models.recovery import Ceremony
from api.models.tables import Member
from api.sealed import shreds
from api.sealed.store import Store
from api.services import ceremonies, entrusting, paper, rotating, shares, signing_in, trustees
from api.services.ceremonies import MEMBER, Terms
from api.services.logins import canonical, login_digest
from api.services.members import ACTIVE, wrap_seeds
from api.services.signing_in import DECOY, Device
from api.words.passphrase import PASSPHRASE_BYTES, new_passphrase


@dataclass(frozen=True, slots=True)
class Opened:
    """A recovery that was opened: its id, and the code to be handed to the member in person, shown once."""

    ceremony: str
    code: str = field(repr=False)


def open_for(store: Store, caller: Caller, member_id: str) -> Opened:
    """Open the recovery of one member; its terms are fixed now, and the 72 hours begin.

    Raises NotFound, Forbidden for oneself, OutOfOrder where there is nothing to give back, too few trustees, or one is
    open already.
    """
    if member_id == caller.member_id:
        raise Forbidden
    code = new_passphrase(random_bytes(PASSPHRASE_BYTES), "en")
    with store.writing() as db:
        member = db.get(Member, member_id) if is_id(member_id) else None
        if member is None:
            raise NotFound
        if member.state != ACTIVE or entrusting.entrusted(db, store, member) is None:
            raise OutOfOrder
        present, digest = trustees.present(db, store), code_locator(canonical(code), store.deployment)
        moment = ceremonies.moment()
        terms = Terms(MEMBER, member_id, caller.member_id, moment, present.threshold, present.set, digest)
        row = ceremonies.begin(db, store, caller, terms)
    return Opened(row.id, code)


def claim(store: Store, code: str, login: str, key: Key, device: Device) -> tuple[str, ...]:
    """Take up one's recovery with a new passphrase and device; return the six words to be read out to each trustee.

    Raises NotFound for a code that is unknown or another's, OutOfOrder for one that was used, Invalid for the device.
    """
    digest, opening = code_locator(canonical(code), store.deployment), Key.fresh()
    with store.reading() as db:
        _by_code(db, store, digest)
    with store.writing() as db:
        row, terms = _by_code(db, store, digest)
        member = db.get_one(Member, terms.member)
        if member.login_digest != login_digest(store.deployment, login):
            raise NotFound
        if row.half is not None:
            raise OutOfOrder
        if totp_matches(device.totp, device.code, now().timestamp()) is None:
            raise Invalid({"code": "wrong-code"})
        row.half = Opener(opening).public.blob
        use = ceremonies.secret_key(key, shreds.fetch_one(db, store, row.shred_id), row)
        row.secret = wrap_parcel(use, ceremonies.secret_place(row), Parcel({}, {"open": opening, "totp": device.totp}))
        audit.append(db, store, Entry("recovery:claimed", about=terms.member))
    return shares.words_of(row.half)


def finish(store: Store, key: Key, login: str, code: str) -> str:
    """Return a new session's secret, the member's seeds being under the new passphrase, all that they hold rotated.

    Raises SignInFailed for an unknown login, another passphrase or code, alike; NotYet before the 72 hours are over or
    while too few trustees have brought their shares; OtherShare.
    """
    with store.reading() as db:
        _, terms, _, kept = _unlocked(db, store, key, login)
    if totp_matches(kept.keys["totp"], code, now().timestamp()) is None:
        raise SignInFailed
    ceremonies.require_time(terms)
    with shreds.erasing(store) as db:
        row, terms, member, kept = _unlocked(db, store, key, login)
        recovery = shares.joined(db, store, row, terms, Opener(kept.keys["open"]))
        seeds = entrusting.given_back(db, store, recovery, member)
        _give_back(db, store, member, key, Parcel({}, {**seeds.keys, "totp": kept.keys["totp"]}))
        ceremonies.end(db, [row])
        audit.append(db, store, Entry("recovery:finished", about=member.id))
    token = signing_in.sign_in(store, key, login, code)
    # The recovery key was whole for a moment: what this member holds goes on under keys that it never opened.
    with contextlib.suppress(Refused):
        rotating.rotate_held(store, sessions.enter(store, token))
    return token


def _give_back(db: Session, store: Store, member: Member, key: Key, seeds: Parcel) -> None:
    made, old = shreds.make(db, store), member.shred_id
    member.seeds, member.shred_id = wrap_seeds(key, made.shred, member.id, seeds), made.id
    paper.end(db, store, member)
    sessions.end_in(db, sessions.ids_of(db, member.id))
    shreds.destroy(db, [old])


def _by_code(db: Session, store: Store, digest: str) -> tuple[Ceremony, Terms]:
    for row, terms in ceremonies.alive(db, store):
        if terms.code == digest:
            return ceremonies.found(db, store, row.id)
    raise NotFound


def _unlocked(db: Session, store: Store, key: Key, login: str) -> tuple[Ceremony, Terms, Member, Parcel]:
    """Open what the member left at the claim; whoever has none is answered like one with another passphrase."""
    member = db.scalar(select(Member).where(Member.login_digest == login_digest(store.deployment, login)))
    mine = [
        one for one in ceremonies.alive(db, store) if member and (one[1].kind, one[1].member) == (MEMBER, member.id)
    ]
    row, terms = mine[0] if mine else (Ceremony(id="0" * 26, secret=DECOY), None)
    shred = shreds.fetch_one(db, store, row.shred_id) if mine else Shred.fresh()
    try:
        sealed = row.secret or DECOY
        kept = unwrap_parcel(ceremonies.secret_key(key, shred, row), ceremonies.secret_place(row), sealed)
    except Tampered:
        raise SignInFailed from None
    if member is None or terms is None or member.state != ACTIVE:
        raise SignInFailed
    return row, terms, member, kept
