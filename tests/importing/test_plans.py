"""The mapping file: what it may say, and a place and a code for whatever else stands in it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.catalogue.compartments import Compartment
from api.errors import Invalid
from api.importing.drafts import draft
from api.importing.plans import ENTITIES, read_plan, writable
from tests.importing.tables import MAPPING

CONSENT = '[constants]\n"consent.on" = "2023-05-01"\n'
GOOD = '[columns]\n"A" = "person.name"\n' + CONSENT


def problems(text: str) -> dict[str, str]:
    with pytest.raises(Invalid) as caught:
        read_plan(text)
    return caught.value.problems


def test_a_mapping_says_columns_constants_and_words() -> None:
    plan = read_plan(MAPPING)
    assert plan.columns["год рождения"].name == "person.birth"
    assert {one.name: text for one, text in plan.constants.items()}["consent.on"] == "2023-05-01"
    assert plan.terms["act.type"] == {"подписал контракт": "X03-0301-01a"}


@pytest.mark.parametrize(
    ("text", "place", "code"),
    [
        ("[columns", "mapping", "unreadable-mapping"),
        ("[" * 3000, "mapping", "unreadable-mapping"),
        ("a" * 60_001, "mapping", "too-long"),
        ("elsewhere = 1\n" + GOOD, "mapping", "unknown-field"),
        (CONSENT, "columns", "required"),
        ('[columns]\n"A" = "person.name"', "consent.on", "no-consent"),
        ('[columns]\n"A" = "person.religion"\n' + CONSENT, "columns 1", "unknown-field"),
        ('[columns]\n"A" = "person.name"\n"B" = "person.name"\n' + CONSENT, "columns 2", "only-one"),
        ('[columns]\n"A" = "person.name"\n"a " = "person.birth"\n' + CONSENT, "columns 2", "only-one"),
        ('[columns]\n"A" = 5\n' + CONSENT, "columns 1", "unknown-field"),
        ('[columns]\n"A" = "intervention.type"\n' + CONSENT, "columns 1", "unknown-field"),
        ('[columns]\n"A" = "consent.purpose"\n' + CONSENT, "columns 1", "unknown-field"),
        ('[columns]\n"A" = "consent.value"\n' + CONSENT, "columns 1", "unknown-field"),
        ('[columns]\n"A" = "case.counting"\n' + CONSENT, "columns 1", "unknown-field"),
        ('[columns]\n"A" = "case.owner"\n' + CONSENT, "columns 1", "unknown-field"),
        ('[columns]\n"A" = "case-2.title"\n' + CONSENT, "columns 1", "unknown-field"),
        ('columns = "A"\n' + CONSENT, "columns", "unreadable-mapping"),
        ('encoding = "rot13"\n' + GOOD, "encoding", "unknown-term"),
        ("encoding = 5\n" + GOOD, "encoding", "unknown-term"),
        ('delimiter = "x"\n' + GOOD, "delimiter", "unknown-term"),
        ('language = "de"\n' + GOOD, "language", "unknown-term"),
        ("sheet = []\n" + GOOD, "sheet", "unknown-term"),
        (GOOD + '[terms."act.type"]\n"x" = "no-such-code"', "terms 1", "unknown-term"),
        (GOOD + '[terms."person.name"]\n"x" = "y"', "terms 1", "unknown-field"),
        (GOOD + "[terms]\nx = 1", "terms 1", "unknown-field"),
        (GOOD.replace('"consent.on" =', '"x.y" = 1\n"consent.on" ='), "constants 1", "unknown-field"),
    ],
)
def test_whatever_does_not_fit_has_a_place_and_a_code(text: str, place: str, code: str) -> None:
    assert problems(text)[place] == code


def test_what_fits_the_same_frame_is_taken() -> None:
    assert read_plan(GOOD).columns.keys() == {"a"}


def test_no_table_reaches_the_legal_steps_or_decides_a_use() -> None:
    fields = [one for entity in ENTITIES for one in writable(entity)]
    assert len(fields) > 40
    assert Compartment.LEGAL not in {one.compartment for one in fields}
    assert not {"purpose", "value"} & {one.name for one in writable("consent")}


@given(st.text(max_size=200))
def test_no_text_does_more_than_be_refused(text: str) -> None:
    with pytest.raises(Invalid):
        read_plan(text)


def test_a_draft_proposes_what_the_titles_say_and_no_consent() -> None:
    said = draft(["Имя", "Name in Latin letters", 'A "title" of \\ theirs', "", "x\ny\u202e"], "ru")
    assert '"Имя" = "person.name"' in said
    assert '"Name in Latin letters" = "person.name_latin"' in said
    assert problems(said) == {"consent.on": "no-consent"}
    done = said.replace('# "consent.on" = ""', '"consent.on" = "2023-05-01"')
    assert {one.name for one in read_plan(done).columns.values()} == {"person.name", "person.name_latin"}


@given(st.lists(st.text(max_size=30), max_size=20))
def test_a_draft_of_any_titles_can_be_read(titles: list[str]) -> None:
    assert problems(draft(titles, "en")).keys() <= {"consent.on", "columns"}
