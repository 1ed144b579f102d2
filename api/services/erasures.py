"""The register of erasures: which shreds are gone, since when, and which copies of them are still out there.

Promises that whoever runs or audits the group sees that an erasure happened, and what is still due. Must never tell
whose it was: identifiers are random, and a day is the finest time.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select

from api.access.caller import Caller
from api.errors import Forbidden
from api.models.tables import Erasure, ShredBackup
from api.policy.actions import Action, Standing, decide
from api.sealed.store import Store

NEWEST = 200


@dataclass(frozen=True, slots=True)
class Gone:
    """A destroyed shred, and the day (`YYYY-MM-DD`) on which it went."""

    id: str
    day: str


@dataclass(frozen=True, slots=True)
class StillDue:
    """A backup of the erasure secrets that was not destroyed yet: made on `day`, to be destroyed by `destroy_by`."""

    id: str
    day: str
    destroy_by: str


def register(store: Store, caller: Caller, after: str = "") -> Sequence[Gone]:
    """Return up to 200 lines, newest first, after the cursor `day.id`; raises Forbidden."""
    _require(caller)
    day, _, shred_id = after.partition(".")
    older = or_(Erasure.day < day, (Erasure.day == day) & (Erasure.shred_id > shred_id))
    query = select(Erasure.shred_id, Erasure.day).order_by(Erasure.day.desc(), Erasure.shred_id).limit(NEWEST)
    with store.reading() as db:
        return [Gone(*row) for row in db.execute(query.where(older) if after else query)]


def still_due(store: Store, caller: Caller) -> Sequence[StillDue]:
    """Return the backups of the erasure secrets that are still out there, soonest due first; raises Forbidden."""
    _require(caller)
    query = select(ShredBackup.id, ShredBackup.day, ShredBackup.destroy_by)
    query = query.order_by(ShredBackup.destroy_by, ShredBackup.id)
    with store.reading() as db:
        return [StillDue(*row) for row in db.execute(query)]


def cursor(shown: Sequence[Gone]) -> str:
    """Return the cursor after a full page, "" after the last."""
    return f"{shown[-1].day}.{shown[-1].id}" if len(shown) == NEWEST else ""


def _require(caller: Caller) -> None:
    if not decide(caller.role, Action.ERASURES_READ, Standing.GROUP):
        raise Forbidden
