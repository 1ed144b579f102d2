"""A statement that was prepared does what the session's own would do, and refuses what it would refuse."""

import time
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from api.crypto import Sealed
from api.errors import Tampered, Unavailable
from api.ids import new_id
from api.models.tables import Grant, ShredRow, Table
from api.sealed.prepared import MOST, Listed, Prepared
from api.sealed.store import IDLE_S, MOST_KEPT, Kept, Store
from tests.sealed.stores import new_store

GRANT = Table.metadata.tables["grant"]
COLUMNS = ("id", "member_id", "shred_id", "sealed")
NEW = Prepared(insert(GRANT), COLUMNS)
GIVEN = Listed(select(GRANT.c.id, GRANT.c.sealed), GRANT.c.id)


@pytest.fixture
def store(database_url: str, tmp_path: Path) -> Store:
    return new_store(database_url, tmp_path)


def row(grant_id: str, sealed: object = Sealed(b"ciphertext")) -> dict[str, object]:
    return {"id": grant_id, "member_id": "m", "shred_id": "s", "sealed": sealed}


def test_what_one_wrote_the_other_reads(store: Store) -> None:
    first, second = new_id(), new_id()
    with store.writing() as db:
        NEW.run(db, row(first))
        db.add(Grant(**row(second)))
        # What waits in the session is written before a prepared statement reads.
        assert sorted(GIVEN.all(db, [first, second])) == sorted(
            [(one, Sealed(b"ciphertext")) for one in (first, second)]
        )
    with store.reading() as db:
        assert db.get_one(Grant, first).sealed == Sealed(b"ciphertext")


@pytest.mark.parametrize("unsealed", [b"bytes in the clear", "a text"])
def test_a_sealed_column_refuses_what_was_not_sealed(store: Store, unsealed: object) -> None:
    with pytest.raises(TypeError), store.writing() as db:
        NEW.run(db, row(new_id(), unsealed))
    with pytest.raises(TypeError), store.writing() as db:
        NEW.run_each(db, [row(new_id()), row(new_id(), unsealed)])
    with store.reading() as db:
        assert db.scalars(select(Grant)).all() == []


def test_more_values_than_a_statement_takes_go_in_pieces(store: Store) -> None:
    ids = [new_id() for _ in range(MOST + 3)]
    with store.writing() as db:
        NEW.run_each(db, [row(one) for one in ids])
        assert sorted(one for one, _ in GIVEN.all(db, [*ids, new_id()])) == sorted(ids)
        assert [one for one, _ in GIVEN.all(db, ids[:3])] == [one for one, _ in GIVEN.all(db, ids[:3] * 2)]
        assert GIVEN.all(db, []) == []


def test_a_change_and_a_deletion_are_those_that_the_statement_names(store: Store) -> None:
    first, second = new_id(), new_id()
    with store.writing() as db:
        NEW.run_each(db, [row(first), row(second)])
        Prepared(update(GRANT).where(GRANT.c.id == first), ("member_id",)).run(db, {"member_id": "other"})
        Prepared(delete(GRANT).where(GRANT.c.id == second)).run(db)
        assert Prepared(select(GRANT.c.id, GRANT.c.member_id)).all(db) == [(first, "other")]
        assert Prepared(select(GRANT.c.id).where(GRANT.c.id == second)).one(db) is None


def test_a_truth_comes_back_as_one(store: Store) -> None:
    with store.reading() as db:
        assert Prepared(select(ShredRow.held).limit(1)).all(db) == []
    with store.writing() as db:
        db.add(ShredRow(id="s", bucket=1, due=None, held=True, sealed=Sealed(b"x")))
        assert Prepared(select(ShredRow.held, ShredRow.due)).one(db) == (True, None)


def test_an_error_is_the_sessions_own_and_says_no_value(store: Store) -> None:
    planted = new_id()
    with store.writing() as db:
        NEW.run(db, row(planted))
    with pytest.raises(IntegrityError) as refused, store.writing() as db:
        NEW.run(db, {**row(planted), "member_id": "planted member"})
    assert "planted member" not in str(refused.value)


def test_a_connection_that_is_gone_is_said_plainly_and_not_used_again(postgres_url: str, tmp_path: Path) -> None:
    store, query = new_store(postgres_url, tmp_path), Prepared(select(GRANT.c.id))
    with pytest.raises(Unavailable), store.reading() as db:
        query.all(db)
        with store.engine.connect() as other:
            others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
            other.execute(text(f"{others} AND datname = current_database()"))
        query.all(db)
    with store.reading() as db:
        assert query.all(db) == []


def test_a_connection_whose_server_went_while_it_lay_idle_is_replaced(postgres_url: str, tmp_path: Path) -> None:
    store, query = new_store(postgres_url, tmp_path), Prepared(select(GRANT.c.id))
    with store.reading() as db:
        query.all(db)
    # The pool's own connections, ended behind its back.
    with psycopg.connect(postgres_url.replace("+psycopg", ""), autocommit=True) as outside:
        ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
        outside.execute(f"{ended} AND pid <> pg_backend_pid()")
    time.sleep(IDLE_S + 0.1)
    with store.reading() as db:
        assert query.all(db) == []


def test_what_was_worked_out_is_remembered_by_what_it_depends_on_and_not_without_end() -> None:
    kept, asked = Kept(), list[object]()

    def work() -> str:
        asked.append(None)
        return "found"

    assert (kept.once("a", work), kept.once("a", work), len(asked)) == ("found", "found", 1)

    def failing() -> str:
        raise Tampered

    for _ in range(2):
        with pytest.raises(Tampered):
            kept.once("b", failing)
    for number in range(MOST_KEPT + 5):
        kept.once(number, work)
    assert len(kept) <= MOST_KEPT


def test_what_another_thread_clears_meanwhile_is_still_answered() -> None:
    class Cleared(Kept):
        """Somebody else's thread finds it full, after each moment."""

        def __setitem__(self, given: object, found: object) -> None:
            super().__setitem__(given, found)
            self.clear()

        def __contains__(self, given: object) -> bool:
            there = super().__contains__(given)
            self.clear()
            return there

    kept = Cleared()
    assert kept.once("a", lambda: "found") == "found"
    dict.__setitem__(kept, "b", "before")
    assert kept.once("b", lambda: "after") in ("before", "after")


def test_that_something_gave_nothing_is_remembered_too() -> None:
    kept, asked = Kept(), list[object]()
    for _ in range(2):
        kept.once("a", lambda: asked.append(None))
    assert len(asked) == 1
