"""The lists of terms that coded fields choose from, each term in three languages.

Promises that a code means one thing wherever it stands. Must never load a published translation: the
published Russian labels of lists 3, 4, 26, 30, 41 and 48 have shifted or turned round ("likely" reads
"unlikely").

Sources: codes and their structure from the HURIDOCS micro-thesauri (lists named by number, codes
`list/twelve digits`); codes with X are local terms under a parent of theirs; lists named by a word are our
own. Labels are ours. Where a HURIDOCS list has 990000000000, "Unknown", the one value `unknown` of every
list stands for it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter

from api.catalogue.compartments import LANGUAGES, Labels, Language
from api.catalogue.purposes import DECISION_LABELS, PURPOSE_LABELS
from api.catalogue.regions import regions
from api.catalogue.tables import read_table


@dataclass(frozen=True, slots=True)
class Term:
    """A code as it is stored, its labels, and the code of the broader term (empty at the top)."""

    code: str
    labels: Labels = field(repr=False)
    parent: str = ""


@dataclass(frozen=True, slots=True)
class TermList:
    """The terms of one list in the order in which they are offered."""

    name: str
    terms: tuple[Term, ...]


# Asked and not known; and for a lawyer or the group to decide. A field that was not asked about is absent.
SPECIALS = (
    Term("unknown", {"en": "Unknown", "ru": "Неизвестно", "uk": "Невідомо"}),
    Term("not-decided", {"en": "Not decided", "ru": "Не решено", "uk": "Не вирішено"}),
)


def _term(row: Mapping[str, str]) -> Term:
    return Term(row["code"], {language: row[language] for language in LANGUAGES}, row["parent"])


def _lists() -> dict[str, TermList]:
    grouped = groupby(read_table("terms"), key=itemgetter("list"))
    return {name: TermList(name, (*map(_term, rows), *SPECIALS)) for name, rows in grouped}


def _places() -> TermList:
    return TermList("region", (*(Term(code, one.labels) for code, one in regions().items()), *SPECIALS))


def _closed(name: str, labels: Iterable[tuple[str, Labels]]) -> TermList:
    return TermList(name, tuple(Term(str(code), said) for code, said in labels))


# A consent is never "unknown": what was not decided is a "no".
TERM_LISTS: Mapping[str, TermList] = {
    **_lists(),
    "region": _places(),
    "purpose": _closed("purpose", PURPOSE_LABELS.items()),
    "decision": _closed("decision", DECISION_LABELS.items()),
}

_CODES: Mapping[str, frozenset[str]] = {
    name: frozenset(term.code for term in one.terms) for name, one in TERM_LISTS.items()
}
_TERMS: Mapping[str, Term] = {term.code: term for one in TERM_LISTS.values() for term in one.terms}


def terms_of(list_name: str) -> tuple[Term, ...]:
    """Return the terms of a list as they are offered; KeyError for a list that is not declared."""
    return TERM_LISTS[list_name].terms


def known(list_name: str, code: str) -> bool:
    """Say whether a list has this code; KeyError for a list that is not declared."""
    return code in _CODES[list_name]


def label(code: str, language: Language) -> str:
    """Return what a code means; KeyError for a code that no list has."""
    return _TERMS[code].labels[language]


def parent(code: str) -> str:
    """Return the broader term's code, empty at the top; KeyError for a code that no list has."""
    return _TERMS[code].parent
