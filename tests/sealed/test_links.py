"""Which mailboxes belong to a case is found without any key, and nobody puts an older answer in its place."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from api.errors import Tampered
from api.ids import new_id
from api.models.links import MailboxLinks
from api.sealed import links, roots, shreds
from api.sealed.store import Store
from tests.sealed.stores import new_store

CASE, BOX = "00" + "c" * 24, "b" * 26


@pytest.fixture
def store(database_url: str, tmp_path: Path) -> Store:
    return new_store(database_url, tmp_path)


def put(store: Store, case_id: str, *boxes: str) -> None:
    with shreds.erasing(store) as db:
        links.write(db, store, case_id, boxes)


def found(store: Store, case_id: str) -> list[str]:
    with store.reading() as db:
        return links.mailboxes(db, store, case_id)


def test_a_case_finds_its_mailboxes_and_no_other(store: Store) -> None:
    other = "00" + "d" * 24
    put(store, CASE, BOX)
    put(store, other, BOX, "a" * 26)
    assert (found(store, CASE), found(store, other)) == ([BOX], ["a" * 26, BOX])
    put(store, CASE)
    assert (found(store, CASE), found(store, new_id())) == ([], [])


def test_what_an_older_store_knew_of_mailboxes_is_taken_over_once(store: Store) -> None:
    put(store, CASE, BOX)
    with shreds.erasing(store) as db:
        roots.anchor(db, store, "mailboxes", {CASE: ["a" * 26], "zz" + "e" * 24: [BOX]})
    with shreds.erasing(store) as db:
        assert links.mailboxes(db, store, CASE) == ["a" * 26, BOX]
    assert (found(store, CASE), found(store, "zz" + "e" * 24)) == (["a" * 26, BOX], [BOX])
    with store.reading() as db:
        assert "mailboxes" not in roots.anchored(db, store)
    put(store, CASE)
    put(store, new_id())
    assert found(store, CASE) == []


def test_outside_of_erasing_nothing_is_taken_over(store: Store) -> None:
    with pytest.raises(RuntimeError), store.writing() as db:
        links.adopt(db, store)


def test_one_erasing_sees_what_it_wrote(store: Store) -> None:
    with shreds.erasing(store) as db:
        links.write(db, store, CASE, [BOX])
        links.write(db, store, CASE, {*links.mailboxes(db, store, CASE), "a" * 26})
    assert found(store, CASE) == ["a" * 26, BOX]


def test_outside_of_erasing_nothing_is_written(store: Store) -> None:
    with pytest.raises(RuntimeError), store.writing() as db:
        links.write(db, store, CASE, [BOX])
    assert found(store, CASE) == []


def row(store: Store) -> MailboxLinks:
    with store.reading() as db:
        return db.scalars(select(MailboxLinks)).one()


def put_back(db: Session, older: MailboxLinks) -> None:
    db.execute(update(MailboxLinks).values(sealed=older.sealed))


def take_away(db: Session, _: MailboxLinks) -> None:
    db.execute(delete(MailboxLinks))


def put_in(db: Session, older: MailboxLinks) -> None:
    db.execute(insert(MailboxLinks).values(bucket=older.bucket + 1, sealed=older.sealed))


@pytest.mark.parametrize("edit", [put_back, take_away, put_in])
def test_links_put_back_taken_away_or_put_in_are_refused(
    store: Store, edit: Callable[[Session, MailboxLinks], None]
) -> None:
    put(store, CASE, BOX)
    older = row(store)
    put(store, CASE, BOX, "a" * 26)
    with store.writing() as db:
        edit(db, older)
    with store.reading() as db, pytest.raises(Tampered):
        links.every(db, store)


def test_a_bucket_that_keeps_its_key_would_let_an_older_row_in(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: the change is sealed under the key of before."""
    put(store, CASE, BOX)
    older = row(store)
    with store.reading() as db:
        key = roots.beside(db, store)[f"{links.LINKS}{older.bucket}"]
    monkeypatch.setattr(links.Key, "fresh", lambda: key)
    put(store, CASE, BOX, "a" * 26)
    monkeypatch.undo()
    with store.writing() as db:
        put_back(db, older)
    assert found(store, CASE) == [BOX]


CASES = ["00" + letter * 24 for letter in "abc"] + ["zz" + "a" * 24]
BOXES = [letter * 26 for letter in "defg"]


@settings(max_examples=15, deadline=None)
@given(steps=st.lists(st.tuples(st.sampled_from(CASES), st.sets(st.sampled_from(BOXES), max_size=3)), max_size=8))
def test_after_any_changes_each_case_has_what_was_written_last(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, set[str]]]
) -> None:
    folder = tmp_path_factory.mktemp("links")
    store, plain = new_store(f"sqlite:///{folder / 'x.db'}", folder), dict[str, list[str]]()
    for case_id, boxes in steps:
        put(store, case_id, *boxes)
        plain[case_id] = sorted(boxes)
    with store.reading() as db:
        assert links.every(db, store) == {case: boxes for case, boxes in plain.items() if boxes}
        assert {case: links.mailboxes(db, store, case) for case in plain} == plain
    store.close()
