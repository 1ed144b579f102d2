"""The one gate between a case and a document: what a profile lists passes, all else stays.

Promises that nothing behind this gate has ever seen another field. Must never pass a person whose role the
profile does not name: a relative who is written down in the case is often who told it.
"""

from collections.abc import Iterable, Mapping

from api.reports.profiles import Profile, may_leave
from api.reports.sections import Entry, FieldPath, Sections, entries, values


def select(profile: Profile, sections: Sections) -> Sections:
    """Return the opened sections with only the fields of the profile's allow-list, and the entries' ids."""
    paths = tuple(path for path in profile.fields if may_leave(path, profile.purpose))
    people = _people(profile, sections)
    return {
        compartment: _selected(sections, compartment, paths, people)
        for compartment in sections
        if any(path.compartment == compartment for path in paths)
    }


def fields_held(profile: Profile, sections: Sections) -> tuple[str, ...]:
    """Return which listed fields hold something, as the register of disclosures names them."""
    opened = select(profile, sections)
    return tuple(sorted(str(path) for path in profile.fields if any(True for _ in values(opened, path))))


def _people(profile: Profile, sections: Sections) -> frozenset[object]:
    """Return the ids of those whom the document may speak of; none while the facts are shut."""
    found = entries(sections, "facts", "person")
    return frozenset(person.get("id") for person in found if person.get("role") in profile.roles)


def _selected(
    sections: Sections, compartment: str, paths: Iterable[FieldPath], people: frozenset[object]
) -> Mapping[str, tuple[Entry, ...]]:
    names: dict[str, set[str]] = {}
    for path in paths:
        if path.compartment == compartment:
            names.setdefault(path.entity, {"id"}).add(path.name)
    return {
        entity: tuple(
            {name: value for name, value in entry.items() if name in kept}
            for entry in entries(sections, compartment, entity)
            if entity != "person" or entry.get("id") in people
        )
        for entity, kept in names.items()
    }
