"""Our side: the product's own services on a store of its own, as a case worker and an intake officer would call them.

Promises the path that a request takes, door and log included. Must never reach below a service for a figure.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from api import audit
from api.access.caller import Caller
from api.access.doors import enter_case
from api.access.shelves import open_shelves
from api.audit import Entry
from api.catalogue.compartments import Compartment
from api.columns.kinds import KINDS
from api.errors import SessionEnded
from api.policy.actions import Action
from api.services import cases, counting, listing
from api.services.cases import found_case
from benchmarks.invented import Invented
from tests.world import World, make_world

OPENED = {Compartment(name) for name in ("control", "consent", "facts", "identity", "narrative")}
REASON = "verify-fact"
Found = dict[str, Any]


class Ours:
    """The store under test."""

    def __init__(self, url: str, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        self.folder, self.url = folder, url
        self.world: World = make_world(url, folder)
        self.desk = self.world.desks["North"]
        self.worker, self.officer = self.world.caller("carl"), self.world.caller("ines")

    def awake(self) -> None:
        """Look in as both, or sign in again: a load takes longer than a session may lie idle."""
        self.worker, self.officer = (self._present(login) for login in ("carl", "ines"))

    def _present(self, login: str) -> Caller:
        try:
            return self.world.caller(login)
        except SessionEnded:
            self.world.sign_in(login)
            return self.world.caller(login)

    def load(self, cases_of: Iterable[Invented]) -> list[str]:
        """Make cases in one transaction, each as accepting a report makes it; return their ids."""
        with self.world.store.writing() as db:
            return [found_case(db, self.world.store, self.officer, self.desk, _sections(one), {}) for one in cases_of]

    def settle(self) -> None:
        """Sort what came since into segments, as the next reader's session does."""
        for kind in KINDS:
            open_shelves(self.world.store, self.officer, kind)

    def open(self, case_id: str) -> Mapping[Any, Any]:
        """Return one case whole, identity included, through its door."""
        access = enter_case(self.world.store, self.worker, case_id, Action.CASE_READ, OPENED, REASON)
        return cases.read_case(access).sections

    def insert(self, one: Invented) -> str:
        """Make one case, durably."""
        return cases.create_case(self.world.store, self.officer, self.desk, _sections(one))

    def log(self) -> None:
        """Write one entry of the log, durably."""
        audit.record(self.world.store, Entry("case:read", self.worker.member_id))

    def newest(self, wanted: Mapping[str, str]) -> listing.CasePage:
        """Return the newest fifty with these facets, verified."""
        return listing.list_cases(self.world.store, self.worker, asked=wanted)

    def statistics(self) -> Any:
        """Count by facility, outcome and month."""
        names = ("custody.facility:facility", "act.outcome", "act.when:month")
        return {one.values: one.cases for one in counting.count_cases(self.world.store, self.worker, *names).cells}

    def find(self, line: str, skip: int = 0) -> Any:
        """Return the page of a search."""
        from api.services import searching

        return searching.search(self.world.store, self.worker, line, REASON, skip)

    def found(self, line: str, most: int) -> set[str]:
        """Return whom a search finds, over its first pages."""
        ids, skip = set[str](), 0
        while len(ids) < most:
            page = self.find(line, skip)
            ids |= {one.case.id for one in page.lines}
            skip = page.next
            if not skip:
                break
        return ids

    def size(self) -> int:
        """Return the bytes of database and folder, what waits in the journal brought into the file."""
        with self.world.store.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        return sum(one.stat().st_size for one in self.folder.rglob("*") if one.is_file())

    def close(self) -> None:
        """Give back all connections."""
        self.world.store.close()


def _sections(one: Invented) -> Mapping[Compartment, Mapping[str, Sequence[Any]]]:
    return {Compartment(name): body for name, body in one.sections.items()}
