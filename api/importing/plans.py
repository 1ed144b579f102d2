"""The mapping file: which column of a table becomes which field, in TOML that a case worker can write.

Promises that a mapping names only fields of the catalogue that an intake officer may write, and that every record comes
with the day on which keeping it was allowed. Must never carry consent to anything but keeping.

    language = "ru"                      # in which language dates are told first
    encoding = "windows-1251"            # where it is not recognised; so too: delimiter, sheet
    [columns]
    "ФИО" = "person.name"                # title of a column = entity.field; a second entry of a kind: "act-2.type"
    [constants]
    "consent.on" = "2023-05-01"          # on which day the families said yes to keeping: a column or a constant
    [terms."act.type"]
    "подписал контракт" = "X03-0301-01a" # words of the table = code of the list, beside the list's own labels
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from api.catalogue.compartments import LANGUAGES, Compartment, Language
from api.catalogue.fields import Field, Kind, form_fields
from api.catalogue.terms import known
from api.errors import Invalid

LONGEST = 60_000
MOST_COLUMNS = 200
ENCODINGS = frozenset({"", "utf-8", "utf-16", "windows-1251", "koi8-r", "koi8-u", "cp866"})
DELIMITERS = frozenset({"", ",", ";", "\t", "|"})
# What one row can bring; who imports holds no key of the legal steps.
ENTITIES = ("case", "person", "custody", "act", "statement", "summary", "task", "reporter", "consent")
CODED = frozenset({Kind.TERM, Kind.CHOICE})
TARGET = re.compile(r"([a-z]+)(?:-([2-9]))?\.([a-z_]+)")
# Written by the program elsewhere; an old record keeps the day on which it came in.
RECEIVED = "case.received_on"
# A yes to keeping is all that an old record can bring: for every other use the family is asked.
FIXED = {"purpose": "keep", "value": "yes"}
NAMES = frozenset({"language", "encoding", "delimiter", "sheet", "columns", "constants", "terms"})


@dataclass(frozen=True, slots=True)
class Target:
    """Where a value goes: the entity, which entry of its kind (1 to 9), and the field's name."""

    entity: str
    number: int
    asked: str

    @property
    def name(self) -> str:
        """The field as the catalogue has it: by this a problem is told, never by the table's own words."""
        return f"{self.entity}.{self.asked}"

    @property
    def field(self) -> Field | None:
        """The catalogue's field; none for the day on which a record came in."""
        return next((one for one in writable(self.entity) if one.name == self.asked), None)

    @property
    def listed(self) -> str:
        """The list that the field chooses from, or ""."""
        return (self.field.term_list or "") if self.field and self.field.kind in CODED else ""


@dataclass(frozen=True, slots=True)
class Plan:
    """How a table is read: its form, and for each column and constant the field it becomes."""

    language: Language = "en"
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    columns: Mapping[str, Target] = field(default_factory=dict, repr=False)
    constants: Mapping[Target, str] = field(default_factory=dict, repr=False)
    terms: Mapping[str, Mapping[str, str]] = field(default_factory=dict, repr=False)


def read_plan(text: str) -> Plan:
    """Return the mapping; raises Invalid with a place (`columns 3` is the third line of that table) and a code."""
    if len(text) > LONGEST:
        raise Invalid({"mapping": "too-long"})
    try:
        raw = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        raise Invalid({"mapping": "unreadable-mapping"}) from None
    problems = dict[str, str]()
    plan = _plan(raw, problems)
    given = {one.name for one in (*plan.columns.values(), *plan.constants)}
    if not problems and not plan.columns:
        problems["columns"] = "required"
    if not problems and "consent.on" not in given:
        problems["consent.on"] = "no-consent"
    if problems:
        raise Invalid(problems)
    return plan


def _plan(raw: Mapping[str, Any], problems: dict[str, str]) -> Plan:
    if raw.keys() - NAMES:
        problems["mapping"] = "unknown-field"
    language = next((one for one in LANGUAGES if one == raw.get("language", "en")), None)
    encoding, delimiter, sheet = (raw.get(name, "") for name in ("encoding", "delimiter", "sheet"))
    fits = {
        "language": language is not None,
        "encoding": isinstance(encoding, str) and encoding.lower() in ENCODINGS,
        "delimiter": isinstance(delimiter, str) and delimiter in DELIMITERS,
        "sheet": isinstance(sheet, str),
    }
    problems |= {name: "unknown-term" for name, good in fits.items() if not good}
    columns = _columns(raw, problems)
    constants = {target: text for text, target in _constants(raw, problems) if target}
    form = (language or "en", str(encoding).lower(), str(delimiter), str(sheet))
    return Plan(*form, columns, constants, _terms(raw, problems))


def _table(raw: Mapping[str, Any], name: str, problems: dict[str, str]) -> dict[str, Any]:
    table = raw.get(name, {})
    if isinstance(table, dict) and len(table) <= MOST_COLUMNS:
        return table
    problems[name] = "unreadable-mapping"
    return {}


def _columns(raw: Mapping[str, Any], problems: dict[str, str]) -> dict[str, Target]:
    """Return the columns by title; two for one field are refused, since one of them would be lost without a word."""
    columns, seen = dict[str, Target](), set[Target]()
    for at, (title, said) in enumerate(_table(raw, "columns", problems).items(), 1):
        target = _target(said)
        if target is None or target in seen or folded(title) in columns:
            problems[f"columns {at}"] = "only-one" if target else "unknown-field"
        else:
            columns[folded(title)] = target
            seen.add(target)
    return columns


def _constants(raw: Mapping[str, Any], problems: dict[str, str]) -> list[tuple[str, Target | None]]:
    """Return constants as text; a TOML day or number is as good as its words."""
    table = _table(raw, "constants", problems)
    found = [(str(value), _target(said)) for said, value in table.items()]
    problems |= {f"constants {at}": "unknown-field" for at, (_, target) in enumerate(found, 1) if target is None}
    return found


def _target(said: object) -> Target | None:
    match = TARGET.fullmatch(said) if isinstance(said, str) else None
    if match is None or match[1] not in ENTITIES or (match[2] and match[1] in ("case", "consent")):
        return None
    target = Target(match[1], int(match[2] or 1), match[3])
    return target if target.field or target.name == RECEIVED else None


@cache
def writable(entity: str) -> tuple[Field, ...]:
    """Return the fields of an entity that a table may fill."""
    fixed = FIXED if entity == "consent" else {}
    fields = form_fields(entity) if entity in ENTITIES else ()
    return tuple(one for one in fields if one.compartment is not Compartment.LEGAL and one.name not in fixed)


def _terms(raw: Mapping[str, Any], problems: dict[str, str]) -> dict[str, Mapping[str, str]]:
    found = dict[str, Mapping[str, str]]()
    for at, (said, words) in enumerate(_table(raw, "terms", problems).items(), 1):
        target = _target(said)
        listed = target.listed if target else ""
        if target is None or not listed or not isinstance(words, dict):
            problems[f"terms {at}"] = "unknown-field"
        elif not all(isinstance(code, str) and known(listed, code) for code in words.values()):
            problems[f"terms {at}"] = "unknown-term"
        else:
            found[target.name] = {folded(word): code for word, code in words.items()}
    return found


def folded(text: str) -> str:
    """Return a title or a word as it is compared: small letters, single spaces."""
    return " ".join(text.casefold().split())
