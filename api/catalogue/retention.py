"""How long each class of data is kept, and from when: proposals in one table that the group sets.

Promises that every field has a class. Must never be longer than its purpose needs.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Retention(StrEnum):
    """A retention class."""

    LIFE = "life"
    FACTS = "FAC"
    IDENTITY = "ID"
    SOURCE = "SRC"
    CONTACT = "SRC-contact"
    NARRATIVE = "NAR"
    EVIDENCE = "EVI"
    CONSENT = "CONSENT"
    INTERVENTION = "INT"


@dataclass(frozen=True, slots=True)
class Term:
    """Months kept, counted from `start`."""

    months: int
    start: str


TABLE: Mapping[Retention, Term] = {
    Retention.LIFE: Term(0, "the case's end"),
    Retention.FACTS: Term(36, "the case's end"),
    Retention.IDENTITY: Term(36, "the case's end"),
    Retention.SOURCE: Term(12, "the last contact"),
    Retention.CONTACT: Term(12, "the last contact"),
    Retention.NARRATIVE: Term(36, "the case's end"),
    Retention.EVIDENCE: Term(36, "the case's end"),
    Retention.CONSENT: Term(36, "the end of what it covers"),
    Retention.INTERVENTION: Term(120, "the last step"),
}
