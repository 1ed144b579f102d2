"""A statement that fails, whichever it is: nothing of the work is done, and the same work is done a moment later."""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from api import audit
from api.access.doors import CaseAccess, enter_case
from api.catalogue.compartments import Compartment
from api.errors import Unavailable
from api.models.tables import Table
from api.policy.actions import Action
from api.services import cases, erasing, files, granting, receiving, rotating
from tests.trust.busy import FILE, SECTIONS
from tests.trust.killing import check_whole
from tests.world import World, make_world

# What is written down before the work, in a transaction of its own: that somebody opens a case, and why.
BEFORE = {"log_leaf", "log_head", "reason", "session", "session_key"}
C = Compartment
Work = Callable[[], object]


@dataclass
class Left:
    """After how many statements one fails; how many there were."""

    fails_at: int = -1
    count: int = 0

    def step(self) -> None:
        """Count a statement, or let it fail."""
        self.count += 1
        if self.count == self.fails_at:
            raise sqlite3.OperationalError("disk I/O error")


class Cursor(sqlite3.Cursor):
    """A cursor of which one statement fails."""

    def execute(self, *words: Any) -> Any:
        """Run a statement, unless it is the one."""
        Failing.left.step()
        return super().execute(*words)

    def executemany(self, *words: Any) -> Any:
        """Run a statement for many rows, unless it is the one."""
        Failing.left.step()
        return super().executemany(*words)


class Failing(sqlite3.Connection):
    """A connection of which one statement, or the commit, fails."""

    left: ClassVar[Left] = Left()

    def cursor(self, *_: Any) -> Cursor:
        """Return a cursor that fails in its turn."""
        return super().cursor(Cursor)

    def commit(self) -> None:
        """Commit, unless it is this that fails."""
        Failing.left.step()
        super().commit()


@contextmanager
def failing(world: World) -> Iterator[None]:
    """Let the store's connections be such."""

    def connect(_: object, __: object, ___: object, words: dict[str, Any]) -> None:
        words["factory"] = Failing

    world.store.engine.dispose()
    event.listen(world.store.engine, "do_connect", connect)
    yield
    event.remove(world.store.engine, "do_connect", connect)
    world.store.engine.dispose()


def rows(world: World) -> dict[str, list[str]]:
    """Return all that the database holds but what is written down before the work."""
    with world.store.reading() as db:
        tables = [one for one in Table.metadata.sorted_tables if one.name not in BEFORE]
        return {
            one.name: sorted(repr([_plain(cell) for cell in row]) for row in db.execute(select(one))) for one in tables
        }


def _plain(cell: Any) -> Any:
    return getattr(cell, "blob", cell)


def tried(work: Work, fails_at: int) -> bool:
    """Do the work with one failing statement; return whether it was done all the same."""
    Failing.left = Left(fails_at)
    try:
        work()
    except Unavailable:
        return False
    finally:
        Failing.left = Left()
    return True


def entered(world: World, case: str, action: Action, *opens: Compartment) -> CaseAccess:
    return enter_case(world.store, world.caller("carl"), case, action, set(opens), "document-case")


def making(world: World, _: str) -> Work:
    return lambda: cases.create_case(world.store, world.caller("ines"), world.desks["North"], SECTIONS)


def reporting(world: World, _: str) -> Work:
    note = {"language": "ru", "about": {"about_name": "Имя", "story": "слова"}, "consents": {}}
    return lambda: receiving.send_report(world.store, os.urandom(16), note)


def saving(world: World, case: str) -> Work:
    access = entered(world, case, Action.CASE_WRITE)
    return lambda: cases.append_to(access, C.NARRATIVE, "statement", {"text": "more"})


def adding_a_file(world: World, case: str) -> Work:
    sink = files.open_sink(world.store)
    sink.feed(FILE)
    stored, access = sink.finish(), entered(world, case, Action.FILE_ADD)
    return lambda: files.add_file(access, stored, "A file", "text/plain", "", access.version)


def granting_it(world: World, case: str) -> Work:
    access, words = entered(world, case, Action.CASE_GRANT, C.FACTS), world.words("leo")
    return lambda: granting.grant_case(access, world.ids["leo"], words, {C.FACTS}, 3, "verify-fact")


def revoking(world: World, case: str) -> Work:
    given = granting_it(world, case)()
    access = entered(world, case, Action.CASE_REVOKE)
    return lambda: granting.revoke_case_grant(access, str(given))


def erasing_a_part(world: World, case: str) -> Work:
    access = entered(world, case, Action.CASE_WRITE, C.IDENTITY)
    return lambda: erasing.remove_entry(access, "person", "1" * 26, access.version)


def erasing_it(world: World, case: str) -> Work:
    access = entered(world, case, Action.CASE_ERASE)
    return lambda: erasing.erase_case(access)


def rotating_the_desk(world: World, _: str) -> Work:
    return lambda: rotating.rotate(world.store, world.caller("carl"), world.desks["North"])


WORKS = (making, reporting, saving, adding_a_file, granting_it, revoking, erasing_a_part, erasing_it, rotating_the_desk)


@pytest.mark.parametrize("prepared", WORKS)
def test_whichever_statement_fails_nothing_is_half_done(
    prepared: Callable[[World, str], Work], tmp_path: Path, figure: Callable[[str], None]
) -> None:
    world, failed = make_world(f"sqlite:///{tmp_path / 'x.db'}", tmp_path), 0
    case = str(making(world, "")())
    with failing(world):
        work, before = prepared(world, case), rows(world)
        while not tried(work, failed + 1):
            failed += 1
            assert rows(world) == before, f"statement {failed}"
        assert rows(world) != before
    check_whole(world, [])
    assert audit.verify(world.store).whole
    assert failed > 5
    figure(f"{failed} statements failed in turn, 0 left anything half done")


def test_planted_a_work_in_two_transactions_is_caught(tmp_path: Path) -> None:
    world = make_world(f"sqlite:///{tmp_path / 'x.db'}", tmp_path)
    making(world, "")()
    report, again = reporting(world, ""), reporting(world, "")
    with failing(world):
        before = rows(world)
        assert not tried(lambda: (report(), again()), 14)
        assert rows(world) != before


def test_planted_a_commit_that_failed_and_keeps_its_connection_locks_everybody_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Session, "invalidate", lambda _: None)
    world, failed = make_world(f"sqlite:///{tmp_path / 'x.db'}", tmp_path), 0
    with failing(world), pytest.raises(Unavailable):
        work = reporting(world, "")
        while not tried(work, failed + 1):
            failed += 1
            rows(world)
