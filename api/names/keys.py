"""Keys of a word: how it may be found among many without comparing it with each.

Promises that words which `compare` finds alike share a key, but for two slips in one word; that sharing one proves
nothing. Must never be stored but sealed: a key gives the sound of a word away.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from zlib import crc32

from api.names import roles
from api.names.foreign import foreign
from api.names.groups import group_numbers, lexicon, readings_of
from api.names.parts import MOST_FORMS, Part, roughest, said_once
from api.names.readings import is_latin

# A key: the upper bits say how a reading sounds to one who does not listen, the lower ones which letters it has of
# those that the sound does not tell apart.
SOUND_BITS, LETTER_BITS = 19, 13
LETTER_MASK = (1 << LETTER_BITS) - 1
# Letters by which readings of one sound may differ while one is a slip of the other.
SLIP_LETTERS, SLIP_LETTERS_LONG, LONG = 2, 4, 8
MOST_GROUPS, MOST_KEYS = 40, 10
# The letters of the roughest sounds.
_LETTERS, _VOWEL = "acglmnprstvx", "a"
_TOLD_APART = {letter: 1 << at for at, letter in enumerate("aeioudbjqzfkh")}
# Stands before the father's name in a word such as Геннадиевич: Геннадий himself is another man.
_CHILD_OF = "+"
_SURNAMES = ("ov", "ova", "ev", "eva", "i")


def key(form: str) -> int:
    """Return the key of one reading, 32 bits."""
    return sound_key(roughest(form)) << LETTER_BITS | sum({_TOLD_APART.get(letter, 0) for letter in form})


def sound_key(rough: str) -> int:
    """Return the upper bits of a key."""
    return crc32(rough.encode()) >> 32 - SOUND_BITS


def kept(word: str, forms: Sequence[str]) -> frozenset[str]:
    """Return the readings by which a small word is to be found: its own, a man's form, the father's name in it.

    A Latin word that no group knows may also be from elsewhere.
    """
    stems, _ = roles.father(forms)
    found = dict.fromkeys((*forms[:MOST_FORMS], roles.as_a_mans(forms[0]), *map(_of_father, stems)))
    if is_latin(word) and not group_numbers(forms[0]):
        found |= dict.fromkeys(foreign(word))
    return frozenset(list(found)[:MOST_KEYS])


def asked(one: Part) -> frozenset[str]:
    """Return the readings that a word meant by this one may have: own, of its short or full names, of its groups."""
    known = {reading for full in one.full | one.father_full for reading in _called()[full]}
    fathers = {_of_father(reading) for full in one.father_full for reading in _called()[full]}
    grouped = {reading for number in sorted(one.groups)[:MOST_GROUPS] for reading in readings_of(number)}
    return own(one) | one.foreign | known | fathers | grouped | frozenset(_with_tails(one.sound.forms))


def own(one: Part) -> frozenset[str]:
    """Return the readings of a word itself: as it is, as a man's, of the father's name in it, who may stand alone."""
    fathers = [form for form in one.father.forms if form]
    return frozenset(form for form in (*one.sound.forms, one.mans, *fathers, *map(_of_father, fathers)) if form)


def slipped(form: str) -> frozenset[str]:
    """Return the roughest sounds of a reading with one slip in it."""
    rough = roughest(form)
    mark, said = (rough[:1], rough[1:]) if rough.startswith(_CHILD_OF) else ("", rough)
    once = said_once(said)
    slips = _slips(said) if once == said else (said_once(slip) for slip in (said, *_slips(said)))
    return frozenset(mark + slip for slip in slips) - {rough}


def _of_father(stem: str) -> str:
    return _CHILD_OF + stem


def _slips(rough: str) -> Iterator[str]:
    """Yield a sound without a letter, with two turned, with one more or another; vowels beside each other are one.

    A letter doubled by a slip is said once: what that gives is the sound itself, or the one without a letter.
    """
    for at in range(len(rough) + 1):
        before, after = rough[:at], rough[at:]
        last, first, rest = before[-1:], after[:1], after[1:]
        yield said_once(before + rest)
        yield said_once(before + rest[:1] + first + rest[1:])
        yield from (before + letter + after for letter in _LETTERS if letter not in (last, first))
        yield from (before + letter + rest for letter in _LETTERS if letter not in (last, rest[:1]))
        if first == _VOWEL:
            yield from (before + _VOWEL + letter + after for letter in _LETTERS if letter != _VOWEL)


def _with_tails(forms: Iterable[str]) -> Iterator[str]:
    """Yield a reading without the tail it has and with each that it may have: Рахмонов, Рахмонзода."""
    for form in forms:
        bare = roles.TAIL.sub("", form)
        stems = {bare, roles.OF.sub("", bare)}
        yield from (stem + ending for stem in stems for ending in ("", *_SURNAMES, *roles.TAILS))
        yield from (article + form for article in roles.ARTICLES)
        yield form[2:] if form[:2] in roles.ARTICLES else form


@cache
def _called() -> Mapping[str, tuple[str, ...]]:
    """Return how each full name of the lexicon is said, in full and short."""
    found = defaultdict[str, list[str]](list)
    for names in lexicon():
        for reading, fulls in names.items():
            for full in fulls:
                found[full].append(reading)
    return defaultdict(tuple, {full: tuple(readings) for full, readings in found.items()})
