"""Links between the entries of a case: an account to the acts it is about, an act to whom it was done.

Promises that a link to an entry that is not there is refused, and that what cannot be said without an entry goes with
it. Must never follow a link into another case.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from api.catalogue.check import Checked, FieldProblems
from api.catalogue.compartments import NEEDS_REASON, Compartment
from api.catalogue.fields import entity_fields, link_fields

Body = Mapping[str, Sequence[Mapping[str, Any]]]


def targets_of(entity: str) -> frozenset[Compartment]:
    """Return the compartments in which entries stand that an entity may name: they are opened to check its links.

    A person is named by role, not by name: to link an act to a victim nobody opens the identity.
    """
    named = {one.target for one in link_fields(entity) if one.target}
    return frozenset(one.compartment for target in named for one in entity_fields(target)) - NEEDS_REASON


def require_targets(checked: Checked, bodies: Iterable[Body], itself: str | None = None) -> None:
    """Raise FieldProblems where a link names nothing in `bodies`, an entry of another kind, or the entry `itself`."""
    known = list(bodies)
    problems = {}
    for one in link_fields(checked.entity):
        value = checked.by_compartment.get(one.compartment, {}).get(one.name)
        wanted = set(value) if isinstance(value, list) else {value} if value else set()
        if not wanted <= _ids(known, one.target or "") - {itself}:
            problems[one.name] = "unknown-link"
    if problems:
        raise FieldProblems(problems)


def without(body: Body, gone: Collection[str]) -> dict[str, list[Mapping[str, Any]]]:
    """Return a section's body without links to entries that are gone, nor entries that say nothing without them."""
    kept = {entity: [_unlinked(entity, one, gone) for one in entries] for entity, entries in body.items()}
    return {entity: [one for one in entries if one] for entity, entries in kept.items() if any(entries)}


def _unlinked(entity: str, entry: Mapping[str, Any], gone: Collection[str]) -> Mapping[str, Any]:
    left = dict(entry)
    for one in link_fields(entity):
        value = left.get(one.name)
        if one.repeated and isinstance(value, list):
            left[one.name] = [named for named in value if named not in gone]
        elif value in gone:
            if one.required:
                return {}
            del left[one.name]
    return left


def _ids(bodies: Iterable[Body], target: str) -> set[str]:
    return {str(entry["id"]) for body in bodies for entry in body.get(target, ())}
