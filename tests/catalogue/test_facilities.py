"""One facility in the many ways in which people write it."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.catalogue.compartments import LANGUAGES, Language
from api.catalogue.facilities import KINDS, PENAL_INSTITUTION, Facility, Kind, parse, say
from api.catalogue.regions import regions

IK29, IK29_ARK = Facility("IK", "29"), Facility("IK", "29", "RU-ARK")

WRITTEN: list[tuple[Facility, list[str]]] = [
    (
        IK29,
        [
            "IK-29",
            "ИК-29",
            "ик 29",
            "ИК29",
            "ИК № 29",
            "ИК–29",
            "«ИК-29»",
            "ИK-29",
            "ИК-029",
            "29-я колония",
            "в 29-й колонии",
            "29 колония",
            "колония №29",
            "исправительная колония общего режима № 29",
            "29-я колония, отряд 5",
            "в 29-ой колонии отряд 5",
            "ІК-29",
            "ВК-29",
            "BK-29",
            "виправна колонія №29",
            "29-та колонія",
            "penal colony 29",
            "29th penal colony",
            "Colony No. 29",
            "correctional colony #29",
            "ИК-29 с 12.03.2022",
        ],
    ),
    (
        IK29_ARK,
        [
            "ИК-29, Архангельская область",
            "ФКУ ИК-29 УФСИН по Архангельской области",
            "ФКУ «ИК-29» УФСИН России по Архангельской обл.",
            "исправительная колония 29, Архангельск",
            "из 29-й колонии в Архангельской области",
            "penal colony 29, Arkhangelsk",
            "IK-29, Arkhangelsk region",
            "ВК-29, Архангельська область",
            "ИК-29 RU-ARK",
        ],
    ),
    (Facility("SIZO", "1"), ["СИЗО-1", "CИЗО-1", "сизо №1", "СІЗО-1", "SIZO 1", "следственный изолятор №1"]),
    (Facility("SIZO", "77/1"), ["СИЗО-77/1"]),
    (Facility("LIU", "12"), ["ЛИУ-12", "ЛИУ 12", "LIU-12", "лечебное исправительное учреждение № 12"]),
    (Facility("KP", "3"), ["КП-3", "KP-3", "колония-поселение №3", "колонія-поселення 3", "colony-settlement 3"]),
    (Facility("T"), ["тюрьма", "в тюрьме", "в'язниця", "prison"]),
    (Facility("T", "2", "RU-VLA"), ["Т-2 Владимир", "тюрьма №2, Владимирская область", "prison 2, Vladimir"]),
    (Facility("VK", "2"), ["ВК-2", "воспитательная колония №2", "виховна колонія №2", "juvenile colony 2"]),
    (Facility("IK", "2", "RU-MO"), ["ВК-2, Республіка Мордовія", "ИК-2 в Мордовии", "ВК-2 Мордовської республики"]),
    (
        Facility("IK", "7", "RU-VLG"),
        ["ВК-7, Вологодська область", "ВК-7 Вологодської обл.", "ИК-7, Вологодская область"],
    ),
    (Facility("VK", "7", "RU-VLG"), ["ВК-7, Вологодская область", "ВК-7 в Вологодской области"]),
    (Facility("IK", "", "RU-KO"), ["колония в Коми", "penal colony in Komi"]),
    (Facility("IK"), ["колония", "с 2022 года в ИК"]),
    (Facility("unknown", "", "RU-ARK"), ["Архангельск"]),
    (Facility("unknown", "7"), ["зона 7", "учреждение №7"]),
]
CASES = [(text, facility) for facility, texts in WRITTEN for text in texts]


@pytest.mark.parametrize(("text", "facility"), CASES)
def test_every_way_of_writing_is_the_same_facility(text: str, facility: Facility) -> None:
    assert parse(text) == facility


def test_the_same_letters_are_an_ordinary_colony_in_ukrainian_and_a_juvenile_one_in_russian() -> None:
    assert parse("ВК-7", "uk") == Facility("IK", "7")
    assert parse("ВК-7", "ru") == parse("ВК-7", "en") == parse("ВК-7") == Facility("VK", "7")
    assert parse("Васька в ВК-7", "ru") == Facility("VK", "7")


@pytest.mark.parametrize("text", ["", "29", "просто текст", "вик 29", "никогда", "№29", "техника-29"])
def test_what_names_no_facility_and_no_region_is_none(text: str) -> None:
    assert parse(text) is None


def test_a_facility_is_sealed_in_the_shared_shape() -> None:
    expected = {"type": PENAL_INSTITUTION, "kind": "IK", "number": "29", "region": "RU-ARK"}
    assert IK29_ARK.as_json() == expected
    assert Facility.from_json(json.loads(json.dumps(expected))) == IK29_ARK


@pytest.mark.parametrize("value", [None, [], {}, {"kind": "XX"}, {"kind": ["IK"]}, {"kind": "IK", "number": 29}])
def test_a_value_of_another_shape_is_refused_without_its_content(value: object) -> None:
    with pytest.raises(ValueError, match=r"^not a facility$"):
        Facility.from_json(value)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "IK-29, Arkhangelsk region"),
        ("ru", "ИК-29, Архангельская область"),
        ("uk", "виправна колонія №29, Архангельська область"),
    ],
)
def test_a_facility_is_said_in_each_language(language: Language, words: str) -> None:
    assert say(IK29_ARK, language) == words


@settings(max_examples=500)
@given(
    kind=st.sampled_from(list(KINDS.values())),
    number=st.sampled_from(["", "1", "9", "10", "29", "999", "77/1"]),
    region=st.sampled_from(["", *regions()]),
    language=st.sampled_from(LANGUAGES),
)
def test_what_is_said_reads_as_the_same_facility(kind: Kind, number: str, region: str, language: Language) -> None:
    facility = Facility(kind, number, region)
    assert parse(say(facility, language)) == facility
    assert all(parse(say(facility, language), reader) == facility for reader in LANGUAGES)


@given(text=st.one_of(st.text(), st.text("ИикКIKвВ-№ 0129яй,./колния")))
def test_no_text_breaks_the_reading(text: str) -> None:
    found = parse(text)
    assert found is None or Facility.from_json(found.as_json()) == found


@pytest.mark.parametrize("piece", ["колония ", "1 ", "ик", "исправительн", "лечебн ", "0"])
def test_ten_thousand_signs_cost_no_more_than_three_hundred(piece: str) -> None:
    parse(piece * 10_000)
