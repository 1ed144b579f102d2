"""Profiles: what a body asks for, where each answer comes from, and under which consent it may leave.

Promises that a field leaves only if the profile lists it and the catalogue lets it leave under the profile's
consent purpose; a profile that lists any other does not load. Must never let a field of `source` through: no
field of it has a purpose under which it leaves.

A profile is a data file, `NAME.toml`, for a lawyer to read and check against the body's current form.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any, Literal, Self, cast, get_args

from api.catalogue.compartments import LANGUAGES, Labels, Language
from api.catalogue.fields import FIELDS, Field
from api.catalogue.purposes import Purpose
from api.reports.sections import FieldPath

PROFILES = ("wgeid", "dossier")
# What is held on one person, for that person: it leaves by its own door, and so stands in no list of the others.
SUBJECT = "subject"

PartKind = Literal["rows", "chronology", "consents", "submitter", "urgent"]
Rule = Literal["present", "month", "submitter"]

# Of a decision only what was decided and when: who gave it would tell who told the story.
CONSENT_STATE = frozenset(FieldPath("consent", "consent", name) for name in ("purpose", "value", "on"))

_FIELDS: Mapping[FieldPath, Field] = {FieldPath(one.compartment, one.entity, one.name): one for one in FIELDS}


class ProfileError(ValueError):
    """A profile that lists a field which may not leave, or is not written as profiles are."""


@dataclass(frozen=True, slots=True)
class Element:
    """One thing that the body requires: met when any of its fields has an answer."""

    key: str
    labels: Labels
    missing: Labels
    rule: Rule
    any_of: tuple[FieldPath, ...]


@dataclass(frozen=True, slots=True)
class Event:
    """A line of the chronology: its date, what is said of it, and the fields that follow.

    `undated`: the line stands there without its date too.
    """

    when: FieldPath
    said: Labels
    what: tuple[FieldPath, ...]
    undated: bool


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the document.

    `title`: the field that heads each entry. `empty`, `shut`: what is said where nothing is known, and where
    the compartment was not opened; without these the part is left out.
    """

    kind: PartKind
    heading: Labels
    lead: Labels | None
    empty: Labels | None
    shut: Labels | None
    title: FieldPath | None
    fields: tuple[FieldPath, ...]
    events: tuple[Event, ...]
    purposes: tuple[Purpose, ...]

    @property
    def paths(self) -> frozenset[FieldPath]:
        """Return every field that this part may hold."""
        titled = () if self.title is None else (self.title,)
        events = (path for event in self.events for path in (event.when, *event.what))
        return frozenset((*self.fields, *titled, *events, *(CONSENT_STATE if self.kind == "consents" else ())))

    @property
    def compartments(self) -> frozenset[str]:
        """Return the compartments that this part reads."""
        return frozenset(path.compartment for path in self.paths)


@dataclass(frozen=True, slots=True)
class Profile:
    """What a document holds, in which languages, under which consent.

    `also`: consents under which it may leave as well, then without the fields that they do not carry, and with the
    line of `confidential_under` at its foot.
    `roles`: of whom it speaks. `optional`: compartments that it can do without. `undecided`: whether it shows
    what is left for a lawyer to decide.
    """

    name: str
    short: str
    title: Labels
    confidential: Labels
    confidential_under: Mapping[Purpose, Labels]
    purpose: Purpose
    also: tuple[Purpose, ...]
    languages: tuple[tuple[Language, ...], ...]
    roles: tuple[str, ...]
    optional: frozenset[str]
    undecided: bool
    elements: tuple[Element, ...]
    parts: tuple[Part, ...]

    def under(self, purpose: Purpose) -> Self:
        """Return it as it leaves under a consent: what stands at its foot says for whom that one lets it be."""
        said = self.confidential_under.get(purpose, self.confidential)
        return replace(self, purpose=purpose, confidential=said)

    @property
    def fields(self) -> frozenset[FieldPath]:
        """Return the allow-list: every field that this document may hold."""
        return frozenset(path for part in self.parts for path in part.paths)

    @property
    def compartments(self) -> frozenset[str]:
        """Return the compartments that must be open for this document."""
        return frozenset(path.compartment for path in self.fields) - self.optional


