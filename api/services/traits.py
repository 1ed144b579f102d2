"""What tells two men of one name apart, or brings them together: birth, region, facility, the last news of them.

Promises to say of each whether it agrees, differs or is not known of one of them, beside what was said. Must never
decide: two birth years that differ may be a slip of the pen.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from operator import eq
from typing import Any

from api.catalogue import dates, facilities, regions
from api.catalogue.compartments import Language
from api.catalogue.dates import ApproxDate, UnreadableDate
from api.catalogue.facilities import Facility
from api.clock import today

Body = Mapping[str, Sequence[Mapping[str, Any]]]
# Families tell of the last call by the week or the month.
NEAR = timedelta(days=31)


class Stands(StrEnum):
    """How what two cases say of one thing stand to each other."""

    AGREES = "agrees"
    DIFFERS = "differs"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Factor:
    """One trait of two cases, side by side in words; "" where nothing is known."""

    name: str
    here: str = field(repr=False)
    there: str = field(repr=False)
    stands: Stands


@dataclass(frozen=True, slots=True)
class Traits:
    """What is known of a person beside the name; any of them may have been told more than once."""

    births: tuple[ApproxDate, ...] = field(default=(), repr=False)
    places: tuple[Facility, ...] = field(default=(), repr=False)
    heard: tuple[ApproxDate, ...] = field(default=(), repr=False)

    @property
    def regions(self) -> tuple[str, ...]:
        """The codes of the regions, each once."""
        return tuple(filter(None, dict.fromkeys(one.region for one in self.places)))


def traits_of(identity: Body, facts: Body) -> Traits:
    """Return what the sections of a case say; what cannot be read is not known."""
    return Traits(
        tuple(_dates(one.get("birth") for one in identity.get("person", ()))),
        tuple(_places(one.get("facility") for one in facts.get("custody", ()))),
        tuple(_dates(one.get("last_heard") for one in facts.get("case", ()))),
    )


def told_traits(about: Mapping[str, Any], language: Language) -> Traits:
    """Return what a family's report says, in the words of its language."""
    births, heard = (_told_date(str(about.get(name, "")), language) for name in ("about_birth", "last_heard"))
    place = facilities.parse(str(about.get("held_where", "")))
    return Traits(births, (place,) if place else (), heard)


def compare(here: Traits, there: Traits, language: Language) -> tuple[Factor, ...]:
    """Return every trait of two cases; never empty."""
    pairs: Mapping[str, tuple[Sequence[Any], Sequence[Any], Callable[..., bool]]] = {
        "birth": (here.births, there.births, _same_birth),
        "region": (here.regions, there.regions, eq),
        "facility": (_numbered(here.places), _numbered(there.places), _same_facility),
        "last_heard": (here.heard, there.heard, _near),
    }
    return tuple(_factor(name, *pair, language) for name, pair in pairs.items())


def weight(factors: Iterable[Factor]) -> int:
    """Return how much speaks for one person, less what speaks against it."""
    worth = {Stands.AGREES: 1, Stands.DIFFERS: -1, Stands.UNKNOWN: 0}
    return sum(worth[one.stands] for one in factors)


def _factor(
    name: str, here: Sequence[Any], there: Sequence[Any], same: Callable[..., bool], language: Language
) -> Factor:
    stands = Stands.AGREES if any(same(a, b) for a in here for b in there) else Stands.DIFFERS
    return Factor(name, _said(here, language), _said(there, language), stands if here and there else Stands.UNKNOWN)


def _said(some: Sequence[Any], language: Language) -> str:
    return "; ".join(dict.fromkeys(_say(one, language) for one in some))


def _say(one: ApproxDate | Facility | str, language: Language) -> str:
    match one:
        case ApproxDate():
            return dates.say(one, language)
        case Facility():
            return facilities.say(one, language)
        case _:
            return regions.name(one, language)


def _numbered(places: Iterable[Facility]) -> tuple[Facility, ...]:
    return tuple(one for one in places if one.number)


def _same_birth(a: ApproxDate, b: ApproxDate) -> bool:
    """Compare years: a day is misremembered sooner."""
    (a_first, a_last), (b_first, b_last) = _ends(a), _ends(b)
    return a_first.year <= b_last.year and b_first.year <= a_last.year


def _same_facility(a: Facility, b: Facility) -> bool:
    """Compare number and kind; a region or a kind that nobody named stands against nothing."""
    kinds, places = {a.kind, b.kind} - {"unknown"}, {a.region, b.region} - {""}
    return a.number == b.number and len(kinds) < 2 and len(places) < 2


def _near(a: ApproxDate, b: ApproxDate) -> bool:
    (a_first, a_last), (b_first, b_last) = _ends(a), _ends(b)
    return (a_first - b_last) <= NEAR and (b_first - a_last) <= NEAR


def _ends(one: ApproxDate) -> tuple[date, date]:
    return one.earliest or date.min, one.latest or date.max


def _dates(values: Iterable[Any]) -> Iterable[ApproxDate]:
    for value in values:
        try:
            yield ApproxDate.from_json(value)
        except UnreadableDate:
            continue


def _places(values: Iterable[Any]) -> Iterable[Facility]:
    for value in values:
        try:
            yield Facility.from_json(value)
        except ValueError:
            continue


def _told_date(text: str, language: Language) -> tuple[ApproxDate, ...]:
    try:
        return (dates.parse(text, language, today()),)
    except UnreadableDate:
        return ()
