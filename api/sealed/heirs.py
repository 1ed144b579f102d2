"""How an office's next key follows the one before: named by it, so that whoever pinned the old one can go along.

Promises that a key which its forebear did not name is refused by every desk, whatever stands under the root. Must never
take the word of the database for it.
"""

import hashlib
from collections.abc import Mapping
from itertools import pairwise

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.crypto import Context, Key, Opener, PublicHalf, Signer, VerifyKey, place
from api.errors import Tampered
from api.models.offices import Succession
from api.models.tables import Office
from api.sealed import offices
from api.sealed.store import Store


def half_of(key: Key) -> PublicHalf:
    """Return what the world knows of an office's key: 1,216 bytes to seal to, 32 to verify its successor by."""
    return PublicHalf(Opener(key).public.blob + signer_of(key).public.blob)


def signer_of(key: Key) -> Signer:
    """Return what an office's key signs with: its successor, and what k trustees do together."""
    return Signer(key.derive(place("office", "signer")))


def name_heir(db: Session, old: Key, row: Office) -> None:
    """Let the key of the epoch before say that this one follows it."""
    signature = signer_of(old).sign(_succession(row), row.public)
    db.add(Succession(kind=row.kind, epoch=row.epoch, signature=signature))


def newest_prints(db: Session, store: Store, pinned: Mapping[str, str]) -> dict[str, str]:
    """Return the prints (hex) of the offices' newest keys; raises Tampered unless each descends from the pinned one.

    A key that somebody with every secret of the machine pinned under the root was not named by the one before it.
    """
    made = [one for kind in offices.MAKERS if (one := offices.office(db, store, kind))]
    if {one.kind for one in made} != pinned.keys():
        raise Tampered
    for one in made:
        _require_descent(db, one.kind, pinned[one.kind])
    return {one.kind: offices.office_print(one) for one in made}


def _require_descent(db: Session, kind: str, pinned: str) -> None:
    rows = db.scalars(select(Office).where(Office.kind == kind).order_by(Office.epoch)).all()
    known = [number for number, row in enumerate(rows) if hashlib.sha256(row.public).hexdigest() == pinned]
    if not known:
        raise Tampered
    for before, row in pairwise(rows[known[0] :]):
        named = db.get(Succession, (kind, row.epoch))
        if named is None or row.epoch != before.epoch + 1:
            raise Tampered
        VerifyKey(before.public[offices.HALF :]).verify(_succession(row), row.public, named.signature)


def _succession(row: Office) -> Context:
    return place("succession", row.kind, row.epoch)
