"""The timeline: bars whose length is what is not exactly known.

Promises an SVG that says the same to a screen reader as to the eye. Must never draw what was not opened.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from api.catalogue.compartments import Language
from api.catalogue.dates import ApproxDate, say
from api.catalogue.facilities import Facility
from api.catalogue.facilities import say as say_facility
from api.catalogue.terms import label
from api.reports.readiness import urgent_until

WIDTH, LEFT, ROW = 760, 20, 34


@dataclass(frozen=True, slots=True)
class Bar:
    """One thing that happened: its kind (a class of the stylesheet), its span, its words."""

    kind: str
    start: date
    end: date
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
    bars = sorted(_bars(facts, language), key=lambda bar: (bar.start, bar.end))
    if not bars:
        return None
    first, last = min(bar.start for bar in bars), max(bar.end for bar in bars)
    days = max((last - first).days, 30)
    drawn = tuple(_draw(bar, row, first, days) for row, bar in enumerate(bars))
    ticks = tuple(_ticks(first, days))
    return Timeline(len(bars) * ROW + 40, drawn, ticks, "; ".join(bar.words for bar in bars))


def _bars(facts: Mapping[str, Any], language: Language) -> Iterator[Bar]:
    for act in facts.get("act", ()):
        yield from _bar("act", act.get("when"), label(act["type"], language), language)
    for custody in facts.get("custody", ()):
        place = say_facility(Facility.from_json(custody["facility"]), language)
        for edge in ("start", "end"):
            yield from _bar("custody", custody.get(edge), f"{'→ ' if edge == 'start' else '← '}{place}", language)
    for case in facts.get("case", ()):
        heard = case.get("last_heard")
        yield from _bar("heard", heard, "", language)
        until = urgent_until(ApproxDate.from_json(heard)) if heard else None
        if until is not None:
            yield Bar("deadline", until, until, f"{until.isoformat()} WGEID")


def _bar(kind: str, value: Any, words: str, language: Language) -> Iterator[Bar]:
    if not value:
        return
    told = ApproxDate.from_json(value)
    start, end = told.earliest or told.latest, told.latest or told.earliest
    if start is not None and end is not None:
        yield Bar(kind, start, end, f"{say(told, language)} {words}".strip())


def _draw(bar: Bar, row: int, first: date, days: int) -> Drawn:
    scale = (WIDTH - 2 * LEFT) / days
    x = LEFT + round((bar.start - first).days * scale)
    width = max(10, round((bar.end - bar.start).days * scale))
    right = x > WIDTH / 2
    at = x + width if right else x
    return Drawn(bar.kind, x, row * ROW + 22, width, bar.words, "end" if right else "start", at)


def _ticks(first: date, days: int) -> Iterator[tuple[int, str]]:
    for part in range(5):
        day = date.fromordinal(first.toordinal() + round(days * part / 4))
        yield LEFT + round((WIDTH - 2 * LEFT) * part / 4), f"{day.month:02d}.{day.year}"
