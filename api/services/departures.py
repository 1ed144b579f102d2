"""Departures: which desks and offices somebody may have left, so that everyone sees what waits for its next holder.

Promises that what waits is known without any key, and stays noted until a holder has looked. Must never say who left.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from api.clock import today
from api.models.tables import Case, Desk
from api.policy.roles import DESK_HOLDS, Role
from api.sealed import offices, roots
from api.sealed.store import Store

NOTE = "departures"
OFFICE_OF: Mapping[Role, str] = {Role(role): kind for kind, role in offices.MAKERS.items()}


@dataclass(frozen=True, slots=True)
class Waits:
    """What waits for a holder: desk ids and office kinds with the day since when, cases under older keys by desk."""

    places: Mapping[str, str]
    cases: Mapping[str, int]


def note(db: Session, store: Store, places: Iterable[str]) -> None:
    """Note, inside `erasing`, that somebody left these places."""
    known = dict(roots.anchored(db, store).get(NOTE, {}))
    roots.anchor(db, store, NOTE, {**dict.fromkeys(places, today().isoformat()), **known})


def settle(db: Session, store: Store, place: str) -> None:
    """Note, inside `erasing`, that a holder has looked and the keys are newer than every departure."""
    known = roots.anchored(db, store).get(NOTE, {})
    roots.anchor(db, store, NOTE, {one: day for one, day in known.items() if one != place})


def places_of(db: Session, role: Role) -> list[str]:
    """Return where a member of this role may have sat: who suspends holds no key, and so cannot see where."""
    desks = list(db.scalars(select(Desk.id))) if role in DESK_HOLDS else []
    return [*desks, *([OFFICE_OF[role]] if role in OFFICE_OF else [])]


def waits(store: Store) -> Waits:
    """Return what waits, without any key."""
    older = select(Case.desk_id, func.count()).join(Desk, Desk.id == Case.desk_id).where(Case.epoch < Desk.epoch)
    with store.reading() as db:
        places: Mapping[str, str] = roots.anchored(db, store).get(NOTE, {})
        behind = {desk: int(count) for desk, count in db.execute(older.group_by(Case.desk_id))}
    return Waits(dict(places), behind)
