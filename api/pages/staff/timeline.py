"""The timeline: bars whose length is what is not exactly known.

Promises an SVG that says the same to a screen reader as to the eye. Must never draw what was not opened.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from api.catalogue.compartments import Language
from api.catalogue.dates import ApproxDate, Basis, say
from api.catalogue.facilities import Facility
from api.catalogue.facilities import say as say_facility
from api.catalogue.terms import label
from api.pages.languages import translator
from api.reports.readiness import urgent_until

WIDTH, LEFT, ROW = 760, 20, 34
# The beginning of an act's code -> how its bar is coloured: an approach, a harm; anything else is an act.
KINDS = (("X03-0301-01a", "approach"), ("X03-0301-03", "harm"), ("X52", "harm"), ("X25", "harm"))


@dataclass(frozen=True, slots=True)
class Bar:
    """One thing that happened: its kind (a class of the stylesheet), its span (None: nobody told), its words."""

    kind: str
    start: date | None
    end: date | None
    words: str


@dataclass(frozen=True, slots=True)
class Drawn:
    """A bar at its place, in the picture's units."""

    kind: str
    x: int
    y: int
    width: int
    words: str
    anchor: str
    at: int


@dataclass(frozen=True, slots=True)
class Timeline:
    """The picture: its height, its bars, its ticks."""

    height: int
    bars: tuple[Drawn, ...]
    ticks: tuple[tuple[int, str], ...]
    summary: str


def timeline(facts: Mapping[str, Any], language: Language) -> Timeline | None:
    """Return the timeline of the facts, or None when no date is known."""
    bars = [*_acts(facts, language), *_cases(facts, language), *_custody(facts, language)]
    known = [day for bar in bars for day in (bar.start, bar.end) if day is not None]
    if not known:
        return None
    first, days = min(known), max((max(known) - min(known)).days, 30)
    rows = sorted(bars, key=lambda bar: (bar.kind == "custody", bar.start or first, bar.end or first))
    drawn = tuple(_draw(bar, row, first, days) for row, bar in enumerate(rows))
    return Timeline(len(rows) * ROW + 40, drawn, tuple(_ticks(first, days)), "; ".join(bar.words for bar in rows))


def _acts(facts: Mapping[str, Any], language: Language) -> Iterator[Bar]:
    for act in facts.get("act", ()):
        kind = next((kind for prefix, kind in KINDS if str(act["type"]).startswith(prefix)), "act")
        yield from _bar(kind, act.get("when"), label(act["type"], language), language)


def _cases(facts: Mapping[str, Any], language: Language) -> Iterator[Bar]:
    _ = translator(language)
    for case in facts.get("case", ()):
        heard = case.get("last_heard")
        yield from _bar("heard", heard, _("last heard from"), language)
        until = urgent_until(ApproxDate.from_json(heard)) if heard else None
        if until is not None:
            ends = ApproxDate(until, until, Basis.EXACT)
            yield Bar("deadline", until, until, f"{say(ends, language)} · {_('urgent procedure ends')}")


def _custody(facts: Mapping[str, Any], language: Language) -> Iterator[Bar]:
    """Yield a bar from the first day to the last; an end that nobody told is the picture's edge, or no bar at all."""
    held = translator(language)("in custody")
    for custody in facts.get("custody", ()):
        place = f"{held} · {say_facility(Facility.from_json(custody['facility']), language)}"
        edges = [ApproxDate.from_json(custody[edge]) if edge in custody else None for edge in ("start", "end")]
        start, end = edges
        if end is not None:
            left = start.earliest if start else None
            yield Bar("custody", left, end.latest or end.earliest, f"{place} · → {say(end, language)}")
        elif start is not None:
            yield from _bar("custody", custody["start"], f"{place} →", language)


def _bar(kind: str, value: Any, words: str, language: Language) -> Iterator[Bar]:
    if not value:
        return
    told = ApproxDate.from_json(value)
    start, end = told.earliest or told.latest, told.latest or told.earliest
    if start is not None and end is not None:
        yield Bar(kind, start, end, f"{say(told, language)} · {words}")


def _draw(bar: Bar, row: int, first: date, days: int) -> Drawn:
    scale = (WIDTH - 2 * LEFT) / days
    start = bar.start or first
    x = LEFT + round((start - first).days * scale)
    width = 0 if bar.kind == "deadline" else max(10, round(((bar.end or start) - start).days * scale))
    right = x > WIDTH / 2
    at = x + (width or -6) if right else x
    return Drawn(bar.kind, x, row * ROW + 22, width, bar.words, "end" if right else "start", at)


def _ticks(first: date, days: int) -> Iterator[tuple[int, str]]:
    """Yield months at even distances, each once: of a short time there are fewer than five."""
    said = ""
    for part in range(5):
        day = date.fromordinal(first.toordinal() + round(days * part / 4))
        before, said = said, f"{day.month:02d}.{day.year}"
        if said != before:
            yield LEFT + round((WIDTH - 2 * LEFT) * part / 4), said
