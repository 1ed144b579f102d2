"""Tables in every shape that groups have them; a bomb is refused before it goes off."""

import io
import tracemalloc
import zipfile
from collections.abc import Iterator
from datetime import date, datetime

import pytest

from api.errors import Invalid
from api.importing.plans import Plan
from api.importing.tables import MIB, MOST_ROWS, rows
from tests.importing.tables import TITLES, as_csv, as_xlsx

PEOPLE = [["ФИО", "Где"], ["Заречный Ермолай", "ИК-1"], ["Лободай Остап", "ИК-2; палата 3"]]
NUMBERED = list(enumerate(PEOPLE, 1))


def read(raw: bytes, plan: Plan | None = None) -> list[tuple[int, list[str] | None]]:
    def pieces() -> Iterator[bytes]:
        yield from (raw[start : start + 7] for start in range(0, len(raw), 7))

    return list(rows(pieces, plan or Plan()))


def refused(raw: bytes, plan: Plan | None = None) -> str:
    with pytest.raises(Invalid) as caught:
        read(raw, plan)
    return caught.value.problems["file"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "windows-1251", "utf-16"])
def test_the_encoding_of_a_csv_is_recognised(encoding: str) -> None:
    assert read(as_csv(PEOPLE).encode(encoding)) == NUMBERED


@pytest.mark.parametrize("encoding", ["windows-1251", "koi8-r", "cp866", "utf-8"])
def test_the_encoding_of_a_csv_can_be_named(encoding: str) -> None:
    assert read(as_csv(PEOPLE).encode(encoding), Plan(encoding=encoding)) == NUMBERED


def test_a_wrong_encoding_leaves_signs_that_no_field_takes() -> None:
    found = read(as_csv(PEOPLE).encode("windows-1251"), Plan(encoding="utf-8"))
    assert any("\udc80" <= letter <= "\udcff" for letter in "".join(found[0][1] or ()))


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_in_the_titles(delimiter: str) -> None:
    assert read(as_csv(PEOPLE, delimiter).encode()) == NUMBERED


def test_a_cell_of_several_lines_is_one_row() -> None:
    assert read(as_csv([["a", "b"], ["1\n2", "3"], ["4", "5"]]).encode())[-1] == (3, ["4", "5"])


def test_a_workbook_reads_as_it_was_typed() -> None:
    typed = [["a", "b", "c", "d", "e"], [date(2023, 5, 17), datetime(2023, 5, 17, 8, 30), 29.0, 1.5, None]]
    assert read(as_xlsx(typed)) == [
        (1, ["a", "b", "c", "d", "e"]),
        (2, ["2023-05-17", "2023-05-17T08:30:00", "29", "1.5"]),
    ]


def test_a_formula_stays_text() -> None:
    formula = '=HYPERLINK("http://elsewhere.example","x")'
    assert read(as_xlsx([["a"], [formula]])) == [(1, ["a"]), (2, [formula])]
    assert read(as_csv([["a"], [formula]]).encode()) == [(1, ["a"]), (2, [formula])]


def test_a_sheet_is_chosen_by_its_name() -> None:
    assert read(as_xlsx(PEOPLE), Plan(sheet="Sheet")) == NUMBERED
    assert refused(as_xlsx(PEOPLE), Plan(sheet="Нет такого")) == "no-such-sheet"


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "old-table"),
        (b"PK\x03\x04 and no more", "unreadable-table"),
        (as_xlsx(PEOPLE)[:-200], "unreadable-table"),
        (b"\xff\xfea", "unreadable-table"),
    ],
)
def test_what_is_no_table_is_refused_in_words(raw: bytes, code: str) -> None:
    assert refused(raw) == code


def changed(raw: bytes, name: str, content: bytes) -> bytes:
    """Return a workbook with one of its parts in another's place."""
    old, out = zipfile.ZipFile(io.BytesIO(raw)), io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for one in old.namelist():
            new.writestr(one, content if one == name else old.read(one))
    return out.getvalue()


ENTITIES = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
SHEET = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">%s</worksheet>'
CELL = b'<c r="A1" t="inlineStr"><is><t>%s</t></is></c>'


