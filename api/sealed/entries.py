"""An entry of the log as it is sealed: to the auditors, and around that under the key of its month.

Promises that who holds the auditors' keys reads an entry as long as its month has a key, and no longer. Must never
show an entry that was moved to another place in the log.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import product

from api.crypto import Context, Key, Opener, Parcel, Sealed, open_sealed, place, seal_parcel, unwrap, wrap
from api.errors import Tampered
from api.sealed.offices import OfficeKey

# Lengths would tell what was done: how many compartments were opened, and whether a reason was given.
SIZE = 320
# The first of a chain carries a key, as long in each of them.
FIRST = 448


def closed(office: OfficeKey, month: Key | None, index: int, entry: Parcel) -> Sealed:
    """Return an entry sealed for its place in the log."""
    sealed = seal_parcel(office.public, _where(index, office.epoch), entry, FIRST)
    # The auditors' key outlives the five years; the month's does not, in no copy of the database either.
    return wrap(month, _within(index), sealed.blob) if month else sealed


def opened(index: int, sealed: Sealed, openers: Mapping[int, Opener], keys: Sequence[Key]) -> tuple[int, Parcel]:
    """Return the epoch of an entry and what it says to who holds the auditors' keys; `keys` are those of its month.

    Raises Tampered.
    """
    for inner, epoch in product(_inner(sealed, index, keys), sorted(openers, reverse=True)):
        with suppress(Tampered):
            raw = open_sealed(openers[epoch], _where(index, epoch), inner)
            # An entry from before there were chains is a note alone.
            return epoch, Parcel.unpacked(raw if raw.startswith(b"[") else b"[" + raw + b",{}]")
    raise Tampered


def _inner(sealed: Sealed, index: int, keys: Sequence[Key]) -> Iterator[Sealed]:
    """Yield what lies under the month's key; an entry from before there were months is its own inside."""
    for key in keys:
        with suppress(Tampered):
            yield Sealed(unwrap(key, _within(index), sealed))
            return
    yield sealed


def _within(index: int) -> Context:
    return place("log_leaf", index)


def _where(index: int, epoch: int) -> Context:
    return place("log_leaf", index, epoch)
