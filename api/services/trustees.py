"""The trustees of the present recovery key: how many are needed, who holds a share, and the share of each.

Promises that a share of an earlier set is told from one of this. Must never hold two shares at once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from api import audit
from api.access import grants
from api.access.caller import Caller
from api.access.grants import Terms
from api.audit import Entry
from api.crypto import Key, Opener
from api.crypto.people import share_set, split
from api.errors import Forbidden, NotFound
from api.models.tables import Grant, Member
from api.sealed import roots
from api.sealed.store import Store

NOTE = "recovery"


@dataclass(frozen=True, slots=True)
class Trustees:
    """The present set: how many shares open, the set's number, and who holds which grant of a share."""

    threshold: int = 0
    set: str = ""
    grants: Mapping[str, str] | None = None

    @property
    def ids(self) -> frozenset[str]:
        """The ids of the members who were given a share."""
        return frozenset(self.grants or ())


def present(db: Session, store: Store) -> Trustees:
    """Return the trustees of the present recovery key; an empty set before there is one."""
    return Trustees(**roots.anchored(db, store).get(NOTE, {}))


def active(db: Session, store: Store) -> frozenset[str]:
    """Return the ids of those trustees who are not suspended."""
    among = Member.id.in_(present(db, store).ids)
    return frozenset(db.scalars(select(Member.id).where(among, Member.state == "active")))


def share_out(db: Session, store: Store, caller: Caller, key: Key, threshold: int, chosen: Sequence[Member]) -> None:
    """Split the recovery key k-of-n (SLIP-39), seal one share to each, and note the set; inside `erasing`."""
    shares, given = split(key, threshold, len(chosen)), dict[str, str]()
    for member, share in zip(chosen, shares, strict=True):
        terms = Terms(grants.SHARE, "recovery", grants.last_day(), share=share)
        given[member.id] = grants.give(db, store, caller, member, terms, {})
    roots.anchor(db, store, NOTE, {"threshold": threshold, "set": share_set(shares[0]), "grants": given})


def own_share(store: Store, caller: Caller) -> str:
    """Return the caller's share of the present recovery key, to be printed; the reading is logged."""
    audit.record(store, Entry("recovery:share-read", caller.member_id))
    with store.reading() as db:
        return share_of(db, store, caller)


def share_of(db: Session, store: Store, caller: Caller) -> str:
    """Return the caller's share; raises NotFound for who holds none of this set, Forbidden for a narrow token."""
    if caller.receive is None:
        raise Forbidden
    row = db.get(Grant, (present(db, store).grants or {}).get(caller.member_id, ""))
    if row is None or row.member_id != caller.member_id:
        raise NotFound
    parcel = grants.open_grant(db, store, Opener(caller.receive), row, grants.shred_of(db, store, row))
    return str(parcel.note["share"])
