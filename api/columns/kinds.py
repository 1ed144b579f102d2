"""The kinds of segments: each has parts, one for each compartment that it projects, under that compartment's key.

Promises that a part opens only with its own compartment: an analyst, who holds `facts`, reads no day received and
no owner.
Must never join what two compartments keep apart.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from api.catalogue.compartments import Compartment
from api.columns import facts, names, narratives, work


class Columns(Protocol):
    """What a module of columns gives."""

    def row(self, body: Mapping[str, Sequence[Mapping[str, Any]]], /) -> bytes:
        """Return the projection of one section's body."""

    def pack(self, bodies: Sequence[bytes], /) -> bytes:
        """Return the columns of rows in their order; an empty row where a case has no such section."""

    def unpack(self, blob: memoryview, /) -> Any:
        """Return views of the columns."""

    def bodies(self, columns: Any, /) -> list[bytes]:
        """Return the rows again."""


FACTS, NAMES, WORDS = "facts", "names", "words"
# Kind -> its parts; the first one carries the identifiers, and whoever reads the kind holds its compartment.
KINDS: Mapping[str, Mapping[Compartment, Columns]] = {
    FACTS: {Compartment.FACTS: facts, Compartment.CONTROL: work},
    NAMES: {Compartment.IDENTITY: names},
    WORDS: {Compartment.NARRATIVE: narratives},
}


def kinds_of(compartments: frozenset[Compartment]) -> tuple[str, ...]:
    """Return the kinds that project any of these compartments."""
    return tuple(kind for kind, parts in KINDS.items() if compartments & parts.keys())


def lead(kind: str) -> Compartment:
    """Return the compartment of a kind's first part."""
    return next(iter(KINDS[kind]))
