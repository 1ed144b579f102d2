"""Term lists: codes of the HURIDOCS micro-thesauri (2001), local codes attached under them, and our own labels.

Promises that a code is written once, with a label in each language. Must never load the published Russian file: it
inverts several meanings. Source of the codes: HURIDOCS, Micro-thesauri; rows `X…` and words are local.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from api.catalogue.compartments import Labels, Language

UNKNOWN, NOT_DECIDED = "unknown", "not-decided"
SPECIAL: Mapping[str, Labels] = {
    UNKNOWN: {"en": "unknown", "ru": "неизвестно", "uk": "невідомо"},
    NOT_DECIDED: {"en": "not decided", "ru": "не решено", "uk": "не вирішено"},
}


@dataclass(frozen=True, slots=True)
class Term:
    """A code, the code it stands under where the standard lacks it, and its labels."""

    code: str
    parent: str
    labels: Labels


@cache
def lists() -> Mapping[str, Mapping[str, Term]]:
    """Return every list: name -> code -> term, in the order in which they are offered."""
    found: dict[str, dict[str, Term]] = {}
    text = (files("api.catalogue") / "tables" / "terms.csv").read_text("utf-8")
    for row in csv.DictReader(text.splitlines()):
        labels: Labels = {"en": row["en"], "ru": row["ru"], "uk": row["uk"]}
        found.setdefault(row["list"], {})[row["code"]] = Term(row["code"], row["parent"], labels)
    return found


def known(list_name: str, code: str) -> bool:
    """Say whether `code` may stand in a field of this list; "unknown" and "not decided" always may."""
    return code in SPECIAL or code in lists()[list_name]


def label(code: str, language: Language) -> str:
    """Return what a person reads for a code; the code itself where no list has it any more."""
    if code in SPECIAL:
        return SPECIAL[code][language]
    term = _by_code().get(code)
    return term.labels[language] if term else code


def choices(list_name: str, language: Language) -> tuple[tuple[str, str], ...]:
    """Return (code, label) for a form, the special values last."""
    offered = [(code, term.labels[language]) for code, term in lists()[list_name].items()]
    return (*offered, *((code, labels[language]) for code, labels in SPECIAL.items()))


@cache
def _by_code() -> Mapping[str, Term]:
    return {code: term for terms in lists().values() for code, term in terms.items()}
