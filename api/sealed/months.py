"""The months of the log: an entry lies under the key of its month as well as the auditors', and goes with that key.

Promises that no entry goes before the log's class in the table of retention says so, that its leaf and its ciphertext
stay, so that the tree is proved as before, and that an old copy of the database opens it no more either. Must never
take a date from a row: when a month was begun and at which entry stands in the note under the root.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from api.catalogue.retention import TABLE, Retention
from api.clock import month_after
from api.crypto import Key
from api.errors import Tampered
from api.sealed import roots
from api.sealed.store import Store

LOG, KEY = "log", "log:"


@dataclass(frozen=True, slots=True)
class Months:
    """The first entry of each month that is still read, and the month in which it was written, oldest first; keys."""

    begun: Sequence[tuple[int, str]]
    keys: Mapping[str, Key] = field(repr=False)

    @property
    def first(self) -> int:
        """The oldest entry that may still be read; what lies before it is gone."""
        return self.begun[0][0] if self.begun else 0

    def of(self, index: int) -> list[Key]:
        """Return the keys under which an entry may lie: its month's, or the one's that ended while it was written."""
        starts = [start for start, _ in self.begun if start <= index]
        return [self.keys[name] for name in map(_name, starts[:-3:-1]) if name in self.keys]

    def over(self, day: date) -> int:
        """Return how many months are to go: all of their entries are older than the log is kept."""
        # A month ends where the next begins: its last entry is as old as that.
        return sum(_kept_until(begun) < month_after(day, 0) for _, begun in self.begun[1:])

    def hidden(self, day: date) -> bool:
        """Say whether an entry that is not old enough cannot be read: its key is missing, or went too early."""
        early = self.first > 0 and _kept_until(self.begun[0][1]) >= month_after(day, 0)
        return early or any(_name(start) not in self.keys for start, _ in self.begun)


def founded(day: date) -> tuple[Mapping[str, Any], Mapping[str, Key]]:
    """Return what the note of a new store begins with, and the key of the first month."""
    return {LOG: [[0, month_after(day, 0)]]}, {_name(0): Key.fresh()}


def read(db: Session, store: Store) -> Months:
    """Return the months as they stand under the root."""
    begun = [(int(start), str(month)) for start, month in roots.anchored(db, store).get(LOG, ())]
    return Months(begun, roots.beside(db, store))


def newest_key(db: Session, store: Store, epoch: int) -> Key | None:
    """Return the key for what is written now, `epoch` being the root's, just read; None in a store of before months."""
    begun = roots.anchored_at(db, store, epoch).get(LOG)
    if not begun:
        return None
    key = roots.beside_at(db, store, epoch, _name(begun[-1][0]))
    if key is None:
        raise Tampered
    return key


def turn(db: Session, store: Store, size: int, day: date) -> int:
    """Begin a month where a new one came and destroy the keys of those that are over, inside `erasing`.

    Return the number of entries that went, `size` being that of the log, which nobody else makes grow meanwhile.
    """
    months = read(db, store)
    begun, over = list(months.begun), months.over(day)
    if not begun or begun[-1][1] < month_after(day, 0):
        # What was written before there were months belongs to the first.
        begun.append((size if begun else 0, month_after(day, 0)))
        roots.lay_beside(db, _name(begun[-1][0]), Key.fresh())
    for start, _ in begun[:over]:
        roots.lay_beside(db, _name(start), None)
    if begun != list(months.begun) or over:
        roots.anchor(db, store, LOG, begun[over:])
    return begun[over][0] - months.first


def _kept_until(month: str) -> str:
    return month_after(date.fromisoformat(f"{month}-01"), TABLE[Retention.AUDIT].months)


def _name(start: int) -> str:
    return f"{KEY}{start}"
