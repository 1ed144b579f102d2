"""Erasure reaches old copies: what was destroyed opens nowhere, what stays opens everywhere."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select, update

from api.crypto import Key
from api.errors import Erased, SecretMissing, Tampered
from api.ids import ALPHABET
from api.models.tables import Erasure, ShredRoot, ShredRow
from api.sealed import registers, roots, shreds
from api.sealed.secrets import SecretFiles
from api.sealed.store import Store, open_store
from tests.sealed.stores import copy_of, new_store


def made(store: Store, count: int = 3) -> list[shreds.Made]:
    with store.writing() as db:
        return [shreds.make(db, store) for _ in range(count)]


def alive(store: Store, *wanted: shreds.Made) -> list[bool]:
    with store.reading() as db:
        found = shreds.fetch(db, store, [one.id for one in wanted])
    return [found.get(one.id) == one.shred for one in wanted]


def test_a_destroyed_shred_is_gone_and_the_others_stay(database_url: str, tmp_path: Path) -> None:
    store = new_store(database_url, tmp_path)
    first, second, third = made(store)
    with shreds.erasing(store) as db:
        shreds.destroy(db, [second.id])
    assert alive(store, first, second, third) == [True, False, True]
    with store.reading() as db, pytest.raises(Erased):
        shreds.fetch_one(db, store, second.id)


def test_an_old_copy_with_todays_secrets_opens_nothing_destroyed(sqlite_url: str, tmp_path: Path) -> None:
    store = new_store(sqlite_url, tmp_path)
    (one,) = made(store, 1)
    before = copy_of(store, tmp_path / "thief")
    assert alive(before, one) == [True]
    with shreds.erasing(store) as db:
        shreds.destroy(db, [one.id])
    stale = copy_of(before, tmp_path / "again")
    with pytest.raises(SecretMissing):
        alive(stale, one)


def test_the_test_above_can_fail(sqlite_url: str, tmp_path: Path) -> None:
    """Planted: an erasure that deletes the row but forgets to replace E leaves the old copy readable."""
    store = new_store(sqlite_url, tmp_path)
    (one,) = made(store, 1)
    before = copy_of(store, tmp_path / "thief")
    with store.writing() as db:
        db.info["destroyed"] = set()
        shreds.destroy(db, [one.id])
    assert alive(store, one) == [False]
    assert alive(copy_of(before, tmp_path / "again"), one) == [True]


def test_an_old_root_under_the_new_secret_opens_nothing(sqlite_url: str, tmp_path: Path) -> None:
    """The thief edits the epoch of the old copy, so that today's E is tried on it."""
    store = new_store(sqlite_url, tmp_path)
    (one,) = made(store, 1)
    thief = copy_of(store, tmp_path / "thief")
    with shreds.erasing(store) as db:
        shreds.destroy(db, [one.id])
    with thief.writing() as db:
        db.execute(update(ShredRoot).values(epoch=2))
    with pytest.raises(Tampered):
        alive(copy_of(thief, tmp_path / "again"), one)


def test_the_row_of_an_old_copy_does_not_open_in_todays_store(sqlite_url: str, tmp_path: Path) -> None:
    """The bucket was re-keyed: the old row put back into the live database is refused."""
    store = new_store(sqlite_url, tmp_path)
    (one,) = made(store, 1)
    with store.reading() as db:
        row = db.get(ShredRow, one.id)
        kept = {column.name: getattr(row, column.name) for column in ShredRow.__table__.columns}
    with shreds.erasing(store) as db:
        shreds.destroy(db, [one.id])
    with store.writing() as db:
        db.add(ShredRow(**kept))
    with pytest.raises(Tampered):
        alive(store, one)


def test_an_edited_due_date_or_hold_breaks_the_shred(database_url: str, tmp_path: Path) -> None:
    store = new_store(database_url, tmp_path)
    for change in ({"due": "2020-01"}, {"held": True}, {"bucket": 1}):
        (one,) = made(store, 1)
        with store.writing() as db:
            db.execute(update(ShredRow).where(ShredRow.id == one.id).values(**change))
        with pytest.raises(Tampered):
            alive(store, one)


def test_nothing_is_destroyed_outside_of_erasing(database_url: str, tmp_path: Path) -> None:
    store = new_store(database_url, tmp_path)
    (one,) = made(store, 1)
    with pytest.raises(KeyError), store.writing() as db:
        shreds.destroy(db, [one.id])
    assert alive(store, one) == [True]


