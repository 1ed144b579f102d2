"""The names of many cases, each word once with the keys of its sound; and which of them a question may mean.

Promises that a name which `api.names` finds possibly the same is found here, but for one that differs by two slips in
one word. Must never be kept unsealed: it is the names in the clear. Which case a row is of stands elsewhere.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from api.columns.blocks import Array, Blob, ends, join, narrow, split
from api.names import roles
from api.names.groups import first_letters
from api.names.keys import kept, key
from api.names.normalise import LONGEST_TEXT, written
from api.names.readings import readings

# The fields of a person that hold a name; a row says which of them a name is from by its place here.
FIELDS = ("name", "name_latin", "other_names")
MOST_NAMES, LETTERS = 64, 26
Body = Mapping[str, Sequence[Mapping[str, Any]]]


class Word(NamedTuple):
    """What stands between two spaces of a name: how many words with a sound, their first letters, their keys."""

    words: int
    letters: int
    keys: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Names:
    """Opened columns: words, each with letters and keys; names as numbers of words; the rows in which a name stands.

    `..._ends` say where each piece ends; `counts` how many words with a sound a name has, `word_counts` what stands
    between two spaces; `fields` where a name is from.
    """

    rows: int
    text: Array = field(repr=False)
    text_ends: Array = field(repr=False)
    word_counts: Array = field(repr=False)
    letters: Array = field(repr=False)
    keys: Array = field(repr=False)
    key_words: Array = field(repr=False)
    words: Array = field(repr=False)
    word_ends: Array = field(repr=False)
    counts: Array = field(repr=False)
    fields: Array = field(repr=False)
    owners: Array = field(repr=False)
    owner_ends: Array = field(repr=False)

    def name(self, at: int) -> str:
        """Return one name as it was written."""
        first = int(self.word_ends[at - 1]) if at else 0
        return " ".join(self.word(int(word)) for word in self.words[first : self.word_ends[at]])

    def rows_of(self, at: int) -> Array:
        """Return the rows in which a name stands."""
        return self.owners[int(self.owner_ends[at - 1]) if at else 0 : self.owner_ends[at]]

    def names_of(self, row: int) -> list[str]:
        """Return the names that stand in a row."""
        places = np.flatnonzero(self.owners == row)
        return [self.name(int(at)) for at in np.searchsorted(self.owner_ends, places, "right")]

    def word(self, at: int) -> str:
        """Return what stands between two spaces of a name."""
        first = int(self.text_ends[at - 1]) if at else 0
        return self.text[first : self.text_ends[at]].tobytes().decode()


def row(body: Body) -> bytes:
    """Return what is kept of an `identity` section: its names with their keys; nothing where there is none."""
    names = sorted(set(_names(body)))[:MOST_NAMES]
    return _row(names, {word: _word(word) for _, text in names for word in text.split(" ")}) if names else b""


def pack(bodies: Sequence[bytes]) -> bytes:
    """Return the columns of rows."""
    known, owners = dict[str, Word](), dict[tuple[int, str], list[int]]()
    for at, body in enumerate(bodies):
        for one in _read(body, known):
            owners.setdefault(one, []).append(at)
    places = {word: at for at, word in enumerate(known)}
    text = [word.encode() for word in known]
    in_names = [[places[word] for word in name.split(" ")] for _, name in owners]
    return join(
        np.array([len(bodies)], np.uint32),
        np.frombuffer(b"".join(text), np.uint8),
        ends([len(one) for one in text]),
        np.array([one.words for one in known.values()], np.uint8),
        np.array([one.letters for one in known.values()], np.uint32),
        np.array([key for one in known.values() for key in one.keys], np.uint32),
        narrow(np.repeat(np.arange(len(known)), [len(one.keys) for one in known.values()])),
        narrow([at for name in in_names for at in name]),
        ends([len(name) for name in in_names]),
        np.array([min(255, sum(known[word].words for word in name.split(" "))) for _, name in owners], np.uint8),
        np.array([place for place, _ in owners], np.uint8),
        narrow([at for rows in owners.values() for at in rows]),
        ends([len(rows) for rows in owners.values()]),
    )


def unpack(block: Blob) -> Names:
    """Return the columns in a block; raises Tampered when it is none."""
    count, *arrays = split(block, 13)
    return Names(int(count[0]), *arrays)


def bodies(columns: Names) -> list[bytes]:
    """Return the rows that were packed."""
    found: list[list[tuple[int, str]]] = [[] for _ in range(columns.rows)]
    for at in range(len(columns.fields)):
        for owner in columns.rows_of(at):
            found[owner].append((int(columns.fields[at]), columns.name(at)))
    known = _known(columns)
    return [_row(sorted(names), known) if names else b"" for names in found]


def _names(body: Body) -> Iterator[tuple[int, str]]:
    for person in body.get("person", ()):
        for place, name in enumerate(FIELDS):
            given = person.get(name, ())
            for text in [given] if isinstance(given, str) else given:
                # A broken letter cannot be written down; everything else stays as the papers have it.
                whole = str(text)[:LONGEST_TEXT].encode("utf-8", "replace").decode()
                if found := " ".join(whole.split()):
                    yield place, found


def _word(text: str) -> Word:
    """Prepare what stands between two spaces; initials have letters alone."""
    words = written(text)
    read = [readings(one.letters) or (one.letters.casefold(),) for one in words]
    whole = [forms for one, forms in zip(words, read, strict=True) if not one.initial]
    spoken = zip((one.letters.casefold() for one in words if not one.initial), whole, strict=True)
    keys = {key(form) for word, forms in spoken for form in kept(word, forms)}
    letters = {letter[:1] for forms in read for letter in (forms[0], *first_letters(forms[0]))}
    bits = sum({1 << ord(letter) - ord("a") for letter in letters if "a" <= letter <= "z"})
    return Word(sum(not roles.child_of(forms[0]) for forms in whole), bits, tuple(sorted(keys)))


def _row(names: Iterable[tuple[int, str]], known: Mapping[str, Word]) -> bytes:
    """Return fields and names line by line, then each word's count, letters and keys in the order of first meeting."""
    lines = [f"{place}{text}" for place, text in names]
    words = [known[word] for word in dict.fromkeys(word for line in lines for word in line[1:].split(" "))]
    return join(
        np.frombuffer("\n".join(lines).encode(), np.uint8),
        np.array([one.words for one in words], np.uint8),
        np.array([one.letters for one in words], np.uint32),
        ends([len(one.keys) for one in words]),
        np.array([key for one in words for key in one.keys], np.uint32),
    )


def _read(body: bytes, known: dict[str, Word]) -> Iterator[tuple[int, str]]:
    """Yield a row's fields and names, and note its words among those that are known."""
    if not body:
        return
    text, counts, letters, ended, keys = split(body, 5)
    lines = text.tobytes().decode().split("\n")
    words = list(dict.fromkeys(word for line in lines for word in line[1:].split(" ")))
    all_keys, first = keys.tolist(), 0
    for word, count, bits, end in zip(words, counts.tolist(), letters.tolist(), ended.tolist(), strict=True):
        known.setdefault(word, Word(count, bits, tuple(all_keys[first:end])))
        first = end
    yield from ((int(line[0]), line[1:]) for line in lines)


def _known(columns: Names) -> Mapping[str, Word]:
    keys: list[list[int]] = [[] for _ in columns.letters]
    for one, word in zip(columns.keys.tolist(), columns.key_words.tolist(), strict=True):
        keys[word].append(one)
    pieces = zip(columns.word_counts.tolist(), columns.letters.tolist(), map(tuple, keys), strict=True)
    return {columns.word(at): Word(*piece) for at, piece in enumerate(pieces)}
