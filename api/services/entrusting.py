"""What a member entrusts to the recovery: the own seeds, so that k trustees can give them back to who lost everything.

Promises that nobody but k trustees together opens them, and that suspending destroys them with the rest. Must never
carry the seed of one-time codes: whoever comes back brings a new device.
"""

from collections.abc import Iterable

from sqlalchemy.orm import Session

from api.access import grants, sessions
from api.access.caller import Caller, Keyring
from api.access.grants import Terms
from api.crypto import Key, Opener, Parcel, Signer
from api.errors import OutOfOrder, Tampered
from api.models.tables import Grant, Member
from api.policy.roles import Role
from api.sealed import offices
from api.sealed.store import Store

LABEL = "entrusted"


def entrust(db: Session, store: Store, member: Member, seeds: Parcel) -> None:
    """Seal the member's seeds to the recovery, once; nothing while there is no recovery key."""
    if offices.office(db, store, offices.RECOVERY) is None or entrusted(db, store, member):
        return
    own = Caller(member.id, Role(member.role), member.version, "", "", Keyring(), None, seeds.keys["sign"])
    keys = {name: seeds.keys[name] for name in ("receive", "sign")}
    grant_id = grants.give_recovery(db, store, own, Terms(grants.SEEDS, "recovery", grants.last_day()), keys)
    sessions.set_label(store, member, {**sessions.label(store, member).note, LABEL: grant_id})


def entrusted(db: Session, store: Store, member: Member) -> Grant | None:
    """Return the grant that carries the member's seeds to the recovery, if there is one."""
    return db.get(Grant, str(sessions.label(store, member).note.get(LABEL, "")))


def withdraw(db: Session, store: Store, members: Iterable[Member]) -> None:
    """Destroy what these members entrusted, inside `erasing`."""
    rows = [entrusted(db, store, member) for member in members]
    grants.revoke(db, [row for row in rows if row])


def given_back(db: Session, store: Store, recovery: Key, member: Member) -> Parcel:
    """Return the member's seeds with the recovery key; raises Tampered unless they are the keys of the record."""
    row = entrusted(db, store, member)
    if row is None:
        raise OutOfOrder
    parcel = grants.open_grant(db, store, Opener(recovery), row, grants.shred_of(db, store, row))
    keys = (Opener(parcel.keys["receive"]).public.blob, Signer(parcel.keys["sign"]).public.blob)
    if parcel.note["given_by"] != member.id or keys != (member.receive, member.verify):
        raise Tampered
    return parcel