def test_an_erasure_that_fails_leaves_everything_as_it_was(database_url: str, tmp_path: Path) -> None:
    store = new_store(database_url, tmp_path)
    (one,) = made(store, 1)
    with pytest.raises(ZeroDivisionError), shreds.erasing(store) as db:
        shreds.destroy(db, [one.id])
        raise ZeroDivisionError
    assert alive(store, one) == [True]


def test_a_crash_after_the_commit_is_settled_by_the_database(sqlite_url: str, tmp_path: Path) -> None:
    """Planted: the process dies between the commit and the overwriting of the old E."""
    store = new_store(sqlite_url, tmp_path)
    first, second = made(store, 2)
    settle, store.secrets = store.secrets, Dying(store.secrets.folder)
    with pytest.raises(Killed), shreds.erasing(store) as db:
        shreds.destroy(db, [first.id])
    again = open_store(sqlite_url, tmp_path / "data", settle)
    assert alive(again, first, second) == [False, True]


class Killed(BaseException):
    """Stands for the power going."""


class Dying(SecretFiles):
    """Secret files whose process dies before it settles."""

    def settle(self, epoch: int) -> None:
        raise Killed


def test_the_old_secret_is_overwritten_on_the_disk(sqlite_url: str, tmp_path: Path) -> None:
    store = new_store(sqlite_url, tmp_path)
    before, inode = store.secrets.erasure.read_bytes(), store.secrets.erasure.stat().st_ino
    with shreds.erasing(store):
        pass
    after = store.secrets.erasure.read_bytes()
    assert (len(before), inode) == (len(after), store.secrets.erasure.stat().st_ino)
    assert before[-46:] != after[-46:]
    assert not store.secrets.erasure.with_suffix(".next").exists()


def test_the_register_names_what_was_destroyed(database_url: str, tmp_path: Path) -> None:
    store = new_store(database_url, tmp_path)
    first, _ = made(store, 2)
    with shreds.erasing(store) as db:
        shreds.destroy(db, [first.id, first.id])
    with store.reading() as db:
        assert list(db.scalars(select(Erasure.shred_id))) == [first.id]


def test_an_older_stop_list_is_refused(database_url: str, tmp_path: Path) -> None:
    store = new_store(database_url, tmp_path)
    with store.reading() as db:
        old = db.scalars(select(ShredRoot.note)).one()
    with shreds.erasing(store) as db:
        shreds.write_stops(db, store, {"0" * 26: ["count"]})
    with store.reading() as db:
        assert shreds.stops(db, store) == {"0" * 26: ["count"]}
    with store.writing() as db:
        db.execute(update(ShredRoot).values(note=old))
    with store.reading() as db:
        # What this process knows stays known, and whoever opens the store anew is refused.
        assert shreds.stops(db, store) == {"0" * 26: ["count"]}
    store.opened = store.earlier = None
    with store.reading() as db, pytest.raises(Tampered):
        shreds.stops(db, store)


def test_the_note_is_written_inside_erasing_or_not_at_all(sqlite_url: str, tmp_path: Path) -> None:
    store = new_store(sqlite_url, tmp_path)
    with store.writing() as db, pytest.raises(RuntimeError):
        shreds.write_stops(db, store, {})


def test_a_line_of_the_register_taken_out_or_put_in_is_found(database_url: str, tmp_path: Path) -> None:
    store = new_store(database_url, tmp_path)
    with store.writing() as db:
        made = [shreds.make(db, store) for _ in range(3)]
    for one in made[:2]:
        with shreds.erasing(store) as db:
            shreds.destroy(db, [one.id])
    with store.reading() as db:
        registers.require(db, store)
    for edit in (
        delete(Erasure).where(Erasure.shred_id == made[0].id),
        insert(Erasure).values(shred_id=made[2].id, day="2026-01-01"),
        update(Erasure).where(Erasure.shred_id == made[1].id).values(day="2020-01-01"),
    ):
        with store.writing() as db:
            db.execute(edit)
            with pytest.raises(Tampered):
                registers.require(db, store)
            db.rollback()
    with store.reading() as db:
        registers.require(db, store)


