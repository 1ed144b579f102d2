"""Counts over time as columns of a chart: each period that lies between is there, empty ones too.

Promises lengths in the units of the drawing, 720 by 300, for a page to draw. Must never give a height to a hidden
number, nor leave a gap out.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from api.reports.counts import Line, Table

WIDTH, HEIGHT, TOP, LEFT, FOOT = 720, 300, 24, 16, 40
MOST_LABELS = 8


@dataclass(frozen=True, slots=True)
class Column:
    """One period: where its column stands and how high, its cases, its label, "" where there is no room for one."""

    x: float
    y: int
    width: float
    height: int
    cases: int
    label: str


def filled(table: Table, periods: Sequence[tuple[str, str]]) -> Table:
    """Return the table with every period of `periods` (code, label) in it, the missing ones with no case."""
    known, wanted = {line.code: line for line in table.lines}, dict(periods)
    lines = [known.get(code, Line(code, label, 0)) for code, label in wanted.items()]
    return replace(table, lines=(*lines, *(line for line in table.lines if line.code not in wanted)))


def columns(lines: Sequence[Line]) -> tuple[Column, ...]:
    """Return the columns of periods in their order."""
    most = max((line.cases for line in lines), default=0) or 1
    step, every = (WIDTH - 2 * LEFT) / max(len(lines), 1), max(1, -(-len(lines) // MOST_LABELS))
    return tuple(_column(line, place, step, most, every) for place, line in enumerate(lines))


def _column(line: Line, place: int, step: float, most: int, every: int) -> Column:
    height = round((HEIGHT - TOP - FOOT) * line.cases / most)
    label = line.label if place % every == 0 else ""
    x, width = round(LEFT + step * place, 1), round(step * 0.8, 1)
    return Column(x, HEIGHT - FOOT - height, width, height, line.cases, label)
