"""One row of a table as entries of a case, by the mapping and the catalogue.

Promises that what comes out is what a form would have given, and that a problem names a field and a code. Must never
repeat a cell, nor guess a term: words that no list and no mapping knows are asked about.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache

from api.catalogue.check import Checked, FieldProblems, check, day
from api.catalogue.compartments import LANGUAGES, Compartment
from api.catalogue.terms import known, terms_of
from api.catalogue.text import BadText
from api.errors import Invalid
from api.importing.plans import FIXED, RECEIVED, Plan, Target, folded
from api.importing.tables import Cells

ROW = "row"
CONSENT = ("consent", 1)
NAMES = ("name", "name_latin")


@dataclass(frozen=True, slots=True)
class Row:
    """A row by its number: the entries of one case, or what is wrong with it, by field or `row`."""

    number: int
    entries: tuple[tuple[str, Checked], ...] = field(default=(), repr=False)
    received_on: str = ""
    problems: Mapping[str, str] = field(default_factory=dict)

    @property
    def person(self) -> Mapping[str, object]:
        """What identifies the person concerned: names and birth."""
        people = (one for entity, one in self.entries if entity == "person")
        return next((one.by_compartment.get(Compartment.IDENTITY, {}) for one in people), {})


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads rows of one table: which cell goes where, by the titles."""

    plan: Plan
    places: Mapping[Target, int] = field(repr=False)
    unused: tuple[str, ...] = field(repr=False)

    def read(self, cells: Cells, number: int, today: date) -> Row:
        """Return the row; without problems it has at least a consent and one entry more."""
        problems, entries, received = dict[str, str](), list[tuple[str, Checked]](), ""
        for (entity, at), raw in self._raw(cells, problems).items():
            try:
                if entity == RECEIVED:
                    received = _received(raw[""], today)
                else:
                    entries.append((entity, _past(check(entity, raw, self.plan.language, today), today)))
            except FieldProblems as refused:
                found = {f"{_said(entity, at)}.{name}": code for name, code in refused.problems.items()}
                # A word that no list knows left the field empty: it is not called missing besides.
                problems = found | problems
            except BadText as refused:
                problems[RECEIVED] = refused.code
        if not problems and all(entity == "consent" for entity, _ in entries):
            problems[ROW] = "required"
        return Row(number, tuple(entries), received, problems)

    def _raw(self, cells: Cells, problems: dict[str, str]) -> dict[tuple[str, int], dict[str, str | list[str]]]:
        """Return what a form would bring, by entity and number; an entry of constants alone says nothing of the row."""
        typed = {one: cells[at].strip() for one, at in self.places.items() if at < len(cells) and cells[at].strip()}
        told = {(one.entity, one.number) for one in typed if one.name != RECEIVED} | {CONSENT}
        found: dict[tuple[str, int], dict[str, str | list[str]]] = {CONSENT: dict(FIXED)}
        for target, text in {**self.plan.constants, **typed}.items():
            if target.name == RECEIVED:
                found[RECEIVED, 1] = {"": text}
            elif (target.entity, target.number) in told:
                values = found.setdefault((target.entity, target.number), {})
                values[target.asked] = self._coded(target, text, problems)
        return found

    def _coded(self, target: Target, text: str, problems: dict[str, str]) -> str | list[str]:
        """Return a field's text: several values apart, words of a list as their codes."""
        many = bool(target.field and target.field.repeated)
        words = [one.strip() for one in text.split(";")] if many else [text]
        said = [self._code(target, word) if target.listed else word for word in words if word]
        if None in said:
            problems[f"{_said(target.entity, target.number)}.{target.asked}"] = "unknown-term"
        known_ones = [one for one in said if one]
        return known_ones if many else next(iter(known_ones), "")

    def _code(self, target: Target, word: str) -> str | None:
        if known(target.listed, word):
            return word
        said = folded(word)
        return self.plan.terms.get(target.name, {}).get(said) or _labels(target.listed).get(said)


def reader(plan: Plan, titles: Sequence[str]) -> Reader:
    """Return the reader of a table with these titles; raises Invalid for a column of the mapping that is not there."""
    at = dict[str, int]()
    doubled = {name for number, name in enumerate(map(folded, titles)) if at.setdefault(name, number) != number}
    problems = {
        f"columns {number}": "doubled-column" if title in doubled else "missing-column"
        for number, title in enumerate(plan.columns, 1)
        if title not in at or title in doubled
    }
    if problems:
        raise Invalid(problems)
    places = {target: at[title] for title, target in plan.columns.items()}
    return Reader(plan, places, tuple(one.strip() for one in titles if one.strip() and folded(one) not in plan.columns))


def records(table: Iterator[tuple[int, Cells | None]], plan: Plan, today: date) -> Iterator[Row]:
    """Yield the rows under the titles, without the empty ones; raises Invalid for the mapping and the file."""
    reading: Reader | None = None
    for number, cells in table:
        if cells is None:
            yield Row(number, problems={ROW: "unreadable-row"})
        elif any(one.strip() for one in cells):
            if reading is None:
                reading = reader(plan, cells)
            else:
                yield reading.read(cells, number, today)
    if reading is None:
        raise Invalid({"file": "unreadable-table"})


def titles_of(table: Iterator[tuple[int, Cells | None]]) -> Cells:
    """Return the first row that is not empty: the titles."""
    return next((cells for _, cells in table if cells and any(one.strip() for one in cells)), [])


def names_of(person: Mapping[str, object]) -> tuple[str, ...]:
    """Return all names of a person."""
    others = person.get("other_names", ())
    said = [*(person.get(name) for name in NAMES), *(others if isinstance(others, list) else ())]
    return tuple(str(one) for one in said if one)


def _said(entity: str, number: int) -> str:
    return entity if number == 1 else f"{entity}-{number}"


def _past(checked: Checked, today: date) -> Checked:
    """Refuse a consent that is still to come: nobody has given it."""
    if str(checked.by_compartment.get(Compartment.CONSENT, {}).get("on", "")) > today.isoformat():
        raise FieldProblems({"on": "unreadable-day"})
    return checked


def _received(raw: str | list[str], today: date) -> str:
    read = day(str(raw))
    if read > today.isoformat():
        raise BadText("unreadable-day")
    return read


@cache
def _labels(list_name: str) -> Mapping[str, str]:
    """Return a list's codes by their labels in any language; a label of two codes is none."""
    said = [(folded(term.labels[one]), term.code) for term in terms_of(list_name) for one in LANGUAGES]
    codes: dict[str, set[str]] = {}
    for label, code in said:
        codes.setdefault(label, set()).add(code)
    return {label: next(iter(found)) for label, found in codes.items() if len(found) == 1}
