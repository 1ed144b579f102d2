"""A file is sealed as it comes, opened only by who holds its key, and refused when a byte is not where it was."""

import hashlib
import os
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import func, select

from api import audit
from api.access.doors import enter_case
from api.catalogue.compartments import Compartment
from api.errors import Erased, Forbidden, NotFound, Stale, Tampered, TooLarge, Unavailable
from api.ids import new_id
from api.models.tables import File, Leaf, ShredRow
from api.policy.actions import Action
from api.services.erasing import erase_case, remove_entry
from api.services.files import StoredFile, add_file, keep, open_file, open_sink, read_file, sweep_orphans
from tests.cases.bench_world import World, make_bench

C = Compartment
MARK = b"planted words in a file "


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> World:
    return make_bench(database_url, tmp_path)


def stored(world: World, content: bytes) -> StoredFile:
    sink = open_sink(world.store)
    sink.feed(content)
    return sink.finish()


def added(world: World, case_id: str, content: bytes) -> StoredFile:
    file = stored(world, content)
    access = world.enter("worker", case_id, Action.FILE_ADD)
    add_file(access, file, "Скан", "image/png", "the mother", access.version)
    return file


@pytest.mark.parametrize("size", [0, 1, 16_320, 64 * 1024, 200_001])
def test_a_file_comes_back_as_it_went_in(world: World, size: int) -> None:
    case_id, content = world.case(), os.urandom(size)
    file = added(world, case_id, content)
    entry, pieces = read_file(world.enter("worker", case_id, Action.FILE_READ), file.id)
    assert b"".join(pieces) == content
    assert entry["sha256"] == hashlib.sha256(content).hexdigest()
    assert (entry["size"], entry["title"], entry["received_from"]) == (size, "Скан", "the mother")


def test_no_clear_byte_of_a_file_is_on_the_disk(world: World) -> None:
    added(world, world.case(), MARK * 9000)
    for path in world.store.folder.parent.rglob("*"):
        assert not path.is_file() or MARK not in path.read_bytes()


def test_twenty_five_mebibytes_pass_in_bounded_memory(world: World) -> None:
    piece = os.urandom(64 * 1024)
    sink = open_sink(world.store)
    tracemalloc.start()
    for _ in range(400):
        sink.feed(piece)
    file = sink.finish()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert file.size == 25 * 1024 * 1024
    assert peak < 4 * 1024 * 1024


def test_one_great_piece_is_sealed_in_small_ones(world: World) -> None:
    content = os.urandom(3 * 1024 * 1024)
    file = stored(world, content)
    with world.store.writing() as db:
        keep(db, file)
    assert b"".join(open_file(world.store, file.id, file.key, file.size)) == content


def test_a_file_over_the_limit_is_refused_and_leaves_nothing(world: World) -> None:
    with world.store.reading() as db:
        before = db.scalar(select(func.count()).select_from(ShredRow))
    sink = open_sink(world.store, limit=1000)
    sink.feed(bytes(1000))
    with pytest.raises(TooLarge):
        sink.feed(b"1")
    assert list(world.store.blobs.iterdir()) == []
    with world.store.reading() as db:
        assert db.scalar(select(func.count()).select_from(ShredRow)) == before


def test_a_full_disk_is_one_clear_refusal_and_leaves_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "no space")

    sink = open_sink(world.store)
    sink.feed(b"content")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Unavailable):
        sink.finish()
    assert list(world.store.blobs.iterdir()) == []


def test_what_was_sealed_is_padded_so_that_its_length_says_little(world: World) -> None:
    sizes = {(world.store.blobs / stored(world, bytes(size)).id).stat().st_size for size in range(100_001, 100_400, 50)}
    assert len(sizes) == 1


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def cut_a_chunk(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: 64 + 3 * (16 * 1024)])


def swap_chunks(path: Path) -> None:
    blob, size = path.read_bytes(), 16 * 1024
    first = len(blob) % size or 64
    head, one, two, rest = blob[:first], blob[first : first + size], blob[first + size : first + 2 * size], blob
    path.write_bytes(head + two + one + rest[first + 2 * size :])


