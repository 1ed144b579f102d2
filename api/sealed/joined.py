"""Which cases are of one person: the case that stays in lists, and those that were joined to it.

Promises that it lies under the shred root, so that a family's "no" at one mailbox stops both cases, and an operator's
erasure takes both, with nobody signed in. Must never be written outside of `erasing`: an older list opens no more.
"""

from collections.abc import Mapping

from sqlalchemy.orm import Session

from api.sealed import roots, shreds
from api.sealed.store import Store

JOINED = "joined"


def stays(db: Session, store: Store) -> Mapping[str, str]:
    """Return for each case that was joined the one that stays."""
    known: Mapping[str, str] = roots.anchored(db, store).get(JOINED, {})
    return known


def together(db: Session, store: Store, case_id: str) -> frozenset[str]:
    """Return the cases of one person, this one among them."""
    known = stays(db, store)
    kept = known.get(case_id, case_id)
    return frozenset({case_id, kept, *(other for other, one in known.items() if one == kept)})


def write(db: Session, store: Store, other: str, kept: str | None) -> None:
    """Join `other` to the case `kept`, or part it again for None; inside `erasing`."""
    known = {name: one for name, one in stays(db, store).items() if name != other}
    roots.anchor(db, store, JOINED, known | ({other: kept} if kept else {}))


def forget(db: Session, store: Store, case_id: str) -> None:
    """Drop a case that goes, and what was joined to it stands alone; inside `erasing`."""
    known = stays(db, store)
    left = {name: one for name, one in known.items() if case_id not in (name, one)}
    if left != known:
        roots.anchor(db, store, JOINED, left)


def stopped(db: Session, store: Store, case_id: str) -> frozenset[str]:
    """Return the purposes that the family forbade for any of the cases of this person."""
    listed = shreds.stops(db, store)
    return frozenset(purpose for one in together(db, store, case_id) for purpose in listed.get(one, ()))


def all_stopped(db: Session, store: Store, purpose: str) -> frozenset[str]:
    """Return the cases for which a purpose is forbidden, at their own mailbox or at that of a joined case."""
    listed = [case_id for case_id, purposes in shreds.stops(db, store).items() if purpose in purposes]
    return frozenset(one for case_id in listed for one in together(db, store, case_id))
