"""The product's own server over a founded group, and somebody who turns its pages while it is pressed.

Promises that what was waited is what a person would have waited. Must never press a server that it did not start.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from api.demo import stage
from api.services import cases
from api.settings import Settings
from benchmarks.crowd import Site
from tests.story.servers import free_port
from tests.trust.busy import SECTIONS
from tests.world import World, make_world

PAGES = (("carl", "/today"), ("carl", "/cases"), ("ines", "/inbox"), ("", "/ru/report"))


@contextmanager
def sited(url: str, folder: Path) -> Iterator[tuple[Site, World]]:
    """Yield the running server, and the group, its store opened beside the server."""
    world, port = make_world(url, folder), free_port()
    case = cases.create_case(world.store, world.caller("ines"), world.desks["North"], SECTIONS)
    process = stage.start(Settings(folder / "data", folder / "secrets", url), port)
    address = f"http://127.0.0.1:{port}"
    try:
        stage.wait(address)
        with httpx.Client(timeout=60) as client:
            yield Site(address, process.pid, client, world.tokens["carl"], case), world
    finally:
        world.store.close()
        process.terminate()
        process.wait(40)


@contextmanager
def turning_pages(site: Site, world: World) -> Iterator[list[float]]:
    """Let staff and a family turn pages all the while; the list holds the seconds of each, and every page must come."""
    waits, answers, done = list[float](), list[int](), threading.Event()

    def turn() -> None:
        with httpx.Client(timeout=60) as client:
            while not answers or not done.wait(0.02):
                login, path = PAGES[len(waits) % len(PAGES)]
                began = time.perf_counter()
                answer = client.get(site.url + path, headers={"cookie": f"lastheard={world.tokens.get(login, '')}"})
                waits.append(time.perf_counter() - began)
                answers.append(answer.status_code)

    member = threading.Thread(target=turn)
    member.start()
    try:
        yield waits
    finally:
        done.set()
        member.join()
    assert set(answers) == {200}