def flip(path: Path) -> None:
    blob = bytearray(path.read_bytes())
    blob[len(blob) // 2] ^= 1
    path.write_bytes(bytes(blob))


def empty(path: Path) -> None:
    path.write_bytes(b"")


@pytest.mark.parametrize("fault", [truncate, cut_a_chunk, swap_chunks, flip, empty])
def test_an_altered_blob_is_refused_and_recorded(world: World, fault: Callable[[Path], None]) -> None:
    case_id = world.case()
    file = added(world, case_id, os.urandom(300_000))
    fault(world.store.blobs / file.id)
    _, pieces = read_file(world.enter("worker", case_id, Action.FILE_READ), file.id)
    before = leaves(world)
    with pytest.raises(Tampered):
        b"".join(pieces)
    assert leaves(world) == before + 1


def test_a_blob_in_the_place_of_another_is_refused(world: World) -> None:
    case_id = world.case()
    one, other = added(world, case_id, os.urandom(5000)), added(world, case_id, os.urandom(5000))
    (world.store.blobs / one.id).write_bytes((world.store.blobs / other.id).read_bytes())
    _, pieces = read_file(world.enter("worker", case_id, Action.FILE_READ), one.id)
    with pytest.raises(Tampered):
        b"".join(pieces)


def leaves(world: World) -> int:
    with world.store.reading() as db:
        return db.scalar(select(func.count()).select_from(Leaf)) or 0


def test_reading_a_file_is_logged_before_a_byte_is_released(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    case_id = world.case()
    file = added(world, case_id, b"content")
    access = world.enter("worker", case_id, Action.FILE_READ)
    before = leaves(world)
    read_file(access, file.id)
    assert leaves(world) == before + 1

    def full(*_: object) -> int:
        raise Unavailable

    monkeypatch.setattr(audit, "record", full)
    with pytest.raises(Unavailable):
        read_file(access, file.id)


def test_a_lawyer_without_the_evidence_key_does_not_get_a_file(world: World) -> None:
    case_id = world.case()
    file = added(world, case_id, b"content")
    access = enter_case(world.store, world.grantee("lawyer", case_id, {C.FACTS}), case_id, Action.FILE_READ)
    with pytest.raises(Forbidden):
        read_file(access, file.id)


def test_another_cases_file_and_an_absent_one_answer_alike(world: World) -> None:
    case_id = world.case()
    file = added(world, world.case(), b"content")
    access = world.enter("worker", case_id, Action.FILE_READ)
    for file_id in (file.id, new_id(), "../secrets/deployment.secret"):
        with pytest.raises(NotFound):
            read_file(access, file_id)


def test_a_stale_version_adds_no_file(world: World) -> None:
    case_id, file = world.case(), stored(world, b"content")
    access = world.enter("worker", case_id, Action.FILE_ADD)
    with pytest.raises(Stale):
        add_file(access, file, "t", "image/png", "", access.version + 1)
    with world.store.reading() as db:
        assert db.get(File, file.id) is None


def test_old_orphans_are_swept_and_nothing_else(world: World) -> None:
    case_id = world.case()
    kept, fresh, orphan = added(world, case_id, b"kept"), stored(world, b"fresh"), stored(world, b"orphan")
    old = time.time() - 3700
    for file in (kept, orphan):
        os.utime(world.store.blobs / file.id, (old, old))
    assert sweep_orphans(world.store) == 1
    assert {path.name for path in world.store.blobs.iterdir()} == {kept.id, fresh.id}
    with world.store.reading() as db:
        assert db.get(ShredRow, orphan.shred_id) is None
        assert db.get(ShredRow, kept.shred_id) is not None


def test_an_abandoned_upload_leaves_nothing(world: World) -> None:
    sink = open_sink(world.store)
    sink.feed(b"half")
    sink.abort()
    assert list(world.store.blobs.iterdir()) == []


def test_removing_a_document_takes_its_file_along(world: World) -> None:
    case_id = world.case()
    file, other = added(world, case_id, b"content"), added(world, case_id, b"other")
    access = world.enter("worker", case_id, Action.CASE_WRITE)
    entry = next(one for one in access.open(C.EVIDENCE).note["document"] if one["file"]["id"] == file.id)
    remove_entry(access, "document", entry["id"], access.version)
    assert {path.name for path in world.store.blobs.iterdir()} == {other.id}
    with pytest.raises(NotFound):
        open_file(world.store, file.id, file.key, file.size)
    _, pieces = read_file(world.enter("worker", case_id, Action.FILE_READ), other.id)
    assert b"".join(pieces) == b"other"


def test_an_erased_case_leaves_no_file_and_no_key_to_a_copy_of_it(world: World) -> None:
    case_id = world.case()
    file = added(world, case_id, b"content")
    copy = (world.store.blobs / file.id).read_bytes()
    erase_case(world.enter("worker", case_id, Action.CASE_ERASE))
    assert list(world.store.blobs.iterdir()) == []
    with world.store.writing() as db:
        keep(db, file)
    (world.store.blobs / file.id).write_bytes(copy)
    with pytest.raises(Erased):
        b"".join(open_file(world.store, file.id, file.key, file.size))


def test_a_blob_that_is_not_there_and_a_folder_that_cannot_be_written_are_refused_plainly(world: World) -> None:
    case_id = world.case()
    file = added(world, case_id, b"content")
    (world.store.blobs / file.id).unlink()
    with pytest.raises(Unavailable):
        read_file(world.enter("worker", case_id, Action.FILE_READ), file.id)
    world.store.blobs.rmdir()
    with pytest.raises(Unavailable):
        open_sink(world.store)
