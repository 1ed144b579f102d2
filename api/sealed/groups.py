"""The group's note: name, languages, and the founder's fingerprint at which every chain of signatures ends.

Promises that it opens only with the deployment secret. Must never hold what a stranger may not know of the group.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from api.crypto import Parcel, Sealed, place, unwrap_parcel, wrap_parcel
from api.errors import NotFound
from api.models.tables import Group
from api.sealed.store import Store

GROUP = place("group")


def read(db: Session, store: Store) -> Parcel:
    """Return the group's note: name, languages, `founder` (member id) and `founder_print` (hex)."""
    row = db.get(Group, 1)
    if row is None:
        raise NotFound
    return unwrap_parcel(store.deployment.derive(GROUP), GROUP, row.sealed)


def note_of(store: Store, sealed: Sealed) -> Mapping[str, Any]:
    """Return the note of a row that was just read."""
    return unwrap_parcel(store.deployment.derive(GROUP), GROUP, sealed).note


def write(db: Session, store: Store, note: dict[str, object]) -> None:
    """Replace the group's note."""
    db.merge(Group(id=1, sealed=wrap_parcel(store.deployment.derive(GROUP), GROUP, Parcel(note))))
