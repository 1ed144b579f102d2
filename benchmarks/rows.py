"""What is measured: one function for each row, through the services and doors.

Promises medians. Must never count the log's own write in another row: it is a row of its own.
"""

import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass

from api import audit
from api.access.caller import Caller
from api.access.doors import enter_case
from api.audit import Entry
from api.catalogue.compartments import Compartment
from api.policy.actions import Action
from api.services import cases, receiving, signing_in
from benchmarks.invented import bodies
from benchmarks.peers import Peer
from tests.world import World, key_for, one_time_code, passphrase

OPENED = {Compartment(name) for name in ("control", "consent", "facts", "identity", "narrative")}


@dataclass(frozen=True, slots=True)
class Result:
    """One row of the table; times in milliseconds."""

    name: str
    ours_ms: float
    peer: str
    peer_ms: float
    ratio: float
    goal: str
    met: bool

    def as_json(self) -> dict[str, object]:
        """Return the row for `results.json`."""
        return asdict(self)


def median_ms(work: Callable[[int], object], times: int) -> float:
    """Return the median of `times` runs, after two that do not count."""
    taken = []
    for number in range(times + 2):
        began = time.perf_counter()
        work(number)
        taken.append((time.perf_counter() - began) * 1000)
    return round(statistics.median(taken[2:]), 3)


def against(name: str, ours: float, peer: Peer, theirs: float, goal: float) -> Result:
    """Return a row that is a ratio to a peer."""
    ratio = round(ours / theirs, 2)
    return Result(name, ours, peer.name, theirs, ratio, f"<= {goal}x", ratio <= goal)


def within(name: str, ours: float, goal: float) -> Result:
    """Return a row that is a time."""
    return Result(name, round(ours, 1), "", 0.0, 0.0, f"<= {goal:g} ms", ours <= goal)


def rows(world: World, peers: list[Peer], ids: list[str]) -> Iterator[Result]:
    """Yield the rows of the table."""
    caller, log = world.caller("carl"), median_ms(lambda _: audit.record(world.store, Entry("case:read")), 60)
    opened = median_ms(lambda number: open_case(world, caller, ids[number]), 60) - log
    made = median_ms(lambda number: insert_case(world, number), 40)
    goals = {"SQLite": (3, 1.5, 1), "PostgreSQL": (0.5, 2, 1)}
    for peer in peers:
        open_goal, insert_goal, log_goal = goals[peer.name]
        theirs = median_ms(lambda number, peer=peer: peer.open(ids[number]), 60)
        yield against("open a case", round(opened, 3), peer, theirs, open_goal)
        new = [f"n{number:025d}" for number in range(60)]
        theirs = median_ms(lambda number, peer=peer, new=new: peer.insert(new[number], bodies(number)), 40)
        yield against("durable insert of a case", made, peer, theirs, insert_goal)
        theirs = median_ms(lambda _, peer=peer: peer.log("case:read"), 60)
        yield against("a log entry, durable", log, peer, theirs, log_goal)
    yield within("a report", median_ms(lambda number: report(world, number), 20), 100)
    yield within("sign in", sign_in(world), 500)


def open_case(world: World, caller: Caller, case_id: str) -> object:
    """Open one case through its door, identity included."""
    access = enter_case(world.store, caller, case_id, Action.CASE_READ, OPENED, "verify-fact", "")
    return cases.read_case(access)


def insert_case(world: World, number: int) -> object:
    """Make one case of the desk, as accepting a report does."""
    sections = {Compartment(name): body for name, body in bodies(number).items()}
    return cases.create_case(world.store, world.caller("ines"), world.desks["North"], sections)


def report(world: World, number: int) -> None:
    """Send one report."""
    story = bodies(number)["narrative"]["statement"][0]["text"]
    note = {"language": "ru", "about": {"about_name": "Имя", "story": story}, "consents": {}}
    receiving.send_report(world.store, number.to_bytes(16, "big"), note)


def sign_in(world: World) -> float:
    """Return the time of one sign-in, stretching included."""
    from api.services.stretching import Stretcher

    stretcher, login = Stretcher(world.store.deployment), "isa"
    for step in (-1, 0, 1):
        began = time.perf_counter()
        stretcher.derive_now(passphrase(login), login)
        try:
            signing_in.sign_in(world.store, key_for(login), login, one_time_code(world.secrets[login], step))
        except Exception:  # a code of this step was used when the world was made
            continue
        return (time.perf_counter() - began) * 1000
    raise RuntimeError("no step was left")
