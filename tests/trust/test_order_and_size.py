"""What a copy of the database tells without a key: not in which order grants were made, nor by their size for what."""

import json
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError

from api.access.doors import enter_case
from api.catalogue.compartments import Compartment
from api.models.tables import Grant, Leaf
from api.policy.actions import Action
from api.sealed import dump
from api.services import granting
from tests.trust.workflow import Filled, fill

C = Compartment
BY_ID = ("session", "session_key", "grant", "file", "shred", "mailbox", "letter", "erasure")


def grant(filled: Filled, login: str, what: set[Compartment]) -> str:
    world = filled.world
    access = enter_case(
        world.store, world.caller("carl"), filled.case, Action.CASE_GRANT, what, "prepare-submission", ""
    )
    ids = world.ids[login], world.words(login)
    return granting.grant_case(access, *ids, what, 30, "prepare-submission")


@pytest.mark.parametrize("table", BY_ID)
def test_on_sqlite_no_order_of_making_is_kept(sqlite_url: str, tmp_path: Path, table: str) -> None:
    engine = fill(sqlite_url, tmp_path).world.store.engine
    with engine.connect() as db:
        # What has such an order answers: the question is a good one.
        assert db.execute(text('SELECT rowid FROM "case" ORDER BY rowid')).all()
        with pytest.raises(OperationalError, match="no such column: rowid"):
            db.execute(text(f'SELECT rowid FROM "{table}"'))


def test_a_data_backup_has_its_rows_in_the_order_of_their_identifiers(database_url: str, tmp_path: Path) -> None:
    filled = fill(database_url, tmp_path)
    with filled.world.store.reading() as db:
        rows = [json.loads(line) for line in dump.lines(db, dump.data_tables())]
        made = Counter(name for name, _ in rows)
    for name in ("case", "grant", "mailbox", "letter"):
        ids = [values[0] for table, values in rows if table == name]
        assert made[name] > 1
        assert ids == sorted(ids)


def test_a_grant_is_as_long_as_any_other(database_url: str, tmp_path: Path) -> None:
    filled = fill(database_url, tmp_path)
    grant(filled, "leo", {C.FACTS})
    grant(filled, "leo", {C.FACTS, C.IDENTITY, C.NARRATIVE, C.EVIDENCE, C.LEGAL})
    with filled.world.store.reading() as db:
        assert len({len(row.sealed.blob) for row in db.scalars(select(Grant))}) == 1


def test_an_entry_of_the_log_is_as_long_as_any_other(database_url: str, tmp_path: Path) -> None:
    filled = fill(database_url, tmp_path)
    grant(filled, "leo", {C.FACTS, C.IDENTITY, C.NARRATIVE, C.EVIDENCE, C.LEGAL})
    with filled.world.store.reading() as db:
        sizes = Counter(len(one.blob) for one in db.scalars(select(Leaf.sealed)) if one)
    # Two lengths: an entry that begins a chain carries its key under a seal of its own.
    assert len(sizes) == 2
    assert sizes[min(sizes)] > 30
