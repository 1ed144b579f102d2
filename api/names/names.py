"""A whole name, prepared: its words in the order written, and how it reads where it stands in a grammatical case.

Promises the same for the same text. Must never drop the last word, nor remember a name.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from api.names import roles
from api.names.around import is_around, is_joint
from api.names.endings import CASES, nominatives
from api.names.normalise import Written, is_cyrillic, written
from api.names.parts import FATHER, INITIAL, NAME, Part, part
from api.names.readings import plain

MOST_NOMINATIVES = 3
Parts = tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Name:
    """A name as written, and `inflected`: as it would be in the nominative, one reading for each case that fits."""

    parts: Parts
    inflected: tuple[Parts, ...] = ()


def prepare(text: str) -> Name:
    """Return a name ready for comparison. A text without letters gives no parts."""
    words = written(text)
    kept = _without(words)
    parts = tuple(_parts(kept))
    asked = len(kept) < len(words)
    return Name(parts, tuple(_inflected(kept, parts, asked)))


def _without(words: Sequence[Written]) -> Sequence[Written]:
    """Leave out what stands around a name and what only joins it, unless nothing would be left."""
    names = [word for word in words if word.initial or not is_around(word.letters)] or words
    return [word for word in names if not is_joint(word.letters)] or names


def _parts(words: Sequence[Written]) -> Iterator[Part]:
    """Prepare the words; one before "oglu" or "kyzy" is a father's name, and those words themselves are none."""
    readings = [plain(word.letters) for word in words]
    for at, word in enumerate(words):
        child = roles.child_of(readings[at + 1]) if at + 1 < len(words) else ""
        if child:
            yield replace(part(word.letters, role=FATHER), sex=child)
        elif word.initial or not roles.child_of(readings[at]) or len(words) == 1:
            yield part(word.letters, role=INITIAL if word.initial else NAME)


def _inflected(words: Sequence[Written], parts: Parts, asked: bool) -> Iterator[Parts]:
    """Give a reading for each case in which all the words may stand, if one of them is no name as it is."""
    if len(words) != len(parts) or not any(is_cyrillic(word.letters) for word in words):
        return
    if not asked and all(map(_is_name, parts)):
        return
    for case in CASES:
        read = [_nominative(word, one, case) for word, one in zip(words, parts, strict=True)]
        if all(read) and any(one != two for one, two in zip(read, parts, strict=True)):
            yield tuple(one for one in read if one)


def _nominative(word: Written, as_written: Part, case: str) -> Part | None:
    if word.initial:
        return as_written
    found = [(one, part(one)) for one in nominatives(word.letters.casefold(), case)]
    likely = [one for one, read in found if _is_name(read)] or [one for one, _ in found]
    if not likely:
        return as_written if _is_name(as_written) and not found else None
    return part(*likely[:MOST_NOMINATIVES])


def _is_name(one: Part) -> bool:
    return one.known or bool(one.kind) or one.role != NAME or bool(one.groups)
