"""The opened part of a case, as reports read it.

Promises to look only into what was opened. Must never turn an absent compartment into an empty one: shut and
empty are two answers (`is_open`).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

Entry = Mapping[str, object]
Body = Mapping[str, Sequence[Entry]]
# Compartment -> entity -> entries; only the compartments that the caller could open.
Sections = Mapping[str, Body]

# Asked and not known, and for a lawyer to decide: neither answers a question that a body asks.
UNANSWERED = frozenset({"unknown", "not-decided"})


@dataclass(frozen=True, slots=True)
class Submitter:
    """The group that submits and can be asked; never the person who told it."""

    name: str
    contact: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class FieldPath:
    """One field of the catalogue: `identity.person.name`."""

    compartment: str
    entity: str
    name: str

    @classmethod
    def parse(cls, text: str) -> "FieldPath":
        """Return the path of `compartment.entity.name`; ValueError for any other form."""
        compartment, entity, name = text.split(".")
        return cls(compartment, entity, name)

    def __str__(self) -> str:
        return f"{self.compartment}.{self.entity}.{self.name}"


def is_open(sections: Sections, compartment: str) -> bool:
    """Say whether the caller could open a compartment, however little it holds."""
    return compartment in sections


def entries(sections: Sections, compartment: str, entity: str) -> Sequence[Entry]:
    """Return the entries of an entity in one compartment, in their order; empty when shut."""
    return sections.get(compartment, {}).get(entity, ())


def values(sections: Sections, path: FieldPath) -> Iterator[object]:
    """Yield what a field holds in each entry that has it."""
    for entry in entries(sections, path.compartment, path.entity):
        if path.name in entry:
            yield entry[path.name]
