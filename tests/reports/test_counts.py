"""Counts: exact and unpublished inside the desk; outside, nothing between 1 and 9 and nothing to subtract."""

from collections.abc import Mapping
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.reports.charts import chart_svg
from api.reports.counts import DIMENSIONS, Dimension, Table, count, suppress
from tests.reports.example import FACTS

Facts = Mapping[str, list[Mapping[str, object]]]
MISSING, FOUND = "X25-0103a", "25/010400000000"


def of_status(status: str | None, counting: str = "yes") -> Facts:
    return {"case": [{"counting": counting, **({} if status is None else {"status": status})}]}


def held_in(*facilities: object) -> Facts:
    return {"case": [{"counting": "yes"}], "custody": [{"facility": one} for one in facilities]}


def heard(edtf: str, basis: str = "48/010000000000") -> Facts:
    return {"case": [{"counting": "yes", "last_heard": {"edtf": edtf, "basis": basis}}]}


def lines(table: Table) -> dict[str, int | None]:
    return {line.code: line.cases for line in table.lines}


def place(number: str, region: str = "RU-ARK") -> dict[str, str]:
    return {"type": "17/030600000000", "kind": "IK", "number": number, "region": region}


def test_unknown_and_not_asked_are_lines_of_their_own_and_stand_last() -> None:
    rows = [of_status("unknown"), of_status(None), of_status(MISSING), of_status(MISSING)]
    table = count(rows, "status", "en")
    assert list(lines(table).items()) == [(MISSING, 2), ("unknown", 1), ("not-asked", 1)]
    assert [line.label for line in table.lines] == ["Missing, presumed dead", "Unknown", "Not asked"]
    assert table.total == 4


@pytest.mark.parametrize("answer", ["no", "ask-again", ""])
def test_a_case_whose_consent_does_not_cover_counting_is_not_counted(answer: str) -> None:
    table = count([of_status(MISSING), of_status(MISSING, answer), {"case": [{"status": MISSING}]}], "status", "en")
    assert (lines(table), table.total) == ({MISSING: 1}, 1)


def test_a_case_counts_once_in_each_kind_of_act() -> None:
    twice = {**FACTS, "act": [*FACTS["act"], *FACTS["act"]]}
    table = count([twice], "act", "en")
    assert set(lines(table).values()) == {1}
    assert (len(table.lines), table.total) == (4, 1)


def test_a_facility_is_kind_number_and_region_and_one_without_a_number_is_unknown() -> None:
    rows = [held_in(place("29")), held_in(place("29"), place("7")), held_in(place(""))]
    table = count(rows, "facility", "ru")
    assert {line.label: line.cases for line in table.lines} == {
        "ИК-29, Архангельская область": 2,
        "ИК-7, Архангельская область": 1,
        "Неизвестно": 1,
    }
    assert lines(count(rows, "region", "en")) == {"RU-ARK": 3}


def test_the_last_news_is_counted_by_quarter_in_order_of_time() -> None:
    rows = [heard("2023-05"), heard("2022-11-30", "exact"), heard("2023", "48/030000000000"), heard("2023-06-30")]
    rows += [heard("../2023-05-31", "X48-05"), heard("2023-03-20/2023-04-10")]
    table = count(rows, "quarter", "en")
    assert list(lines(table).items()) == [("2022-Q4", 1), ("2023-Q2", 2), ("unknown", 3)]
    assert table.lines[0].label == "quarter 4 of 2022"


@pytest.mark.parametrize("dimension", DIMENSIONS)
def test_the_worked_example_is_counted_by_every_dimension_in_words(dimension: Dimension) -> None:
    for language in ("en", "ru", "uk"):
        table = count([FACTS], dimension, language)
        assert table.total == 1
        assert all(line.label and line.label != line.code for line in table.lines)


def test_inside_the_desk_counts_are_exact_and_marked() -> None:
    table = count([of_status(MISSING)] * 3, "status", "en")
    assert lines(table) == {MISSING: 3}
    assert table.note == "Exact counts. Not for publication."
    assert not table.publishable


def test_a_category_that_every_case_is_in_is_flagged() -> None:
    assert count([of_status(MISSING)] * 3, "status", "en").shared == (MISSING,)
    assert count([of_status(MISSING), of_status(FOUND)], "status", "en").shared == ()
    assert suppress(count([of_status(MISSING)] * 30, "status", "en")).shared == ()


