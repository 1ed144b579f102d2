"""A crowd: twenty-four members sign in while others open a case; an upload beside them; over HTTP, on a real server.

Promises what a person would wait, and what the process takes. Must never talk to a server of another kind.
"""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx

from api.demo import story
from benchmarks.rows import Result, within
from tests.story.published import PUBLISHED
from tests.story.servers import Running, server

MEMBERS = 24
MIB = 1024 * 1024
# One connection kept open, as a browser does.
CLIENT = httpx.Client(timeout=30)


def crowd(folder: Path) -> Iterator[Result]:
    """Yield the rows over HTTP."""
    with server(f"sqlite:///{folder / 'crowd.db'}", folder) as running:
        stage = running.found()
        told = story.report(running.url, PUBLISHED)
        story.take_in(stage, told)
        token, where = stage.who("kirill.desk").token, f"/api/v1/cases/{told.case}"
        yield within("open a case over HTTP", median(running, where, token), 25)
        waits, opened = together(running, where, token)
        yield within("24 at once sign in, the last answered", max(waits) * 1000, 8000)
        yield within("open a case meanwhile, the slowest", max(opened) * 1000, 250)
        before = memory(running, "VmRSS")
        taken, most = watched(running, where, token)
        yield within("upload 25 MiB", taken * 1000, 500)
        grown = most - before
        yield Result("25 MiB upload: memory above idle, MiB", round(grown, 1), "", 0, 0, "<= 16", grown <= 16)
        most = memory(running, "VmHWM")
        yield Result("resident memory under this load, MiB", round(most, 1), "", 0, 0, "<= 400", most <= 400)


def watched(running: Running, where: str, token: str) -> tuple[float, float]:
    """Upload, and return the seconds it took and the most memory seen meanwhile, in MiB."""
    seen, done = [memory(running, "VmRSS")], threading.Event()

    def watch() -> None:
        while not done.wait(0.005):
            seen.append(memory(running, "VmRSS"))

    watcher = threading.Thread(target=watch)
    watcher.start()
    taken = upload(running, where, token)
    done.set()
    watcher.join()
    return taken, max(seen)


def median(running: Running, where: str, token: str) -> float:
    """Return the median time to open a case, in milliseconds."""
    times = sorted(opening(running, where, token) for _ in range(30))
    return times[len(times) // 2] * 1000


def opening(running: Running, where: str, token: str) -> float:
    """Open a case once and return the seconds it took."""
    began = time.perf_counter()
    answer = CLIENT.get(running.url + where, headers={"Authorization": f"Bearer {token}"})
    answer.raise_for_status()
    return time.perf_counter() - began


def together(running: Running, where: str, token: str) -> tuple[list[float], list[float]]:
    """Let twenty-four sign in at once and open a case all the while."""
    waits, opened = list[float](), list[float]()
    crowd_of = [threading.Thread(target=attempt, args=(running, number, waits)) for number in range(MEMBERS)]
    for one in crowd_of:
        one.start()
    while any(one.is_alive() for one in crowd_of):
        opened.append(opening(running, where, token))
    return waits, opened


def attempt(running: Running, number: int, waits: list[float]) -> None:
    """Sign in with a passphrase that costs what a right one does."""
    began = time.perf_counter()
    body = {"login": f"member {number}", "passphrase": "seven words that cost the same work", "code": "000000"}
    httpx.post(f"{running.url}/api/v1/sessions", json=body, timeout=60)
    waits.append(time.perf_counter() - began)


def upload(running: Running, where: str, token: str) -> float:
    """Add a file of 25 MiB, and return the seconds it took."""
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/octet-stream"}
    version = httpx.get(running.url + where, headers=headers, timeout=30).json()["version"]
    began = time.perf_counter()
    address = f"{running.url}{where}/files?title=large&version={version}"
    httpx.post(address, content=bytes(25 * MIB), headers=headers, timeout=120).raise_for_status()
    return time.perf_counter() - began


def memory(running: Running, name: str) -> float:
    """Return a figure of the server's process, in MiB."""
    lines = Path(f"/proc/{running.pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(name)).split()[1]) / 1024
