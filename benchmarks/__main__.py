"""`make bench SIZE=…`: builds the cases through the product's own code, measures, prints, writes `results.json`."""

import argparse
import json
import os
import platform
import tempfile
import time
from pathlib import Path

from api.catalogue.compartments import Compartment
from api.services.cases import found_case
from benchmarks.crowd import crowd
from benchmarks.invented import many
from benchmarks.peers import Peer
from benchmarks.rows import Result, rows
from tests.postgres import Cluster
from tests.world import World, make_world

BATCH = 500
LINE = "{0.name:<42} {0.ours_ms:>10} ms  {0.peer:<11} {0.peer_ms:>8}  {0.ratio:>6}  {0.goal:<12} {1}"
RESULTS = Path(__file__).with_name("results.json")


def load(world: World, size: int, peers: list[Peer]) -> list[str]:
    """Make `size` cases of the North desk, in batches of one transaction, and the same in each peer."""
    caller, desk, made = world.caller("ines"), world.desks["North"], list[str]()
    waiting = list(many(size))
    for start in range(0, size, BATCH):
        with world.store.writing() as db:
            for bodies in waiting[start : start + BATCH]:
                sections = {Compartment(name): body for name, body in bodies.items()}
                made.append(found_case(db, world.store, caller, desk, sections, {}))
    for peer in peers:
        for case_id, bodies in zip(made[:200], waiting[:200], strict=False):
            peer.insert(case_id, bodies)
    return made


def main() -> None:
    """Run the benchmarks."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--size", type=int, default=266_000)
    size = arguments.parse_args().size
    found = list(measure(size))
    RESULTS.write_text(json.dumps([one.as_json() for one in found], indent=1) + "\n", "utf-8")
    print(f"{size} cases, {os.cpu_count()} cores, {processor()}, Python {platform.python_version()}")
    for one in found:
        mark = "met" if one.met else "MISSED"
        print(LINE.format(one, mark))


def measure(size: int) -> list[Result]:
    """Return all rows."""
    cluster = Cluster(durable=True)
    try:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            world = make_world(f"sqlite:///{folder / 'ours.db'}", folder / "ours")
            peers = [Peer("SQLite", f"sqlite:///{folder / 'plain.db'}"), Peer("PostgreSQL", cluster.url("plain"))]
            began = time.perf_counter()
            ids = load(world, size, peers)
            seconds = time.perf_counter() - began
            built = Result(f"build {size} cases, ms a case", round(seconds * 1000 / size, 2), "", 0, 0, "-", True)
            return [built, *rows(world, peers, ids), *crowd(folder / "crowd")]
    finally:
        cluster.stop()


def processor() -> str:
    """Return the model of the processor."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "unknown")


if __name__ == "__main__":
    main()
