"""Chains: of the entries that one process writes to the log in a month, the first is sealed and carries a key.

Each later entry lies under a key derived from the one before: a seal to a person costs twenty times as much time, and a
thousand bytes more. Promises that an entry opens with the auditors' key and its month's and with nothing else that is
stored, and that the key of an entry is not kept once it is written. Must never go on from what was not committed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from api.crypto import Context, Key, Opener, Parcel, Sealed, place, unwrap_parcel, wrap_parcel
from api.errors import Tampered
from api.sealed import entries
from api.sealed.months import Months
from api.sealed.offices import OfficeKey

# What somebody who seizes a running process can read of later entries ends with its chain; so does what an auditor
# derives to read one.
LONGEST = 256
# Before a later entry: the mark, the index of the first in four bytes and the step in one. What is sealed or wrapped
# begins with random bytes.
MARK = b"chain2"
NUMBERS = 5
CHAIN, NEXT = "chain", place("log_leaf", "next key")


@dataclass(frozen=True, slots=True)
class Chain:
    """Where a process goes on: for which keys of auditors and month, after which first entry, at which step."""

    office: OfficeKey = field(repr=False)
    month: Key | None = field(repr=False)
    first: int
    step: int
    key: Key = field(repr=False)

    def goes_on(self, office: OfficeKey, month: Key | None) -> bool:
        """Say whether the next entry, which these keys are to open, may be put into it."""
        return (self.office, self.month) == (office, month) and self.step < LONGEST


def put(
    chain: Chain | None, office: OfficeKey, month: Key | None, index: int, note: Mapping[str, Any]
) -> tuple[Sealed, Chain]:
    """Return an entry sealed as leaf `index`, and the chain after it."""
    if chain is None or not chain.goes_on(office, month):
        key = Key.fresh()
        return entries.closed(office, month, index, Parcel(note, {CHAIN: key})), Chain(office, month, index, 1, key)
    where = _later(index, office.epoch, chain.first, chain.step)
    numbers = chain.first.to_bytes(4, "big") + chain.step.to_bytes(1, "big")
    sealed = Sealed(MARK + numbers + wrap_parcel(chain.key, where, Parcel(note), entries.SIZE).blob)
    return sealed, Chain(office, month, chain.first, chain.step + 1, chain.key.derive(NEXT))


def first_of(sealed: Sealed) -> int | None:
    """Return the index of the entry that a later one needs to be read, None for one that is read by itself."""
    return _numbers(sealed)[0] if sealed.blob.startswith(MARK) else None


class Reader:
    """Reads entries for who holds the auditors' keys, by epoch; `firsts` are the leaves that later ones need."""

    def __init__(self, openers: Mapping[int, Opener], months: Months, firsts: Mapping[int, Sealed]) -> None:
        self._openers, self._months, self._firsts = openers, months, firsts
        self._begun = dict[int, tuple[int, list[Key]]]()

    def read(self, index: int, sealed: Sealed) -> Mapping[str, Any]:
        """Return an entry; raises Tampered for what does not open."""
        first = first_of(sealed)
        return self._open(index, sealed)[1].note if first is None else self._follow(index, sealed, first)

    def _follow(self, index: int, sealed: Sealed, first: int) -> Mapping[str, Any]:
        if first not in self._begun:
            epoch, parcel = self._open(first, self._firsts.get(first, Sealed(b"")))
            self._begun[first] = epoch, [key for name, key in parcel.keys.items() if name == CHAIN]
        (epoch, keys), (_, step) = self._begun[first], _numbers(sealed)
        if not keys or not 0 < step < LONGEST:
            raise Tampered
        while len(keys) < step:
            keys.append(keys[-1].derive(NEXT))
        body = Sealed(sealed.blob[len(MARK) + NUMBERS :])
        return unwrap_parcel(keys[step - 1], _later(index, epoch, first, step), body).note

    def _open(self, index: int, sealed: Sealed) -> tuple[int, Parcel]:
        return entries.opened(index, sealed, self._openers, self._months.of(index))


def _numbers(sealed: Sealed) -> tuple[int, int]:
    numbers = sealed.blob[len(MARK) : len(MARK) + NUMBERS]
    return int.from_bytes(numbers[:4], "big"), int.from_bytes(numbers[4:], "big")


def _later(index: int, epoch: int, first: int, step: int) -> Context:
    return place("log_leaf", index, epoch, CHAIN, first, step)
