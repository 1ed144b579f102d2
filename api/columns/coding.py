"""Small numbers for values: terms by their place in the list, days since 1900, facilities in 48 bits.

Promises that a number decodes to the value it was made of, whatever lists a later catalogue has: the lists stand beside
the numbers. Must never lose a value of the lists it was given.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from api.catalogue.compartments import Compartment
from api.catalogue.dates import ApproxDate, UnreadableDate
from api.catalogue.facilities import KINDS, Facility
from api.catalogue.fields import Field, Kind, entity_fields
from api.catalogue.terms import terms_of

EPOCH = date(1900, 1, 1)
MOST = 254
LAST_DAY = 65535
CODED = frozenset({Kind.TERM, Kind.CHOICE, Kind.FACILITY, Kind.APPROX_DATE, Kind.COUNT})
ENTITIES = ("case", "person", "custody", "act")
_KINDS = tuple(KINDS.values())
_NUMBER = re.compile(r"([0-9]{1,3})(?:/([0-9]{1,2}))?")
_REGION = re.compile(r"([A-Z]{2})-([A-Z0-9]{1,3})")
_THERE, _REGIONS = 1 << 47, (1 << 27) - 1
_LETTERS = " ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


def is_coded(one: Field) -> bool:
    """Say whether a field of the facts has a column: coded ones, and whether the case may be counted."""
    return one.compartment is Compartment.FACTS and (one.kind in CODED or one.term_list is not None)


FIELDS: Mapping[str, tuple[Field, ...]] = {name: tuple(filter(is_coded, entity_fields(name))) for name in ENTITIES}


@dataclass(frozen=True, slots=True)
class Coding:
    """The lists that codes count in, by `entity.field`: code 1 is the first of the list, 0 is absent."""

    lists: Mapping[str, tuple[str, ...]] = field(repr=False)

    def numbers(self, name: str) -> Mapping[str, int]:
        """Return the code of each value of a list."""
        return {value: place for place, value in enumerate(self.lists[name][:MOST], 1)}


def coding_for(used: Mapping[str, set[str]]) -> Coding:
    """Return the catalogue's lists, each followed by what was used and is not in it any more."""
    lists = dict(CATALOGUE.lists)
    for name, values in used.items():
        more = sorted(values - set(lists[name]))
        lists[name] = (*lists[name], *more)
    return Coding(lists)


CATALOGUE = Coding(
    {
        f"{entity}.{one.name}": tuple(term.code for term in terms_of(one.term_list))
        for entity, fields in FIELDS.items()
        for one in fields
        if one.term_list
    }
)


def day_number(day: date | None) -> int:
    """Return the days since 1900 and one more; 0 for an open end or a day out of reach."""
    number = (day - EPOCH).days + 1 if day else 0
    return number if 0 < number <= LAST_DAY else 0


def day_text(text: object) -> int:
    """Return the number of a day `YYYY-MM-DD`, 0 for anything else."""
    try:
        return day_number(date.fromisoformat(str(text)))
    except ValueError:
        return 0


def span(value: object) -> list[int]:
    """Return the numbers of the earliest and latest day of an approximate date; zeros where it cannot be read."""
    try:
        told = ApproxDate.from_json(value)
    except UnreadableDate:
        return [0, 0]
    return [day_number(told.earliest), day_number(told.latest)]


def place_number(value: object) -> int:
    """Return a facility in 48 bits: one that is set, region (27), kind (3), number (10), part (7)."""
    try:
        place = Facility.from_json(value)
    except ValueError:
        place = Facility("unknown")
    number, part = _match(_NUMBER, place.number)
    numbered = int(number or 0) << 7 | int(part or 0)
    return _THERE | region_number(place.region) << 20 | _KINDS.index(place.kind) << 17 | numbered


def place_of(number: int) -> dict[str, str]:
    """Return the facility of a number, as it is sealed."""
    main, part = number >> 7 & 1023, number & 127
    said = f"{main}/{part}" if part else str(main) if main else ""
    return Facility(_KINDS[number >> 17 & 7], said, region_of(number >> 20 & _REGIONS)).as_json()


def region_number(code: str) -> int:
    """Return the code of a region in 27 bits, 0 for none."""
    number = 0
    for letter in "".join(_match(_REGION, code)).ljust(5):
        number = number * len(_LETTERS) + _LETTERS.index(letter)
    return number


def region_of(number: int) -> str:
    """Return the region of a number, such as "RU-ARK", or ""."""
    letters = ""
    while number:
        number, last = divmod(number, len(_LETTERS))
        letters = _LETTERS[last] + letters
    return f"{letters[:2]}-{letters[2:].rstrip()}" if letters else ""


def _match(pattern: re.Pattern[str], text: str) -> Sequence[str]:
    found = pattern.fullmatch(text)
    return [group or "" for group in found.groups()] if found else ["", ""]


def coded(one: Field, value: Any) -> object:
    """Return what of a value is kept in a row: terms as they are, days and facilities as numbers."""
    match one.kind:
        case Kind.APPROX_DATE:
            return span(value)
        case Kind.FACILITY:
            return place_number(value)
        case Kind.COUNT:
            return min(int(value), LAST_DAY - 1) if str(value).isdigit() else 0
        case _:
            return [str(item) for item in value] if one.repeated else str(value)
