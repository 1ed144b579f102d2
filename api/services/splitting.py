"""A new split of the recovery: k trustees make the next key together, for the trustees of now.

Promises that everything entrusted to the old key lies under the new one, that backups made from then on need the new
shares. Must never be done by fewer than k, nor before everyone could object.
"""

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from api import audit
from api.access import grants
from api.access.caller import Caller
from api.audit import Entry
from api.crypto import Key, Opener, Parcel, PublicHalf, Sealed, open_parcel, seal_parcel, unwrap, wrap
from api.errors import Forbidden, Invalid, NotFound, OutOfOrder, Tampered
from api.models.recovery import Ceremony
from api.models.tables import Grant, Member
from api.policy.roles import Role
from api.sealed import heirs, offices, shreds
from api.sealed.store import Store
from api.services import ceremonies, departures, shares, trustees
from api.services.ceremonies import SPLIT, Terms
from api.services.members import vouched


def open_split(store: Store, caller: Caller, threshold: int, chosen: Mapping[str, str]) -> tuple[str, tuple[str, ...]]:
    """Open a new split among `chosen` (member id -> six words heard, the caller's own too).

    Return the ceremony's id and the six words that the caller reads out to those who bring the old shares. Raises
    Invalid, Forbidden for who holds no share or chooses another role.
    """
    if not 2 <= threshold <= len(chosen) <= 16 or caller.member_id not in chosen:
        raise Invalid({"threshold": "not-a-number"})
    opening = Key.fresh()
    half = Opener(opening).public
    with store.writing() as db:
        present = trustees.present(db, store)
        if caller.member_id not in present.ids or caller.receive is None:
            raise Forbidden
        members = [vouched(db, store, member_id, heard) for member_id, heard in chosen.items()]
        if any(one.role != Role.TRUSTEE for one in members):
            raise Forbidden
        prints = {one.id: offices.print_of(one).hex() for one in members}
        at, by = ceremonies.moment(), caller.member_id
        terms = Terms(SPLIT, by, by, at, present.threshold, present.set, following=threshold, chosen=prints)
        row = ceremonies.begin(db, store, caller, terms, half)
        row.secret = _kept(db, store, caller, row, opening)
    return row.id, shares.words_of(half.blob)


def words(store: Store, caller: Caller, ceremony_id: str) -> tuple[str, ...]:
    """Return the six words once more, to who opened the split."""
    with store.reading() as db:
        row, _ = _own(db, store, caller, ceremony_id)
        return shares.words_of(row.half or b"")


def finish_split(store: Store, caller: Caller, ceremony_id: str) -> None:
    """Make the next recovery key, move to it what was entrusted to the old one, and give the new shares.

    Raises NotFound for another's, NotYet before the time or with too few shares, OutOfOrder where a chosen trustee
    has left or has other keys since.
    """
    with shreds.erasing(store) as db:
        row, terms = _own(db, store, caller, ceremony_id)
        ceremonies.require_time(terms)
        old = shares.joined(db, store, row, terms, _opener(db, store, caller, row))
        chosen = _still(db, store, terms)
        fresh = _succeed(db, store, caller, old)
        for one in grants.grants_of(db, grants.RECOVERY):
            _reseal(db, store, one, old, heirs.half_of(fresh))
        before = list((trustees.present(db, store).grants or {}).values())
        grants.revoke(db, db.scalars(select(Grant).where(Grant.id.in_(before))).all())
        trustees.share_out(db, store, caller, fresh, terms.following, chosen)
        departures.settle(db, store, offices.RECOVERY)
        ceremonies.end(db, [row])
        audit.append(db, store, Entry("recovery:split", caller.member_id))


def _succeed(db: Session, store: Store, caller: Caller, old: Key) -> Key:
    office = offices.office(db, store, offices.RECOVERY)
    if office is None:
        raise OutOfOrder
    fresh = Key.fresh()
    half = heirs.half_of(fresh)
    made = offices.sign_office(offices.RECOVERY, office.epoch + 1, half, caller.member_id, caller.signer)
    db.add(made)
    db.flush()
    heirs.name_heir(db, old, made)
    offices.pin(db, store, made)
    return fresh


def _reseal(db: Session, store: Store, row: Grant, old: Key, half: PublicHalf) -> None:
    """Seal a grant to the next key, its giver's signature with it, under a new shred: old shares open it nowhere."""
    where, outer = grants.place_of(row), grants.outer_place(row)
    inner = Sealed(unwrap(grants.shred_of(db, store, row).as_key(outer), where, row.sealed))
    parcel = open_parcel(Opener(old), where, inner)
    made, gone = shreds.make(db, store, str(parcel.note["ends"])), row.shred_id
    sealed = seal_parcel(PublicHalf(half.blob[: offices.HALF]), where, parcel)
    row.sealed, row.shred_id = wrap(made.shred.as_key(outer), where, sealed.blob), made.id
    shreds.destroy(db, [gone])


def _still(db: Session, store: Store, terms: Terms) -> list[Member]:
    members = [offices.check_member(db, store, db.get_one(Member, one)) for one in terms.chosen]
    same = all(offices.print_of(one).hex() == terms.chosen[one.id] for one in members)
    if not same or any(one.state != "active" for one in members):
        raise OutOfOrder
    return members


def _kept(db: Session, store: Store, caller: Caller, row: Ceremony, opening: Key) -> Sealed:
    where, shred = ceremonies.secret_place(row), shreds.fetch_one(db, store, row.shred_id)
    own = PublicHalf(db.get_one(Member, caller.member_id).receive)
    return wrap(shred.as_key(where), where, seal_parcel(own, where, Parcel({}, {"open": opening})).blob)


def _opener(db: Session, store: Store, caller: Caller, row: Ceremony) -> Opener:
    where, shred = ceremonies.secret_place(row), shreds.fetch_one(db, store, row.shred_id)
    if caller.receive is None:
        raise Forbidden
    if row.secret is None:
        raise Tampered
    inner = Sealed(unwrap(shred.as_key(where), where, row.secret))
    return Opener(open_parcel(Opener(caller.receive), where, inner).keys["open"])


def _own(db: Session, store: Store, caller: Caller, ceremony_id: str) -> tuple[Ceremony, Terms]:
    row, terms = ceremonies.found(db, store, ceremony_id)
    if (terms.kind, terms.by) != (SPLIT, caller.member_id):
        raise NotFound
    return row, terms
