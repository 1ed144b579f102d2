"""Context: the place a sealed value belongs to, bound into every derivation and every seal.

Promises an injective encoding: two different places never give the same bytes. Must never hold content.
"""

from dataclasses import dataclass
from functools import lru_cache

FORMAT = "lastheard/1"


@dataclass(frozen=True, slots=True)
class Context:
    """Where a value stands: `table`, then the parts that name it (case, compartment, row, version...)."""

    table: str
    parts: tuple[str, ...] = ()

    def __bytes__(self) -> bytes:
        """Length-prefix each part: otherwise ("ab","c") and ("a","bc") could be swapped by an attacker."""
        return b"".join([_prefixed(part) for part in (FORMAT, self.table, *self.parts)])


@lru_cache(4096)
def _prefixed(part: str) -> bytes:
    encoded = part.encode()
    return len(encoded).to_bytes(4, "big") + encoded


def place(table: str, *parts: str | int) -> Context:
    """Return the context for a row of `table` named by `parts`."""
    return Context(table, tuple(str(part) for part in parts))
