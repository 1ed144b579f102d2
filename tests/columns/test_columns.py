"""Columns give back the rows they were made of, and a frame the cases that stand in it."""

import random
from datetime import date, timedelta
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as some

from api.catalogue.fields import Field, Kind
from api.columns import coding, facts, work
from api.columns.frame import Row, frame, marks, marks_of, opened, packed_ids, places, read_ids
from api.ids import ALPHABET, LENGTH

IDS = some.text(ALPHABET, min_size=LENGTH, max_size=LENGTH)
REGIONS = ["RU-ARK", "RU-KO", "UA-09", "RU-SA", ""]
PLACES = some.fixed_dictionaries(
    {
        "kind": some.sampled_from(["IK", "SIZO", "unknown"]),
        "number": some.from_regex(r"[1-9][0-9]{0,2}(/[1-9][0-9]?)?", fullmatch=True) | some.just(""),
        "region": some.sampled_from(REGIONS),
    }
)


def value(one: Field, dice: random.Random) -> Any:
    match one.kind:
        case Kind.APPROX_DATE:
            day = date(1890, 1, 1) + timedelta(days=dice.randrange(73_000))
            return {
                "edtf": dice.choice([day.isoformat(), f"{day.isoformat()}/.."]),
                "basis": dice.choice(["exact", "open"]),
            }
        case Kind.FACILITY:
            number = dice.choice(["", str(dice.randint(1, 999)), f"{dice.randint(1, 99)}/{dice.randint(1, 99)}"])
            return {"kind": dice.choice(["IK", "T", "unknown"]), "number": number, "region": dice.choice(REGIONS)}
        case Kind.COUNT:
            return dice.randint(0, 10_000)
    codes = [*coding.CATALOGUE.lists[f"{one.entity}.{one.name}"], "a code of another year"]
    return dice.sample(codes, dice.randint(0, 3)) if one.repeated else dice.choice(codes)


def body(dice: random.Random) -> dict[str, Any]:
    """Return a section of facts with any fields of any entries."""
    return {
        entity: [
            {one.name: value(one, dice) for one in fields if dice.random() < 0.7} for _ in range(dice.randint(0, 3))
        ]
        for entity, fields in coding.FIELDS.items()
    }


@given(some.randoms(use_true_random=True), some.integers(0, 6))
def test_facts_come_back_as_they_went_in(dice: random.Random, count: int) -> None:
    rows = [facts.row(body(dice)) for _ in range(count)]
    assert facts.bodies(facts.unpack(memoryview(facts.pack(rows)))) == rows


def test_what_nobody_was_asked_takes_no_room_and_reads_as_absent() -> None:
    bodies = [facts.row({"act": [{"type": "X03-0301-01a"}], "case": [{"title": "t"}]}) for _ in range(300)]
    packed = facts.pack(bodies)
    arrays = facts.unpack(memoryview(packed)).arrays
    assert facts.bodies(facts.unpack(memoryview(packed))) == bodies
    assert not arrays["act.outcome"].any()
    assert len(arrays["act.outcome"]) == len(arrays["act.when<"]) == 300
    kept = sum(one.nbytes for one in arrays.values() if one.any())
    head = int.from_bytes(packed[:4], "little")
    assert len(packed) - head - 4 * len(arrays) <= kept + 64


def test_a_title_a_name_and_a_victim_have_no_column() -> None:
    body = {
        "case": [{"id": "x", "title": "planted title", "status": "unknown"}],
        "act": [{"victim": "planted link", "id": "y"}],
    }
    assert b"planted" not in facts.pack([facts.row(body)])


TASKS = some.lists(
    some.fixed_dictionaries(
        {"what": some.text()},
        optional={"due": some.dates().map(str), "done_on": some.dates().map(str)},
    ),
    max_size=3,
)
HEADS = some.fixed_dictionaries(
    {},
    optional={
        "received_on": some.dates().map(str),
        "owner": IDS,
        "stage": some.text(),
        "closed_on": some.dates().map(str),
    },
)


@given(some.lists(some.fixed_dictionaries({"case": HEADS.map(lambda one: [one]), "task": TASKS}), max_size=6))
def test_the_work_on_cases_comes_back_as_it_went_in(bodies: list[Any]) -> None:
    rows = [work.row(body) for body in bodies]
    assert work.bodies(work.unpack(memoryview(work.pack(rows)))) == rows


def test_the_next_step_is_the_first_that_is_not_done() -> None:
    tasks = [
        {"due": "2026-03-01"},
        {"due": "2026-01-01", "done_on": "2026-01-01"},
        {"due": "2026-02-01"},
        {"what": "x"},
    ]
    columns = work.unpack(memoryview(work.pack([work.row({"task": tasks}), work.row({})])))
    assert columns.days["due"].tolist() == [coding.day_text("2026-02-01"), 0]


@given(some.lists(IDS, unique=True, max_size=20), some.binary(max_size=40))
def test_a_frame_gives_back_its_cases(ids: list[str], columns: bytes) -> None:
    rows = [Row(one, place + 1) for place, one in enumerate(sorted(ids))]
    again = opened(frame(rows, columns, sorted(ids)))
    assert read_ids(again.ids) == sorted(ids)
    assert again.versions.tolist() == list(range(1, len(ids) + 1))
    assert bytes(again.columns) == columns


@given(some.lists(IDS, unique=True, min_size=1, max_size=20), some.lists(IDS, max_size=5))
def test_a_case_is_found_by_its_mark(ids: list[str], others: list[str]) -> None:
    among = np.sort(marks_of(ids))
    assert among[places(among, marks_of(ids))].tolist() == marks_of(ids).tolist()
    found = set(among[places(among, marks_of([*others, ids[0]]))].tolist())
    assert found == set(among.tolist()) & set(marks_of([*others, ids[0]]).tolist())


@given(some.lists(IDS, unique=True, max_size=20))
def test_marks_stand_in_the_order_of_the_identifiers(ids: list[str]) -> None:
    assert marks(packed_ids(sorted(ids))).tolist() == sorted(marks_of(ids).tolist())


@given(PLACES)
def test_a_facility_comes_back_from_its_number(place: dict[str, str]) -> None:
    number = coding.place_number(place)
    assert number > 0
    assert {name: coding.place_of(number)[name] for name in place} == place


def test_every_list_of_the_catalogue_fits_into_its_codes() -> None:
    assert {name: len(values) for name, values in coding.CATALOGUE.lists.items() if len(values) >= coding.MOST} == {}
    assert len(coding.CATALOGUE.lists) > 15
