"""Counts as the desk reads them: a bar chart or a time series beside its table, or two fields against each other.

Promises what `counting` found and no number besides. Must never offer an analyst what is too fine for who only counts.
"""

from collections.abc import Mapping
from typing import Any

from api.access.caller import Caller
from api.catalogue.compartments import Language
from api.catalogue.fields import ENTITY_LABELS
from api.columns.coding import FIELDS
from api.columns.tally import GRAINS, Dimension, dimension
from api.pages.languages import translator
from api.pages.staff.frame import language_of
from api.reports.categories import TIMES, called, ordered, table
from api.reports.counts import UNKNOWN
from api.reports.series import columns, filled
from api.services.counting import TOO_FINE, CaseCounts

MOST_PERIODS = 400


def choices(caller: Caller) -> list[tuple[str, str]]:
    """Return what the caller may count by: (name, words)."""
    language, refused = language_of(caller), TOO_FINE.get(caller.role, frozenset())
    names = [
        f"{entity}.{one.name}" + (f":{grain}" if grain else "")
        for entity, fields in FIELDS.items()
        for one in fields
        for grain in GRAINS.get(one.kind, ("",))
        if grain not in refused
    ]
    return [(name, _title(dimension(name), language)) for name in names]


def charted(caller: Caller, found: CaseCounts) -> dict[str, Any]:
    """Return the table of one field, and the columns of its chart where it is of time."""
    language, one = language_of(caller), dimension(found.dimensions[0])
    shown = table(_title(one, language), found.counts, found.cases, one.grain, language)
    if one.grain not in TIMES:
        return {"table": shown, "columns": (), "most": max(found.counts.values(), default=1)}
    known = sorted(code for code in found.counts if code not in ("", UNKNOWN))
    periods = [(code, called(code, one.grain, language)) for code in _between(known, one.grain)]
    shown = filled(shown, periods)
    return {"table": shown, "columns": columns(shown.lines[: len(periods)]), "most": 1}


def crossed(caller: Caller, found: CaseCounts) -> dict[str, Any]:
    """Return two fields against each other: the heads of the columns, and the rows with their numbers."""
    language, (down, across) = language_of(caller), [dimension(name) for name in found.dimensions]
    cells = {one.values: one.cases for one in found.cells}
    rows, columns = (ordered(_sums(cells, place), one.grain) for place, one in enumerate((down, across)))
    return {
        "corner": f"{_title(down, language)} / {_title(across, language)}",
        "heads": [called(code, across.grain, language) for code in columns],
        "rows": [
            (called(row, down.grain, language), [cells.get((row, column), 0) for column in columns]) for row in rows
        ],
    }


def _sums(cells: Mapping[tuple[str, ...], int], place: int) -> Mapping[str, int]:
    """Return how large each value is over all cells, for the order alone: a case may stand in several."""
    found: dict[str, int] = {}
    for values, cases in cells.items():
        found[values[place]] = found.get(values[place], 0) + cases
    return found


def _title(one: Dimension, language: Language) -> str:
    _ = translator(language)
    by = {
        "region": _("by region"),
        "facility": _("by place"),
        "quarter": _("by quarter"),
        "month": _("by month"),
        "year": _("by year"),
    }
    said = f"{ENTITY_LABELS[one.entity][language]}: {one.field.labels[language]}"
    return f"{said}, {by[one.grain]}" if one.grain else said


def _between(codes: list[str], grain: str) -> list[str]:
    """Return every period from the first to the last; those known alone where they would be too many."""
    if not codes:
        return []
    numbers = [_number(code, grain) for code in codes]
    every = [_code(number, grain) for number in range(numbers[0], numbers[-1] + 1)]
    return every if len(every) <= MOST_PERIODS else codes


def _number(code: str, grain: str) -> int:
    size = {"year": 1, "quarter": 4, "month": 12}[grain]
    return int(code[:4]) * size + (int(code[5:].strip("Q")) - 1 if grain != "year" else 0)


def _code(number: int, grain: str) -> str:
    if grain == "year":
        return str(number)
    year, part = divmod(number, 4 if grain == "quarter" else 12)
    return f"{year}-Q{part + 1}" if grain == "quarter" else f"{year}-{part + 1:02d}"
