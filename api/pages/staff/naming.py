"""How the entries of a case are called where one names another: by role, kind and date.

Promises that two entries are never called alike. Must never use more than what the door opened: a person's name stands
there only where the identity is open.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from api.access.doors import CaseAccess
from api.catalogue.compartments import Compartment, Language
from api.catalogue.dates import ApproxDate, say
from api.catalogue.facilities import Facility
from api.catalogue.facilities import say as say_facility
from api.catalogue.fields import ENTITY_LABELS, Kind, entity_fields
from api.catalogue.terms import label
from api.pages.languages import translator
from api.pages.staff.fields import Named
from api.services.filing import ERASURE_ASKED

Sections = Mapping[Compartment, Any]

# What an entry is called by, in this order, as far as it is open.
CALLED_BY: Mapping[str, Sequence[str]] = {
    "person": ("name", "role", "age_band"),
    "reporter": ("name", "relation"),
    "act": ("type", "when"),
    "event": ("title", "start"),
    "document": ("title",),
}


def opened(access: CaseAccess) -> Sections:
    """Return the sections that the door opened."""
    return {name: access.open(name).note for name in access.keys}


def gathered(sections: Sections, entity: str) -> dict[str, dict[str, Any]]:
    """Return each entry of an entity once, by identifier, its fields gathered from the opened compartments."""
    found: dict[str, dict[str, Any]] = {}
    for body in sections.values():
        for entry in body.get(entity, ()):
            found.setdefault(entry["id"], {}).update(entry)
    return found


def named(sections: Sections, language: Language) -> Named:
    """Return what can be named in a case, by entity: (id, "victim, 30–34")."""
    return {entity: list(_apart(_called(sections, entity, language))) for entity in CALLED_BY}


def _called(sections: Sections, entity: str, language: Language) -> Iterator[tuple[str, str]]:
    kinds = {one.name: one.kind for one in entity_fields(entity)}
    for entry_id, entry in gathered(sections, entity).items():
        parts = [said(kinds[name], entry[name], language) for name in CALLED_BY[entity] if name in entry]
        yield entry_id, ", ".join(filter(None, parts)) or ENTITY_LABELS[entity][language]


def _apart(called: Iterator[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    seen = Counter[str]()
    for entry_id, words in called:
        seen[words] += 1
        yield entry_id, words if seen[words] == 1 else f"{words} ({seen[words]})"


def said(kind: Kind, value: Any, language: Language) -> str:
    """Return a value as a person reads it."""
    if isinstance(value, list):
        return " · ".join(said(kind, one, language) for one in value)
    if kind is Kind.APPROX_DATE:
        return say(ApproxDate.from_json(value), language)
    if kind is Kind.FACILITY:
        return say_facility(Facility.from_json(value), language)
    return said_code(str(value), language) if kind in (Kind.TERM, Kind.CHOICE) else str(value)


def said_step(what: str, language: Language) -> str:
    """Return a step as it is read: one that the program wrote down in the reader's language, others as they are."""
    return translator(language)(what) if what == ERASURE_ASKED else what


def said_code(code: str, language: Language) -> str:
    """Return what a code means; the code itself where no list has it."""
    try:
        return label(code, language)
    except KeyError:
        return code
