"""Over HTTP: a worker for each core serves the store that was measured; a family, members and a crowd at its doors.

Promises what a person would wait, and what the processes take. Must never talk to a server of another kind.
"""

import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from api.demo import stage
from benchmarks.ours import Ours
from benchmarks.results import Result, seen, timed, tolerant, within
from tests.story.servers import free_port
from tests.world import one_time_code, passphrase

MEMBERS = 24
MIB = 1024 * 1024
API = "/api/v1"
STORY = "Приехали ночью и увезли, с тех пор мы ничего о нём не знаем. " * 8


@dataclass
class Site:
    """A running server, a client that keeps its connection as a browser does, and a member's token."""

    url: str
    pid: int
    client: httpx.Client
    token: str
    case: str

    def get(self, path: str) -> httpx.Response:
        """Read as the member."""
        return self.client.get(self.url + API + path, headers=self.headers).raise_for_status()

    @property
    def headers(self) -> Mapping[str, str]:
        """The member's credentials."""
        return {"Authorization": f"Bearer {self.token}"}

    def memory(self, name: str) -> float:
        """Return the figure of the largest worker, in MiB."""
        return max(_memory(pid, name) for pid in (self.pid, *_children(self.pid)))


def crowd(ours: Ours, case: str) -> Iterator[Result]:
    """Yield the rows over HTTP."""
    ours.awake()
    found = list[Result]()
    with served(ours) as url_and_pid, httpx.Client(timeout=60) as client:
        site = Site(*url_and_pid, client, ours.world.tokens["carl"], case)
        for name, rows in {
            "over HTTP: what one waits": lambda: alone(site, ours),
            "over HTTP: a crowd": lambda: together(site),
            "over HTTP: uploads": lambda: uploads(site),
        }.items():
            with tolerant(found, name):
                found += rows()
        most = site.memory("VmHWM")
        found.append(within("resident memory of a worker under this load", most, 400, "MiB"))
    yield from found


@contextmanager
def served(ours: Ours) -> Iterator[tuple[str, int]]:
    """Run the product's own `serve`, with a worker for each core."""
    port, data, secrets = free_port(), ours.folder / "data", ours.folder / "secrets"
    environment = os.environ | {"LASTHEARD_SECRETS": str(secrets), "LASTHEARD_DATABASE": ours.url}
    words = ["serve", "--data", str(data), "--port", str(port), "--workers", str(os.cpu_count() or 1)]
    with (ours.folder / "server.log").open("ab") as journal:
        process = subprocess.Popen(
            [sys.executable, "-m", "api.cli", *words], env=environment, stdout=journal, stderr=journal
        )
    try:
        stage.wait(f"http://127.0.0.1:{port}")
        yield f"http://127.0.0.1:{port}", process.pid
    finally:
        process.terminate()
        process.wait(30)


def alone(site: Site, ours: Ours) -> Iterator[Result]:
    """Yield what one person waits while nobody else is there."""
    yield within("over HTTP: submit a report", median(lambda _: submit(site), 10), 100)
    yield within("over HTTP: sign in", statistics.median(signing_in(site, ours)), 500)
    yield within("over HTTP: list, a page of all", median(lambda _: site.get("/cases"), 20), 50)
    yield within("over HTTP: open a case", median(lambda _: site.get(f"/cases/{site.case}"), 40), 25)


def together(site: Site) -> Iterator[Result]:
    """Let twenty-four sign in at once and open a case all the while."""
    waits, opened = list[float](), list[float]()
    people = [threading.Thread(target=attempt, args=(site, number, waits)) for number in range(MEMBERS)]
    began = time.perf_counter()
    for one in people:
        one.start()
    while any(one.is_alive() for one in people):
        opened.append(timed(lambda: site.get(f"/cases/{site.case}")))
    each = MEMBERS / (time.perf_counter() - began)
    yield Result("over HTTP: sign-ins a second", round(each, 2), goal=">= 4", met=each >= 4, note="a second, not ms")
    yield within("over HTTP: 24 at once sign in, the last answered", max(waits), 8000)
    yield within("over HTTP: open a case meanwhile, the slowest", max(opened), 250)
    yield seen("over HTTP: open a case meanwhile, the median", statistics.median(opened))


def uploads(site: Site) -> Iterator[Result]:
    """Yield an upload of 10 MiB and one of 25, and what the second takes beside."""
    yield within("over HTTP: upload 10 MiB", upload(site, 10), 200)
    before, most, done = site.memory("VmRSS"), list[float](), threading.Event()

    def watch() -> None:
        while not done.wait(0.01):
            most.append(site.memory("VmRSS"))

    watcher = threading.Thread(target=watch)
    watcher.start()
    taken = upload(site, 25)
    done.set()
    watcher.join()
    yield within("over HTTP: upload 25 MiB", taken, 500)
    yield within("over HTTP: upload 25 MiB, memory above idle", max([0.0, *(one - before for one in most)]), 16, "MiB")


def submit(site: Site) -> None:
    """Send a report, as a family does."""
    words = site.client.get(f"{site.url}{API}/receipts/new").json()["receipt"]
    body = {"receipt": words, "about": {"about_name": "Остап Лободай", "story": STORY}, "consents": {"count": "yes"}}
    site.client.post(f"{site.url}{API}/reports", json=body).raise_for_status()


def signing_in(site: Site, ours: Ours) -> Iterator[float]:
    """Yield the milliseconds of some members' sign-ins, each with a code that is new."""
    for login in ("otto", "tina", "tom", "ann", "leo"):
        for step in (1, 0):
            code = one_time_code(ours.world.secrets[login], step)
            body = {"login": login, "passphrase": passphrase(login), "code": code}
            began = time.perf_counter()
            answer = site.client.post(f"{site.url}{API}/sessions", json=body)
            if answer.status_code == 201:
                yield (time.perf_counter() - began) * 1000
                break


def attempt(site: Site, number: int, waits: list[float]) -> None:
    """Sign in with a passphrase that costs what a right one does."""
    body = {"login": f"member {number}", "passphrase": "seven words that cost the same work", "code": "000000"}
    waits.append(timed(lambda: httpx.post(f"{site.url}{API}/sessions", json=body, timeout=60)))


def upload(site: Site, size: int) -> float:
    """Add a file of so many MiB, and return the milliseconds it took."""
    where = f"{site.url}{API}/cases/{site.case}"
    seen_now = {"If-Match": site.get(f"/cases/{site.case}").headers["etag"]}
    headers = {**site.headers, **seen_now, "Content-Type": "application/octet-stream"}
    content = bytes(size * MIB)
    return timed(
        lambda: site.client.post(f"{where}/files?title=large", content=content, headers=headers).raise_for_status()
    )


def median(work: Callable[[int], object], times: int) -> float:
    """Return the median of `times` runs in milliseconds, after one that does not count."""
    return statistics.median([timed(lambda at=at: work(at)) for at in range(times + 1)][1:])


def _children(pid: int) -> list[int]:
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [one for child in map(int, found) for one in (child, *_children(child))]


def _memory(pid: int, name: str) -> float:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:  # it has ended
        return 0.0
    return int(next((line for line in lines if line.startswith(name)), "0 0").split()[1]) / 1024
