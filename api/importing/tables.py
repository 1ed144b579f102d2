"""Tables as groups have them: CSV in any of their encodings, and XLSX; row by row, never whole in memory.

Promises that a formula stays the text it is, that a bomb is refused before it is unpacked, and that a row is known by
the number that a spreadsheet shows. Must never write a temporary file, nor resolve an entity of XML.
"""

import csv
import io
import re
import zipfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, time
from typing import Any

from openpyxl import Workbook
from openpyxl.reader.excel import ExcelReader
from openpyxl.xml.functions import fromstring

from api.errors import Invalid, Refused
from api.importing.plans import DELIMITERS, MOST_COLUMNS, Plan

MIB = 1024 * 1024
# A table of 50,000 rows with an account in each is about 60 MiB.
LIMIT, MOST_ROWS = 64 * MIB, 50_000
ZIP, OLD_EXCEL = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
# Unpacked: the rows are streamed, everything else of a workbook is read whole.
MOST_UNPACKED, MOST_BESIDE = 512 * MIB, 48 * MIB
SHEETS = re.compile("/xl/worksheets/[^/]+[.]xml")
TYPES, TYPE_OF = "[Content_Types].xml", "{http://schemas.openxmlformats.org/package/2006/content-types}Override"
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
Pieces = Callable[[], Iterator[bytes]]
Cells = list[str]


def rows(pieces: Pieces, plan: Plan) -> Iterator[tuple[int, Cells | None]]:
    """Yield (number, cells) for each row from the titles on; None for a row that cannot be read.

    `pieces` begins the file afresh each time. Raises Invalid({"file": code}): `unreadable-table`, `old-table`,
    `too-many-rows`, `table-too-large`, `no-such-sheet`.
    """
    head = next(pieces(), b"")
    if head.startswith(OLD_EXCEL):
        raise _refused("old-table")
    read = _workbook(pieces(), plan) if head.startswith(ZIP) else _text(pieces, plan)
    for number, cells in read:
        if number > MOST_ROWS + 1:
            raise _refused("too-many-rows")
        yield number, cells


def _refused(code: str) -> Invalid:
    return Invalid({"file": code})


class _File(io.RawIOBase):
    """Pieces of bytes as a file that is read once."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces, self._left = iter(pieces), memoryview(b"")

    def readable(self) -> bool:
        """Say yes."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer with what is next."""
        while not self._left:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._left = memoryview(piece)
        with memoryview(buffer) as target:
            size = min(len(target), len(self._left))
            target[:size] = self._left[:size]
        self._left = self._left[size:]
        return size


def _text(pieces: Pieces, plan: Plan) -> Iterator[tuple[int, Cells | None]]:
    encoding = plan.encoding or recognised(pieces)
    # What is not of the encoding becomes a lone surrogate, which the catalogue refuses in its own cell.
    text = io.TextIOWrapper(io.BufferedReader(_File(pieces())), encoding, "surrogateescape", newline="")
    try:
        first = text.readline()
        found = csv.reader(_with(first.removeprefix("\ufeff"), text), delimiter=plan.delimiter or _delimiter(first))
        yield from _numbered(found)
    except UnicodeError:
        raise _refused("unreadable-table") from None


def _with(first: str, text: Iterable[str]) -> Iterator[str]:
    yield first
    yield from text


def _numbered(reader: Iterator[Cells]) -> Iterator[tuple[int, Cells | None]]:
    """Number the rows; one that is broken (a quotation mark that never ends, a cell without bound) is said to be so."""
    number = 0
    while True:
        number += 1
        try:
            yield number, next(reader)[:MOST_COLUMNS]
        except StopIteration:
            return
        except csv.Error:
            yield number, None


def recognised(pieces: Pieces) -> str:
    """Return the encoding of a text: by its mark, UTF-8 where all of it is, else Windows-1251."""
    if next(pieces(), b"").startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    text = io.TextIOWrapper(io.BufferedReader(_File(pieces())), "utf-8")
    try:
        while text.read(MIB):
            pass
    except UnicodeDecodeError:
        return "windows-1251"
    return "utf-8"


def _delimiter(titles: str) -> str:
    counts = Counter({one: titles.count(one) for one in sorted(DELIMITERS - {""})})
    return counts.most_common(1)[0][0]


def _workbook(pieces: Iterator[bytes], plan: Plan) -> Iterator[tuple[int, Cells]]:
    raw = io.BytesIO(b"".join(pieces))
    try:
        _require_bounded(raw)
        # Formulas as they were written: what they came to is another program's word, and running one is none of ours.
        book = _opened(raw)
        sheet = book[plan.sheet] if plan.sheet else book.worksheets[0]
        # The size that a sheet claims may be the largest there is.
        sheet.reset_dimensions()
        for number, cells in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS, values_only=True), 1):
            yield number, _without_end([_said(cell) for cell in cells])
    except Refused:
        raise
    except KeyError:
        raise _refused("no-such-sheet" if plan.sheet else "unreadable-table") from None
    except Exception:
        # A broken workbook fails in as many ways as there are parts in it; none of them says more to a person.
        raise _refused("unreadable-table") from None


def _opened(raw: io.BytesIO) -> Workbook:
    """Return the book with its sheets of rows alone: one said to be a chart would be read whole, whatever its size."""
    reader = ExcelReader(raw, read_only=True, data_only=False, keep_links=False)
    reader.read_chartsheet = _left_out
    reader.read()
    return reader.wb


def _left_out(sheet: object, relation: object) -> None:
    """Read nothing."""


def _require_bounded(raw: io.BytesIO) -> None:
    """Refuse a bomb by what its directory claims: more than it claims is not unpacked.

    Only what lies where sheets do, and has their type and no other, is streamed as one: a folder holds what one likes.
    """
    book = zipfile.ZipFile(raw)
    sizes = {f"/{one.filename}".lower(): one.file_size for one in book.infolist()}
    claimed = sum(one.file_size for one in book.infolist())
    if sizes.get(f"/{TYPES}".lower(), 0) > MIB or claimed > MOST_UNPACKED:
        raise _refused("table-too-large")
    if claimed - sum(sizes.get(name, 0) for name in _sheets(book.read(TYPES))) > MOST_BESIDE:
        raise _refused("table-too-large")


def _sheets(types: bytes) -> Iterator[str]:
    """Yield the names of the parts that are sheets and nothing else."""
    said = defaultdict[str, set[str]](set)
    for one in fromstring(types).iter(TYPE_OF):
        said[one.get("PartName", "").lower()].add(one.get("ContentType", ""))
    yield from (name for name, kinds in said.items() if kinds == {SHEET} and SHEETS.fullmatch(name))


def _without_end(cells: Cells) -> Cells:
    """Leave out the empty cells with which a row is filled up to the bound."""
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _said(cell: object) -> str:
    """Return a cell as somebody would type it."""
    match cell:
        case None:
            return ""
        case datetime() if cell.time() == time():
            return cell.date().isoformat()
        case datetime() | date() | time():
            return cell.isoformat()
        case float() if cell.is_integer():
            return str(int(cell))
        case _:
            return str(getattr(cell, "text", cell))
