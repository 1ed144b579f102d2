"""How a desk's next keys follow the ones before: named by them, so that who holds the old ones can go along.

Promises that keys which their forebears did not name are refused, whatever stands in the database and under the root.
Must never take the word of the newest keys for it.
"""

import json
from collections.abc import Mapping
from itertools import pairwise

from api.catalogue.compartments import Compartment
from api.crypto import Key, place
from api.errors import Tampered

Keys = Mapping[tuple[Compartment, int], Key]
# By epoch: a print of each compartment's key; what the key of `control` of the epoch before says of them all (hex).
Prints = Mapping[str, Mapping[str, str]]
Heirs = Mapping[str, str]


def prints_of(desk_id: str, keys: Keys, epoch: int) -> dict[str, str]:
    """Return the prints of the keys of one epoch by compartment: of no use to whoever lacks the key."""
    return {str(name): _print(desk_id, name, of, key) for (name, of), key in keys.items() if of == epoch}


def named(desk_id: str, before: Key, epoch: int, prints: Mapping[str, str]) -> str:
    """Return what the key of `control` of the epoch before says: these are the keys that follow."""
    return before.mac(place("desk_heir", desk_id, epoch), json.dumps(prints, sort_keys=True).encode()).hex()


def since(heirs: Heirs, epoch: int) -> int:
    """Return the epoch from which on every step is named; `epoch` is the newest."""
    return min(map(int, heirs), default=epoch + 1) - 1


def require(desk_id: str, keys: Keys, prints: Prints, heirs: Heirs, strict: int | None) -> None:
    """Raise Tampered for a key that is not the one listed, and for a step that the keys before did not name.

    `strict` is the epoch from which on each step must be named, None for never: before it lie keys of an older store.
    """
    for (name, epoch), key in keys.items():
        listed = prints.get(str(epoch))
        if listed is not None and listed.get(name) != _print(desk_id, name, epoch, key):
            raise Tampered
    control = sorted(epoch for name, epoch in keys if name is Compartment.CONTROL)
    for before, after in pairwise(control):
        said = named(desk_id, keys[Compartment.CONTROL, before], after, prints.get(str(after), {}))
        if strict is not None and before >= strict and heirs.get(str(after)) != said:
            raise Tampered


def _print(desk_id: str, name: Compartment, epoch: int, key: Key) -> str:
    return key.mac(place("desk_key", desk_id, name, epoch))[:16].hex()
