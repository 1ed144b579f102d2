"""Seen before? Many names against many: a word is compared with those of the table that could be like it.

Promises what `api.names` calls probably the same, in the time of one pass, and the memory of the table alone: of a
desk of any size only the last thousands of words are remembered. Must never outlive the import: it holds names in the
clear. Initials and a word misspelt beyond a slip are left to the review of the desk.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import combinations

from api.catalogue.dates import ApproxDate, UnreadableDate
from api.importing.rows import names_of
from api.names import PROBABLY_SAME, Name, Query, Vocabulary
from api.names.compare import likeness
from api.names.parts import INITIAL, Part

# A word less like another than this leaves no name probably the same.
ALIKE = 0.7
SHORTEST_SLIP, MOST_WORDS = 4, 5
# As many words of those who are asked about are remembered, and then begun anew.
MOST_MET = 20_000
Postings = dict[int, list[int]]


@dataclass(slots=True)
class Seen:
    """The people of a table by the numbers of their rows; whoever else there is, is asked about one by one."""

    _vocabulary: Vocabulary = field(default_factory=Vocabulary, repr=False)
    _known: list[tuple[int, Name, object]] = field(default_factory=list, repr=False)
    # By number of words: word -> the readings that have it. Each reading is a name's place and its words.
    _by_length: dict[int, Postings] = field(default_factory=dict, repr=False)
    _readings: list[tuple[int, tuple[int, ...]]] = field(default_factory=list, repr=False)
    _by_key: dict[str, dict[int, Part]] = field(default_factory=lambda: defaultdict(dict), repr=False)
    # Of those who are asked about, whose words are none of the table's: word -> the table's words that are like it.
    _asked: Vocabulary = field(default_factory=Vocabulary, repr=False)
    _alike: dict[int, set[int]] = field(default_factory=dict, repr=False)

    def add(self, row: int, person: Mapping[str, object]) -> None:
        """Remember a person under each name."""
        self._forget()
        for said in names_of(person):
            name = self._vocabulary.prepare(said)
            for words in readings(name):
                self._read(tuple(dict.fromkeys(id(one) for one in words)))
                self._keep(words)
            self._known.append((row, name, person.get("birth")))

    def like(self, person: Mapping[str, object]) -> dict[int, float]:
        """Return the rows in which this person probably is, with how alike the names are; none where births differ."""
        found = dict[int, float]()
        if len(self._alike) > MOST_MET:
            self._forget()
        for said in names_of(person):
            name = self._asked.prepare(said)
            query = Query(name)
            for at in {self._readings[one][0] for words in readings(name) for one in self._like(self._met(words))}:
                row, other, birth = self._known[at]
                alike = query.score(other)
                if alike >= PROBABLY_SAME and not _apart(birth, person.get("birth")):
                    found[row] = max(alike, found.get(row, 0.0))
        return found

    def _read(self, words: tuple[int, ...]) -> None:
        postings = self._by_length.setdefault(len(words), defaultdict(list))
        for one in words:
            postings[one].append(len(self._readings))
        self._readings.append((len(self._known), words))

    def _keep(self, words: Collection[Part]) -> None:
        for one in words:
            for key in keys(one):
                self._by_key[key][id(one)] = one

    def _met(self, words: Collection[Part]) -> tuple[int, ...]:
        """Compare each word that is new with the table's that have a key in common, once for all names."""
        for word in words:
            if id(word) not in self._alike:
                met = {number: other for key in keys(word) for number, other in self._by_key.get(key, {}).items()}
                self._alike[id(word)] = {number for number, other in met.items() if likeness(word, other) >= ALIKE}
        return tuple(dict.fromkeys(id(one) for one in words))

    def _forget(self) -> None:
        """Drop the words of whoever was asked about; both go, since a word is known by where it lies in memory."""
        if self._alike:
            self._asked, self._alike = Vocabulary(), {}

    def _like(self, words: Collection[int]) -> Iterator[int]:
        """Yield readings in which every word has its like; the words of the shorter of two names count."""
        for length, postings in self._by_length.items():
            for chosen in combinations(words, min(length, len(words))):
                rarest, *others = sorted(
                    chosen, key=lambda one: sum(len(postings.get(x, ())) for x in self._alike[one])
                )
                for at in (at for one in self._alike[rarest] for at in postings.get(one, ())):
                    if not any(self._alike[one].isdisjoint(self._readings[at][1]) for one in others):
                        yield at


def readings(name: Name) -> Iterator[list[Part]]:
    """Yield the words of each reading of a name, without initials, which any name may begin with."""
    for parts in (name.parts, *name.others):
        if words := [one for one in parts if one.role != INITIAL][:MOST_WORDS]:
            yield words


def keys(word: Part) -> frozenset[str]:
    """Return what words that are alike have in common: a reading, a rough sound, a known name, all letters but one."""
    sounds = (*word.sound.distinct, *word.father.distinct, *word.foreign, word.mans)
    rough = (f"~{one}" for one in (*word.sound.roughest, *word.father.roughest))
    names = (f"#{one}" for one in (*word.groups, *word.full, *word.fathers, *word.father_full))
    typed = {one for one in (word.sound.plain, word.word) if len(one) >= SHORTEST_SLIP}
    slips = (f"-{one[:at]}{one[at + 1 :]}" for one in typed for at in range(len(one)))
    return frozenset(filter(None, (*sounds, *rough, *names, *slips, *(f"-{one}" for one in typed))))


def _apart(a: object, b: object) -> bool:
    """Say whether two births exclude each other; an unknown one excludes nothing."""
    try:
        one, other = ApproxDate.from_json(a), ApproxDate.from_json(b)
    except UnreadableDate:
        return False
    return _before(one, other) or _before(other, one)


def _before(one: ApproxDate, other: ApproxDate) -> bool:
    return bool(one.latest and other.earliest and one.latest < other.earliest)
