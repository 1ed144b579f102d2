"""A worker in a process of its own, ended or stopped at a moment it did not choose; and what must hold afterwards.

Promises that only what the worker said to be done is asked for. Must never end a process that it did not start.
"""

import json
import os
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from api.access.doors import enter_case
from api.catalogue.compartments import Compartment
from api.errors import NotFound
from api.models.tables import Case, Desk, Grant
from api.policy.actions import Action
from api.services import cases, files, listing, receiving
from tests.trust.busy import FILE, toil
from tests.trust.workflow import sort_in
from tests.world import World

C = Compartment
Said = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Worker:
    """A process that toils, and the pipe on which it says what is done."""

    process: int
    ears: int
    heard: bytes

    def stop(self) -> None:
        """Let it do nothing more until it is killed."""
        os.kill(self.process, signal.SIGSTOP)
        os.waitpid(self.process, os.WUNTRACED)

    def kill(self) -> list[Said]:
        """End it and return all that it said."""
        os.kill(self.process, signal.SIGKILL)
        _, status = os.waitpid(self.process, 0)
        with os.fdopen(self.ears, "rb") as rest:
            lines = (self.heard + rest.read()).split(b"\n")
        assert os.WIFSIGNALED(status), "the worker ended by itself"
        return [json.loads(line) for line in lines[:-1]]


def begin(world: World, url: str, folder: Path, after: float, start: int = 0) -> Worker:
    """Start a worker and return it so many seconds after its first word."""
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
    return Worker(child, reading, heard)


def killed(world: World, url: str, folder: Path, after: float, start: int = 0) -> list[Said]:
    """Let a worker toil for so many seconds after its first word, kill it, and return what it said."""
    return begin(world, url, folder, after, start).kill()


def every_case(world: World) -> Iterator[str]:
    with world.store.reading() as db:
        yield from db.scalars(select(Case.id)).all()


def opened(world: World, case_id: str) -> cases.CaseView:
    """Open all that a case worker holds of a case: whatever is half-written does not fit."""
    wanted = set(C) - {C.SOURCE, C.CONTACT}
    access = enter_case(world.store, world.caller("carl"), case_id, Action.CASE_READ, wanted, "verify-fact")
    return cases.read_case(access)


def check_whole(world: World, said: list[Said]) -> None:
    """Open every case that there is: those that were made are there, each at least as new as it was said to be.

    The list has them all: a segment that was half sorted in would lose some or show some twice.
    """
    views = {case_id: opened(world, case_id) for case_id in every_case(world)}
    assert views.keys() >= {one["made"] for one in said if "made" in one}
    assert all(views[one["saved"]].version >= one["version"] for one in said if "saved" in one)
    sort_in(world, "carl")
    page = listing.list_cases(world.store, world.caller("carl"))
    assert (page.total, page.missing) == (len(views), 0)


def check_done(world: World, said: list[Said]) -> None:
    """Look for each thing that was said to be done."""
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
