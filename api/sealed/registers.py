"""The register of erasures: what no backup may bring back, with a tally that tells when a line is taken out or put in.

Promises that a register which leaves the machine is the one that was written. Must never forget a line.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.crypto import place
from api.errors import Tampered
from api.models.tables import Erasure
from api.sealed import roots
from api.sealed.store import Store

EMPTY: Mapping[str, Any] = {"count": 0, "sum": "0"}
WHOLE = 1 << 256
REGISTER = "lines of the register"
TRIES = 3


def require(db: Session, store: Store) -> None:
    """Raise Tampered when a line of the register of erasures was taken out, put in or altered."""
    _whole(db, store)


def require_entered(db: Session, store: Store, shred_ids: Collection[str]) -> None:
    """Raise Tampered unless these shreds stand in the register, and no line of it was put in.

    What was destroyed stays so: a line that was found in a whole register once need not be looked for again.
    """
    known: set[str] = store.kept.once(REGISTER, set[str])
    if not known.issuperset(shred_ids):
        known |= _whole(db, store)
    if not known.issuperset(shred_ids):
        raise Tampered


def _whole(db: Session, store: Store) -> set[str]:
    """Return what stands in the register; an erasure may commit between the reading of the tally and of the lines."""
    for _ in range(TRIES):
        told = roots.anchored(db, store).get("register", EMPTY)
        lines = db.scalars(select(Erasure)).all()
        if tally(store, EMPTY, lines) == told:
            return {line.shred_id for line in lines}
    raise Tampered


def take(db: Session, store: Store) -> None:
    """Take the register as it stands, inside `erasing`: after a restore from backups and the signed register."""
    db.flush()
    roots.anchor(db, store, "register", tally(store, EMPTY, db.scalars(select(Erasure))))


def tally(store: Store, before: Mapping[str, Any], rows: Iterable[Erasure]) -> dict[str, Any]:
    """Add lines to a tally that does not depend on their order: a count, and a sum of keyed digests."""
    count, total = int(before["count"]), int(before["sum"], 16)
    for row in rows:
        mark = store.deployment.mac(place("erasure"), f"{row.shred_id} {row.day}".encode())
        count, total = count + 1, (total + int.from_bytes(mark, "big")) % WHOLE
    return {"count": count, "sum": f"{total:x}"}
