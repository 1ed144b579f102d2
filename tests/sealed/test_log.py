"""The log cannot be cut, inserted into, reordered, truncated or rolled back without being found."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.orm import Session

from api import audit
from api.audit import Entry
from api.crypto import Key, Signer
from api.crypto.tree import Checkpoint, Frontier
from api.errors import Tampered
from api.models.tables import Leaf, LogHead
from api.sealed import checkpoints, log_head, roots, shreds
from api.sealed.store import Store
from api.services import operating
from tests.sealed.stores import new_store


def filled(url: str, folder: Path, actor: str = "a") -> Store:
    store = new_store(url, folder)
    for number in range(9):
        audit.record(store, Entry("case:read", actor=actor, case=str(number)))
    return store


@pytest.fixture
def store_of_nine(database_url: str, tmp_path: Path) -> Store:
    return filled(database_url, tmp_path)


def test_a_log_that_nobody_touched_is_whole(database_url: str, tmp_path: Path) -> None:
    verdict = audit.verify(filled(database_url, tmp_path))
    assert (verdict.whole, verdict.size) == (True, 9)


def cut(db: Session) -> None:
    db.execute(delete(Leaf).where(Leaf.index == 4))


def truncate(db: Session) -> None:
    db.execute(delete(Leaf).where(Leaf.index == 8))


def alter(db: Session) -> None:
    db.execute(update(Leaf).where(Leaf.index == 4).values(public='{"verb":"case:other"}'))


def reorder(db: Session) -> None:
    first, second = db.get_one(Leaf, 2), db.get_one(Leaf, 3)
    first.public, second.public = second.public, first.public


def insert(db: Session) -> None:
    db.add(Leaf(index=9, public='{"verb":"case:read"}'))


def close_the_gap(db: Session) -> None:
    """Cut and renumber, so that no gap shows."""
    db.execute(delete(Leaf).where(Leaf.index == 4))
    db.execute(text('UPDATE log_leaf SET "index" = "index" - 1 WHERE "index" > 4'))


@pytest.mark.parametrize("attack", [cut, truncate, alter, reorder, insert, close_the_gap])
def test_every_edit_of_the_leaves_is_found(
    attack: Callable[[Session], None], database_url: str, tmp_path: Path
) -> None:
    store = filled(database_url, tmp_path)
    with store.writing() as db:
        attack(db)
    assert not audit.verify(store).whole


def test_a_head_rewritten_to_fit_is_found_without_the_deployment_secret(database_url: str, tmp_path: Path) -> None:
    store = filled(database_url, tmp_path)
    with store.writing() as db:
        truncate(db)
        db.execute(update(LogHead).values(size=8))
    assert "head-forged" in audit.verify(store).problems


def test_an_older_database_is_found_by_the_checkpoint_outside(sqlite_url: str, tmp_path: Path) -> None:
    """A whole older state fits together: only what left the database tells."""
    store = filled(sqlite_url, tmp_path)
    with store.reading() as db:
        head = db.scalars(select(LogHead)).one()
        old = {"size": head.size, "peaks": head.peaks, "mac": head.mac}
    audit.record(store, Entry("case:read"))
    with store.writing() as db:
        db.execute(delete(Leaf).where(Leaf.index == 9))
        db.execute(update(LogHead).values(**old))
    assert audit.verify(store).problems == ("truncated",)


def test_an_older_log_put_back_does_not_grow_again(database_url: str, tmp_path: Path) -> None:
    """It would otherwise grow past the checkpoint, whose place a forked one then takes, and nothing would be seen."""
    store = new_store(database_url, tmp_path)
    for number in range(5):
        audit.record(store, Entry("case:read", about=str(number)))
    with store.reading() as db:
        head = db.scalars(select(LogHead)).one()
        old = {"size": head.size, "peaks": head.peaks, "mac": head.mac}
    for number in range(3):
        audit.record(store, Entry("case:read", about=str(number)))
    with store.writing() as db:
        db.execute(update(LogHead).values(**old))
        db.execute(delete(Leaf).where(Leaf.index >= old["size"]))
    for _ in range(100):
        with pytest.raises(Tampered):
            audit.record(store, Entry("case:read"))
    assert audit.verify(store).problems == ("truncated",)
    # Planted: without the file beside the database it grows, and is whole again.
    store.checkpoint.unlink()
    audit.record(store, Entry("case:read"))
    assert audit.verify(store).whole


def test_a_history_rewritten_by_someone_with_the_secret_is_found_by_a_witness(sqlite_url: str, tmp_path: Path) -> None:
    store = filled(sqlite_url, tmp_path)
    other = filled(f"sqlite:///{tmp_path / 'other.db'}", tmp_path / "b", "somebody else")
    other.deployment, witness = store.deployment, store.checkpoint.read_text("utf-8")
    with other.writing() as db:
        head = db.scalars(select(LogHead)).one()
        db.execute(update(LogHead).values(audit._headed(other, Frontier.unpacked(head.size, head.peaks))))
    assert "rewritten" in audit.verify(other, witness).problems


def test_a_forged_checkpoint_is_refused(sqlite_url: str, tmp_path: Path) -> None:
    store = filled(sqlite_url, tmp_path)
    forged = Checkpoint(checkpoints.ORIGIN, 3, bytes(32)).signed(Signer(Key.fresh()))
    assert audit.verify(store, forged).problems == ("checkpoint-forged",)


def test_a_missing_checkpoint_is_said(sqlite_url: str, tmp_path: Path) -> None:
    store = filled(sqlite_url, tmp_path)
    store.checkpoint.unlink()
    assert audit.verify(store).problems == ("checkpoint-missing",)


def test_an_older_checkpoint_never_replaces_a_newer(sqlite_url: str, tmp_path: Path) -> None:
    store = filled(sqlite_url, tmp_path)
    newest = Checkpoint(checkpoints.ORIGIN, 99, bytes(32)).signed(Signer(Key.fresh()))
    store.checkpoint.write_text(newest, "utf-8")
    audit.publish(store)
    assert store.checkpoint.read_text("utf-8") == newest


def test_a_log_of_more_leaves_than_are_read_at_once_is_proved_whole(database_url: str, tmp_path: Path) -> None:
    store = new_store(database_url, tmp_path)
    with store.writing() as db:
        for number in range(1003):
            audit.append(db, store, Entry("case:read", about=str(number)))
    verdict = audit.verify(store)
    assert (verdict.whole, verdict.size) == (True, 1003)
    with store.writing() as db:
        db.execute(delete(Leaf).where(Leaf.index == 500))
    assert "gap" in audit.verify(store).problems


def test_an_entry_with_a_used_tag_is_refused(database_url: str, tmp_path: Path) -> None:
    store = new_store(database_url, tmp_path)
    with store.writing() as db:
        audit.append(db, store, Entry("a"), tag=b"t")
    with pytest.raises(Exception, match=r"UNIQUE|unique"), store.writing() as db:
        audit.append(db, store, Entry("b"), tag=b"t")
    assert audit.verify(store).size == 1


def older(store: Store) -> Callable[[], None]:
    """Return what puts the log back as it is now, with the checkpoint beside the database."""
    with store.reading() as db:
        head = {name: getattr(db.get_one(LogHead, 1), name) for name in ("size", "peaks", "mac")}
    note = store.checkpoint.read_bytes()

    def put_back() -> None:
        with store.writing() as db:
            db.execute(delete(Leaf).where(Leaf.index >= head["size"]))
            db.execute(update(LogHead).values(**head))
        store.checkpoint.write_bytes(note)

    return put_back


def without_checkpoint(store: Store) -> None:
    store.checkpoint.unlink()


def as_it_was(store: Store) -> None:
    """The older checkpoint lies beside the older log."""


@pytest.mark.parametrize("then", [without_checkpoint, as_it_was])
def test_a_log_set_back_beyond_an_erasing_is_found_and_grows_no_more(
    database_url: str, tmp_path: Path, then: Callable[[Store], None]
) -> None:
    """Whoever may write the folder takes the checkpoint back as well; not so the note under the root."""
    store = filled(database_url, tmp_path)
    put_back = older(store)
    audit.record(store, Entry("case:read"))
    with shreds.erasing(store):
        pass
    assert audit.verify(store).whole
    put_back()
    then(store)
    assert "truncated" in audit.verify(store).problems
    with pytest.raises(Tampered):
        audit.record(store, Entry("case:read"))
    with shreds.erasing(store):
        pass
    assert "truncated" in audit.verify(store).problems


def test_an_altered_head_lowers_and_raises_nothing_of_what_is_remembered(store_of_nine: Store) -> None:
    def least() -> int:
        with store_of_nine.reading() as db:
            return log_head.least(db, store_of_nine)

    with shreds.erasing(store_of_nine):
        pass
    assert least() == 9
    for size in (3, 10**6):
        with store_of_nine.writing() as db:
            db.execute(update(LogHead).values(size=size))
        with shreds.erasing(store_of_nine):
            pass
        assert least() == 9


def test_how_long_the_log_is_is_remembered_when_it_has_grown_and_then_alone(store_of_nine: Store) -> None:
    def now() -> tuple[int, int]:
        with store_of_nine.reading() as db:
            return log_head.least(db, store_of_nine), roots.opened(db, store_of_nine).epoch

    assert now() == (0, 1)
    for _ in range(2):
        operating.remember_log(store_of_nine)
        assert now() == (9, 2)
    audit.record(store_of_nine, Entry("case:read"))
    operating.remember_log(store_of_nine)
    assert now() == (10, 3)
