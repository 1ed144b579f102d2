"""Dates as families tell them, in three languages, each with the one reading that we promise."""

import time
from datetime import date, timedelta
from pathlib import Path

import pytest
from edtf import parse_edtf
from hypothesis import given, settings
from hypothesis import strategies as st

from api.catalogue.compartments import LANGUAGES, Language
from api.catalogue.date_words import month_after_day
from api.catalogue.dates import ApproxDate, Basis, UnreadableDate, parse, say

TODAY = date(2026, 11, 23)
BASES = {basis.name.lower().replace("_", "-"): basis for basis in Basis}


def cases() -> list[tuple[str, str, Basis]]:
    """Return (words, EDTF, basis) of the table beside this test."""
    lines = Path(__file__).with_name("told_dates.txt").read_text("utf-8").splitlines()[1:]
    rows = [[part.strip() for part in line.split("|")] for line in lines]
    return [(told.strip(), row[0], BASES[row[1]]) for row in rows for told in row[2].split(";")]


CASES = cases()

REFUSED = [
    "",
    " ",
    "31 февраля 2023",
    "30 лютого",
    "29.02.2023",
    "03/25/2022",
    "13.2023",
    "май 23",
    "не в мае 2023",
    "10-5 мая 2023",
    "5 и 10 июля 2023",
    "17 мая 0217",
    "17 мая 2023 2022",
    "17 17 мая 2023",
    "5 квартал 2022",
    "до 5-10 мая 2023",
    "с мая по 2023",
    "between",
    "between May",
    "17",
    "5/7",
    "в начале",
    "г.",
    "весной и летом 2022",
    "17 мартобря 2023",
    "1".zfill(4000),
]


def test_the_table_holds_at_least_a_hundred_and_twenty_cases() -> None:
    assert len(CASES) >= 120


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("text", "edtf", "basis"), CASES)
def test_a_date_as_told_has_one_reading_in_a_form_of_any_language(
    text: str, edtf: str, basis: Basis, language: Language
) -> None:
    found = parse(text, language, TODAY)
    assert (found.edtf, found.basis) == (edtf, basis)


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_no_date_is_refused_and_not_guessed(text: str) -> None:
    with pytest.raises(UnreadableDate) as refusal:
        parse(text, "ru", TODAY)
    assert str(refusal.value) == "not a readable date"


@pytest.mark.parametrize(("text", "edtf", "basis"), CASES)
def test_every_reading_is_edtf_and_comes_back_from_its_json(text: str, edtf: str, basis: Basis) -> None:
    found = parse(text, "en", TODAY)
    assert str(parse_edtf(found.edtf)) == edtf
    assert found.as_json() == {"edtf": edtf, "basis": basis.value}
    assert ApproxDate.from_json(found.as_json()) == found


@pytest.mark.parametrize(
    ("text", "language", "words"),
    [
        ("в начале мая 2023", "en", "1–10 May 2023"),
        ("spring 2022", "ru", "весна 2022 г."),
        ("winter 2022", "uk", "зима 2022/2023 р."),
        ("between 5 and 10 July 2023", "ru", "между 5 и 10 июля 2023"),
        ("17.05.2023", "uk", "17 травня 2023"),
        ("май 2023", "en", "May 2023"),
        ("2023", "ru", "2023 г."),
        ("около 17 мая 2023", "en", "about 17 May 2023"),
        ("до апреля 2023", "uk", "не пізніше 31 березня 2023"),
        ("after 12.03.2022", "ru", "не ранее 13 марта 2022"),
        ("5 декабря 2022 - 28 февраля 2023", "en", "between 5 December 2022 and 28 February 2023"),
        ("early 2022", "uk", "1 січня – 30 квітня 2022"),
    ],
)
def test_a_date_is_said_as_a_person_would_say_it(text: str, language: Language, words: str) -> None:
    assert say(parse(text, "ru", TODAY), language) == words


