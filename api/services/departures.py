"""Departures: which desks and offices somebody may have left, so that everyone sees what waits for its next holder.

Promises that what waits is known without any key, and stays noted until a holder has looked. Must never say who left.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import func, or_, select
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


def places(store: Store) -> Mapping[str, str]:
    """Return the desks and offices that wait for a holder, with the day since when, without any key."""
    with store.reading() as db:
        found: Mapping[str, str] = roots.anchored(db, store).get(NOTE, {})
    return dict(found)


def waits(store: Store, desk_ids: Collection[str] | None = None) -> Waits:
    """Return what waits, without any key; cases of these desks alone, or of all. It looks at every case of theirs."""
    older = select(Case.desk_id, func.count()).join(Desk, Desk.id == Case.desk_id)
    older = older.where(or_(Case.epoch < Desk.epoch, Case.behind != "")).group_by(Case.desk_id)
    if desk_ids is not None:
        older = older.where(Case.desk_id.in_(list(desk_ids)))
    with store.reading() as db:
        behind = {desk: int(count) for desk, count in db.execute(older)}
    return Waits(places(store), behind)
