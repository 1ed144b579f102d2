"""From a profile's parts to blocks: the order and the words are the profile's, the facts are the case's.

Promises one way for every profile, so that a new body is a new data file. Must never read a section that did
not pass the gate of `api.reports.selecting`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from operator import itemgetter

from api.catalogue.compartments import Labels, Language
from api.catalogue.dates import ApproxDate, UnreadableDate
from api.catalogue.fields import Kind
from api.catalogue.purposes import DECISION_LABELS, PURPOSE_LABELS, Decision, Purpose
from api.reports.blocks import Block, Heading, Paragraph, Row, Rows, Table, Words
from api.reports.profiles import Event, Part, PartKind, Profile, field_of
from api.reports.readiness import urgent_until
from api.reports.saying import day_said, say
from api.reports.sections import Entry, FieldPath, Sections, Submitter, entries, is_open, values
from api.reports.selecting import select

WHEN: Labels = {"en": "When", "ru": "Когда", "uk": "Коли"}
WHAT: Labels = {"en": "What is known", "ru": "Что известно", "uk": "Що відомо"}
UNDATED: Labels = {"en": "Date not known", "ru": "Дата неизвестна", "uk": "Дата невідома"}
USE: Labels = {"en": "Use", "ru": "Использование", "uk": "Використання"}
DECISION: Labels = {"en": "Decision", "ru": "Решение", "uk": "Рішення"}
DECIDED_ON: Labels = {"en": "Decided on", "ru": "Дата решения", "uk": "Дата рішення"}
SUBMITTED_BY: Labels = {"en": "Organisation", "ru": "Организация", "uk": "Організація"}
CONTACT: Labels = {"en": "How to reach it", "ru": "Как связаться", "uk": "Як зв’язатися"}
URGENT: Labels = {
    "en": "The urgent procedure is asked for: three months from the event end on {}.",
    "ru": "Просим о срочной процедуре: три месяца со дня события истекают {}.",
    "uk": "Просимо про термінову процедуру: три місяці від дня події спливають {}.",
}
# What an entry is called where another names it.
CALLED_BY: Mapping[str, FieldPath] = {
    "act": FieldPath("facts", "act", "type"),
    "event": FieldPath("facts", "event", "title"),
    "person": FieldPath("facts", "person", "role"),
    "document": FieldPath("evidence", "document", "title"),
}
NOT_DECIDED = "not-decided"
NEVER: Words = ("–",)


class Composer:
    """Composes one report; holds only what passed the gate."""

    def __init__(
        self,
        profile: Profile,
        sections: Sections,
        submitter: Submitter,
        on: date,
        languages: tuple[Language, ...],
    ) -> None:
        self._profile = profile
        self._sections = select(profile, sections)
        self._submitter = submitter
        self._on = on
        self._languages = languages
        self._makers: Mapping[PartKind, Callable[[Part], Iterator[Block]]] = {
            "rows": self._rows,
            "chronology": self._chronology,
            "consents": self._consents,
            "submitter": self._submitted,
            "urgent": self._urgent,
        }

    def blocks(self) -> Iterator[Block]:
        """Yield the blocks of every part in the profile's order; a part with nothing to say is left out."""
        for part in self._profile.parts:
            filled = tuple(self._filled(part))
            if filled:
                yield Heading(self.said(part.heading))
                yield from self._lead(part)
                yield from filled

    def said(self, labels: Labels) -> Words:
        """Return a label in each language of the report."""
        return tuple(labels[language] for language in self._languages)

    def _lead(self, part: Part) -> Iterator[Block]:
        if part.lead is not None:
            yield Paragraph(self.said(part.lead), quiet=True)

    def _filled(self, part: Part) -> Iterator[Block]:
        """Yield what is known, then what was not opened, or that nothing is known."""
        made = tuple(self._makers[part.kind](part))
        yield from made
        if part.shut is not None and any(not is_open(self._sections, name) for name in part.compartments):
            yield Paragraph(self.said(part.shut))
        elif part.empty is not None and not made:
            yield Paragraph(self.said(part.empty))

    # --- the facts, entry by entry ---

    def _rows(self, part: Part) -> Iterator[Block]:
        for entity in dict.fromkeys(path.entity for path in part.fields):
            paths = tuple(path for path in part.fields if path.entity == entity)
            for entry in self._entries(paths, part.title):
                yield from self._entry(part, paths, entry)

    def _entries(self, paths: tuple[FieldPath, ...], title: FieldPath | None) -> list[Entry]:
        """Return an entity's entries, the parts of one entry from several compartments put together."""
        merged: dict[object, dict[str, object]] = {}
        named = paths if title is None else (*paths, title)
        for compartment in dict.fromkeys(path.compartment for path in named):
            for entry in entries(self._sections, compartment, paths[0].entity):
                merged.setdefault(entry.get("id"), {}).update(entry)
        dated = [path.name for path in paths if field_of(path).kind == "approx_date"]
        return sorted(merged.values(), key=lambda entry: _begins(*(entry.get(name) for name in dated)))

    def _entry(self, part: Part, paths: tuple[FieldPath, ...], entry: Entry) -> Iterator[Block]:
        rows = tuple(
            Row(self.said(field_of(path).labels), self._value(path, entry))
            for path in paths
            if self._shows(entry.get(path.name))
        )
        if part.title is not None and part.title.name in entry:
            yield Heading(self._value(part.title, entry), level=2)
        if rows:
            yield Rows(rows)

    def _shows(self, value: object) -> bool:
        return value is not None and (self._profile.undecided or value != NOT_DECIDED)

    def _value(self, path: FieldPath, entry: Entry) -> Words:
        declared = field_of(path)
        if declared.kind is Kind.LINK:
            return self._linked(declared.target or "", entry[path.name])
        return tuple(say(field_of(path), entry[path.name], language) for language in self._languages)

    def _linked(self, target: str, value: object) -> Words:
        """Return what entries are called that a link names, as far as the profile lets that leave; never their ids."""
        wanted, path = value if isinstance(value, list) else [value], CALLED_BY[target]
        known = {one.get("id"): one for one in entries(self._sections, path.compartment, path.entity)}
        named = [self._value(path, known[one]) for one in wanted if one in known and path.name in known[one]]
        return tuple("; ".join(words[place] for words in named) for place in range(len(self._languages)))

    # --- the chronology ---

    def _chronology(self, part: Part) -> Iterator[Block]:
        lines = [line for event in part.events for line in self._events(event)]
        if lines:
            rows = tuple((when, what) for _, when, what in sorted(lines, key=itemgetter(0)))
            yield Table((self.said(WHEN), self.said(WHAT)), rows)

    def _events(self, event: Event) -> Iterator[tuple[date, Words, Words]]:
        for entry in entries(self._sections, event.when.compartment, event.when.entity):
            told = [self._value(path, entry) for path in event.what if path.name in entry]
            if event.when.name in entry:
                yield _begins(entry[event.when.name]), self._value(event.when, entry), self._line(event, told)
            elif told and event.undated:
                yield date.max, self.said(UNDATED), self._line(event, told)

    def _line(self, event: Event, told: list[Words]) -> Words:
        leads = self.said(event.said)
        ends = tuple("; ".join(words[place] for words in told) for place in range(len(leads)))
        return tuple(": ".join(filter(None, pair)) for pair in zip(leads, ends, strict=True))

    # --- consent, and who submits ---

    def _consents(self, part: Part) -> Iterator[Block]:
        if not is_open(self._sections, "consent"):
            return
        newest = _newest(entries(self._sections, "consent", "consent"))
        head = (self.said(USE), self.said(DECISION), self.said(DECIDED_ON))
        yield Table(head, tuple(self._decision(purpose, newest.get(purpose)) for purpose in part.purposes))

    def _decision(self, purpose: Purpose, entry: Entry | None) -> tuple[Words, ...]:
        value = Decision.NO if entry is None else Decision(str(entry["value"]))
        on = FieldPath("consent", "consent", "on")
        dated = self._value(on, entry) if entry is not None and "on" in entry else NEVER * len(self._languages)
        return self.said(PURPOSE_LABELS[purpose]), self.said(DECISION_LABELS[value]), dated

    def _urgent(self, part: Part) -> Iterator[Block]:
        """Yield the request while the urgent procedure is open, and nothing after that."""
        for value in (value for path in part.fields for value in values(self._sections, path)):
            until = _urgent_until(value)
            if until is not None and self._on <= until:
                yield Paragraph(tuple(URGENT[one].format(day_said(until, one)) for one in self._languages))

    def _submitted(self, part: Part) -> Iterator[Block]:
        count = len(self._languages)
        given = ((SUBMITTED_BY, self._submitter.name), (CONTACT, self._submitter.contact))
        rows = tuple(Row(self.said(term), (value,) * count) for term, value in given if value.strip())
        if rows:
            yield Rows(rows)


def _urgent_until(value: object) -> date | None:
    try:
        return urgent_until(ApproxDate.from_json(value))
    except UnreadableDate:
        return None


def _newest(decisions: Iterable[Entry]) -> Mapping[object, Entry]:
    """Return the decision that holds for each purpose: the newest day, and of one day the last written."""
    ordered = sorted(decisions, key=lambda entry: str(entry.get("on", "")))
    return {entry.get("purpose"): entry for entry in ordered}


def _begins(*told: object) -> date:
    """Return the first day that any of some approximate dates may mean; what has none comes last."""
    days = [day for value in told for day in _days(value)]
    return min(days, default=date.max)


def _days(value: object) -> tuple[date, ...]:
    try:
        read = ApproxDate.from_json(value)
    except UnreadableDate:
        return ()
    first = read.earliest or read.latest
    return () if first is None else (first,)