@pytest.mark.parametrize(
    "value",
    [
        None,
        "2023",
        {},
        {"edtf": "2023"},
        {"edtf": "2023-13", "basis": "exact"},
        {"edtf": "2023-02-30", "basis": "exact"},
        {"edtf": "2023", "basis": "exact"},
        {"edtf": "../..", "basis": "X48-05"},
        {"edtf": "../2023", "basis": "exact"},
        {"edtf": "2023/2022", "basis": "X48-04"},
        {"edtf": "2023", "basis": "other"},
        {"edtf": "0000", "basis": "48/030000000000"},
    ],
)
def test_a_value_that_contradicts_itself_is_refused(value: object) -> None:
    with pytest.raises(UnreadableDate):
        ApproxDate.from_json(value)


DAYS = st.dates(date(1900, 1, 1), date(2100, 12, 31))
STYLES = ["{d} {m} {y}", "{m} {d}, {y}", "{y} {m} {d}", "{d:02}.{n:02}.{y}", "{d}/{n}/{y}", "{y}-{n:02}-{d:02}"]


@given(day=DAYS, style=st.sampled_from(STYLES), language=st.sampled_from(LANGUAGES))
def test_a_day_in_any_style_reads_as_itself(day: date, style: str, language: Language) -> None:
    text = style.format(d=day.day, m=month_after_day(day.month, language), n=day.month, y=day.year)
    assert parse(text, language, TODAY) == ApproxDate(day, day, Basis.EXACT)


@st.composite
def values(draw: st.DrawFn) -> ApproxDate:
    """Dates of every basis: days, months, years, intervals, open ends."""
    first, basis = draw(DAYS.filter(lambda day: day.year < 2090)), draw(st.sampled_from(list(Basis)))
    last = first + timedelta(days=draw(st.integers(0, 3000)))
    if basis is Basis.OPEN:
        return draw(st.sampled_from([ApproxDate(first, None, basis), ApproxDate(None, last, basis)]))
    if basis is Basis.EXACT:
        return ApproxDate(first, first, basis)
    month = f"{first:%Y-%m}"
    if basis is Basis.UNKNOWN_DAY:
        return ApproxDate.from_json({"edtf": month, "basis": basis.value})
    if basis is Basis.UNKNOWN_MONTH:
        return ApproxDate.from_json({"edtf": month[:4], "basis": basis.value})
    return ApproxDate(first, last, basis)


@given(value=values())
def test_a_value_comes_back_from_its_json_and_is_edtf(value: ApproxDate) -> None:
    assert ApproxDate.from_json(value.as_json()) == value
    parse_edtf(value.edtf)


@settings(max_examples=300)
@given(value=values(), language=st.sampled_from(LANGUAGES))
def test_what_is_said_reads_as_the_same_days(value: ApproxDate, language: Language) -> None:
    found = parse(say(value, language), language, date(2200, 1, 1))
    assert (found.earliest, found.latest) == (value.earliest, value.latest)


PIECES = ["17", "мая", "2023", "с", "по", "до", "-", "/", ".", "весной", "2022", "к", "начало", "квартал", "первая"]
MORE = ["half", "by", "between", "and", "зимой", "22", "г", "31", "февраля", "q1", "~", "вчера", "0", "99", "9999", "'"]


@settings(max_examples=500)
@given(text=st.one_of(st.text(), st.lists(st.sampled_from(PIECES + MORE)).map(" ".join)), today=st.dates())
def test_no_text_raises_anything_but_unreadable_date(text: str, today: date) -> None:
    try:
        found = parse(text, "uk", today)
    except UnreadableDate:
        return
    assert ApproxDate.from_json(found.as_json()) == found
    assert say(found, "en")


@pytest.mark.parametrize("piece", ["1", "мая ", "5-", "с ", "ё", "-", "'", "́", "конец ", ". "])
def test_ten_thousand_signs_are_answered_at_once(piece: str) -> None:
    started = time.perf_counter()
    with pytest.raises(UnreadableDate):
        parse(piece * (10_000 // len(piece)), "ru", TODAY)
    with pytest.raises(UnreadableDate):
        parse((piece * 200)[:200], "ru", TODAY)
    assert time.perf_counter() - started < 0.5
