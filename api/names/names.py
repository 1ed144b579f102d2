"""A whole name, prepared: its words in the order written, and how it reads where it stands in a grammatical case.

Promises the same for the same text. Must never drop the last word, nor remember a name.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import repeat

from api.names import roles
from api.names.around import is_around, is_joint
from api.names.endings import CASES, nominatives
from api.names.groups import full_names
from api.names.normalise import LONGEST_TEXT, Written, is_cyrillic, written
from api.names.parts import FATHER, FIRST_INITIAL, INITIAL, NAME, SECOND_INITIAL, Part, part
from api.names.readings import plain

MOST_NOMINATIVES = 3
Parts = tuple[Part, ...]

_HYPHEN = re.compile(r"(?<=\w)-(?=\w)")
_BRACKETS = re.compile(r"\([^)]*\)?")


@dataclass(frozen=True, slots=True)
class Name:
    """The words of a name, sorted; `others` are other readings: in the nominative, or without what is in brackets."""

    parts: Parts
    others: tuple[Parts, ...] = ()


class Vocabulary:
    """Prepares many names, each word once; to be dropped with the request, since it holds the words in the clear."""

    def __init__(self) -> None:
        self._words: dict[tuple[str, ...], Part] = {}

    def prepare(self, text: str) -> Name:
        """Return a name ready for comparison. A text without letters gives no parts."""
        words = written(text)
        kept = _without(words)
        parts = tuple(self._parts(kept))
        others = [*self._inflected(kept, parts, asked=len(kept) < len(words)), *self._edited(text)]
        return Name(_sorted(parts), tuple(dict.fromkeys(map(_sorted, others))))

    def _edited(self, text: str) -> Iterator[Parts]:
        """Give the readings without a maiden name or a note in brackets, and with a double name in one word."""
        for pattern, instead in ((_BRACKETS, " "), (_HYPHEN, "")):
            edited = pattern.sub(instead, text[:LONGEST_TEXT])
            if edited != text[:LONGEST_TEXT] and (words := _without(written(edited))):
                yield tuple(self._parts(words))

    def _part(self, *words: str, role: str = NAME) -> Part:
        key = (role, *words)
        if key not in self._words:
            self._words[key] = part(*words, role=role)
        return self._words[key]

    def _parts(self, words: Sequence[Written]) -> Iterator[Part]:
        """Prepare the words; one before "oglu" or "kyzy" is a father's name, and those words themselves are none."""
        two = sum(word.initial for word in words) == len((FIRST_INITIAL, SECOND_INITIAL))
        initials = iter((FIRST_INITIAL, SECOND_INITIAL) if two else repeat(INITIAL))
        parts = [self._part(word.letters, role=next(initials) if word.initial else NAME) for word in words]
        child = [roles.child_of(one.sound.plain) for one in parts] if len(parts) > 1 else [""]
        for one, itself, follows in zip(parts, child, [*child[1:], ""], strict=False):
            if follows:
                yield self._child(one.word, follows)
            elif one.role == INITIAL or not itself:
                yield one

    def _child(self, father: str, sex: str) -> Part:
        key = (FATHER, sex, father)
        if key not in self._words:
            self._words[key] = replace(part(father, role=FATHER), sex=sex)
        return self._words[key]

    def _inflected(self, words: Sequence[Written], parts: Parts, asked: bool) -> Iterator[Parts]:
        """Give a reading for each case in which all the words may stand, if one of them is no name as it is."""
        if len(words) != len(parts) or not any(is_cyrillic(word.letters) for word in words):
            return
        if not asked and all(map(_is_name, parts)):
            return
        for case in CASES:
            read = [self._nominative(word, one, case) for word, one in zip(words, parts, strict=True)]
            if all(read) and any(one != two for one, two in zip(read, parts, strict=True)):
                yield tuple(one for one in read if one)

    def _nominative(self, word: Written, as_written: Part, case: str) -> Part | None:
        if word.initial:
            return as_written
        found = [(one, self._part(one)) for one in nominatives(word.letters.casefold(), case)]
        likely = [one for one, read in found if _is_name(read)] or [one for one, _ in found]
        if not likely:
            return as_written if _is_name(as_written) else None
        return self._part(*likely[:MOST_NOMINATIVES])


def prepare(text: str) -> Name:
    """Return a name ready for comparison. A text without letters gives no parts."""
    return Vocabulary().prepare(text)


def _without(words: Sequence[Written]) -> Sequence[Written]:
    """Leave out what stands around a name and what only joins it, unless nothing would be left."""
    names = [word for word in words if word.initial or not is_around(word.letters)] or words
    names = [word for word in names if not is_joint(word.letters)] or names
    if sum(word.letters[0].isupper() for word in names) > 1:
        return [word for word in names if word.letters[0].isupper() or _looks_like_a_name(word.letters)]
    return names


def _looks_like_a_name(word: str) -> bool:
    """Say whether a word in small letters, beside others with capitals, is a name written in haste."""
    reading = plain(word)
    named = full_names(reading) or roles.child_of(reading) or roles.father([reading])[0]
    return bool(named) or bool(roles.surname(reading)[0]) or len(word) == 1


def _sorted(parts: Parts) -> Parts:
    return tuple(sorted(parts, key=lambda one: (one.word, one.role)))


def _is_name(one: Part) -> bool:
    """Say whether a word may be a name as it stands; one in -у is as often somebody's dative."""
    if one.word.endswith(("у", "ю")) and not one.full:
        return False
    return one.known or bool(one.kind) or one.role != NAME or bool(one.full)
