"""What the list of cases is narrowed by, as a form: the facets of the table, with the words of the catalogue.

Promises that what was chosen stays chosen on the next page. Must never offer a name: facets are codes, places and days.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from api.access.caller import Caller
from api.catalogue import regions
from api.catalogue.compartments import Language
from api.catalogue.fields import entity_fields
from api.catalogue.terms import terms_of
from api.columns.facets import LISTS
from api.pages.languages import translator

CODES = ("status", "act", "outcome", "body", "theme", "consent")


@dataclass(frozen=True, slots=True)
class Choice:
    """One facet: its name, what it is called, the values to choose from or none where it is typed, what was chosen."""

    name: str
    label: str
    options: Sequence[tuple[str, str]]
    value: str
    kind: str = "select"


def choices(caller: Caller, language: Language, asked: Mapping[str, str]) -> list[Choice]:
    """Return the form, with what was asked for."""
    _ = translator(language)
    places = sorted(((code, regions.name(code, language)) for code in regions.regions()), key=lambda one: one[1])
    due = (("waiting", _("running")), ("overdue", _("overdue")), ("urgent", _("three months of the UN still run")))
    found = [_coded(name, language, asked.get(name, "")) for name in CODES]
    return [
        *found,
        Choice("region", _("Region"), places, asked.get("region", "")),
        Choice("facility", _("Place of custody"), (), asked.get("facility", ""), "text"),
        Choice("since", _("Last heard since"), (), asked.get("since", ""), "date"),
        Choice("until", _("Last heard until"), (), asked.get("until", ""), "date"),
        Choice("deadline", _("Deadline"), due, asked.get("deadline", "")),
        Choice("owner", _("Answered for by"), ((caller.member_id, _("me")),), asked.get("owner", "")),
    ]


def following(asked: Mapping[str, str], after: str) -> str:
    """Return the address of the next page with the same facets."""
    return f"/cases?{urlencode({**asked, 'after': after})}"


def _coded(name: str, language: Language, value: str) -> Choice:
    entity, _, wanted = LISTS[name].partition(".")
    one = next(field for field in entity_fields(entity) if field.name == wanted)
    options = [(term.code, term.labels[language]) for term in terms_of(one.term_list or "")]
    return Choice(name, one.labels[language], options, value)
