"""Import by the pages, without a script: take a table in, name its columns, see what is wrong, say yes."""

from pathlib import Path
from typing import Any

import pytest

from api.errors import Stale
from api.models.imports import Import
from api.models.tables import Case
from api.services import importing, ledgers
from api.services.ledgers import Ledger
from tests.importing.tables import MAPPING, TITLES, as_xlsx, row, table
from tests.importing.test_importing import count
from tests.pages.browsing import Group, Person, Seen, group


@pytest.fixture
def staff(sqlite_url: str, tmp_path: Path) -> Group:
    return group(sqlite_url, tmp_path)


def taken(officer: Person, raw: bytes, title: str = "records.csv") -> Seen:
    officer.get("/imports")
    return officer.send("/imports", {}, {"files": (title, raw)})


def figures(seen: Seen) -> dict[str, str]:
    return next(one for one in seen.all("p") if "data-fit" in one)


def test_an_officer_imports_what_fits_and_a_row_that_was_chosen(staff: Group) -> None:
    officer = staff.member("ines")
    wrong = [*row(2)[:4], "Пересвет", *row(2)[5:]]
    drafted = taken(officer, as_xlsx([TITLES, row(1), wrong, row(1), row(3)]), "records.xlsx")
    one = officer.path
    assert '# "ФИО" = ""' in drafted.form(f"{one}/preview").fields["mapping"][0]
    shown = officer.send(f"{one}/preview", {"mapping": MAPPING})
    assert figures(shown) == {"data-fit": "2", "data-made": "0", "data-broken": "1", "data-doubled": "1"}
    assert [(found["data-row"], found["data-code"]) for found in shown.all("tr") if "data-row" in found] == [
        ("3", "unreadable-date"),
        ("4", "twice-in-table"),
    ]
    assert "Пересвет" not in officer.answer.text
    assert count(staff.world, Case) == 0
    done = officer.send(f"{one}/confirm", {"also": "4"})
    assert figures(done)["data-made"] == "3"
    assert (count(staff.world, Case), count(staff.world, Import)) == (3, 0)
    officer.get(one)
    assert officer.status == 404


def test_a_mapping_that_does_not_fit_comes_back_as_it_was_typed(staff: Group) -> None:
    officer = staff.member("ines")
    taken(officer, table(1))
    one, typed = officer.path, MAPPING.replace('"Где"', '"Куда <b>"')
    shown = officer.send(f"{one}/preview", {"mapping": typed})
    assert officer.status == 422
    assert "The table has no column with this title." in shown.text
    assert shown.form(f"{one}/preview").fields["mapping"] == [typed]
    assert "<b>" not in officer.answer.text.replace('<b class="num">', "")


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "Please fill this in."),
        (bytes(120_000), "The table is larger than we can take."),
    ],
)
def test_a_table_that_cannot_be_taken_is_refused_on_the_page(raw: bytes, said: str, staff: Group) -> None:
    officer = staff.member("ines")
    shown = taken(officer, raw, "x.csv" if raw else "")
    assert officer.status == 422
    assert said in shown.text
    assert list(staff.world.store.blobs.iterdir()) == []


def test_what_is_no_table_says_so_and_can_be_given_up(staff: Group) -> None:
    officer = staff.member("ines")
    shown = taken(officer, b"PK\x03\x04 no workbook")
    one = officer.path
    assert "We cannot read this file as a table." in shown.text
    officer.send(f"{one}/end")
    assert officer.path == "/imports"
    assert count(staff.world, Import) == 0


def test_what_stopped_on_the_way_goes_on(staff: Group) -> None:
    officer = staff.member("ines")
    taken(officer, table(60))
    one = officer.path
    officer.send(f"{one}/preview", {"mapping": MAPPING})
    caller = staff.world.caller("ines")
    importing.confirm(staff.world.store, caller, one.split("/")[-1])
    next(importing.carry_on(staff.world.store, caller, one.split("/")[-1]))
    listed = officer.get("/imports")
    assert "stopped on the way" in listed.text
    assert "50 cases were made" in officer.get(one).text
    done = officer.send(f"{one}/continue")
    assert figures(done)["data-made"] == "60"
    assert count(staff.world, Case) == 60


def test_a_refusal_on_the_way_ends_the_page_in_words(staff: Group, monkeypatch: pytest.MonkeyPatch) -> None:
    officer = staff.member("ines")
    taken(officer, table(60))
    one, moves = officer.path, list[int]()
    officer.send(f"{one}/preview", {"mapping": MAPPING})

    def move(*given: Any) -> Ledger:
        moves.append(1)
        # The second batch meets what a colleague did meanwhile.
        if len(moves) == 3:
            raise Stale
        return moved(*given)

    moved = ledgers.move
    monkeypatch.setattr(ledgers, "move", move)
    shown = officer.send(f"{one}/confirm", {"also": ""})
    assert officer.status == 200
    assert "The work stopped. What was made stays" in shown.text
    assert count(staff.world, Case) == 50
    monkeypatch.undo()
    assert figures(officer_goes_on(officer, one))["data-made"] == "60"


def officer_goes_on(officer: Person, one: str) -> Seen:
    officer.get(one)
    return officer.send(f"{one}/continue")


def test_only_an_officer_sees_the_page(staff: Group) -> None:
    for login in ("carl", "leo", "ann", "ada"):
        member = staff.member(login)
        member.get("/imports")
        assert member.status == 403
    assert "/imports" in {one.get("href") for one in staff.member("ines").get("/today").all("a")}
    assert "/imports" not in {one.get("href") for one in staff.member("carl").get("/today").all("a")}
