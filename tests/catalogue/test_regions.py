"""Regions by name in the cases in which people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.catalogue.compartments import LANGUAGES
from api.catalogue.regions import find, name, regions

WRITTEN = {
    "RU-ARK": ["в Архангельской области", "Архангельск", "из Архангельска", "Архангельська", "Arkhangelskaya obl."],
    "RU-NIZ": ["Нижний Новгород", "в Нижнем Новгороде", "из Нижнего Новгорода", "Нижегородская", "Nizhny Novgorod"],
    "RU-NGR": ["Новгородская область", "Великий Новгород", "Novgorod"],
    "RU-AL": ["Республика Алтай", "в Республике Алтай", "Горный Алтай", "Altai Republic"],
    "RU-ALT": ["Алтайский край", "в Алтайском крае", "Altai Krai", "Барнаул"],
    "RU-MOW": ["Москва", "в Москве", "г. Москва", "Moscow"],
    "RU-MOS": ["Московская область", "в Московской обл.", "Подмосковье", "Moscow region"],
    "RU-SPE": ["Санкт-Петербург", "в Санкт-Петербурге", "СПб", "St. Petersburg"],
    "RU-LEN": ["Ленинградская область", "в Ленобласти"],
    "RU-YAN": ["Ямало-Ненецкий автономный округ", "ЯНАО", "Харп"],
    "RU-NEN": ["Ненецкий автономный округ"],
    "RU-KIR": ["Кировская область", "Киров"],
    "RU-ORL": ["Орёл", "в Орле", "Орловская"],
    "RU-ZAB": ["Чита", "Забайкальский край", "в Забайкалье"],
    "RU-SA": ["Якутия", "в Якутии", "Республика Саха"],
    "RU-TY": ["Тува", "Республика Тыва"],
    "RU-KO": ["Республика Коми", "в Коми", "Ухта"],
    "UA-35": ["Кіровоградська область", "Кировоградская"],
    "UA-30": ["Київ", "в Киеве", "Kyiv"],
    "UA-32": ["Київська область", "в Киевской области"],
    "UA-43": ["Крим", "в Крыму", "Crimea"],
    "UA-40": ["Севастополь", "в Севастополе"],
    "UA-14": ["Донецк", "Донецька область"],
    "UA-63": ["Харків", "у Харкові", "Kharkiv"],
}


@pytest.mark.parametrize(("text", "code"), [(text, code) for code, texts in WRITTEN.items() for text in texts])
def test_a_region_is_found_in_any_case(text: str, code: str) -> None:
    assert find(text) == code
    assert find(text.upper()) == code


@pytest.mark.parametrize("text", ["", "Алтай", "комиссия", "колония", "тюрьма", "УФСИН", "RU-XXX", "Орлеан", "тула́к"])
def test_what_is_no_region_or_two_is_none(text: str) -> None:
    assert find(text) is None


def test_every_name_and_every_code_is_found_as_itself() -> None:
    for code in regions():
        assert find(code) == find(code.lower()) == code
        assert {find(name(code, language)) for language in LANGUAGES} == {code}


def test_the_table_holds_russia_whole_and_crimea_where_it_belongs() -> None:
    assert sum(code.startswith("RU-") for code in regions()) == 83
    assert sum(code.startswith("UA-") for code in regions()) == 27
    assert name("UA-43", "uk") == "Крим"


def test_no_two_regions_share_a_stem() -> None:
    stems = [stem for region in regions().values() for stem in region.stems]
    assert len(stems) == len(set(stems))


def test_an_unknown_code_is_shown_as_itself() -> None:
    assert name("XX-1", "en") == "XX-1"


@given(text=st.text())
def test_no_text_breaks_the_search(text: str) -> None:
    assert find(text) is None or find(text) in regions()
