"""Shares that trustees bring to a ceremony, each in an own session, and how the recovery key is put together of them.

Promises that none lies open, that one of another set is refused, and that nobody's seal but a trustee's counts. Must
never open a share before the waiting time is over.
"""

import hashlib

from sqlalchemy import select
from sqlalchemy.orm import Session

from api import audit
from api.access.caller import Caller
from api.audit import Entry
from api.crypto import (
    Context,
    Key,
    Opener,
    Parcel,
    PublicHalf,
    Sealed,
    Shred,
    VerifyKey,
    open_parcel,
    place,
    seal_parcel,
    unwrap,
    wrap,
)
from api.crypto.people import join, share_set
from api.errors import Forbidden, Invalid, NotYet, OtherShare, OutOfOrder
from api.models.recovery import Brought, Ceremony
from api.sealed import heirs, offices, shreds
from api.sealed.store import Store
from api.services import ceremonies, trustees
from api.services.ceremonies import MEMBER, Terms
from api.services.logins import canonical
from api.words.passphrase import six_words


def bring(store: Store, caller: Caller, ceremony_id: str, heard: str, typed: str = "") -> None:
    """Bring the caller's share, or one typed from paper, sealed to the ceremony whose six words were heard.

    Raises Forbidden for who holds no share of this set or is the one recovered, OtherShare, Invalid for other words,
    OutOfOrder while there is nothing to seal to.
    """
    with store.writing() as db:
        row, terms = ceremonies.found(db, store, ceremony_id)
        if caller.member_id not in trustees.active(db, store) or (terms.kind, terms.member) == (
            MEMBER,
            caller.member_id,
        ):
            raise Forbidden
        if row.half is None:
            raise OutOfOrder
        require_heard(row.half, heard)
        share = " ".join(typed.split()).lower() or trustees.share_of(db, store, caller)
        if share_set(share) != terms.set:
            raise OtherShare
        _keep(db, store, caller, row, share)
        audit.append(db, store, Entry("recovery:brought", caller.member_id, about=terms.member))


def joined(db: Session, store: Store, row: Ceremony, terms: Terms, opener: Opener) -> Key:
    """Put the recovery key together; raises NotYet before the time or with too few shares, OtherShare, Tampered.

    A share counts while its trustee is one: who was suspended meanwhile has brought nothing.
    """
    ceremonies.require_time(terms)
    present, office = trustees.present(db, store), offices.office(db, store, offices.RECOVERY)
    brought = db.scalars(select(Brought).where(Brought.ceremony_id == row.id)).all()
    counted = [one for one in brought if one.member_id in trustees.active(db, store)]
    if len(counted) < terms.threshold:
        raise NotYet
    shred = shreds.fetch_one(db, store, row.shred_id)
    key = join([_opened(db, store, one, shred, opener) for one in counted[: terms.threshold]])
    if office is None or present.set != terms.set or heirs.half_of(key).blob != office.public.blob + office.verify.blob:
        raise OtherShare
    return key


def words_of(half: bytes) -> tuple[str, ...]:
    """Return the six words of a ceremony's key, which who made it reads out to each trustee."""
    return six_words(hashlib.sha256(b"lastheard/1 ceremony" + half).digest(), "en")


def require_heard(half: bytes, heard: str) -> None:
    """Raise Invalid unless these six words are the ceremony's: a half exchanged by somebody else has others."""
    if canonical(heard).split() != list(words_of(half)):
        raise Invalid({"words": "words-differ"})


def _keep(db: Session, store: Store, caller: Caller, row: Ceremony, share: str) -> None:
    where = _share_place(row.id, caller.member_id)
    signature = caller.signer.sign(where, share.encode()).hex()
    shred = shreds.fetch_one(db, store, row.shred_id)
    inner = seal_parcel(PublicHalf(row.half or b""), where, Parcel({"share": share, "signature": signature}))
    sealed = wrap(shred.as_key(where), where, inner.blob)
    db.merge(Brought(ceremony_id=row.id, member_id=caller.member_id, sealed=sealed))


def _opened(db: Session, store: Store, one: Brought, shred: Shred, opener: Opener) -> str:
    where = _share_place(one.ceremony_id, one.member_id)
    note = open_parcel(opener, where, Sealed(unwrap(shred.as_key(where), where, one.sealed))).note
    # HPKE has no sender: what an editor of the database sealed here would be taken for a trustee's share.
    verify = VerifyKey(offices.current_record(db, store, one.member_id).verify)
    verify.verify(where, str(note["share"]).encode(), bytes.fromhex(note["signature"]))
    return str(note["share"])


def _share_place(ceremony_id: str, member_id: str) -> Context:
    return place("ceremony", "share", ceremony_id, member_id)
