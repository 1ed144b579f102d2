"""Facets: what a list is narrowed by, each a line of a table; and which rows of opened columns have what is asked for.

Promises that a facet or a value that nobody declared is refused, and that a facet looks at whole cases: two facets may
hold for two acts of one case. Must never show a value: it says which rows, and no more.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from api.catalogue import regions
from api.catalogue.facilities import parse
from api.catalogue.terms import known
from api.clock import month_after
from api.columns.coding import CATALOGUE, EPOCH, LAST_DAY, day_text, place_number, region_number
from api.columns.facts import Facts
from api.columns.work import Work
from api.errors import Invalid
from api.ids import is_id

Rows = NDArray[np.bool_]
# What is asked for, by the name of the facet.
Asked = Mapping[str, str]
REGIONS = 20, (1 << 27) - 1
LISTS = {
    "status": "case.status",
    "verification": "case.verification",
    "theme": "case.themes",
    "consent": "case.counting",
    "act": "act.type",
    "outcome": "act.outcome",
    "body": "act.body",
    "institution": "act.perpetrator_type",
    "offence": "custody.offence_group",
}
PLACES = ("region", "facility")
DAYS = ("since", "until")
DEADLINES = ("waiting", "overdue", "urgent")
# What only those may ask who hold the work on the case.
OF_WORK = frozenset({"deadline", "owner", "stage"})
NAMES = (*LISTS, *PLACES, *DAYS, *sorted(OF_WORK))


@dataclass(frozen=True, slots=True)
class Case:
    """The opened columns of one piece, the work where it was opened; `today` as a number."""

    facts: Facts
    work: Work | None
    today: int


Test = Callable[[Case], Rows]


def tests(asked: Asked) -> list[Test]:
    """Return the tests that a row must pass; raises Invalid with the names of facets that cannot be read."""
    found, problems = list[Test](), dict[str, str]()
    for name, value in asked.items():
        test = _test(name, value)
        if test is None:
            problems[name if name in NAMES else "facet"] = "unknown-field" if name not in NAMES else "unknown-term"
        else:
            found.append(test)
    if problems:
        raise Invalid(problems)
    return found


def having(facts: Facts, path: str, value: str) -> Rows:
    """Return the rows that have an entry with this term, at `entity.field`."""
    listed, rows = facts.coding.lists.get(path, ()), np.zeros(facts.rows, np.bool_)
    if value in listed:
        hits = np.flatnonzero(facts.arrays[path] == listed.index(value) + 1)
        entries = facts.arrays[f"{path}#"][hits] if f"{path}#" in facts.arrays else hits
        rows[facts.owners(path.partition(".")[0])[entries]] = True
    return rows


def standing(case: Case) -> Rows:
    """Return the rows that stand for themselves: a case joined to another is listed and counted with that one."""
    return ~having(case.facts, "case.joined", "yes")


def _test(name: str, value: str) -> Test | None:
    """Return the test of one facet, or None for one that is not declared or cannot be read."""
    if name in LISTS:
        return _term(LISTS[name], value)
    if name in PLACES:
        return _place(name, value)
    if name in DAYS:
        return _days(name, day_text(value))
    return _work(name, value) if name in OF_WORK else None


def _term(path: str, value: str) -> Test | None:
    return (lambda case: having(case.facts, path, value)) if value in CATALOGUE.lists[path] else None


def _place(name: str, value: str) -> Test | None:
    """A region by its code; a facility as it is written, "IK-29, Arkhangelsk region"; one without a region anywhere."""
    if name == "region":
        wanted = region_number(value) if value in regions.regions() else 0
        return (lambda case: _in_region(case.facts, wanted)) if wanted else None
    place = parse(value)
    if place is None or not place.number:
        return None
    number = place_number(place.as_json())
    shift, mask = REGIONS
    if place.region:
        return lambda case: _owning(case.facts, case.facts.places == number)
    return lambda case: _owning(case.facts, case.facts.places & ~np.uint64(mask << shift) == number)


def _in_region(facts: Facts, wanted: int) -> Rows:
    shift, mask = REGIONS
    return _owning(facts, facts.places >> np.uint64(shift) & np.uint64(mask) == wanted)


def _owning(facts: Facts, spells: Any) -> Rows:
    rows = np.zeros(facts.rows, np.bool_)
    rows[facts.owners("custody")[spells]] = True
    return rows


def _days(name: str, wanted: int) -> Test | None:
    """The last news: not before, or not after, a day; an approximate date counts if it may lie there."""
    if not wanted:
        return None

    def test(case: Case) -> Rows:
        facts, rows = case.facts, np.zeros(case.facts.rows, np.bool_)
        first, last = facts.arrays["case.last_heard<"], facts.arrays["case.last_heard>"]
        last = np.where(last == 0, LAST_DAY, last)
        there = facts.arrays["case.last_heard?"] != 0
        hits = there & (last >= wanted if name == "since" else first <= wanted)
        rows[facts.owners("case")[hits]] = True
        return rows

    return test


def _work(name: str, value: str) -> Test | None:
    if (name, value) == ("deadline", "urgent"):
        return _urgent
    if name == "deadline" and value in DEADLINES:
        return lambda case: _due(case, value)
    if (name == "owner" and is_id(value)) or (name == "stage" and known("43", value)):
        return lambda case: _word(case, name, value)
    return None


def _due(case: Case, value: str) -> Rows:
    if case.work is None:
        return np.zeros(case.facts.rows, np.bool_)
    due = case.work.days["due"]
    waiting: Rows = due > 0
    return waiting & (due < case.today) if value == "overdue" else waiting


def _urgent(case: Case) -> Rows:
    """The UN's urgent procedure: the last news is at most three months old."""
    now = EPOCH + timedelta(days=case.today - 1)
    since = f"{month_after(now, -3)}-{min(now.day, 28):02d}"
    test = _days("since", day_text(since))
    return test(case) if test else np.zeros(case.facts.rows, np.bool_)


def _word(case: Case, name: str, value: str) -> Rows:
    if case.work is None or value not in case.work.words:
        return np.zeros(case.facts.rows, np.bool_)
    rows: Rows = case.work.codes[name] == case.work.words.index(value)
    return rows


def today_number(day: date) -> int:
    """Return a day as the columns count it."""
    return day_text(day.isoformat())
