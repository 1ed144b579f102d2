"""What requests leave behind in the process: no file open, no memory taken."""

import gc
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient

from api.guards import Public
from tests.asvs.asking import client
from tests.ground.test_edge import application
from tests.pages.scene import Scene

# As many as the standard asks for when there is time: `LASTHEARD_TORTURE=1`.
REQUESTS = 10_000 if os.environ.get("LASTHEARD_TORTURE") else 1000


def kept(asking: TestClient, paths: Sequence[str], times: int) -> tuple[int, float]:
    """Return how many files so many requests leave open, and by which share the process has grown."""
    for number in range(200):
        asking.get(paths[number % len(paths)])
    files, memory = len(os.listdir("/proc/self/fd")), resident()
    for number in range(times):
        asking.get(paths[number % len(paths)])
    return len(os.listdir("/proc/self/fd")) - files, resident() / memory - 1


def resident() -> int:
    """Return what the process has in memory, in pages, once what nobody refers to is gone."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1])


def test_requests_leave_no_file_open_and_no_memory_taken(scene: Scene, figure: Callable[[str], None]) -> None:
    paths = ("/api/v1/me", "/uk/", "/nowhere", "/static/style.css", scene.names["case"])
    files, more = kept(client(scene, "carl"), paths, REQUESTS)
    assert files <= 3
    assert more < 0.05
    figure(f"{REQUESTS} requests: {files} more files open, {more:.1%} more memory")


def test_planted_a_route_that_keeps_what_it_opened_is_caught(tmp_path: Path) -> None:
    app, held = application(tmp_path), list[Any]()

    @app.get("/planted", dependencies=[Public("planted")])
    def planted() -> None:
        """Open a file, fill memory, and let go of neither."""
        held.extend([os.open(os.devnull, os.O_RDONLY), bytearray(os.urandom(100_000))])

    files, more = kept(TestClient(app), ["/planted"], 300)
    assert files > 200
    assert more > 0.05
    for one in held[::2]:
        os.close(one)
