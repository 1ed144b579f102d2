"""The power is cut at any moment: what was said to be done stands on the disk.

A worker toils on a disk of its own and says each thing once it is done. At some moment it is stopped, and the disk is
copied: what waits in memory is lost, as it would be. The copy is mounted, the store opened, and what was said sought.
"""

import os
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from api import audit
from api.sealed import store as stores
from api.sealed.secrets import SecretFiles
from api.sealed.store import open_store
from tests.conftest import leave_out
from tests.torture.disk import Disk, mountable
from tests.trust.killing import Said, begin, check_done, check_whole
from tests.world import World, make_world

CUTS, FAULTY_CUTS = 50, 12
STEP_S = 0.09
Figure = Callable[[str], None]


@pytest.fixture
def disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Disk]:
    """A mounted disk, where this machine lets us."""
    if not mountable(tmp_path):
        leave_out(request, "the right to mount a disk in a file")
    made = Disk.made(tmp_path, tmp_path / "mounted")
    with made.mounted():
        yield made


def address(folder: Path) -> str:
    return f"sqlite:///{folder / 'lastheard.db'}"


def founded(disk: Disk) -> World:
    """Return the group, at rest on the disk: it was copied there as files, which nobody waited for."""
    world = make_world(address(disk.place), disk.place)
    world.store.close()
    os.sync()
    return world


def opened_again(world: World, folder: Path) -> World:
    """Return the group as whoever starts the machine again finds it."""
    store = open_store(address(folder), folder / "data", SecretFiles(folder / "secrets"))
    return World(store, world.ids, world.secrets, world.tokens, world.desks)


def cut(world: World, disk: Disk, number: int) -> tuple[list[Said], Disk]:
    """Let a worker toil, cut the power, and return what it had said and the disk as it was."""
    left = disk.image.parent / f"left{number}"
    worker = begin(world, address(disk.place), disk.place, number % 11 * STEP_S, number)
    worker.stop()
    disk.cut(left)
    return worker.kill(), Disk(left, disk.image.parent / "after")


def check_after(world: World, left: Disk, said: list[Said]) -> None:
    """Look for all that was said on the disk that is left."""
    left.place.mkdir(exist_ok=True)
    with left.mounted() as folder:
        left.image.unlink()
        found = opened_again(world, folder)
        try:
            assert audit.verify(found.store).whole
            check_done(found, said)
            check_whole(found, said)
        finally:
            found.store.close()


def test_no_acknowledged_write_is_lost_when_the_power_is_cut(disk: Disk, figure: Figure) -> None:
    world, said = founded(disk), list[Said]()
    for number in range(CUTS):
        new, left = cut(world, disk, number)
        said += new
        check_after(world, left, new if number < CUTS - 1 else said)
    figure(f"{CUTS} cuts, {len(said)} acknowledged writes, 0 lost, 0 half-written")


@pytest.mark.parametrize("weaker", ["NORMAL", "OFF"])
def test_planted_a_store_that_does_not_wait_for_the_disk_loses(
    disk: Disk, weaker: str, monkeypatch: pytest.MonkeyPatch, figure: Figure
) -> None:
    real = stores._set_up_sqlite

    def hasty(connection: sqlite3.Connection, record: Any) -> None:
        real(connection, record)
        connection.execute(f"PRAGMA synchronous={weaker}")

    world = founded(disk)
    monkeypatch.setattr(stores, "_set_up_sqlite", hasty)
    found = Counter(loss(world, *cut(world, disk, number)) for number in range(FAULTY_CUTS))
    lost = {name: times for name, times in found.items() if name}
    assert lost.keys() - {"CalledProcessError"}
    figure(f"synchronous={weaker}: {sum(lost.values())} of {FAULTY_CUTS} cuts lost what was acknowledged: {lost}")


def loss(world: World, said: list[Said], left: Disk) -> str:
    """Return the name of what shows that something that was said is not on the disk that is left, or nothing."""
    try:
        check_after(world, left, said)
    except Exception as error:
        return type(error).__name__
    return ""
