"""Pressed from outside: everything is answered, memory stays where it was, and staff go on working.

With `LASTHEARD_TORTURE=1` at full length and on both databases.
"""

import gzip
import os
import signal
import socket
import statistics
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from select import select as ready
from urllib.parse import urlsplit

import httpx
import pytest
from sqlalchemy import func, select

from api.models.tables import Mailbox
from api.words.receipt import new_receipt
from benchmarks.crowd import MIB, Site, attempt, submit
from tests.trust.site import sited, turning_pages
from tests.world import World

TORTURE = bool(os.environ.get("LASTHEARD_TORTURE"))
REPORTS, SLOW, HUGE_MIB = (1000, 200, 1024) if TORTURE else (100, 40, 320)
# Beside other tests the machine is not ours alone, and a figure of seconds says little.
STAFF_S = 1.0 if TORTURE else 10.0
MOST_MORE_MIB = 96
SIGN_INS = 16
Figure = Callable[[str], None]
Pressed = tuple[Site, World]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"] if TORTURE else ["sqlite"])
def pressed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pressed]:
    """One server for all that presses it, as it would be."""
    folder = tmp_path_factory.mktemp("pressed")
    url = f"sqlite:///{folder / 'x.db'}"
    if request.param == "postgresql":
        url = request.getfixturevalue("cluster").url(f"pressed{os.getpid()}")
    with sited(url, folder) as found:
        yield found


def said(waits: list[float]) -> str:
    """Return what staff waited, in words."""
    return f"staff's pages: median {statistics.median(waits):.3f} s, slowest {max(waits):.3f} s of {len(waits)}"


def lines_to(site: Site) -> socket.socket:
    """Return a connection of one's own."""
    where = urlsplit(site.url)
    return socket.create_connection((str(where.hostname), where.port or 0), 30)


def head(path: str, length: int, media: str, token: str = "") -> bytes:
    """Return the head of a request with a body of so many bytes."""
    lines = [f"POST {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {length}", f"Content-Type: {media}"]
    lines += [f"Authorization: Bearer {token}", 'If-Match: "1"'] if token else []
    return "\r\n".join([*lines, "", ""]).encode()


def mailboxes(world: World) -> int:
    """Return how many families have written."""
    with world.store.reading() as db:
        return db.scalar(select(func.count()).select_from(Mailbox)) or 0


def test_a_flood_of_reports_is_taken_in_whole_while_staff_go_on(pressed: Pressed, figure: Figure) -> None:
    site, world = pressed
    before, waiting, began = site.memory("VmRSS"), mailboxes(world), time.perf_counter()
    with turning_pages(site, world) as waits, ThreadPoolExecutor(8) as families:
        list(families.map(submit, [site] * REPORTS))
    took = time.perf_counter() - began
    assert mailboxes(world) == waiting + REPORTS
    assert max(waits) < STAFF_S
    assert site.memory("VmHWM") < before + MOST_MORE_MIB
    more = site.memory("VmHWM") - before
    figure(f"{REPORTS} reports in {took:.0f} s; {said(waits)}; {more:.0f} MiB more")


PART = b'--edge\r\nContent-Disposition: form-data; name="files"; filename="a.jpg"\r\nContent-Type: image/jpeg\r\n\r\n'
FORM = "multipart/form-data; boundary=edge"


def test_those_who_send_slowly_keep_nobody_waiting(pressed: Pressed, figure: Figure) -> None:
    site, world = pressed
    with ExitStack() as held:
        for _ in range(SLOW):
            line = held.enter_context(lines_to(site))
            line.sendall(head("/ru/report", 10 * MIB, FORM) + PART + os.urandom(200_000))
        began = time.perf_counter()
        with turning_pages(site, world) as waits:
            for _ in range(5):
                submit(site)
        took = time.perf_counter() - began
    assert max(waits) < STAFF_S
    submit(site)
    figure(f"{SLOW} half reports held open; 5 reports in {took:.2f} s meanwhile; {said(waits)}")


def poured(site: Site, first: bytes, megabytes: int) -> bytes:
    """Send so many MiB after a head, until there is an answer; return its first line."""
    piece = os.urandom(MIB)
    with lines_to(site) as line:
        line.sendall(first)
        for _ in range(megabytes):
            if ready([line], [], [], 0)[0]:
                break
            try:
                line.sendall(piece)
            except OSError:
                break
        return line.recv(4096).split(b"\r\n")[0]


