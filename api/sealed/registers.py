"""The register of erasures: what no backup may bring back, with a tally that tells when a line is taken out or put in.

Promises that a register which leaves the machine is the one that was written. Must never forget a line.
"""

from collections.abc import Iterable, Mapping
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


def require(db: Session, store: Store) -> None:
    """Raise Tampered when a line of the register of erasures was taken out, put in or altered."""
    if roots.anchored(db, store).get("register", EMPTY) != tally(store, EMPTY, db.scalars(select(Erasure))):
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
