"""An entry of the log goes five years after its month, from every copy; the tree is proved as ever; none goes early."""

from collections.abc import Callable, Mapping
from datetime import date
from itertools import accumulate
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from api import audit, clock
from api.audit import Entry
from api.catalogue.retention import Period, Retention
from api.clock import month_after
from api.crypto import Key, Opener
from api.errors import SecretMissing, Tampered
from api.models.tables import Leaf
from api.sealed import chains, months, roots, shreds
from api.sealed.store import Store
from api.services import logbook, retaining
from tests.sealed.stores import copy_of, new_store
from tests.world import World, make_world

Run = Callable[[int], None]
Held = Mapping[int, Key]


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> World:
    return make_world(database_url, tmp_path)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, world: World) -> Run:
    """Make the run of the first day of the month that lies so many months ahead, and prove the log on that day."""

    def made(ahead: int) -> None:
        day = first_of(ahead)
        monkeypatch.setattr(retaining, "today", lambda: day)
        monkeypatch.setattr(audit, "today", lambda: day)
        retaining.retain(world.store, confirmed=day)

    return made


def first_of(ahead: int) -> date:
    return date.fromisoformat(f"{month_after(clock.today(), ahead)}-01")


def write(store: Store, about: str) -> None:
    audit.record(store, Entry("case:read", about=about))


@pytest.fixture
def held(world: World) -> Held:
    """The auditor's keys, taken before a clock that jumps ends every session."""
    return world.caller("otto").keyring.auditors


def read(world: World, held: Held, verb: str = "case:read") -> set[object]:
    """Return what the auditor reads of the entries that a test wrote."""
    with world.store.reading() as db:
        return {one["about"] for one in logbook.read(db, world.store, held) if one["verb"] == verb}


class Left(months.Months):
    """All keys that are left, for any entry."""

    def of(self, index: int) -> list[Key]:
        return list(self.keys.values())


def with_every_key(world: World, held: Held, index: int) -> Mapping[str, object]:
    """Read an entry with the auditors' keys and all that lies under the root."""
    openers = {epoch: Opener(key) for epoch, key in held.items()}
    with world.store.reading() as db:
        found = db.execute(select(Leaf.index, Leaf.sealed))
        leaves = {one: sealed for one, sealed in found if sealed}
        left = Left((), roots.beside(db, world.store))
    return chains.Reader(openers, left, leaves).read(index, leaves[index])


def test_an_entry_is_read_for_five_years_and_no_longer_and_the_log_stays_whole(
    world: World, held: Held, run: Run
) -> None:
    write(world.store, "first")
    witness = world.store.checkpoint.read_text("utf-8")
    run(1)
    write(world.store, "second")
    left: set[object] = {"first", "second"}
    for ahead, gone in ((60, ()), (61, ()), (62, ("first",)), (121, ("second",))):
        run(ahead)
        left -= set(gone)
        assert read(world, held) == left
        assert audit.verify(world.store).whole
        assert audit.verify(world.store, witness).whole
    write(world.store, "afterwards")
    assert read(world, held) == {"afterwards"}


def test_that_entries_went_stands_in_the_log(world: World, held: Held, run: Run) -> None:
    size = audit.verify(world.store).size
    run(1)
    run(62)
    assert read(world, held, "retention:log") == {f"entries {size}"}


def test_an_entry_goes_from_old_copies_too(sqlite_url: str, tmp_path: Path) -> None:
    """The auditors' key is the same as ever, and today's whole machine lies beside the copy."""
    world = make_world(sqlite_url, tmp_path)
    write(world.store, "first")
    held, index = world.caller("otto").keyring.auditors, audit.verify(world.store).size - 1
    before, late = copy_of(world.store, tmp_path / "before"), copy_of(world.store, tmp_path / "late")
    with before.reading() as db:
        assert next(logbook.read(db, before, held))["about"] == "first"
    for ahead in (1, 62):
        with shreds.erasing(world.store) as db:
            audit.turn_month(db, world.store, first_of(ahead))
    with late.reading() as db, pytest.raises(SecretMissing):
        list(logbook.read(db, late, held))
    with pytest.raises(Tampered):
        with_every_key(world, held, index)


def test_a_month_whose_key_stays_under_the_root_would_be_read_for_ever(
    world: World, held: Held, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Planted: the run tells that a month went, and leaves its key where it was."""
    write(world.store, "first")
    index, lay = audit.verify(world.store).size - 1, roots.lay_beside
    monkeypatch.setattr(roots, "lay_beside", lambda db, name, key: lay(db, name, key) if key else None)
    run(1)
    run(62)
    assert with_every_key(world, held, index)["about"] == "first"


def test_an_entry_younger_than_five_years_that_went_is_found(
    world: World, held: Held, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Planted: a run that keeps the log for a month."""
    write(world.store, "first")
    with monkeypatch.context() as patch:
        patch.setattr(months, "TABLE", {Retention.AUDIT: Period(1, "the entry", "the log")})
        run(1)
        run(4)
        assert read(world, held) == set()
        assert audit.verify(world.store).whole
    assert audit.verify(world.store).problems == ("hidden",)


def test_a_month_without_its_key_is_found_and_nothing_is_written_under_none(world: World) -> None:
    """Planted: a key goes of which the note under the root says that it is there."""
    with shreds.erasing(world.store) as db:
        roots.lay_beside(db, "log:0", None)
    assert audit.verify(world.store).problems == ("hidden",)
    with pytest.raises(Tampered):
        write(world.store, "afterwards")


def test_no_editor_of_the_database_makes_an_entry_go_or_come_back(world: World, run: Run) -> None:
    """What is gone is told by the note under the root: a leaf without its entry is an altered one, at any age."""
    write(world.store, "first")
    index = audit.verify(world.store).size - 1
    run(1)
    run(62)
    with world.store.writing() as db:
        db.get_one(Leaf, index).sealed = None
    assert "altered" in audit.verify(world.store).problems


def test_a_store_of_before_months_begins_one_and_reads_what_it_has(world: World, held: Held, run: Run) -> None:
    with shreds.erasing(world.store) as db:
        roots.anchor(db, world.store, months.LOG, [])
        roots.lay_beside(db, "log:0", None)
    write(world.store, "of before")
    assert read(world, held) == {"of before"}
    run(0)
    write(world.store, "since")
    assert read(world, held) == {"of before", "since"}
    assert audit.verify(world.store).whole
    run(1)
    run(62)
    assert read(world, held) == set()


@settings(max_examples=25, deadline=None)
@given(steps=st.lists(st.integers(0, 40), min_size=1, max_size=12))
def test_whenever_the_runs_come_no_entry_goes_early_and_none_outstays_the_month_that_ends_its_own(
    tmp_path_factory: pytest.TempPathFactory, steps: list[int]
) -> None:
    """Each step lets months pass, writes an entry, and makes the run."""
    folder = tmp_path_factory.mktemp("months")
    store, written = new_store(f"sqlite:///{folder / 'x.db'}", folder), list(accumulate(steps))
    for number, at in enumerate(written):
        write(store, str(number))
        with shreds.erasing(store) as db:
            audit.turn_month(db, store, first_of(at))
        with store.reading() as db:
            first = months.read(db, store).first
        ended = [min((run for run in written[: number + 1] if run > one), default=at) for one in written[: number + 1]]
        assert all(at - one > 60 for one in written[:first])
        assert all(at - end <= 60 for end in ended[first:])
    store.close()
