"""An entry of the log as it is sealed: to the auditors, and around that under the key of its month.

Promises that who holds the auditors' keys reads an entry as long as its month has a key, and no longer. Must never
show an entry that was moved to another place in the log.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import product

from api.crypto import Context, Key, Opener, Sealed, open_sealed, place, seal, unwrap, wrap
from api.errors import Tampered
from api.models.tables import Leaf
from api.sealed.offices import OfficeKey


def closed(office: OfficeKey, month: Key | None, index: int, entry: bytes) -> Sealed:
    """Return an entry (JSON) sealed for its place in the log."""
    sealed = seal(office.public, _where(index, office.epoch), entry)
    # The auditors' key outlives the five years; the month's does not, in no copy of the database either.
    return wrap(month, _within(index), sealed.blob) if month else sealed


def opened(leaf: Leaf, openers: Mapping[int, Opener], keys: Sequence[Key]) -> Mapping[str, object]:
    """Return what an entry says to who holds the auditors' keys (by epoch), `keys` being those of its month."""
    if leaf.sealed is None:
        return dict(json.loads(leaf.public or "{}"))
    for sealed, epoch in product(_inner(leaf.sealed, leaf.index, keys), sorted(openers, reverse=True)):
        with suppress(Tampered):
            return dict(json.loads(open_sealed(openers[epoch], _where(leaf.index, epoch), sealed)))
    return {"verb": "log:unreadable"}


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