def test_a_release_hides_one_to_nine_rounds_the_rest_and_the_total_by_itself() -> None:
    rows = [of_status(MISSING)] * 23 + [of_status(FOUND)] * 9 + [of_status(None)] * 12
    released = suppress(count(rows, "status", "en"))
    assert lines(released) == {MISSING: 25, "not-asked": 10, FOUND: None}
    assert released.total == 45
    assert released.publishable
    assert "1 to 9 are hidden" in released.note


def test_a_hidden_number_does_not_follow_from_the_others() -> None:
    """Neither the other lines nor the total tells three from seven."""

    def released(hidden: int) -> Table:
        return suppress(count([of_status(MISSING)] * 20 + [of_status(FOUND)] * hidden, "status", "en"))

    assert released(3) == released(7)


@given(st.integers(0, 60), st.integers(0, 60), st.integers(5, 20))
def test_nothing_below_the_floor_and_nothing_unrounded_is_released(missing: int, found: int, floor: int) -> None:
    rows = [of_status(MISSING)] * missing + [of_status(FOUND)] * found
    exact = count(rows, "status", "en")
    released = suppress(exact, floor)
    for before, after in [*zip(exact.lines, released.lines, strict=True)]:
        assert after.cases is None if before.cases < floor else after.cases % 5 == 0
        assert after.cases is None or abs(after.cases - before.cases) <= 2
    assert released.total is None or released.total % 5 == 0


def test_a_floor_that_would_show_a_few_people_is_refused() -> None:
    with pytest.raises(ValueError):
        suppress(count([of_status(MISSING)], "status", "en"), floor=4)
    with pytest.raises(ValueError):
        suppress(count([held_in(place("29"))] * 8, "facility", "en"), floor=9)
    with pytest.raises(ValueError):
        suppress(suppress(count([of_status(MISSING)] * 12, "status", "en")))


class Drawing(HTMLParser):
    """Collects the elements, attributes and words of a chart."""

    def __init__(self, svg: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: dict[str, list[str | None]] = {}
        self.words: list[str] = []
        self.feed(svg)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            self.attributes.setdefault(name, []).append(value)

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def test_a_chart_is_read_aloud_and_holds_no_style_and_no_script() -> None:
    drawn = Drawing(chart_svg(count([FACTS] * 12, "act", "uk")))
    assert set(drawn.tags) == {"svg", "title", "desc", "rect", "text"}
    assert not {"style", "class", "href", "onload"} & drawn.attributes.keys()
    assert drawn.attributes["role"] == ["img"]
    assert drawn.attributes["aria-labelledby"] == ["chart-title chart-desc"]
    assert drawn.words[0] == "Що було зроблено"
    assert "Вербування приватною військовою компанією: 12" in drawn.words[1]
    assert "Не для оприлюднення" in drawn.words[1]


def test_a_chart_is_grey() -> None:
    fills = Drawing(chart_svg(suppress(count([FACTS] * 12, "act", "en")))).attributes["fill"]
    assert all(fill is not None and fill[1:3] == fill[3:5] == fill[5:7] for fill in fills)


def test_a_hidden_number_has_no_bar() -> None:
    rows = [of_status(MISSING)] * 20 + [of_status(FOUND)] * 3
    exact, released = (Drawing(chart_svg(table)) for table in (count(rows, "status", "en"), suppress_of(rows)))
    assert (exact.tags.count("rect"), released.tags.count("rect")) == (3, 2)
    assert "too few to show" in released.words


def suppress_of(rows: list[Facts]) -> Table:
    return suppress(count(rows, "status", "en"))


def test_a_label_that_looks_like_markup_stays_a_label() -> None:
    drawn = Drawing(chart_svg(count([of_status('<script x="1">')], "status", "en")))
    assert "script" not in drawn.tags
    assert '<script x="1">' in drawn.words


def test_a_chart_of_nothing_is_a_chart() -> None:
    drawn = Drawing(chart_svg(count([], "status", "ru")))
    assert drawn.tags.count("rect") == 1
    assert "Всего дел: 0. Точные числа. Не для публикации." in drawn.words
