"""Names that are known to be one: Sergey, Serhii, Siarhei; and the short names of each, Саша of Александр.

Promises numbers of groups for the plain reading of a word. Must never say that two people are one: Саша is Александра
as well. The table is from Wikidata (CC0), see `groups.toml`; the short names are ours, see `short_names.csv`.
"""

import hashlib
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from api.names.readings import plain

Names = Mapping[str, frozenset[str]]

_PROBES = """
Щербаков Дзмітры Ґалаґан Жомарт Ҷамшед Ўткир Яна Юрий Мариам Tschernow Shcherbakov Djangirov Dzhamal Exupéry Shahin Khan
Kępiński Wójcik Zhukov Chernyshev Philippe Theodor Zaitzev Beckov Maxim Quintana Petrovic Cezar Cohen Poutine Yosef
Fiodor Джамал Реформатский Gorbachov Orlow Orloff Kiseleff Andrei Alexandrovits Anna Tatjana
"""


@cache
def _lines() -> tuple[str, ...]:
    return tuple((files("api.names") / "groups.txt").read_text("utf-8").splitlines())


@cache
def lexicon() -> tuple[Names, Names]:
    """Return the full names and the short ones, each by its plain reading, with the full names for which it stands."""
    full, short = defaultdict[str, set[str]](set), defaultdict[str, set[str]](set)
    for line in (files("api.names") / "short_names.csv").read_text("utf-8").splitlines()[1:]:
        fulls, shorts = ([plain(word) for word in column.split()] for column in line.split(","))
        for names, into in ((fulls, full), (shorts, short)):
            for name in names:
                into[name].add(fulls[0])
    return _frozen(full), _frozen(short)


def _frozen(found: Mapping[str, set[str]]) -> Names:
    return {name: frozenset(fulls) for name, fulls in found.items()}


def group_numbers(reading: str) -> tuple[str, ...] | None:
    """Return the numbers of the groups in which a reading stands; None when no such name is known."""
    lines = _lines()
    at = bisect_left(lines, reading)
    for line in lines[at : at + 1]:
        key, *numbers = line.split(" ")
        if key == reading:
            return tuple(numbers)
    return None


def readings_of(number: str) -> tuple[str, ...]:
    """Return the readings that stand in a group."""
    lines = _lines()
    return tuple(lines[at].split(" ", 1)[0] for at in _members().get(int(number), ()))


@cache
def _members() -> Mapping[int, tuple[int, ...]]:
    """Return in which lines each group stands."""
    found = defaultdict[int, list[int]](list)
    for at, line in enumerate(_lines()):
        for number in line.split(" ")[1:]:
            found[int(number)].append(at)
    return {number: tuple(places) for number, places in found.items()}


def full_names(reading: str) -> frozenset[str]:
    """Return the full names of which a reading may be the short one, or which it is."""
    full, short = lexicon()
    return full.get(reading, frozenset()) | short.get(reading, frozenset())


def first_letters(reading: str) -> frozenset[str]:
    """Return the first letters of a name in the languages of the lexicon: А and О of Александр, also for Саша."""
    full = full_names(reading)
    return frozenset(letter for name in full for letter in _first_letters()[name])


@cache
def _first_letters() -> Mapping[str, frozenset[str]]:
    found = defaultdict[str, set[str]](set)
    for name, canonical in lexicon()[0].items():
        for one in canonical:
            found[one].add(name[: 2 if name.startswith(("iu", "ia")) else 1])
    return _frozen(found)


def is_short(reading: str) -> bool:
    """Say whether a reading is only ever a short name."""
    full, short = lexicon()
    return reading in short and reading not in full


def probe() -> str:
    """Return a digest of how a few names are read: the table is good for these rules and no others."""
    return hashlib.sha256(repr([plain(word) for word in _PROBES.split()]).encode()).hexdigest()[:16]
