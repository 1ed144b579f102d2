"""A server seized in the middle of an import, and after it, holds no word of the table."""

import time
from pathlib import Path

import pytest

from api.services import importing
from tests.importing.tables import MAPPING, TITLES, as_csv, begun, last, row
from tests.trust.search import hits
from tests.trust.test_seized_server import all_files, on_disk, watched
from tests.world import make_world

PLANTED = {
    "name": "Пересветов Ермолай Остапович",
    "text": "Взяли из третьего барака ночью",
    "title": "Столбец с примечаниями начальника",
    "constant": "2021-11-23",
}


def test_no_word_of_a_table_lies_on_the_disk_at_any_step(
    request: pytest.FixtureRequest, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    began = time.time()
    with watched(tmp_path, monkeypatch):
        world = make_world(database_url, tmp_path)
        planted = [PLANTED["name"], *row(1)[1:5], PLANTED["text"], "3.5.2023", "x"]
        raw = as_csv([[*TITLES, PLANTED["title"]], planted, *([*row(number), "y"] for number in range(120))])
        found = begun(world, raw.encode(), MAPPING.replace("2023-05-01", PLANTED["constant"]))
        caller = world.caller("ines")
        assert searched(request, database_url, tmp_path, began) == []
        last(importing.preview(world.store, caller, found))
        importing.confirm(world.store, caller, found)
        working = importing.carry_on(world.store, caller, found)
        next(working)
        assert searched(request, database_url, tmp_path, began) == []
        last(working)
    assert searched(request, database_url, tmp_path, began) == []
    world.store.close()


def searched(request: pytest.FixtureRequest, url: str, folder: Path, began: float) -> list[tuple[str, str]]:
    return hits(on_disk(request, url, folder, began), PLANTED.values())


def test_planted_a_table_kept_in_a_temporary_file_is_found(tmp_path: Path) -> None:
    (tmp_path / "upload.tmp").write_text(as_csv([TITLES, [PLANTED["name"]]]), "utf-8")
    assert {word for _, word in hits(all_files(tmp_path), PLANTED.values())} == {PLANTED["name"]}
