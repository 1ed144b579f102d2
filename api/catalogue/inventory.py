"""The data inventory: the record of processing (GDPR art. 30) as it follows from the catalogue.

Promises that the document and the program cannot differ: both come from the same rows. Must never be edited
by hand.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from api.catalogue.compartments import HOLDS, LABELS, NEEDS_REASON, Compartment
from api.catalogue.fields import ENTITIES, ENTITY_LABELS, Field, entity_fields
from api.catalogue.purposes import DEFAULTS, FAMILY_LABELS, Purpose
from api.catalogue.retention import TABLE

Readers = Mapping[Compartment, Sequence[str]]

INTRODUCTION = """\
# Data inventory

Every field that Lastheard keeps about people: why, in which compartment, for how long, who can come to read it, and
under which decision of the family it may leave the group. It follows from the catalogue (`api/catalogue/tables`) and
belongs into the group's record of processing (GDPR, article 30), beside what the group itself adds: who is
responsible, the contact, the legal basis, the recipients it has named.

Not asked, so not kept: religion, ethnicity, home address, health history, kinship beyond the one who reports.
"Unknown" (asked, and nobody knows) differs from a field that was not asked about, which is absent.
"""


def gaps(fields: Iterable[Field], readers: Readers) -> tuple[str, ...]:
    """Name each field that lacks a purpose or a reader; a row without compartment or class is not read at all."""
    return tuple(
        f"{one.entity}.{one.name} has no {lack}"
        for one in fields
        for lack, there in (("purpose", one.purpose), ("reader", readers.get(one.compartment)))
        if not there
    )


def inventory(readers: Readers) -> str:
    """Return the document in Markdown; `readers` are the roles that can come to hold a key of each compartment."""
    parts = (INTRODUCTION, *_compartments(readers), *_decisions(), *_periods(), *_entities(readers))
    return "\n".join(parts)


def _compartments(readers: Readers) -> Iterator[str]:
    yield "## Compartments\n"
    yield from _table(
        ("Compartment", "Holds", "Can be read by", "Opens with a reason"),
        (
            (LABELS[one]["en"], HOLDS[one], _listed(readers[one]), "always" if one in NEEDS_REASON else "")
            for one in Compartment
        ),
    )


def _decisions() -> Iterator[str]:
    yield "## What a family decides\n"
    yield from _table(
        ("Use", "As the family is told", "Until they decide"),
        ((f"`{one}`", FAMILY_LABELS[one]["en"], DEFAULTS[one].value) for one in Purpose),
    )


def _periods() -> Iterator[str]:
    yield "## How long\n"
    yield "Proposals that the group sets. A submission sets a legal hold, which stops every clock.\n"
    yield from _table(
        ("Class", "Covers", "Kept"),
        ((f"`{code}`", period.covers, str(period)) for code, period in TABLE.items()),
    )


def _entities(readers: Readers) -> Iterator[str]:
    for entity in ENTITIES:
        yield f"## {ENTITY_LABELS[entity]['en']} (`{entity}`)\n"
        yield from _table(
            ("Field", "What it is", "Why", "Compartment", "Kept", "Can be read by", "May leave under"),
            (_field(one, readers) for one in entity_fields(entity)),
        )


def _field(one: Field, readers: Readers) -> tuple[str, ...]:
    subject = ("to whom it is about",) if one.own else ()
    leaves = _listed((*(f"`{purpose}`" for purpose in one.consent), *subject)) or "never leaves"
    review = "; reviewed by a person before it leaves" if one.redact and one.consent else ""
    read_by = _listed(readers[one.compartment])
    kept = str(TABLE[one.retention])
    return f"`{one.name}`", one.labels["en"], one.purpose, one.compartment, kept, read_by, leaves + review


def _listed(words: Iterable[str]) -> str:
    return ", ".join(word.replace("_", " ") for word in words)


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    lines = (heads, ("---",) * len(heads), *rows)
    yield "\n".join(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |" for line in lines) + "\n"
