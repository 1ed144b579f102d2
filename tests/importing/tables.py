"""Tables of invented people for the tests, and the way through the services."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from openpyxl import Workbook

from api.importing.findings import Progress
from api.services import files, importing
from tests.world import World

TITLES = ("ФИО", "Год рождения", "Где", "Что", "Когда", "Рассказ", "Принято")
MAPPING = """
language = "ru"
[columns]
"ФИО" = "person.name"
"Год рождения" = "person.birth"
"Где" = "custody.facility"
"Что" = "act.type"
"Когда" = "act.when"
"Рассказ" = "statement.text"
"Принято" = "case.received_on"
[constants]
"person.role" = "victim"
"act.count" = 1
"consent.on" = 2023-05-01
"consent.how" = "phone"
[terms."act.type"]
"подписал контракт" = "X03-0301-01a"
"""
SYLLABLES = ["ба", "ма", "на", "ра", "ла", "са", "да", "га", "ва", "ца"]


def name(number: int) -> str:
    """Return an invented name that differs from that of any other number below 1,000 by two letters or more."""
    digits = [number % 10, number // 10 % 10, number // 100 % 10]
    surname = "".join(SYLLABLES[one] for one in (*digits, (digits[0] + 3 * digits[1] + 7 * digits[2]) % 10))
    return f"{surname}цкий Ермолай".capitalize()


def row(number: int) -> list[str]:
    """Return a row that fits."""
    where = f"ИК-{number % 40 + 1}, Архангельская область"
    return [
        name(number),
        str(1960 + number % 40),
        where,
        "подписал контракт",
        "май 2023",
        f"Рассказ {number}",
        "3.5.2023",
    ]


def as_csv(rows: Iterable[Sequence[str]], delimiter: str = ",") -> str:
    """Return a CSV text."""
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(rows)
    return out.getvalue()


def as_xlsx(rows: Iterable[Sequence[object]]) -> bytes:
    """Return a workbook with one sheet."""
    book, out = Workbook(), io.BytesIO()
    sheet = book.active
    assert sheet is not None
    for one in rows:
        sheet.append(list(one))
    book.save(out)
    return out.getvalue()


def table(count: int, *more: Sequence[str]) -> bytes:
    """Return a table of `count` rows that fit, and `more`."""
    return as_csv([TITLES, *map(row, range(count)), *more]).encode()


def begun(world: World, raw: bytes, mapping: str = MAPPING, login: str = "ines", desk: str = "North") -> str:
    """Take a table in and give its mapping; return the import's id."""
    caller = world.caller(login)
    sink = files.open_sink(world.store, len(raw))
    sink.feed(raw)
    found = importing.begin(world.store, caller, world.desks[desk], sink.finish())
    importing.give_mapping(world.store, caller, found, mapping)
    return found


def last(steps: Iterator[Progress]) -> Progress:
    """Go to the end and return what was said last."""
    *_, end = steps
    return end


def previewed(world: World, raw: bytes, mapping: str = MAPPING) -> tuple[str, Progress]:
    """Take a table in and look at what would be done."""
    found = begun(world, raw, mapping)
    return found, last(importing.preview(world.store, world.caller("ines"), found))


def imported(world: World, raw: bytes, mapping: str = MAPPING, also: Iterable[int] = ()) -> Progress:
    """Import a table from the beginning to the end."""
    found, _ = previewed(world, raw, mapping)
    importing.confirm(world.store, world.caller("ines"), found, also)
    return last(importing.carry_on(world.store, world.caller("ines"), found))
