"""What does not fit is refused at the place where it lies: the refusals that no story meets on its way."""

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from api.access.shelves import rings
from api.catalogue.compartments import Compartment
from api.crypto import Key, Parcel, place
from api.crypto.tree import Frontier
from api.errors import Erased, Forbidden, OutOfOrder, SecretMissing, Tampered
from api.models.tables import Letter, Mailbox, Member
from api.sealed import (
    cases,
    checkpoints,
    dump,
    heirs,
    letters,
    offices,
    roots,
    schema,
    secrets,
    shreds,
    store,
    tails,
    tidying,
)
from api.sealed.secrets import SecretFiles
from api.sealed.segments import Ring
from api.services import receiving
from tests.receiving.family import family
from tests.world import World, found_world, make_world

C = Compartment
FACTS = "facts"


@pytest.fixture
def world(sqlite_url: str, tmp_path: Path) -> World:
    return make_world(sqlite_url, tmp_path)


def ring_of(world: World) -> Ring:
    return next(iter(rings(world.store, world.caller("carl"))))


@pytest.mark.parametrize("line", ['["nobody", []]', '["member", [1, 2]]', "{}", "x", '["member", 7]'])
def test_a_line_of_another_table_or_shape_is_loaded_nowhere(world: World, line: str) -> None:
    with world.store.reading() as db, pytest.raises(Tampered):
        dump.load(db, [line.encode()], dump.data_tables())


def test_a_shorter_checkpoint_leaves_nothing_of_a_longer_one(world: World) -> None:
    world.store.checkpoint.write_text(world.store.checkpoint.read_text("utf-8") + "more\n" * 9, "utf-8")
    frontier = Frontier(10**6, (bytes(32),))
    checkpoints.write(world.store, frontier)
    assert "more" not in checkpoints.newest(world.store)
    assert checkpoints.size_of(checkpoints.newest(world.store)) == 10**6


def test_a_pin_too_few_or_too_many_is_no_descent(world: World) -> None:
    with world.store.reading() as db:
        pinned = roots.anchored(db, world.store)[offices.PINNED]
        assert heirs.newest_prints(db, world.store, pinned) == pinned
        for other in ({}, {**pinned, "beside": "0" * 64}):
            with pytest.raises(Tampered):
                heirs.newest_prints(db, world.store, other)


def test_no_letter_is_written_while_nobody_could_read_it(sqlite_url: str, tmp_path: Path) -> None:
    world = found_world(sqlite_url, tmp_path)
    mailbox = Mailbox(id="m" * 26, locator="0" * 64, public=bytes(1216), day="2024-05-01")
    letters.bind(world.store, mailbox)
    with world.store.reading() as db, pytest.raises(OutOfOrder):
        letters.write(db, world.store, mailbox, Parcel({}))


def test_a_letter_opens_with_no_key_but_that_of_its_epoch_and_no_longer_once_filed(world: World) -> None:
    one = family(world)
    one.send()
    with world.store.reading() as db:
        (letter,) = receiving.letters_of(db, one.mailbox)
        with pytest.raises(Tampered):
            letters.open_intake(db, world.store, {}, letter)
        db.expunge(letter)
        with pytest.raises(Erased):
            letters.open_intake(db, world.store, {}, Letter(id=letter.id, intake_epoch=1))
        with pytest.raises(Tampered):
            letters.open_intake_way(db.get_one(Mailbox, one.mailbox), {})


def test_a_member_who_is_not_as_the_record_says_is_refused(world: World) -> None:
    with world.store.reading() as db:
        leo = db.get_one(Member, world.ids["leo"])
        db.expunge(leo)
        assert offices.check_member(db, world.store, leo) is leo
        leo.role = "administrator"
        with pytest.raises(Tampered):
            offices.check_member(db, world.store, leo)


def test_a_store_of_another_version_is_older_than_nothing(world: World) -> None:
    assert schema.differences(world.store.engine) == []
    assert schema._older(None) == set()
    assert schema.newest() not in schema._older(schema.newest())


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"[]", b'{"epoch": "x", "secret": ""}', b'{"epoch": "1", "secret": "a"}']
)
def test_a_secret_that_is_none_is_missing(tmp_path: Path, content: bytes) -> None:
    files = SecretFiles(tmp_path / "secrets")
    files.put(Key.fresh(), 1, Key.fresh())
    files.erasure.write_bytes(content)
    with pytest.raises(SecretMissing):
        files.erasure_key(1)
    files.deployment.write_bytes(content)
    with pytest.raises(SecretMissing):
        files.deployment_key()
    assert secrets._decoded(json.dumps({"epoch": "7", "secret": "A" * 43}).encode())[0] == 7


def test_an_open_way_to_a_database_is_refused() -> None:
    with pytest.raises(store.OpenWay):
        store.make_engine("postgresql+psycopg://db.example/cases")


def test_an_edited_statement_is_told_apart_from_a_day_without_a_disk(world: World) -> None:
    with pytest.raises(store.DBAPIError), world.store.reading() as db:
        db.execute(update(Member).values(id=None))


def test_a_row_that_is_edited_again_and_again_is_read_no_more_than_a_few_times(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    with world.store.writing() as db:
        made = shreds.make(db, world.store)
    with world.store.reading() as db:
        assert shreds.fetch(db, world.store, [made.id]) == {made.id: made.shred}
        monkeypatch.setattr(shreds, "opened", lambda *_: None)
        with pytest.raises(Erased):
            shreds.fetch(db, world.store, [made.id])


def test_rows_and_keys_of_two_epochs_are_read_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """On PostgreSQL an erasure may commit between the two statements."""
    with world.store.writing() as db:
        made = shreds.make(db, world.store)
    real, turn = shreds.WITH_EPOCH.all, iter((1, 0))

    def between(db: Any, ids: Any) -> Any:
        late = next(turn)
        rows = real(db, ids)
        return [*rows, *([(*row[:5], row[5] - late) for row in rows] if late else [])]

    monkeypatch.setattr(type(shreds.WITH_EPOCH), "all", lambda self, db, ids: between(db, ids))
    monkeypatch.setattr(shreds, "TRIES", 2)
    with world.store.reading() as db:
        assert shreds.fetch(db, world.store, [made.id]) == {made.id: made.shred}


def test_without_the_desks_keys_nothing_is_put_on_the_shelf(world: World) -> None:
    ring = ring_of(world)
    bare = Ring(ring.desk_id, {})
    with world.store.reading() as db, pytest.raises(Forbidden):
        tails.put(db, world.store, bare, FACTS, [])
    assert tidying.may(db, world.store, ring, FACTS)
    assert not tidying.may(db, world.store, bare, FACTS)


def test_whoever_waits_in_vain_for_a_connection_is_told_to_come_again(world: World) -> None:
    with pytest.raises(store.Busy), world.store.reading():
        raise store.NoneFree


def test_on_postgresql_nobody_waits_for_a_lock_without_end(postgres_url: str) -> None:
    engine = store.make_engine(postgres_url)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SHOW lock_timeout").scalar() == "10s"
        assert not connection.connection.driver_connection.autocommit
    engine.dispose()


def test_a_section_lies_where_the_written_format_says() -> None:
    """What seals and what opens would slip together: round trips do not show it."""
    assert bytes(cases._section("a case", C.FACTS, 3)) == bytes(place("section", "a case", "facts", 3))
