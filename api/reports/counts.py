"""A table of counts in words: its categories, and the cases in each.

Promises cases, not acts: a case with two acts counts once in each kind of act, so lines may add up to more than the
total. Must never pass for something that may be published: the numbers are exact, and the note says so.
"""

from dataclasses import dataclass

from api.catalogue.compartments import Labels, Language

UNKNOWN = "unknown"

ASKED: Labels = {"en": "Not asked", "ru": "Не спрашивали", "uk": "Не запитували"}
QUARTER: Labels = {"en": "quarter {1} of {0}", "ru": "{1}-й квартал {0} г.", "uk": "{1}-й квартал {0} р."}
INSIDE: Labels = {
    "en": "Exact counts. Not for publication.",
    "ru": "Точные числа. Не для публикации.",
    "uk": "Точні числа. Не для оприлюднення.",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One category and its cases."""

    code: str
    label: str
    cases: int


@dataclass(frozen=True, slots=True)
class Table:
    """Counts by one dimension, for the desk alone."""

    dimension: str
    language: Language
    title: str
    lines: tuple[Line, ...]
    total: int
    note: str
