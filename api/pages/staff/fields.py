"""A form for any entry, from the catalogue: what to ask, how, what to offer, and what stands there already.

Promises that a form asks exactly what the catalogue declares. Must never offer a field that is written by the program.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from api.catalogue.check import PROBLEM_LABELS
from api.catalogue.compartments import Compartment, Language
from api.catalogue.dates import ApproxDate, say
from api.catalogue.facilities import Facility, parse
from api.catalogue.facilities import say as say_facility
from api.catalogue.fields import Field, Kind, form_fields
from api.catalogue.terms import terms_of
from api.pages.forms import Form
from api.policy.actions import NEEDS_REASON

CHOICES = frozenset({Kind.TERM, Kind.CHOICE})
Options = Sequence[tuple[str, str]]
# The entries of a case that a field can name, (id, label), by entity.
Named = Mapping[str, Options]
NOTHING: Named = {}


@dataclass(frozen=True, slots=True)
class Asked:
    """One field of a form in a language; `options` are (value, label), none for a field that is typed."""

    name: str
    label: str
    hint: str
    kind: str
    options: tuple[tuple[str, str], ...]
    repeated: bool
    required: bool


def asked(
    entity: str,
    language: Language,
    prefix: str = "",
    within: Collection[Compartment] = tuple(Compartment),
    named: Named = NOTHING,
) -> tuple[Asked, ...]:
    """Return the fields of an entity's form that lie in `within`, their names under `prefix`.

    A field that may name an entry of the case is not asked where `named` has none; one that must, is.
    """
    shown = (one for one in form_fields(entity) if one.compartment in within)
    possible = (one for one in shown if one.kind is not Kind.LINK or one.required or named.get(one.target or ""))
    return tuple(_asked(one, language, prefix, named) for one in possible)


def touches_reason(entity: str) -> bool:
    """Say whether an entry of this kind has parts that open only with a reason."""
    return any(one.compartment in NEEDS_REASON for one in form_fields(entity))


def raw_values(form: Form, entity: str, prefix: str = "") -> Mapping[str, str | list[str]]:
    """Return what was typed for an entity, by field: a list only where the field repeats."""
    found: dict[str, str | list[str]] = {}
    for one in form_fields(entity):
        texts = form.all(prefix + one.name)
        if texts:
            found[one.name] = texts if one.repeated else texts[0]
    return found


def typed_before(
    entity: str, entry: Mapping[str, Any], told: Mapping[str, str], language: Language
) -> dict[str, str | list[str]]:
    """Return an entry as somebody would type it: dates and places in the words in which they were told.

    A place whose words another language reads otherwise is said in full: saving must not change what nobody touched.
    """
    present = (one for one in form_fields(entity) if one.name in entry)
    return {one.name: _told(one, entry, told, language) or _typed(one, entry[one.name], language) for one in present}


def _told(one: Field, entry: Mapping[str, Any], told: Mapping[str, str], language: Language) -> str:
    words = told.get(one.name, "")
    if one.kind is Kind.FACILITY and words and parse(words, language) != Facility.from_json(entry[one.name]):
        return ""
    return words


def sentences(problems: Mapping[str, str], language: Language, prefix: str = "") -> dict[str, str]:
    """Return the sentence beside each refused field; a code that the catalogue lacks is said by the page."""
    return {prefix + name: _sentence(code, language) for name, code in problems.items()}


def _sentence(code: str, language: Language) -> str:
    return PROBLEM_LABELS[code][language] if code in PROBLEM_LABELS else code


def _typed(one: Field, value: Any, language: Language) -> str | list[str]:
    if isinstance(value, list):
        return [str(part) for part in value]
    if one.kind is Kind.APPROX_DATE:
        return say(ApproxDate.from_json(value), language)
    if one.kind is Kind.FACILITY:
        return say_facility(Facility.from_json(value), language)
    return str(value)


def _asked(one: Field, language: Language, prefix: str, named: Named) -> Asked:
    links = tuple(named.get(one.target or "", ()))
    options = links if one.kind is Kind.LINK else _options(one, language) if one.kind in CHOICES else ()
    hint = one.hint[language] if one.hint else ""
    name, label = prefix + one.name, one.labels[language]
    return Asked(name, label, hint, one.kind, options, one.repeated, one.required)


def _options(one: Field, language: Language) -> tuple[tuple[str, str], ...]:
    return tuple((term.code, term.labels[language]) for term in terms_of(one.term_list or ""))
