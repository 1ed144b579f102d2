"""The nine compartments of a case, each with its own key.

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
    CONTACT = "contact"
    NARRATIVE = "narrative"
    EVIDENCE = "evidence"
    LEGAL = "legal"


LABELS: Mapping[Compartment, Labels] = {
    Compartment.CONTROL: {"en": "Work on the case", "ru": "Работа над делом", "uk": "Робота над справою"},
    Compartment.CONSENT: {"en": "Consent", "ru": "Согласие", "uk": "Згода"},
    Compartment.FACTS: {"en": "Facts", "ru": "Факты", "uk": "Факти"},
    Compartment.IDENTITY: {"en": "Identity", "ru": "Личность", "uk": "Особа"},
    Compartment.SOURCE: {"en": "Source", "ru": "Источник", "uk": "Джерело"},
    Compartment.CONTACT: {"en": "How to reach them", "ru": "Как с ними связаться", "uk": "Як із ними зв’язатися"},
    Compartment.NARRATIVE: {"en": "Narrative", "ru": "Рассказ", "uk": "Розповідь"},
    Compartment.EVIDENCE: {"en": "Evidence", "ru": "Доказательства", "uk": "Докази"},
    Compartment.LEGAL: {"en": "Legal steps", "ru": "Правовые шаги", "uk": "Правові кроки"},
}

HOLDS: Mapping[Compartment, str] = {
    Compartment.CONTROL: "owner, tasks, deadlines, who can open the case, the register of disclosures",
    Compartment.CONSENT: "each decision of the family, with its date, giver and language",
    Compartment.FACTS: "coded facts: custody, acts, dates, places, bodies, status",
    Compartment.IDENTITY: "names in every script, birth",
    Compartment.SOURCE: "who told it, and how they stand to the person",
    Compartment.CONTACT: "how and when the one who told it is reached without harm",
    Compartment.NARRATIVE: "statements in the teller's own words, dates as told, the safe summary",
    Compartment.EVIDENCE: "files, their hashes and where they came from",
    Compartment.LEGAL: "interventions, submissions and responses",
}

# Who told it and how they are reached: apart in time, since the second goes first, and never in a document.
TELLER = frozenset({Compartment.SOURCE, Compartment.CONTACT})

# Whoever opens one of these says why; the reason stands in the log before the page.
NEEDS_REASON = TELLER | {Compartment.IDENTITY}
