"""Killed at any moment: what was said to be done is done, what was not is whole or not there."""

import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from api import audit
from api.access.doors import enter_case
from api.catalogue.compartments import Compartment
from api.errors import NotFound
from api.models.tables import Case, Desk, Grant
from api.policy.actions import Action
from api.sealed.secrets import SecretFiles
from api.sealed.store import open_store
from api.services import cases, files, receiving
from tests.trust.busy import FILE, toil
from tests.world import World, make_world

C = Compartment
KILLS = 200 if os.environ.get("LASTHEARD_TORTURE") else 16
Said = dict[str, Any]


def killed(world: World, url: str, folder: Path, after: float, start: int = 0) -> list[Said]:
    """Let a worker toil for so many seconds after its first word, kill it, and return what it said."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        try:
            toil(world, url, folder, writing, start)
        finally:
            os._exit(1)
    os.close(writing)
    heard = os.read(reading, 1 << 16)
    time.sleep(after)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status), "the worker ended by itself"
    with os.fdopen(reading, "rb") as rest:
        lines = (heard + rest.read()).split(b"\n")
    return [json.loads(line) for line in lines[:-1]]


def every_case(world: World) -> Iterator[str]:
    with world.store.reading() as db:
        yield from db.scalars(select(Case.id)).all()


def opened(world: World, case_id: str) -> cases.CaseView:
    """Open all that a case worker holds of a case: whatever is half-written does not fit."""
    wanted = set(C) - {C.SOURCE, C.CONTACT}
    access = enter_case(world.store, world.caller("carl"), case_id, Action.CASE_READ, wanted, "verify-fact")
    return cases.read_case(access)


def test_what_was_said_to_be_done_is_done_after_every_kill(database_url: str, tmp_path: Path) -> None:
    world = make_world(database_url, tmp_path)
    said = list[Said]()
    for number in range(KILLS):
        world.store.close()
        said += killed(world, database_url, tmp_path, number % 8 / 10, number)
        world.store = open_store(database_url, tmp_path / "data", SecretFiles(tmp_path / "secrets"))
        assert audit.verify(world.store).whole
    assert {key for one in said for key in one} >= {
        "made",
        "reported",
        "saved",
        "uploaded",
        "revoked",
        "erased",
        "epoch",
    }
    _check_done(world, said)
    views = {case_id: opened(world, case_id) for case_id in every_case(world)}
    assert views.keys() >= {one["made"] for one in said if "made" in one}
    for one in said:
        if "saved" in one:
            assert views[one["saved"]].version >= one["version"]


def _check_done(world: World, said: list[Said]) -> None:
    for one in said:
        match one:
            case {"reported": material}:
                assert receiving.open_mailbox(world.store, bytes.fromhex(material)) is not None
            case {"erased": case_id}:
                with pytest.raises(NotFound):
                    opened(world, case_id)
            case {"uploaded": case_id, "file": file_id}:
                access = enter_case(world.store, world.caller("carl"), case_id, Action.FILE_READ, {C.EVIDENCE})
                assert b"".join(files.read_file(access, file_id)[1]) == FILE
            case {"revoked": grant_id}:
                with world.store.reading() as db:
                    assert db.get(Grant, grant_id) is None
            case {"epoch": epoch}:
                with world.store.reading() as db:
                    assert db.get_one(Desk, world.desks["North"]).epoch >= epoch


def test_planted_a_worker_that_speaks_too_soon_is_caught(sqlite_url: str, tmp_path: Path) -> None:
    world = make_world(sqlite_url, tmp_path)
    with pytest.raises(AssertionError):
        _check_done(world, [{"reported": os.urandom(16).hex()}])
    with pytest.raises(NotFound):
        _check_done(world, [{"uploaded": "0" * 26, "file": "0" * 26}])


def test_a_worker_that_ends_by_itself_is_no_kill(sqlite_url: str, tmp_path: Path) -> None:
    world = make_world(sqlite_url, tmp_path)
    world.tokens["carl"] = "none"
    with pytest.raises(AssertionError, match="by itself"):
        killed(world, sqlite_url, tmp_path, 0.2)
