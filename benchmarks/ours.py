"""Our side: the product's own services on a store of its own, as a case worker and an intake officer would call them.

Promises the path that a request takes, door and log included. Must never reach below a service for a figure.
"""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy import event

from api import audit
from api.access.caller import Caller, DeskKeys
from api.access.doors import enter_case
from api.access.shelves import open_shelves
from api.audit import Entry
from api.catalogue.compartments import Compartment
from api.columns.kinds import KINDS
from api.errors import SessionEnded
from api.importing.findings import Progress
from api.policy.actions import Action
from api.sealed.store import open_store
from api.services import cases, counting, files, importing, listing, searching
from api.services.cases import found_case
from benchmarks.invented import Invented
from tests.world import World, make_world

C = Compartment
OPENED = {Compartment(name) for name in ("control", "consent", "facts", "identity", "narrative")}
REASON = "verify-fact"
MAPPING = """
[columns]
name = "person.name"
latin = "person.name_latin"
status = "case.status"
act = "act.type"
when = "act.when"
text = "statement.text"
[constants]
"person.role" = "victim"
"consent.on" = 2023-05-01
"""
COUNTED = ("custody.facility:facility", "act.outcome", "case.last_heard:month")


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

    @contextmanager
    def unsynced(self) -> Iterator[None]:
        """Wait for no disk meanwhile: what a reading leaves in the log is measured, and subtracted, without that noise.

        Who reads writes nothing else; a peer that reads waits for no disk either.
        """
        durable = self.world.store
        self.world.store = store = open_store(self.url, durable.folder, durable.secrets)
        event.listen(store.engine, "connect", _unsynced)
        try:
            yield
        finally:
            store.close()
            self.world.store = durable

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

    def pages(self) -> Iterator[listing.CasePage]:
        """Yield the pages of the list from the second on, each of which nobody has seen before."""
        after = self.newest({}).next
        while after:
            page = listing.list_cases(self.world.store, self.worker, after)
            yield page
            after = page.next

    def statistics(self) -> counting.Tabulated:
        """Count by facility, outcome and month."""
        return counting.tabulate(self.world.store, self.worker, *COUNTED)

    def names(self, asked: str, skip: int = 0) -> searching.SearchPage:
        """Return the page of a search by a name, for who holds names and no narratives: nothing else is opened."""
        return searching.search(self.world.store, _narrowed(self.worker, C.NARRATIVE), asked, REASON, skip)

    def words(self, asked: str, skip: int = 0) -> searching.SearchPage:
        """Return the page of a search by words, for who holds narratives and no names."""
        return searching.search(self.world.store, _narrowed(self.worker, C.IDENTITY), asked, "", skip)

    def box(self, asked: str) -> searching.SearchPage:
        """Return the page of a search as a case worker makes it: names and words together."""
        return searching.search(self.world.store, self.worker, asked, REASON)

    def bring_in(self, rows: Iterable[Invented]) -> Progress:
        """Import a table of these cases, its preview and its comparison with the desk's names included."""
        table, store = _table(rows), self.world.store
        sink = files.open_sink(store, len(table))
        sink.feed(table)
        begun = importing.begin(store, self.officer, self.desk, sink.finish())
        importing.give_mapping(store, self.officer, begun, MAPPING)
        *_, looked = importing.preview(store, self.officer, begun)
        importing.confirm(store, self.officer, begun, (one.row for one in looked.findings))
        *_, done = importing.carry_on(store, self.officer, begun)
        return done

    def size(self) -> int:
        """Return the bytes of database and folder, what waits in the journal brought into the file."""
        with self.world.store.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        return sum(one.stat().st_size for one in self.folder.rglob("*") if one.is_file())

    def close(self) -> None:
        """Give back all connections."""
        self.world.store.close()


def _table(rows: Iterable[Invented]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["name", "latin", "status", "act", "when", "text"])
    for one in rows:
        facts, person = one.sections["facts"], one.sections["identity"]["person"][0]
        case, act, told = facts["case"][0], facts["act"][0], one.sections["narrative"]["statement"][0]
        names = (person["name"], person["name_latin"])
        writer.writerow([*names, case["status"], act["type"], act["when"]["edtf"], told["text"]])
    return out.getvalue().encode()


def _unsynced(connection: Any, _: object) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA synchronous=OFF")
    cursor.close()


def found(search: Callable[[str, int], searching.SearchPage], asked: str, most: int) -> set[str]:
    """Return whom a search finds, over its first pages."""
    ids, skip = set[str](), 0
    while page := search(asked, skip):
        ids |= {one.line.id for one in page.lines}
        skip = page.next
        if not skip or len(ids) >= most:
            break
    return ids


def _narrowed(caller: Caller, without: Compartment) -> Caller:
    ring = caller.keyring
    desks = {
        desk: tuple(DeskKeys(one.grant_id, {k: v for k, v in one.keys.items() if k[0] is not without}) for one in held)
        for desk, held in ring.desks.items()
    }
    return replace(caller, keyring=replace(ring, desks=desks))


def _sections(one: Invented) -> Mapping[Compartment, Mapping[str, Sequence[Any]]]:
    return {Compartment(name): body for name, body in one.sections.items()}