def field_of(path: FieldPath) -> Field:
    """Return the catalogue's field; KeyError for a path that it does not declare."""
    return _FIELDS[path]


@cache
def load(name: str) -> Profile:
    """Return a packaged profile; KeyError for a name that is none."""
    if name not in (*PROFILES, SUBJECT):
        raise KeyError(name)
    return read_profile(name, files(__name__).joinpath(f"{name}.toml").read_text("utf-8"))


def read_profile(name: str, text: str) -> Profile:
    """Return the profile that a file declares; raises ProfileError."""
    try:
        profile = _profile(name, tomllib.loads(text))
    except (KeyError, ValueError, TypeError):
        raise ProfileError("not a profile") from None
    for path in profile.fields:
        if not may_leave(path, profile.purpose):
            raise ProfileError(f"{path} may not leave under {profile.purpose}")
    return profile


def may_leave(path: FieldPath, purpose: Purpose) -> bool:
    """Say whether the catalogue lets a field leave under a consent purpose.

    Keeping carries nothing out to others; what is kept may go to whom it is about.
    """
    declared = _FIELDS.get(path)
    leaves = declared is not None and (declared.own if purpose is Purpose.KEEP else purpose in declared.consent)
    return leaves or path in CONSENT_STATE


# A TOML table, whose values are checked as they are read.
Table = dict[str, Any]


def _profile(name: str, data: Table) -> Profile:
    return Profile(
        name=name,
        short=str(data["short"]),
        title=_labels(data["title"]),
        confidential=_labels(data["confidential"]),
        confidential_under={Purpose(one): _labels(said) for one, said in data.get("confidential_under", {}).items()},
        purpose=Purpose(data["purpose"]),
        also=tuple(map(Purpose, data.get("also", ()))),
        languages=tuple(tuple(map(_language, choice)) for choice in data["languages"]),
        roles=tuple(map(str, data["roles"])),
        optional=frozenset(map(str, data["optional"])),
        undecided=data["undecided"] is True,
        elements=tuple(map(_element, data.get("element", ()))),
        parts=tuple(map(_part, data["part"])),
    )


def _element(data: Table) -> Element:
    return Element(
        key=str(data["key"]),
        labels=_labels(data["label"]),
        missing=_labels(data["missing"]),
        rule=cast(Rule, _one_of(data["rule"], get_args(Rule))),
        any_of=_all_paths(data.get("any_of", ())),
    )


def _part(data: Table) -> Part:
    said = {key: _labels(data[key]) if key in data else None for key in ("lead", "empty", "shut")}
    return Part(
        kind=cast(PartKind, _one_of(data["kind"], get_args(PartKind))),
        heading=_labels(data["heading"]),
        title=FieldPath.parse(data["title"]) if "title" in data else None,
        fields=_all_paths(data.get("fields", ())),
        events=tuple(map(_event, data.get("event", ()))),
        purposes=tuple(map(Purpose, data.get("purposes", ()))),
        **said,
    )


def _event(data: Table) -> Event:
    when, said, what = FieldPath.parse(data["when"]), _labels(data["said"]), _all_paths(data["what"])
    return Event(when, said, what, undated=data.get("undated") is True)


def _all_paths(texts: object) -> tuple[FieldPath, ...]:
    return tuple(map(FieldPath.parse, cast(list[str], texts)))


def _labels(data: Table) -> Labels:
    return {language: str(data[language]) for language in LANGUAGES}


def _language(code: str) -> Language:
    return cast(Language, _one_of(code, LANGUAGES))


def _one_of(value: str, allowed: tuple[str, ...]) -> str:
    if value not in allowed:
        raise ProfileError("not a profile")
    return value
