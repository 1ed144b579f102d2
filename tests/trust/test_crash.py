"""Killed at any moment: what was said to be done is done, what was not is whole or not there."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from api import audit
from api.errors import NotFound
from api.sealed.secrets import SecretFiles
from api.sealed.store import open_store
from tests.trust.killing import Said, check_done, check_whole, killed
from tests.world import make_world

KILLS = 200 if os.environ.get("LASTHEARD_TORTURE") else 16
KINDS = {"made", "reported", "saved", "uploaded", "revoked", "erased", "epoch", "sorted"}


def kinds(said: list[Said]) -> set[str]:
    """Return what was done at all."""
    return {key for one in said for key in one}


def test_what_was_said_to_be_done_is_done_after_every_kill(
    database_url: str, tmp_path: Path, figure: Callable[[str], None]
) -> None:
    world = make_world(database_url, tmp_path)
    said, kills = list[Said](), 0
    # On a busy machine a worker does little before its end: then there are more of them, and they live longer.
    while kills < KILLS or (kills < 4 * KILLS and not kinds(said) >= KINDS):
        world.store.close()
        said += killed(world, database_url, tmp_path, kills % 7 / 10 * (1 + kills // KILLS), kills)
        world.store = open_store(database_url, tmp_path / "data", SecretFiles(tmp_path / "secrets"))
        assert audit.verify(world.store).whole
        kills += 1
    assert kinds(said) >= KINDS
    check_done(world, said)
    check_whole(world, said)
    figure(f"{kills} kills, {len(said)} acknowledged writes, 0 lost, 0 half-written")


def test_planted_a_worker_that_speaks_too_soon_is_caught(sqlite_url: str, tmp_path: Path) -> None:
    world = make_world(sqlite_url, tmp_path)
    with pytest.raises(AssertionError):
        check_done(world, [{"reported": os.urandom(16).hex()}])
    with pytest.raises(NotFound):
        check_done(world, [{"uploaded": "0" * 26, "file": "0" * 26}])


def test_a_worker_that_ends_by_itself_is_no_kill(sqlite_url: str, tmp_path: Path) -> None:
    world = make_world(sqlite_url, tmp_path)
    world.tokens["carl"] = "none"
    with pytest.raises(AssertionError, match="by itself"):
        killed(world, sqlite_url, tmp_path, 0.2)