def test_entities_of_a_workbook_are_refused() -> None:
    plain = SHEET % (b"<sheetData><row r='1'>" + CELL % b"a" + b"</row></sheetData>")
    name = "xl/worksheets/sheet1.xml"
    assert read(changed(as_xlsx(PEOPLE), name, plain)) == [(1, ["a"])]
    bomb = SHEET % (b"<sheetData><row r='1'>" + CELL % b"&b;" + b"</row></sheetData>")
    assert refused(changed(as_xlsx(PEOPLE), name, ENTITIES + bomb)) == "unreadable-table"


SHEET_TYPE = b"application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
TYPES = "[Content_Types].xml"


def part(raw: bytes, name: str) -> bytes:
    return zipfile.ZipFile(io.BytesIO(raw)).read(name)


def with_part(raw: bytes, name: str, said: bytes) -> bytes:
    """Return the workbook with a part of 60 MiB, and what its list of types says of it."""
    typed = changed(raw, TYPES, part(raw, TYPES).replace(b"</Types>", said + b"</Types>"))
    out = io.BytesIO(typed)
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as book:
        book.writestr(name, bytes(60 * MIB))
    return out.getvalue()


def test_a_workbook_that_unpacks_into_too_much_is_refused_unopened() -> None:
    bomb = changed(as_xlsx(PEOPLE), "xl/theme/theme1.xml", bytes(60 * MIB))
    assert len(bomb) < MIB
    tracemalloc.start()
    assert refused(bomb) == "table-too-large"
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 10 * MIB


@pytest.mark.parametrize("name", ["xl/worksheets/s.xml", "xl/worksheets/_rels/sheet1.xml.rels", "xl/styles2.xml"])
def test_what_only_lies_among_the_sheets_counts_as_no_sheet(name: str) -> None:
    strings = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    for kinds in ((strings,), (SHEET_TYPE, strings)):
        said = b"".join(b'<Override PartName="/%s" ContentType="%s"/>' % (name.encode(), one) for one in kinds)
        assert refused(with_part(as_xlsx(PEOPLE), name, said)) == "table-too-large"


def test_a_sheet_of_any_size_is_streamed_wherever_its_type_says_so() -> None:
    said = b'<Override PartName="/xl/worksheets/s.xml" ContentType="%s"/>' % SHEET_TYPE
    assert read(with_part(as_xlsx(PEOPLE), "xl/worksheets/s.xml", said)) == NUMBERED
    said = b'<Override PartName="/xl/worksheets/_rels/s.xml" ContentType="%s"/>' % SHEET_TYPE
    assert refused(with_part(as_xlsx(PEOPLE), "xl/worksheets/_rels/s.xml", said)) == "table-too-large"


def test_a_sheet_said_to_be_a_chart_is_not_read_whole() -> None:
    relations = part(as_xlsx(PEOPLE), "xl/_rels/workbook.xml.rels")
    chart = changed(as_xlsx(PEOPLE), "xl/_rels/workbook.xml.rels", relations.replace(b'/worksheet"', b'/chartsheet"'))
    assert b"chartsheet" in part(chart, "xl/_rels/workbook.xml.rels")
    assert refused(chart) == "unreadable-table"


def test_a_workbook_that_claims_every_row_there_is_ends_at_the_bound() -> None:
    far = SHEET % (
        b'<dimension ref="A1:XFD1048576"/><sheetData><row r="1">'
        + CELL % b"a"
        + b'</row><row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>z</t></is></c></row></sheetData>'
    )
    assert refused(changed(as_xlsx(PEOPLE), "xl/worksheets/sheet1.xml", far)) == "too-many-rows"


def test_a_csv_without_end_is_read_no_further_than_the_bound() -> None:
    taken = 0

    def pieces() -> Iterator[bytes]:
        nonlocal taken
        for _ in range(1 << 20):
            taken += 1024
            yield b"a,b\n" * 256

    with pytest.raises(Invalid) as caught:
        list(rows(pieces, Plan(encoding="utf-8")))
    assert caught.value.problems == {"file": "too-many-rows"}
    assert taken < 4 * MIB
    assert taken > MOST_ROWS * 4


def test_a_quotation_mark_that_never_ends_breaks_its_row_alone() -> None:
    raw = as_csv([TITLES, ["a"]]) + '"' + "word " * 40_000 + "\nb,c\n"
    found = read(raw.encode())
    assert found[1] == (2, ["a"])
    assert found[2] == (3, None)
    assert found[3:] == [(4, ["b", "c"])]
