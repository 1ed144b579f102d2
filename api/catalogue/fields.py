"""The one declaration of every field: `tables/fields.csv`. To add a field is to add one row there.

Promises that forms, checks, sealing, exports, retention and the data inventory derive from that table. Must
never hold a field without a purpose, a compartment, a retention class and a reader
(`api.catalogue.inventory.gaps`).

A value in a section is, by kind: text and long text, a string; term, a code of the field's list; choice,
the same from a short list; approximate date, `{"edtf", "basis"}`, its words as told apart in `told`;
facility, `{"type", "kind", "number", "region"}`; day, `YYYY-MM-DD`; count and amount, an integer; link,
the identifier of an entry of its `target`; internal, whatever the program writes. A repeated field is a
list of these. A field that was not asked about is absent.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from api.catalogue.compartments import LANGUAGES, Compartment, Labels
from api.catalogue.purposes import Purpose
from api.catalogue.retention import Retention
from api.catalogue.tables import read_table


class Kind(StrEnum):
    """What a field holds; `internal` is written by the program alone, no form has it."""

    TEXT = "text"
    LONG_TEXT = "long_text"
    TERM = "term"
    APPROX_DATE = "approx_date"
    FACILITY = "facility"
    DAY = "day"
    COUNT = "count"
    AMOUNT = "amount"
    LINK = "link"
    CHOICE = "choice"
    INTERNAL = "internal"


@dataclass(frozen=True, slots=True)
class Field:
    """One field. Who reads it follows from its compartment.

    `consent`: the purposes of which each alone may carry the field out of the group; none means that it never
    leaves. `own`: whoever it is about may have it. `priority`: M must, S should, O only on demand. `redact`: a person
    reviews it before it leaves. `required`: an entry without it says nothing. `target`: the entity of whose entries a
    link names one; an entry goes with what it must name.
    """

    entity: str
    name: str
    kind: Kind
    purpose: str
    compartment: Compartment
    retention: Retention
    consent: tuple[Purpose, ...]
    labels: Labels = field(repr=False)
    hint: Labels | None = field(repr=False)
    term_list: str | None
    repeated: bool
    priority: str
    redact: bool
    required: bool = False
    own: bool = False
    target: str | None = None


def _labels(row: Mapping[str, str], prefix: str = "") -> Labels:
    return {language: row[prefix + language] for language in LANGUAGES}


def read_field(row: Mapping[str, str]) -> Field:
    """Return the field that a row declares; ValueError for a compartment, class, kind or purpose that is none."""
    flags, kind = row["flags"].split(), Kind(row["kind"])
    listed = row["list"] or None
    return Field(
        entity=row["entity"],
        name=row["name"],
        kind=kind,
        purpose=row["purpose"],
        compartment=Compartment(row["compartment"]),
        retention=Retention(row["retention"]),
        consent=tuple(map(Purpose, row["consent"].split())),
        labels=_labels(row),
        hint=_labels(row, "hint_") if row["hint_en"] else None,
        term_list=None if kind is Kind.LINK else listed,
        repeated="many" in flags,
        priority=row["priority"],
        redact=row["redact"] == "redact",
        required="need" in flags,
        own="own" in flags,
        target=listed if kind is Kind.LINK else None,
    )


FIELDS: tuple[Field, ...] = tuple(map(read_field, read_table("fields")))
ENTITIES: tuple[str, ...] = tuple(dict.fromkeys(one.entity for one in FIELDS))

# What a member adds by a form, in the order of the case page; `case` is its facts and its stage.
FORM_ENTITIES: tuple[str, ...] = (
    "case",
    "person",
    "relationship",
    "event",
    "custody",
    "act",
    "involvement",
    "information",
    "statement",
    "summary",
    "handling",
    "intervention",
    "deadline",
    "task",
    "consent",
    "reporter",
)

ENTITY_LABELS: Mapping[str, Labels] = {row["code"]: _labels(row) for row in read_table("entities")}

_OF: Mapping[str, tuple[Field, ...]] = {
    entity: tuple(one for one in FIELDS if one.entity == entity) for entity in ENTITIES
}


def entity_fields(entity: str) -> tuple[Field, ...]:
    """Return the fields of an entity in the order of its form; empty for one that is not declared."""
    return _OF.get(entity, ())


def form_fields(entity: str) -> tuple[Field, ...]:
    """Return the fields that a person fills in; a form never touches the others."""
    return tuple(one for one in entity_fields(entity) if one.kind is not Kind.INTERNAL)


def link_fields(entity: str) -> tuple[Field, ...]:
    """Return the fields of an entity that name an entry of another."""
    return tuple(one for one in entity_fields(entity) if one.kind is Kind.LINK)
