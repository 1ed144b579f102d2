"""What the case model asks for is there, line by line, and nothing is there that it does not ask for."""

import csv
from pathlib import Path

from api.audit import Entry
from api.catalogue.fields import FIELDS

ROWS = tuple(csv.DictReader(Path(__file__).with_name("asked_for.csv").read_text("utf-8").splitlines(), strict=True))
DECLARED = {f"{one.entity}.{one.name}" for one in FIELDS}
# What no field holds: a case's code follows from its identifier, and the log is no part of a case.
ELSEWHERE = {"-code", "-log"}


def missing(rows: tuple[dict[str, str], ...], declared: set[str]) -> list[str]:
    """Return what is asked for and answered by no field that is declared."""
    named = {one: row["fields"].split() for row in rows if (one := row["what is asked"])}
    return [asked for asked, fields in named.items() if not fields or not set(fields) <= declared | ELSEWHERE]


def test_each_thing_that_is_asked_for_has_its_fields() -> None:
    assert missing(ROWS, DECLARED) == []
    assert len(ROWS) > 40


def test_a_field_that_is_missing_is_caught() -> None:
    assert missing(ROWS, DECLARED - {"act.amount"}) == ["what it cost"]


def test_no_field_is_there_that_nothing_asks_for() -> None:
    assert DECLARED - {one for row in ROWS for one in row["fields"].split()} == set()


def test_the_log_names_actor_verb_case_parts_and_reason() -> None:
    assert {"actor", "verb", "case", "compartments", "reason"} <= set(Entry.__slots__)
