"""What the categories of a count are called: terms, regions, places, quarters and months, in three languages.

Promises an order: time as it went, the rest from many to few, unknown and not asked last. Must never invent a name for
a code that no list has.
"""

from collections.abc import Mapping

from api.catalogue import facilities, regions, terms
from api.catalogue.compartments import Language
from api.catalogue.date_words import month_name
from api.reports.counts import ASKED, INSIDE, QUARTER, UNKNOWN, Line, Table

TIMES = frozenset({"year", "quarter", "month"})


def called(code: str, grain: str, language: Language) -> str:
    """Return the words for a category; `grain` says how finely a facility or a date was counted, "" for a term."""
    if not code:
        return ASKED[language]
    if code == UNKNOWN:
        return terms.label(UNKNOWN, language)
    match grain:
        case "region":
            return regions.name(code, language)
        case "facility":
            place, _, region = code.partition(" ")
            kind, _, number = place.partition("-")
            one = facilities.Facility.from_json({"kind": kind, "number": number, "region": region})
            return facilities.say(one, language)
        case "quarter":
            return QUARTER[language].format(*code.split("-Q"))
        case "month":
            return f"{month_name(int(code[5:]), language)} {code[:4]}"
        case _:
            return _term(code, language)


def ordered(found: Mapping[str, int], grain: str) -> list[str]:
    """Return categories in the order in which they are shown."""
    known = [code for code in found if code not in ("", UNKNOWN)]
    by_size = sorted(known, key=lambda code: (-found[code], code))
    known = sorted(known) if grain in TIMES else by_size
    return [*known, *(code for code in (UNKNOWN, "") if code in found)]


def table(title: str, found: Mapping[str, int], cases: int, grain: str, language: Language) -> Table:
    """Return exact counts as a table for the desk alone."""
    lines = tuple(Line(code, called(code, grain, language), found[code]) for code in ordered(found, grain))
    return Table(grain, language, title, lines, cases, INSIDE[language])


def _term(code: str, language: Language) -> str:
    try:
        return terms.label(code, language)
    except KeyError:
        return code
