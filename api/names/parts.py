"""A word of a name, prepared: its readings, their rough sound, its groups, its role.

Promises everything that the comparison needs, from the word alone. Must never keep what it was given: nothing here
outlives the call, so that no name stays in the memory of the process.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from operator import and_, or_

from api.names import roles
from api.names.foreign import foreign
from api.names.groups import first_letters, full_names, group_numbers, is_short
from api.names.readings import is_latin, readings

INITIAL, FATHER, NAME = "initial", "father", "name"
# Two initials stand for the given name and the father's, in this order.
FIRST_INITIAL, SECOND_INITIAL = "initial of the given name", "initial of the father's name"
_PLACES = {FIRST_INITIAL: NAME, SECOND_INITIAL: FATHER}
MOST_FORMS = 5

# One vowel, one hushing sound, one hissing, one guttural; what is then double is said once.
_ROUGH = str.maketrans("eioujqzhf", "aaaaxxsgv")
# Voiced and not: Ахмад and Ахмет, Мурад and Мурат, Гасан and Касан.
_ROUGHEST = str.maketrans("kdb", "gtp")
_DOUBLE = re.compile(r"(.)\1+")
_SHORT_FORMS = tuple(
    (re.compile(f"(?<=..){ending}$"), name)
    for ending, name in (
        ("[eo]nka", "a"),
        ("[eo]qka", "a"),
        ("uxka", "a"),
        ("xka", "xa"),
        ("ka", "a"),
        ("q?ik", ""),
    )
)
# Letters by which one form may differ from another that is two slips away.
_FEW = 2


@dataclass(frozen=True, slots=True)
class Sound:
    """The readings of a word, the plain one first, and what of them is compared: all, roughly, most roughly.

    `always` and `ever` are the letters of every and of any reading, a bit each.
    """

    forms: tuple[str, ...]
    distinct: frozenset[str]
    rough: frozenset[str]
    roughest: frozenset[str]
    always: int
    ever: int

    @property
    def plain(self) -> str:
        """The plain reading; empty for no word."""
        return self.forms[0]

    def near(self, other: "Sound") -> bool:
        """Say whether two slips could lead from one to the other, or they sound alike; quick, never wrongly no."""
        if (self.always & ~other.ever).bit_count() <= _FEW and (other.always & ~self.ever).bit_count() <= _FEW:
            return True
        return not self.roughest.isdisjoint(other.roughest)


@dataclass(frozen=True, slots=True)
class Part:
    """One word of a name, small letters. `groups` are numbers of known names, `full` the full names it may stand for.

    `father` is the sound of a father's name without its suffix, `fathers` and `father_full` the same two of it; `mans`
    is a surname in the form of a man; `place` tells a given name or a surname from a father's, also for two initials;
    `letters` are the first ones of the name in other languages; `foreign` readings weigh less.
    """

    word: str
    role: str
    sound: Sound
    father: Sound
    groups: frozenset[str]
    full: frozenset[str]
    fathers: frozenset[str]
    father_full: frozenset[str]
    known: bool
    is_short: bool
    kind: str
    sex: str
    mans: str
    place: str
    letters: frozenset[str]
    foreign: frozenset[str]


NO_SOUND = Sound(("",), frozenset(), frozenset(), frozenset(), 0, 0)


def part(*words: str, role: str = NAME) -> Part:
    """Return a word prepared for comparison, or several that it may stand for; `role` where its neighbours say it."""
    read = [readings(word)[:MOST_FORMS] or (word.casefold(),) for word in words]
    plains = [one[0] for one in read]
    forms = tuple(dict.fromkeys(form for one in read for form in one))
    groups, known = _groups(plains)
    stems, sex = roles.father(forms)
    fathers = _fathers(stems)
    short = role == INITIAL or role in _PLACES
    does = INITIAL if short else FATHER if stems else role
    kind, said = roles.surname(forms[0])
    full = frozenset(name for one in plains for name in full_names(one) or _from_short(one))
    return Part(
        word=words[0].casefold(),
        role=does,
        sound=sound(forms),
        father=sound(forms if role == FATHER else stems),
        groups=groups,
        full=full,
        fathers=groups if role == FATHER else _groups(fathers)[0],
        father_full=full if role == FATHER else frozenset(name for one in fathers for name in full_names(one)),
        known=known,
        is_short=bool(full) and (is_short(forms[0]) or not full_names(forms[0])),
        kind=kind,
        sex=sex or said,
        mans=roles.as_a_mans(forms[0]),
        place=_PLACES.get(role, "") if short else does,
        foreign=frozenset(form for word in words for form in _foreign(word)).difference(forms),
        letters=frozenset(letter for one in (*plains, *fathers) for letter in first_letters(one)),
    )


def sound(forms: tuple[str, ...]) -> Sound:
    """Return what is compared of some readings."""
    return _sound(forms) if forms else NO_SOUND


def _sound(forms: tuple[str, ...]) -> Sound:
    roughly = frozenset(map(rough, forms))
    letters = list(map(_bits, forms))
    return Sound(
        forms=forms,
        distinct=frozenset(forms),
        rough=roughly,
        roughest=frozenset(map(roughest, forms)),
        always=reduce(and_, letters),
        ever=reduce(or_, letters),
    )


def rough(form: str) -> str:
    """Return how a reading sounds to one who does not listen: one vowel, one sibilant, one guttural."""
    hushed = form.replace("ks", "x").replace("tc", "c").replace("dc", "c")
    return said_once(hushed.translate(_ROUGH))


def said_once(form: str) -> str:
    """Return a form in which no letter is doubled."""
    return _DOUBLE.sub(r"\1", form)


def roughest(form: str) -> str:
    """Return how a reading sounds to one who does not tell voiced from unvoiced, either."""
    return rough(form).translate(_ROUGHEST)


def _bits(form: str) -> int:
    return sum({1 << (ord(letter) & 63) for letter in form})


def _groups(forms: Iterable[str]) -> tuple[frozenset[str], bool]:
    found = [group_numbers(form) for form in forms]
    return frozenset(number for one in found if one for number in one), any(one is not None for one in found)


def _foreign(word: str) -> Iterable[str]:
    small = word.casefold()
    return foreign(small) if is_latin(small) else ()


def _fathers(stems: Iterable[str]) -> list[str]:
    """Return what the father may have been called; only full names of the lexicon, when there are such."""
    names = [[name for name in roles.fathers_names(stem) if not is_short(name)] for stem in stems]
    full = [[name for name in some if full_names(name)][:1] for some in names]
    return [name for some in full for name in some] or [name for some in names for name in some[:2]]


def _from_short(form: str) -> frozenset[str]:
    for ending, name in _SHORT_FORMS:
        if ending.search(form) and (full := full_names(ending.sub(name, form))):
            return full
    return frozenset()
