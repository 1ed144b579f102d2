"""Backups of the erasure secrets go on their day, and only those; what lies elsewhere is not crossed off by itself."""

from datetime import timedelta
from pathlib import Path

import pytest

from api import clock
from api.services import backup, destroying, health, logbook
from api.services.backup import KEPT_DAYS, Backup
from api.services.health.site import Site
from tests.world import World, make_world


@pytest.fixture
def made(database_url: str, tmp_path: Path) -> tuple[World, Backup]:
    world = make_world(database_url, tmp_path)
    return world, backup.back_up(world.store, tmp_path / "backup")


@pytest.fixture
def thirty_days_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(destroying, "today", lambda: clock.today() + timedelta(days=KEPT_DAYS))


def verbs(world: World) -> list[object]:
    return [one["verb"] for one in logbook.newest(world.store, world.caller("otto"))]


def test_nothing_goes_before_its_day(made: tuple[World, Backup]) -> None:
    world, files = made
    assert destroying.destroy_due(world.store, files.shreds.parent) == (0, 0)
    assert files.shreds.exists()


@pytest.mark.usefixtures("thirty_days_later")
def test_on_its_day_a_backup_of_secrets_goes_and_that_of_the_data_stays(made: tuple[World, Backup]) -> None:
    world, files = made
    kept = files.shreds.with_name("copy")
    kept.hardlink_to(files.shreds)
    assert destroying.destroy_due(world.store, files.shreds.parent) == (1, 0)
    assert (files.shreds.exists(), files.data.exists()) == (False, True)
    assert set(kept.read_bytes()) == {0}
    assert verbs(world)[0] == "backup:destroyed"
    assert destroying.destroy_due(world.store, files.shreds.parent) == (0, 0)


@pytest.mark.usefixtures("thirty_days_later")
def test_what_lies_elsewhere_stays_on_the_list_until_the_operator_says_so(made: tuple[World, Backup]) -> None:
    world, files = made
    assert destroying.destroy_due(world.store, files.shreds.parent / "elsewhere") == (0, 1)
    assert "backups still due" in {one.check for one in health.findings(Site(world.store, "https://x.example"))}
    assert destroying.cross_off(world.store) == 1
    assert "backups still due" not in {one.check for one in health.findings(Site(world.store, "https://x.example"))}
