"""A form for any entry, from the catalogue: what to ask, how, and what to offer.

Promises that a form asks exactly what the catalogue declares. Must never offer a field that is written by the program.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from api.catalogue.check import problem_label
from api.catalogue.compartments import Language
from api.catalogue.fields import Field, Kind, form_fields
from api.catalogue.terms import terms_of
from api.pages.forms import Form

CHOICES = frozenset({Kind.TERM, Kind.CHOICE})


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


def asked(entity: str, language: Language, prefix: str = "") -> tuple[Asked, ...]:
    """Return the fields of an entity's form, their names under `prefix`."""
    return tuple(_asked(one, language, prefix) for one in form_fields(entity) if one.kind is not Kind.LINK)


def raw_values(form: Form, entity: str, prefix: str = "") -> Mapping[str, str | list[str]]:
    """Return what was typed for an entity, by field: a list only where the field repeats."""
    found: dict[str, str | list[str]] = {}
    for one in form_fields(entity):
        texts = form.all(prefix + one.name)
        if texts:
            found[one.name] = texts if one.repeated else texts[0]
    return found


def sentences(problems: Mapping[str, str], language: Language, prefix: str = "") -> dict[str, str]:
    """Return the sentence beside each field that was refused."""
    return {prefix + name: problem_label(code, language) for name, code in problems.items()}


def _asked(one: Field, language: Language, prefix: str) -> Asked:
    options = _options(one, language) if one.kind in CHOICES else ()
    hint = one.hint[language] if one.hint else ""
    name, label = prefix + one.name, one.labels[language]
    return Asked(name, label, hint, one.kind, options, one.repeated, one.required)


def _options(one: Field, language: Language) -> tuple[tuple[str, str], ...]:
    return tuple((term.code, term.labels[language]) for term in terms_of(one.term_list or ""))
