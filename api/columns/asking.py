"""Which names of many a question may mean: by the keys of their words first, then by comparison, the likeliest first.

Promises bounded work for any question. Must never outlive the request: a question holds a name in the clear.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from api.columns.blocks import Array, starts
from api.columns.names import Names
from api.names import POSSIBLY_SAME, Query, Vocabulary
from api.names.keys import (
    LETTER_BITS,
    LETTER_MASK,
    LONG,
    SLIP_LETTERS,
    SLIP_LETTERS_LONG,
    SOUND_BITS,
    asked,
    key,
    own,
    slipped,
    sound_key,
)
from api.names.names import Parts
from api.names.parts import INITIAL, Part

# Words of a question that are looked for, all its readings together: a bit each where a word sounds like it, and
# one where a word is written like it.
MOST_WORDS = 16
SAME_SOUND = (1 << MOST_WORDS) - 1
# Names that are compared; those that share more keys come first.
MOST_COMPARED = 200
Likely = tuple[NDArray[np.intp], NDArray[np.uint8]]


class Found(NamedTuple):
    """Rows of one segment in which a name is possibly the same: how alike, and the field it is from."""

    rows: NDArray[np.intp]
    scores: NDArray[np.float32]
    fields: NDArray[np.uint8]


class Question:
    """A name that is looked for, in all its readings."""

    def __init__(self, text: str) -> None:
        self._vocabulary, self._scores = Vocabulary(), dict[str, float]()
        name = self._vocabulary.prepare(text)
        self._query, readings = Query(name), list(_numbered((name.parts, *name.others)))
        words = [one for reading in readings for one in reading]
        self._readings = [(sum(1 << bit for _, bit in reading), len(reading)) for reading in readings]
        self._initials = [(_letters(one), bit) for one, bit in words if one.role == INITIAL]
        spoken = [one for one in words if one[0].role != INITIAL]
        self._sounds, self._sound_marks = _sounds(spoken)
        self._forms, self._form_marks = _forms(spoken)
        self._slips = {(key(form), _letters_off(form), bit) for one, bit in spoken for form in own(one)}

    def __bool__(self) -> bool:
        """Say whether there is a word to look for."""
        return bool(self._readings)

    def score(self, text: str) -> float:
        """Return how alike a written name is; each is compared once."""
        if text not in self._scores:
            self._scores[text] = self._query.score(self._vocabulary.prepare(text))
        return self._scores[text]

    def likely(self, segments: Sequence[Names]) -> list[Likely]:
        """Return of each segment the names that share keys with enough words, and a figure: higher for more keys."""
        met = [self._sounds[one.keys >> np.uint32(LETTER_BITS)] for one in segments]
        at = [np.flatnonzero(one) for one in met]
        keys = _joined([one.keys[places] for one, places in zip(segments, at, strict=True)])
        sounds = _joined([one[places] for one, places in zip(met, at, strict=True)])
        marks = np.split(self._read(keys, self._sound_marks[sounds]), np.cumsum([len(one) for one in at])[:-1])
        return [self._ranked(*one) for one in zip(segments, at, marks, strict=False)]

    def _ranked(self, columns: Names, at: Array, marks: Array) -> Likely:
        """Rank the names of a segment by what the keys in these places mean."""
        words = self._marked(columns, at, marks)[columns.words]
        first = starts(columns.word_ends)
        marks = np.bitwise_or.reduceat(words, first) if len(first) else words
        names = np.flatnonzero(marks & np.uint32(SAME_SOUND))
        ranks = np.zeros(len(names), np.uint8)
        for bits, count in self._readings:
            mine = marks[names]
            shared, written = (np.bitwise_count(mine & np.uint32(one)) for one in (bits, bits << MOST_WORDS))
            least = np.maximum(np.minimum(columns.counts[names], count), 1)
            some = np.flatnonzero(shared >= least)
            some = some[_marked_words(columns, words, names[some], bits) >= least[some]]
            ranks[some] = np.maximum(ranks[some], 1 + shared[some] + 2 * written[some])
        return names[ranks > 0], ranks[ranks > 0]

    def _marked(self, columns: Names, at: Array, met: Array) -> NDArray[np.uint32]:
        """Return for each word of a segment which words of the question it may be."""
        marks = np.zeros(len(columns.letters), np.uint32)
        np.bitwise_or.at(marks, columns.key_words[at], met)
        for letters, bit in self._initials:
            marks[(columns.letters & np.uint32(letters)) != 0] |= np.uint32(1 << bit | 1 << bit + MOST_WORDS)
        return marks

    def _read(self, keys: Array, sounds: Array) -> NDArray[np.uint32]:
        """Return what keys of a known sound mean: the word itself, or a slip that leaves its letters much the same."""
        marks = sounds & np.uint32(SAME_SOUND)
        for mine, off, bit in self._slips:
            near = np.bitwise_count((keys ^ np.uint32(mine)) & np.uint32(LETTER_MASK)) <= off
            marks |= sounds >> np.uint32(MOST_WORDS) & np.uint32(1 << bit) * near
        places = np.minimum(np.searchsorted(self._forms, keys), len(self._forms) - 1)
        return marks | np.where(self._forms[places] == keys, self._form_marks[places], np.uint32(0))


def find(segments: Sequence[Names], question: Question, most: int = MOST_COMPARED) -> list[Found]:
    """Return what each segment has that is possibly the same; at most `most` names are compared, the likeliest."""
    likely = question.likely(segments)
    least, left = _least([ranks for _, ranks in likely], most)
    found = list[Found]()
    for columns, (names, ranks) in zip(segments, likely, strict=True):
        equal = np.flatnonzero(ranks == least)[:left]
        left -= len(equal)
        found.append(_scored(columns, question, np.concatenate((names[ranks > least], names[equal]))))
    return found


def candidates(columns: Names, name: str) -> list[tuple[int, float]]:
    """Return the rows of one segment in which a name is possibly the same, and how alike, the likeliest first."""
    (found,) = find([columns], Question(name))
    return sorted(zip(found.rows.tolist(), found.scores.tolist(), strict=True), key=lambda one: (-one[1], one[0]))


def _least(ranks: Sequence[Array], most: int) -> tuple[int, int]:
    """Return the rank above which every name is compared, and how many of that rank itself."""
    counts = sum((np.bincount(one, minlength=256) for one in ranks), np.zeros(256, np.intp))
    above = np.cumsum(counts[::-1])[::-1]
    least = int(np.flatnonzero(above > most).max(initial=0))
    return least, most - int(above[least] - counts[least])


def _scored(columns: Names, question: Question, names: Array) -> Found:
    """Compare, and keep for each row the name that is most alike."""
    best = dict[int, tuple[float, int]]()
    for at in names.tolist():
        if (score := question.score(columns.name(at))) >= POSSIBLY_SAME:
            for row in columns.rows_of(at).tolist():
                best[row] = max(best.get(row, (0.0, 0)), (score, -int(columns.fields[at])))
    rows = sorted(best)
    scores = np.array([best[row][0] for row in rows], np.float32)
    return Found(np.array(rows, np.intp), scores, np.array([-best[row][1] for row in rows], np.uint8))


def _numbered(readings: Iterable[Parts]) -> Iterator[list[tuple[Part, int]]]:
    """Number the words of all readings, as many readings as there are bits for."""
    bit = 0
    for parts in readings:
        if parts and bit + len(parts) <= MOST_WORDS:
            yield [(one, bit + at) for at, one in enumerate(parts)]
            bit += len(parts)


def _letters(one: Part) -> int:
    letters = {form[:1] for form in one.sound.forms} | {letter[:1] for letter in one.letters}
    return sum({1 << ord(letter) - ord("a") for letter in letters if "a" <= letter <= "z"})


def _joined(arrays: Sequence[Array]) -> Array:
    return np.concatenate(arrays) if arrays else np.zeros(0, np.uint32)


def _marked_words(columns: Names, words: Array, names: Array, bits: int) -> Array:
    """Return how many words of each of these names may be one of the question's: one word answers only once."""
    first, sizes = starts(columns.word_ends)[names], np.diff(columns.word_ends, prepend=np.uint32(0))[names]
    if not len(names):
        return sizes
    ended = np.cumsum(sizes, dtype=np.intp)
    places = np.arange(ended[-1]) + np.repeat(first - starts(ended), sizes)
    return np.add.reduceat((words[places] & np.uint32(bits)) != 0, starts(ended), dtype=np.intp)


