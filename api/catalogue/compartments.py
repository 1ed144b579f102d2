"""The eight compartments of a case, each with its own key.

Promises that every field lies in exactly one of them. Must never gain one that nobody opens.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Literal

Language = Literal["en", "ru", "uk"]
LANGUAGES: tuple[Language, ...] = ("en", "ru", "uk")
Labels = Mapping[Language, str]


class Compartment(StrEnum):
    """What is sealed apart, since not everyone who needs one needs another."""

    CONTROL = "control"
    CONSENT = "consent"
    FACTS = "facts"
    IDENTITY = "identity"
    SOURCE = "source"
    NARRATIVE = "narrative"
    EVIDENCE = "evidence"
    LEGAL = "legal"


def _labels(en: str, ru: str, uk: str) -> Labels:
    return {"en": en, "ru": ru, "uk": uk}


LABELS: Mapping[Compartment, Labels] = {
    Compartment.CONTROL: _labels("Work on the case", "Работа над делом", "Робота над справою"),
    Compartment.CONSENT: _labels("Consent", "Согласие", "Згода"),
    Compartment.FACTS: _labels("Facts", "Факты", "Факти"),
    Compartment.IDENTITY: _labels("Identity", "Личность", "Особа"),
    Compartment.SOURCE: _labels("Source", "Источник", "Джерело"),
    Compartment.NARRATIVE: _labels("Narrative", "Рассказ", "Розповідь"),
    Compartment.EVIDENCE: _labels("Evidence", "Доказательства", "Докази"),
    Compartment.LEGAL: _labels("Legal steps", "Правовые шаги", "Правові кроки"),
}

HOLDS: Mapping[Compartment, str] = {
    Compartment.CONTROL: "owner, tasks, deadlines, who can open the case, the register of disclosures",
    Compartment.CONSENT: "each decision of the family, with its date, giver and language",
    Compartment.FACTS: "coded facts without free text: custody, acts, dates, places, bodies, status",
    Compartment.IDENTITY: "names in every script, birth",
    Compartment.SOURCE: "who told it, and how to reach them safely",
    Compartment.NARRATIVE: "statements in the teller's own words, dates as told, the safe summary",
    Compartment.EVIDENCE: "files, their hashes and where they came from",
    Compartment.LEGAL: "interventions, submissions and responses",
}
