"""A word of a name, prepared: its readings, their rough sound, its groups, its role.

Promises everything that the comparison needs, from the word alone. Must never keep what it was given: nothing here
outlives the call, so that no name stays in the memory of the process.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from api.names import roles
from api.names.groups import full_names, group_numbers
from api.names.readings import readings

INITIAL, FATHER, NAME = "initial", "father", "name"
MOST_FORMS = 5

_ROUGH = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        ("[aeiou]+", "a"),
        ("ks", "x"),
        ("[jq]", "x"),
        ("z", "s"),
        ("h", "g"),
        ("dc|tc", "c"),
        ("f", "v"),
    )
)
_HYPOCORISTIC = tuple(
    (re.compile(f"(?<=..){ending}$"), name)
    for ending, name in (
        ("[eo]nka", "a"),
        ("[eo]qka", "a"),
        ("uxka", "a"),
        ("xka", "xa"),
        ("ka", "a"),
        ("ik", ""),
        ("qik", ""),
    )
)


@dataclass(frozen=True, slots=True)
class Part:
    """One word of a name. `groups` are numbers of known names and full names it stands for; `stems` a father's name."""

    word: str
    role: str
    forms: tuple[str, ...]
    rough: tuple[str, ...]
    groups: frozenset[str]
    stems: tuple[str, ...]
    fathers: frozenset[str]
    known: bool
    short: bool
    kind: str
    sex: str


def part(*words: str, role: str = NAME) -> Part:
    """Return a word prepared for comparison, or several that it may stand for; `role` where its neighbours say it."""
    read = [readings(word)[:MOST_FORMS] or (word.casefold(),) for word in words]
    plains = [one[0] for one in read]
    forms = tuple(dict.fromkeys(form for one in read for form in one))
    groups, known = _groups(plains)
    stems, sex = roles.father(forms)
    kind, said = roles.surname(forms[0])
    full = frozenset(name for one in plains for name in full_names(one) or _from_short(one))
    return Part(
        word=words[0],
        role=role if role != NAME else FATHER if stems else NAME,
        forms=forms,
        rough=tuple(dict.fromkeys(map(rough, forms))),
        groups=groups | full,
        stems=stems if role != FATHER else forms,
        fathers=_fathers(stems) if role != FATHER else groups,
        known=known,
        short=bool(full) and not full & set(plains),
        kind=kind,
        sex=sex or said,
    )


def _fathers(stems: Iterable[str]) -> frozenset[str]:
    return _groups(name for stem in stems for name in roles.fathers_names(stem))[0]


def rough(form: str) -> str:
    """Return how a reading sounds to one who does not listen: one vowel, one sibilant, one guttural."""
    for pattern, sound in _ROUGH:
        form = pattern.sub(sound, form)
    return re.sub(r"(.)\1+", r"\1", form)


def _groups(forms: Iterable[str]) -> tuple[frozenset[str], bool]:
    found = [group_numbers(form) for form in forms]
    return frozenset(number for one in found if one for number in one), any(one is not None for one in found)


def _from_short(form: str) -> frozenset[str]:
    for ending, name in _HYPOCORISTIC:
        if ending.search(form) and (full := full_names(ending.sub(name, form))):
            return full
    return frozenset()