def _letters_off(form: str) -> int:
    return SLIP_LETTERS if len(form) < LONG else SLIP_LETTERS_LONG


def _sounds(words: Iterable[tuple[Part, int]]) -> tuple[NDArray[np.uint16], NDArray[np.uint32]]:
    """Return a table from the sound of a key to a number, and the words that each number means: same sound, slip."""
    marks = defaultdict[int, int](int)
    for one, bit in words:
        for form in asked(one):
            marks[key(form) >> LETTER_BITS] |= 0
        for form in own(one):
            marks[key(form) >> LETTER_BITS] |= 1 << bit
            for sound in map(sound_key, slipped(form)):
                marks[sound] |= 1 << bit + MOST_WORDS
    kinds = {mark: number for number, mark in enumerate(dict.fromkeys(marks.values()), 1)}
    table = np.zeros(1 << SOUND_BITS, np.uint16)
    table[list(marks)] = [kinds[mark] for mark in marks.values()]
    return table, np.array([0, *kinds], np.uint32)


def _forms(words: Iterable[tuple[Part, int]]) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """Return the keys of all that a word may be written as, sorted, and the words that each means, twice over."""
    marks = defaultdict[int, int](int)
    for one, bit in words:
        for found in set(map(key, asked(one))):
            marks[found] |= 1 << bit | 1 << bit + MOST_WORDS
    ordered = dict(sorted(marks.items())) or {0: 0}
    return np.array(list(ordered), np.uint32), np.array(list(ordered.values()), np.uint32)
