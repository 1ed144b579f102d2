"""How long each class of data is kept, and from when: proposals in one table that the group sets.

Promises that every field has a class. Must never keep longer than the purpose needs: where no row fits,
life of the case is the longest.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from api.catalogue.tables import read_table


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
    """`months` kept, counted from `clock`; nought means that it goes when the clock starts."""

    months: int
    clock: str
    covers: str

    def __str__(self) -> str:
        """Return the period as a sentence part, such as `36 months after the case's end`."""
        return f"{self.months} months after {self.clock}" if self.months else f"until {self.clock}"


TABLE: Mapping[Retention, Period] = {
    Retention(row["code"]): Period(int(row["months"]), row["clock"], row["covers"]) for row in read_table("retention")
}