@pytest.mark.parametrize("to", ["form", "file", "table", "plain"])
def test_what_is_far_over_the_limit_is_refused_and_takes_no_memory(pressed: Pressed, figure: Figure, to: str) -> None:
    site, world = pressed
    path, media, token, before_it = {
        "form": ("/ru/report", FORM, "", PART),
        "file": (f"/api/v1/cases/{site.case}/files?title=x", "application/octet-stream", world.tokens["carl"], b""),
        "table": ("/api/v1/imports?desk=x", "application/octet-stream", world.tokens["ines"], b""),
        "plain": ("/api/v1/reports", "application/json", "", b""),
    }[to]
    before = site.memory("VmRSS")
    with turning_pages(site, world) as waits:
        answer = poured(site, head(path, HUGE_MIB * MIB, media, token) + before_it, HUGE_MIB)
    assert answer.split(b" ")[1] == b"413", answer
    assert max(waits) < STAFF_S
    assert site.memory("VmHWM") < before + MOST_MORE_MIB
    figure(f"{HUGE_MIB} MiB to {to}: {answer.decode()}; {said(waits)}; {site.memory('VmHWM') - before:.0f} MiB more")


def test_what_would_unpack_into_much_is_not_unpacked(pressed: Pressed, figure: Figure) -> None:
    site, _ = pressed
    before, bomb = site.memory("VmHWM"), gzip.compress(bytes(100 * MIB), 6)
    assert len(bomb) < MIB
    for path in ("/api/v1/reports", "/api/v1/sessions", "/api/v1/mailbox"):
        headers = {"content-encoding": "gzip", "content-type": "application/json"}
        assert site.client.post(site.url + path, content=bomb, headers=headers).status_code == 400
    assert site.memory("VmHWM") < before + 16
    figure(f"{len(bomb) // 1024} KiB that would be 100 MiB: refused as they are")


def test_sixteen_who_sign_in_at_once_are_all_answered_and_staff_go_on(pressed: Pressed, figure: Figure) -> None:
    (site, world), answered = pressed, list[float]()
    with turning_pages(site, world) as waits, ThreadPoolExecutor(SIGN_INS) as people:
        list(people.map(lambda number: attempt(site, number, answered), range(SIGN_INS)))
    assert len(answered) == SIGN_INS
    assert max(waits) < STAFF_S
    figure(f"{SIGN_INS} sign-ins, the last after {max(answered) / 1000:.1f} s; {said(waits)}")


def guess(site: Site, number: int) -> int:
    """Ask for a mailbox with eleven words that are nobody's."""
    words = {"receipt": " ".join(new_receipt("ru", number.to_bytes(16, "big")))}
    return site.client.post(f"{site.url}/api/v1/mailbox", json=words).status_code


def look_for_all(site: Site) -> int:
    """Count, list and ask how ready a document is: what costs most of a member's questions."""
    paths = ("/counts?dimension=case.status", "/cases", f"/cases/{site.case}/readiness?profile=wgeid")
    return len([site.get(path) for path in paths])


def test_those_who_guess_words_and_those_who_ask_costly_things_keep_nobody_waiting(
    pressed: Pressed, figure: Figure
) -> None:
    site, world = pressed
    with turning_pages(site, world) as waits, ThreadPoolExecutor(8) as crowd:
        costly = [crowd.submit(look_for_all, site) for _ in range(REPORTS // 4)]
        answers = set(crowd.map(lambda number: guess(site, number), range(REPORTS)))
        assert {one.result() for one in costly} == {3}
    assert answers <= {404, 503}
    assert 404 in answers
    assert max(waits) < STAFF_S
    figure(f"{REPORTS} guesses beside {len(costly) * 3} costly questions; {said(waits)}")


def test_planted_a_server_that_stands_still_is_seen_by_who_turns_its_pages(pressed: Pressed) -> None:
    site, world = pressed
    with turning_pages(site, world) as waits:
        time.sleep(0.2)
        os.kill(site.pid, signal.SIGSTOP)
        time.sleep(0.7)
        os.kill(site.pid, signal.SIGCONT)
    assert max(waits) > 0.5


def test_planted_memory_that_is_taken_is_seen() -> None:
    with httpx.Client() as client:
        mine = Site("", os.getpid(), client, "", "")
        before = mine.memory("VmRSS")
        taken = bytearray(os.urandom(64 * MIB))
        assert mine.memory("VmRSS") > before + 48
        assert len(taken) == 64 * MIB
