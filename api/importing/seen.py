"""Seen before? Many names against many: a word is compared with those of the table that could be like it.

Promises what `api.names` calls probably the same, in the time of one pass, and the memory of the table alone: of a
desk of any size only the last thousands of words are remembered. Rows of one name are one name here: a table of
namesakes costs no more than another. Must never outlive the import: it holds names in the clear. Initials, a word
misspelt beyond a slip, and who is like more than `MOST_ALIKE` others are left to the review of the desk.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain, combinations, islice

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
# Of one person so many readings are looked at for each choice of words, and so many names and births compared: a
# table made of names that are all alike takes the time of any other.
MOST_WALKED, MOST_ALIKE = 1_000, 200
Postings = dict[int, list[int]]
Born = ApproxDate | None
Spelt = tuple[tuple[tuple[str, str], ...], ...]


@dataclass(slots=True)
class Seen:
    """The people of a table by the numbers of their rows; whoever else there is, is asked about one by one."""

    _vocabulary: Vocabulary = field(default_factory=Vocabulary, repr=False)
    # Each name once, with those who have it: the first row of each, and the birth.
    _known: list[tuple[Name, list[tuple[int, Born]]]] = field(default_factory=list, repr=False)
    _spelt: dict[Spelt, int] = field(default_factory=dict, repr=False)
    # Who has the same names and the same birth is one person; each row's first.
    _people: dict[tuple[tuple[Spelt, ...], str], int] = field(default_factory=dict, repr=False)
    _first: dict[int, int] = field(default_factory=dict, repr=False)
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
        names = [self._vocabulary.prepare(said) for said in names_of(person)]
        who = tuple(map(_spelling, names)), repr(person.get("birth"))
        self._first[row] = self._people.setdefault(who, row)
        if self._first[row] == row:
            for name in names:
                self._known[self._at(name)][1].append((row, _born(person)))

    def first(self, row: int) -> int:
        """Return the first row of the very person of a row: that one stands for all of them."""
        return self._first[row]

    def like(self, person: Mapping[str, object]) -> dict[int, float]:
        """Return the first rows of whom this person probably is, with how alike; none where births differ."""
        found, born = dict[int, float](), _born(person)
        if len(self._alike) > MOST_MET:
            self._forget()
        for said in names_of(person):
            name = self._asked.prepare(said)
            query = Query(name)
            for other, people in self._near(name):
                alike = query.score(other)
                if alike >= PROBABLY_SAME:
                    same = (row for row, birth in islice(people, MOST_ALIKE) if not _apart(birth, born))
                    found |= {row: max(alike, found.get(row, 0.0)) for row in same}
        return found

    def _at(self, name: Name) -> int:
        """Return where a name is known, whose words are read when it is new."""
        at = self._spelt.setdefault(_spelling(name), len(self._known))
        if at == len(self._known):
            for words in readings(name):
                self._read(tuple(dict.fromkeys(id(one) for one in words)))
                self._keep(words)
            self._known.append((name, []))
        return at

    def _near(self, name: Name) -> Iterator[tuple[Name, list[tuple[int, Born]]]]:
        """Yield the names that could be like this one, the very same one first, so that no bound hides it."""
        same = [at for at in [self._spelt.get(_spelling(name))] if at is not None]
        like = (self._readings[one][0] for words in readings(name) for one in self._like(self._met(words)))
        seen = dict.fromkeys(islice(chain(same, like), 4 * MOST_ALIKE))
        yield from (self._known[at] for at in islice(seen, MOST_ALIKE))

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
                walked = (at for one in self._alike[rarest] for at in postings.get(one, ()))
                for at in islice(walked, MOST_WALKED):
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


def _spelling(name: Name) -> Spelt:
    """Return what two names that are written alike have in common, in whatever vocabulary."""
    return tuple(tuple((one.role, one.word) for one in parts) for parts in (name.parts, *name.others))


def _born(person: Mapping[str, object]) -> Born:
    try:
        return ApproxDate.from_json(person.get("birth"))
    except UnreadableDate:
        return None


def _apart(one: Born, other: Born) -> bool:
    """Say whether two births exclude each other; an unknown one excludes nothing."""
    return bool(one and other and (_before(one, other) or _before(other, one)))


def _before(one: ApproxDate, other: ApproxDate) -> bool:
    return bool(one.latest and other.earliest and one.latest < other.earliest)
