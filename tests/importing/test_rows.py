"""A row becomes what a form would have given, or is named by its number, a field and a code."""

from collections.abc import Sequence
from datetime import date

import pytest

from api.catalogue.compartments import Compartment
from api.catalogue.dates import Basis
from api.errors import Invalid
from api.importing.plans import Plan, read_plan
from api.importing.rows import Row, records
from tests.importing.tables import MAPPING, TITLES, row

TODAY = date(2024, 1, 1)
C = Compartment


def found(*rows: Sequence[str] | None, titles: Sequence[str] = TITLES, mapping: str = MAPPING) -> list[Row]:
    table = [list(one) if one is not None else None for one in (titles, *rows)]
    return list(records(iter(list(enumerate(table, 1))), read_plan(mapping), TODAY))


def changed(**cells: str) -> list[str]:
    """Return a row in which some cells are others."""
    places = {"name": 0, "birth": 1, "where": 2, "what": 3, "when": 4, "text": 5, "received": 6}
    cells_of = row(1)
    for name, text in cells.items():
        cells_of[places[name]] = text
    return cells_of


def test_a_row_that_fits_is_coded_like_a_form() -> None:
    [one] = found(row(28))
    entries = {entity: checked.by_compartment for entity, checked in one.entries}
    assert one.problems == {}
    assert one.number == 2
    assert one.received_on == "2023-05-03"
    assert entries["consent"] == {C.CONSENT: {"purpose": "keep", "value": "yes", "on": "2023-05-01", "how": "phone"}}
    assert entries["custody"][C.FACTS]["facility"] == {
        "type": "17/030600000000", "kind": "IK", "number": "29", "region": "RU-ARK"
    }  # fmt: skip
    assert entries["act"][C.FACTS]["type"] == "X03-0301-01a"
    assert entries["person"][C.FACTS] == {"role": "victim"}
    assert entries["person"][C.IDENTITY]["birth"] == {"edtf": "1988", "basis": Basis.UNKNOWN_MONTH}
    told = {entity: checked.told for entity, checked in one.entries if checked.told}
    assert told == {"person": {"birth": "1988"}, "act": {"when": "май 2023"}}


@pytest.mark.parametrize(
    ("cells", "problems"),
    [
        (changed(when="на днях, кажется"), {"act.when": "unreadable-date"}),
        (changed(where="там"), {"custody.facility": "unreadable-facility"}),
        (changed(what="слышали"), {"act.type": "unknown-term"}),
        (changed(received="вчера"), {"case.received_on": "unreadable-day"}),
        (changed(received="2030-01-01"), {"case.received_on": "unreadable-day"}),
        (changed(text="x\x00"), {"statement.text": "not-text"}),
        (changed(name="ж" * 500), {"person.name": "too-long"}),
        (changed(name="\udcff"), {"person.name": "not-text"}),
        (["", "", "", "", "", "", "1.1.2020"], {"row": "required"}),
    ],
)
def test_what_is_wrong_is_named_by_field_and_code(cells: list[str], problems: dict[str, str]) -> None:
    [one] = found(cells)
    assert one.problems == problems


def test_a_broken_row_says_nothing_of_the_others_and_spoils_none() -> None:
    rows = found(row(1), changed(when="?"), None, row(2))
    assert [(one.number, dict(one.problems)) for one in rows] == [
        (2, {}),
        (3, {"act.when": "unreadable-date"}),
        (4, {"row": "unreadable-row"}),
        (5, {}),
    ]


def test_empty_rows_are_no_rows_and_titles_may_stand_lower() -> None:
    table = iter([(1, ["", ""]), (2, list(TITLES)), (3, []), (4, row(1))])
    assert [one.number for one in records(table, read_plan(MAPPING), TODAY)] == [4]


@pytest.mark.parametrize("said", ["Принуждение к подписанию", "X03-0301-01a", "ПОДПИСАЛ  контракт"])
def test_a_term_is_known_by_code_and_by_the_words_of_the_mapping(said: str) -> None:
    [one] = found(changed(what=said))
    expected = {"act.type": "unknown-term"} if said.startswith("Прин") else {}
    assert one.problems == expected


def test_a_term_is_known_by_its_label_in_any_language() -> None:
    mapping = '[columns]\n"a" = "case.status"\n[constants]\n"consent.on" = "2023-05-01"'
    rows = found(["Missing"], ["missing"], ["Неизвестно"], titles=["A"], mapping=mapping)
    codes = [one.entries[-1][1].by_compartment.get(C.FACTS) for one in rows if not one.problems]
    assert {"status": "unknown"} in codes


def test_several_values_stand_between_semicolons() -> None:
    mapping = '[columns]\n"a" = "person.other_names"\n[constants]\n"consent.on"="2023-05-01"\n"person.role"="victim"'
    [one] = found(["Тихон; Тиша;"], titles=["a"], mapping=mapping)
    assert one.person["other_names"] == ["Тихон", "Тиша"]


def test_a_second_act_has_columns_of_its_own() -> None:
    mapping = MAPPING.replace('"Рассказ" = "statement.text"', '"Рассказ" = "act-2.when"').replace(
        '"act.count" = 1', '"act-2.type" = "X03-0301-03"'
    )
    [one, other] = found(changed(text="весна 2022"), changed(text=""), mapping=mapping)
    acts = [checked.by_compartment[C.FACTS]["type"] for entity, checked in one.entries if entity == "act"]
    assert sorted(map(str, acts)) == ["X03-0301-01a", "X03-0301-03"]
    assert sum(entity == "act" for entity, _ in other.entries) == 1


def test_a_consent_that_is_still_to_come_was_not_given() -> None:
    [one] = found(row(1), mapping=MAPPING.replace("2023-05-01", "2024-01-02"))
    assert one.problems == {"consent.on": "unreadable-day"}


def test_columns_that_are_missing_or_doubled_are_named_by_their_place_in_the_mapping() -> None:
    with pytest.raises(Invalid) as caught:
        found(row(1), titles=("ФИО", "фио", "Где", "Что", "Когда", "Рассказ", "Принято"))
    assert caught.value.problems == {"columns 1": "doubled-column", "columns 2": "missing-column"}


def test_a_table_without_a_row_is_none() -> None:
    with pytest.raises(Invalid):
        list(records(iter([(1, ["", ""])]), Plan(), TODAY))
