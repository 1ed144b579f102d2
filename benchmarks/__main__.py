"""`make bench SIZE=…`: builds the cases on both sides, compares, measures, prints, writes `results.json`."""

import argparse
import os
import platform
import resource
import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from benchmarks.crowd import crowd
from benchmarks.invented import many
from benchmarks.ours import Ours
from benchmarks.peers import peers
from benchmarks.results import Result, phase, seen, tolerant, write
from benchmarks.rows import Bench, brought_in, compared, growth, sizes
from tests.postgres import Cluster

BATCH = 500
# As often as a reader's session would have sorted the new cases into segments meanwhile.
SETTLE = 4_000
RESULTS = Path(__file__).with_name("results.json")


def main() -> None:
    """Run the benchmarks."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--size", type=int, default=266_000)
    arguments.add_argument("--into", type=Path, default=RESULTS)
    asked = arguments.parse_args()
    began, found = time.perf_counter(), list[Result]()
    for one in measure(asked.size):
        print(one.line(), flush=True)
        found.append(one)
        write(asked.into, found, asked.size)
    missed = sum(one.met is False for one in found)
    print(f"{asked.size:,} cases; {machine()}; {time.perf_counter() - began:.0f} s; {missed} missed, see {asked.into}")


def measure(size: int) -> Iterator[Result]:
    """Yield all rows."""
    yield seen(f"{size:,} cases", 0.0, machine())
    cluster = Cluster(durable=True)
    try:
        with tempfile.TemporaryDirectory(prefix="lastheard-bench-") as name:
            yield from _measured(Path(name), cluster, size)
    finally:
        cluster.stop()


def _measured(folder: Path, cluster: Cluster, size: int) -> Iterator[Result]:
    with phase("founding a group"):
        ours = Ours(f"sqlite:///{folder / 'ours' / 'ours.db'}", folder / "ours")
    bench, found = Bench(ours, peers(folder, cluster.url("plain"))), list[Result]()
    seconds = {"ours": 0.0, **{peer.name: 0.0 for peer in bench.peers}}
    marks = [size // 100, size // 10, size]
    for begin, end in zip([0, *marks], marks, strict=False):
        with phase(f"making the cases from {begin:,} to {end:,}"):
            _load(bench, begin, end, seconds)
        ours.awake()
        with phase("measuring growth"):
            yield from growth(bench)
    for peer in bench.peers:
        peer.settle()
    with phase("comparing"):
        yield from compared(bench)
    yield seen("resident memory of this process, peers included", _resident(), "MiB")
    yield from sizes(bench, seconds)
    with phase("importing"), tolerant(found, "import"):
        yield from brought_in(bench)
    ours.close()
    with phase("over HTTP"), tolerant(found, "over HTTP"):
        yield from crowd(ours, bench.ids[-1])
    yield from found


def _load(bench: Bench, begin: int, end: int, seconds: dict[str, float]) -> None:
    """Make the same cases on both sides, in batches of one transaction."""
    waiting, since = many(end, begin), 0
    while batch := list(islice(waiting, BATCH)):
        started = time.perf_counter()
        ids = bench.ours.load(batch)
        since += len(batch)
        if since >= SETTLE or batch[-1].number + 1 == end:
            bench.ours.settle()
            since = 0
        seconds["ours"] += time.perf_counter() - started
        for peer in bench.peers:
            started = time.perf_counter()
            peer.load(list(zip(ids, batch, strict=True)))
            seconds[peer.name] += time.perf_counter() - started
        for case_id, one in zip(ids, batch, strict=True):
            bench.know(case_id, one)


def _resident() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def machine() -> str:
    """Return what it ran on."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "unknown")
    # What else runs weighs on whatever takes time: a run beside other work says so.
    return f"{os.cpu_count()} cores, {model}, Python {platform.python_version()}, load {os.getloadavg()[0]:.1f}"


if __name__ == "__main__":
    main()
