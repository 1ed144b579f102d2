"""How long each class of data is kept, and from when: proposals in one table that the group sets.

Promises that every field has a class. Must never keep longer than the purpose needs: where no row fits,
life of the case is the longest.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from api.catalogue.compartments import Labels, Language
from api.catalogue.tables import read_table

# With months, and without: it goes when the clock starts.
SAID: Mapping[Language, tuple[str, str]] = {
    "en": ("{} months after {}", "until {1}"),
    "ru": ("{} мес. после {}", "до {1}"),
    "uk": ("{} міс. після {}", "до {1}"),
}


class Retention(StrEnum):
    """A retention class; a legal hold stops every clock."""

    LIFE = "life"
    FACTS = "FAC"
    IDENTITY = "ID"
    SOURCE = "SRC"
    CONTACT = "SRC-contact"
    NARRATIVE = "NAR"
    EVIDENCE = "EVI"
    CONSENT = "CONSENT"
    INTERVENTION = "INT"
    AUDIT = "AUDIT"


@dataclass(frozen=True, slots=True)
class Period:
    """`months` kept, counted from a clock that `clocks` name; nought means that it goes when the clock starts."""

    months: int
    clocks: Labels
    covers: str

    def told(self, language: Language) -> str:
        """Return the period as a sentence part, such as `36 months after the case's end`."""
        months, until = SAID[language]
        return (months if self.months else until).format(self.months, self.clocks[language])

    def __str__(self) -> str:
        """Return the period in English."""
        return self.told("en")


TABLE: Mapping[Retention, Period] = {
    Retention(row["code"]): Period(
        int(row["months"]), {"en": row["clock"], "ru": row["clock_ru"], "uk": row["clock_uk"]}, row["covers"]
    )
    for row in read_table("retention")
}
