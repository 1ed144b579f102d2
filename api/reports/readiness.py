"""Whether a case holds what a body requires: "WGEID: 5 of 6, steps taken are missing".

Promises that more known facts never make a case less ready. Must never decide: it warns, a person sends.
"""

from calendar import monthrange
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from api.catalogue.compartments import Language
from api.catalogue.dates import ApproxDate, UnreadableDate
from api.reports.profiles import Element, Profile, Rule
from api.reports.sections import UNANSWERED, Sections, Submitter, values
from api.reports.selecting import select

# "At least month and year": the days between which it lies are no more than the longest month.
MONTH_DAYS = 31
URGENT_MONTHS = 3
_OF: Mapping[Language, str] = {"en": "of", "ru": "из", "uk": "з"}


@dataclass(frozen=True, slots=True)
class Readiness:
    """How many required elements a case meets, and which it lacks, in the profile's order."""

    short: str
    met_elements: tuple[Element, ...]
    missing: tuple[Element, ...]

    @property
    def met(self) -> int:
        """Return how many required elements are met."""
        return len(self.met_elements)

    @property
    def of(self) -> int:
        """Return how many elements are required."""
        return len(self.met_elements) + len(self.missing)

    @property
    def complete(self) -> bool:
        """Say that nothing required is missing."""
        return not self.missing

    def sentence(self, language: Language) -> str:
        """Return "WGEID: 5 of 6, steps taken are missing"."""
        counted = f"{self.short}: {self.met} {_OF[language]} {self.of}"
        return ", ".join((counted, *(element.missing[language] for element in self.missing)))


def readiness(profile: Profile, sections: Sections, submitter: Submitter) -> Readiness:
    """Return which elements the opened sections meet; what was not opened does not count."""
    opened = select(profile, sections)
    found = {element.key: _MET[element.rule](element, opened, submitter) for element in profile.elements}
    return Readiness(
        profile.short,
        tuple(element for element in profile.elements if found[element.key]),
        tuple(element for element in profile.elements if not found[element.key]),
    )


def urgent_until(last_heard: ApproxDate) -> date | None:
    """Return the last day of the WGEID's urgent procedure: three months after the latest day of the event.

    None where the date has no latest day. A day that the third month lacks becomes its last one.
    """
    return None if last_heard.latest is None else _months_later(last_heard.latest, URGENT_MONTHS)


def _months_later(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _present(element: Element, sections: Sections, submitter: Submitter) -> bool:
    return any(_answers(value) for path in element.any_of for value in values(sections, path))


def _month(element: Element, sections: Sections, submitter: Submitter) -> bool:
    return any(_within_a_month(value) for path in element.any_of for value in values(sections, path))


def _submitted(element: Element, sections: Sections, submitter: Submitter) -> bool:
    return bool(submitter.name.strip() and submitter.contact.strip())


_MET: Mapping[Rule, Callable[[Element, Sections, Submitter], bool]] = {
    "present": _present,
    "month": _month,
    "submitter": _submitted,
}


def _answers(value: object) -> bool:
    if isinstance(value, str):
        return bool(value.strip()) and value not in UNANSWERED
    if isinstance(value, Mapping):
        return any(_answers(value.get(part)) for part in ("kind", "number", "region"))
    return bool(value)


def _within_a_month(value: object) -> bool:
    try:
        told = ApproxDate.from_json(value)
    except UnreadableDate:
        return False
    if told.earliest is None or told.latest is None:
        return False
    return (told.latest - told.earliest).days < MONTH_DAYS