def test_an_erasure_left_half_done_is_settled_before_the_next(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a full disk the file beside is the only copy of the present E: writing over it would lose everything."""
    store = new_store(sqlite_url, tmp_path)
    with store.writing() as db:
        made = shreds.make(db, store)
    with monkeypatch.context() as full:
        full.setattr(SecretFiles, "settle", lambda *_: None)
        with shreds.erasing(store):
            pass
    with pytest.raises(RuntimeError), shreds.erasing(store) as db:
        store.secrets.prepare(99, Key.fresh())
        raise RuntimeError
    store.opened = store.earlier = None
    with store.reading() as db:
        assert made.id in shreds.fetch(db, store, [made.id])


def test_who_began_to_read_before_an_erasure_reads_on(sqlite_url: str, tmp_path: Path) -> None:
    store = new_store(sqlite_url, tmp_path)
    with store.writing() as db:
        one, other = shreds.make(db, store), shreds.make(db, store)
    with store.reading() as before:
        shreds.fetch(before, store, [one.id])
        with shreds.erasing(store) as db:
            shreds.destroy(db, [other.id])
        with store.reading() as after:
            assert shreds.fetch(after, store, [one.id])
        assert shreds.fetch(before, store, [one.id])


def test_a_missing_or_foreign_secret_is_refused(sqlite_url: str, tmp_path: Path) -> None:
    store = new_store(sqlite_url, tmp_path)
    made(store, 1)
    store.secrets.erasure.write_bytes(b"not a secret")
    store.opened = None
    with store.reading() as db, pytest.raises(SecretMissing):
        roots.opened(db, store)
    store.secrets.deployment.unlink()
    with pytest.raises(SecretMissing):
        open_store(sqlite_url, tmp_path / "data", store.secrets)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(["make", "destroy", "turn"]), st.integers(0, 99)), max_size=12))
def test_any_sequence_leaves_exactly_what_was_not_destroyed(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int]]
) -> None:
    folder = tmp_path_factory.mktemp("shreds")
    store = new_store(f"sqlite:///{folder / 'x.db'}", folder)
    model: dict[str, shreds.Made] = {}
    gone: list[shreds.Made] = []
    for step, pick in steps:
        if step == "make":
            model |= {one.id: one for one in made(store, 2)}
            continue
        with shreds.erasing(store) as db:
            if step == "destroy" and model:
                victim = model.pop(sorted(model)[pick % len(model)])
                shreds.destroy(db, [victim.id])
                gone.append(victim)
    assert alive(store, *model.values()) == [True] * len(model)
    assert alive(store, *gone) == [False] * len(gone)
    assert all(isinstance(key, Key) for key in store.opened.buckets) if store.opened else True


def test_every_beginning_of_an_identifier_lies_in_one_bucket() -> None:
    begun = [(start, bucket) for bucket in range(roots.BUCKETS) for start in roots.beginnings_of(bucket)]
    assert len(dict(begun)) == len(begun) == len(ALPHABET) ** 2
    assert all(roots.bucket_of(start + "0" * 24) == bucket for start, bucket in begun)


def test_shreds_made_at_once_lie_in_one_bucket_and_each_goes_alone(database_url: str, tmp_path: Path) -> None:
    store = new_store(database_url, tmp_path)
    with store.writing() as db:
        together = shreds.make_many(db, store, [None] * 5)
    apart = made(store, 40)
    assert len({one.id for one in together}) == 5
    assert len({roots.bucket_of(one.id) for one in together}) == 1
    with shreds.erasing(store) as db:
        shreds.destroy(db, [together[2].id])
    assert alive(store, *together, *apart) == [True, True, False, True, True, *[True] * 40]


@pytest.mark.parametrize("letter", ["0", "9", "a", "z"])
def test_what_stands_at_either_end_of_a_bucket_gets_its_new_key_too(
    database_url: str, tmp_path: Path, letter: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Left behind, it would open no more."""
    store = new_store(database_url, tmp_path)
    (gone,) = made(store, 1)
    first, second = roots.beginnings_of(roots.bucket_of(gone.id))
    edges = [start + letter * 24 for start in (first, second)]
    with monkeypatch.context() as patched, store.writing() as db:
        patched.setattr(shreds, "new_ids", lambda *_: edges)
        ends = shreds.make_many(db, store, [None, None])
    with shreds.erasing(store) as db:
        shreds.destroy(db, [gone.id])
    assert alive(store, gone, *ends) == [False, True, True]
