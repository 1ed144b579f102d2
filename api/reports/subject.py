"""What a case holds on one person: that person's part of it, and nothing of anybody else's.

Promises that another person's name, birth and acts are not in it. Must never be the gate by itself: what leaves is the
profile's list, after this.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from api.catalogue import links
from api.catalogue.compartments import Language
from api.reports.profiles import Profile, field_of, may_leave
from api.reports.saying import say
from api.reports.sections import Entry, FieldPath, Sections, entries
from api.reports.selecting import select

VICTIM = "victim"
# The profile of what was given to a person: its recipient is whoever was answered, and that they asked is theirs.
ANSWER = "subject"
# What is said of somebody who is not the one the case is about: who they are in it, and what was done to them.
OF_OTHERS = frozenset({"person", "act", "involvement", "information"})


def about(sections: Sections, person_id: str) -> Sections:
    """Return what the opened sections hold on one person of the case."""
    people = entries(sections, "facts", "person")
    victims = {str(one["id"]) for one in people if one.get("role") == VICTIM}
    concerned, alone = person_id in victims, victims == {person_id}
    acts = [one for one in entries(sections, "facts", "act") if not _of(one, person_id, alone)]
    # Of two victims nobody knows whose these are.
    unlinked = [] if alone else entries(sections, "facts", "custody")
    answers = [one for one in entries(sections, "control", "disclosure") if not _may_know(one, alone)]
    others = [one for one in people if one["id"] != person_id]
    gone = {str(one["id"]) for one in (*acts, *unlinked, *answers, *others)}
    return {name: _left(body, gone, concerned) for name, body in sections.items()}


def plain(profile: Profile, sections: Sections, language: Language) -> Sequence[Mapping[str, Any]]:
    """Return every field that may leave as a row for a machine: where it stands, its code and what it means."""
    selected = select(profile, sections)
    paths = sorted((path for path in profile.fields if may_leave(path, profile.purpose)), key=str)
    return [
        _row(path, entry, language)
        for path in paths
        for entry in entries(selected, path.compartment, path.entity)
        if path.name in entry and not (path.entity == "consent" or field_of(path).target)
    ]


def _of(act: Entry, person_id: str, alone: bool) -> bool:
    return act.get("victim", person_id if alone else None) == person_id


def _may_know(given: Entry, alone: bool) -> bool:
    """Say whether what was taken out is no answer to another person, which would hold that person's part alone."""
    listed = given.get("fields", ())
    theirs = isinstance(listed, list | tuple) and any(str(one).split(".")[1] not in OF_OTHERS for one in listed)
    return given.get("profile") != ANSWER or (alone and theirs)


def _left(body: Mapping[str, Sequence[Entry]], gone: set[str], concerned: bool) -> Mapping[str, Sequence[Entry]]:
    kept = {
        entity: [one for one in found if one.get("id") not in gone]
        for entity, found in body.items()
        if concerned or entity in OF_OTHERS
    }
    return links.without(kept, gone)


def _row(path: FieldPath, entry: Entry, language: Language) -> Mapping[str, Any]:
    field, value = field_of(path), entry[path.name]
    label, said = field.labels[language], say(field, value, language)
    return {"field": str(path), "label": label, "value": value, "said": said}
