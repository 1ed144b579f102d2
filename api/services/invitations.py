"""Invitations: a code in words, kept as a keyed digest, that lets one person make their own keys once.

Promises that a code is used up by its first use, even where its row is put back, and ends after seven days. Must
never stand in an address.
"""

from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from api import audit
from api.audit import Entry
from api.clock import today
from api.crypto import Parcel, place, unwrap_parcel, wrap_parcel
from api.crypto.people import code_locator
from api.errors import NotFound
from api.models.tables import Invitation, Leaf
from api.sealed.store import Store
from api.services.logins import canonical

INVITATION_DAYS = 7


def add_invitation(db: Session, store: Store, code: str, role: str) -> None:
    """Store a code, digested, that lets one person join in `role`."""
    digest = code_locator(canonical(code), store.deployment)
    note = {"role": role, "until": (today() + timedelta(days=INVITATION_DAYS)).isoformat()}
    where = place("invitation", digest)
    sealed = wrap_parcel(store.deployment.derive(where), where, Parcel(note))
    db.add(Invitation(code_digest=digest, sealed=sealed))


def use_invitation(db: Session, store: Store, code: str) -> str:
    """Use a code up and return its role; raises NotFound for an unknown, used or old one.

    The use stands in the log under a tag: a row that an editor of the database puts back is of no use.
    """
    digest = code_locator(canonical(code), store.deployment)
    row = db.get(Invitation, digest)
    if row is None:
        raise NotFound
    where = place("invitation", digest)
    note = unwrap_parcel(store.deployment.derive(where), where, row.sealed).note
    used = db.execute(delete(Invitation).where(Invitation.code_digest == digest).returning(Invitation.code_digest))
    # Two who use one code at the same moment both see its row; only one of them deletes it.
    if used.first() is None or note["until"] < today().isoformat():
        raise NotFound
    tag = store.deployment.mac(place("tag", "invitation", digest))
    if db.scalar(select(Leaf.index).where(Leaf.tag == tag)) is not None:
        raise NotFound
    audit.append(db, store, Entry("member:invitation-used"), tag)
    return str(note["role"])
