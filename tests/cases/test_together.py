"""Readers and writers of one case at the same moment: nobody is told of a misfit that is none, no write is lost."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from api.catalogue.compartments import Compartment
from api.errors import Stale
from api.policy.actions import Action
from api.services.cases import append_to, read_case
from api.services.erasing import remove_entry
from api.services.listing import list_cases
from tests.cases.bench_world import World, make_bench

C = Compartment


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> World:
    return make_bench(database_url, tmp_path)


def together(*works: Callable[[], object]) -> list[object]:
    with ThreadPoolExecutor(len(works)) as pool:
        return [one.result() for one in [pool.submit(work) for work in works]]


def written(world: World, case_id: str, times: int) -> int:
    """Append over and over, starting again where another was first; return how many were saved."""
    saved = 0
    while saved < times:
        access = world.enter("worker", case_id, Action.CASE_WRITE)
        try:
            append_to(access, C.CONTROL, "task", {"what": "call"})
        except Stale:
            continue
        saved += 1
    return saved


def read(world: World, case_id: str, times: int) -> list[int]:
    return [read_case(world.enter("intake", case_id, Action.CASE_READ)).version for _ in range(times)]


def listed(world: World, times: int) -> set[bool]:
    return {line.refused for _ in range(times) for line in list_cases(world.store, world.caller("intake")).lines}


def test_readers_see_whole_versions_while_others_write(world: World) -> None:
    case_id = world.case()
    works = (
        lambda: written(world, case_id, 8),
        lambda: written(world, case_id, 8),
        lambda: read(world, case_id, 20),
        lambda: listed(world, 10),
    )
    _, _, versions, refused = together(*works)
    assert isinstance(versions, list)
    assert versions == sorted(versions)
    assert refused == {False}
    view = read_case(world.enter("worker", case_id, Action.CASE_READ))
    assert (view.version, len(view.sections[C.CONTROL]["task"])) == (17, 16)


def test_readers_see_whole_versions_while_parts_are_erased(world: World) -> None:
    case_id = world.case()

    def add_and_remove() -> None:
        for _ in range(4):
            access = world.enter("worker", case_id, Action.CASE_WRITE)
            append_to(access, C.NARRATIVE, "statement", {"id": "9" * 26, "text": "again"})
            access = world.enter("worker", case_id, Action.CASE_WRITE)
            remove_entry(access, "statement", "9" * 26, access.version)

    together(add_and_remove, lambda: read(world, case_id, 20))
    assert read(world, case_id, 1) == [9]
