"""Entries of the log follow each other under keys that the first one brings; the auditors read them all."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from api import audit
from api.audit import Entry
from api.crypto import Key, Opener, Sealed, VerifyKey
from api.errors import Tampered
from api.models.tables import Leaf
from api.sealed import chains
from api.sealed.chains import LONGEST, MARK, Chain, Reader
from api.sealed.months import Months
from api.sealed.offices import OfficeKey
from api.sealed.store import Store
from api.services import logbook
from tests.sealed.stores import new_store

FROZEN = json.loads((Path(__file__).parent / "chains.json").read_text("utf-8"))
A, B = (Key(bytes([one]) * 32) for one in (1, 2))
MONTH, NEXT_MONTH = (Key(bytes([one]) * 32) for one in (3, 4))


def office(key: Key, epoch: int = 1) -> OfficeKey:
    return OfficeKey("auditors", epoch, Opener(key).public, VerifyKey(bytes(32)))


def written(count: int) -> tuple[dict[int, Sealed], Chain | None]:
    leaves, chain = dict[int, Sealed](), None
    for index in range(count):
        leaves[index], chain = chains.put(chain, office(A), MONTH, index, {"verb": f"entry:{index}"})
    return leaves, chain


def reader(leaves: Mapping[int, Sealed], key: Key = A, month: Key = MONTH, epoch: int = 1) -> Reader:
    return Reader({epoch: Opener(key)}, Months([(0, "2026-11")], {"log:0": month}), leaves)


def verbs(by: Reader, leaves: Mapping[int, Sealed]) -> list[str]:
    return [by.read(index, sealed)["verb"] for index, sealed in leaves.items()]


def test_every_entry_is_read_in_any_order_by_who_holds_the_key() -> None:
    count = 2 * LONGEST + 3
    leaves, _ = written(count)
    backwards = dict(reversed(leaves.items()))
    assert verbs(reader(leaves), backwards) == [f"entry:{index}" for index in range(count)][::-1]
    assert [index for index, sealed in leaves.items() if chains.first_of(sealed) is None] == [0, LONGEST, 2 * LONGEST]


def test_a_later_entry_is_a_quarter_of_a_first_one() -> None:
    leaves, _ = written(2)
    assert len(leaves[1].blob) * 4 < len(leaves[0].blob)


@pytest.mark.parametrize("by", [reader({}, key=B), reader({}, month=NEXT_MONTH)], ids=["auditors", "month"])
def test_neither_another_key_of_the_auditors_nor_of_the_month_reads_anything_of_a_chain(by: Reader) -> None:
    leaves, _ = written(4)
    by._firsts = leaves
    for index, sealed in leaves.items():
        with pytest.raises(Tampered):
            by.read(index, sealed)


def test_without_its_first_entry_a_later_one_opens_no_more() -> None:
    leaves, _ = written(3)
    for firsts in (dict[int, Sealed](), {0: leaves[1]}, {0: Sealed(b"")}):
        with pytest.raises(Tampered):
            reader(firsts).read(2, leaves[2])


def test_a_later_entry_opens_only_in_its_place() -> None:
    leaves, _ = written(4)
    moved = Sealed(MARK + bytes([0, 0, 0, 0, 3]) + leaves[2].blob[len(MARK) + 5 :])
    flipped = Sealed(leaves[2].blob[:-1] + bytes([leaves[2].blob[-1] ^ 1]))
    for index, sealed in ((3, leaves[2]), (2, moved), (2, flipped), (2, Sealed(leaves[2].blob[:9]))):
        with pytest.raises(Tampered):
            reader(leaves).read(index, sealed)


def test_who_seizes_a_running_process_reads_nothing_of_what_it_wrote_before() -> None:
    leaves, chain = written(4)
    assert chain is not None
    stolen = reader(leaves)
    stolen._begun[0] = 1, [chain.key]
    for index in (1, 2, 3):
        with pytest.raises(Tampered):
            stolen.read(index, leaves[index])


@pytest.mark.parametrize(
    ("key", "epoch", "month"), [(A, 2, MONTH), (B, 1, MONTH), (A, 1, NEXT_MONTH)], ids=["epoch", "key", "month"]
)
def test_another_key_of_the_auditors_or_of_the_month_begins_another_chain(key: Key, epoch: int, month: Key) -> None:
    _, chain = written(3)
    sealed, begun = chains.put(chain, office(key, epoch), month, 9, {"verb": "entry:9"})
    assert (chains.first_of(sealed), begun.first, begun.step) == (None, 9, 1)
    assert reader({}, key, month, epoch).read(9, sealed)["verb"] == "entry:9"


def test_entries_of_the_past_open_for_ever() -> None:
    leaves = {int(index): Sealed(bytes.fromhex(blob)) for index, blob in FROZEN.items()}
    said = ["case:before-months", "case:before-chains", "case:first", "case:second", "case:third"]
    assert verbs(reader(leaves), leaves) == said


@pytest.fixture
def store(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setattr("api.sealed.offices.auditors_at", lambda *_: office(A))
    return new_store(database_url, tmp_path)


def read(store: Store) -> list[object]:
    with store.reading() as db:
        return [entry["verb"] for entry in logbook.read(db, store, {1: A})]


def test_a_page_of_the_log_brings_the_first_entries_that_it_needs(store: Store) -> None:
    for number in range(5):
        audit.record(store, Entry(f"entry:{number}"))
    with store.reading() as db:
        page = [entry["verb"] for entry in logbook.read(db, store, {1: A}, most=2)]
    assert page == ["entry:4", "entry:3"]
    assert read(store) == [f"entry:{number}" for number in (4, 3, 2, 1, 0)]


def test_what_was_not_committed_begins_no_chain(store: Store) -> None:
    with pytest.raises(RuntimeError), store.writing() as db:
        audit.append(db, store, Entry("entry:lost"))
        raise RuntimeError
    assert store.chain is None
    audit.record(store, Entry("entry:kept"))
    audit.record(store, Entry("entry:after"))
    assert read(store) == ["entry:after", "entry:kept"]
    assert audit.verify(store).whole


def test_two_processes_write_two_chains_into_one_log(store: Store, tmp_path: Path) -> None:
    other = Store(store.engine, store.secrets, store.folder, store.deployment)
    for number in range(6):
        audit.record((store, other)[number % 2], Entry(f"entry:{number}"))
    assert read(store) == [f"entry:{number}" for number in (5, 4, 3, 2, 1, 0)]
    assert store.chain
    assert other.chain
    assert (store.chain.first, other.chain.first) == (0, 1)


def test_an_entry_that_does_not_open_is_said_and_takes_no_other_along(store: Store) -> None:
    for number in range(4):
        audit.record(store, Entry(f"entry:{number}"))
    with store.writing() as db:
        db.get_one(Leaf, 2).sealed = Sealed(b"altered")
    assert read(store) == ["entry:3", "log:unreadable", "entry:1", "entry:0"]
    assert not audit.verify(store).whole


def test_a_chain_shows_no_key() -> None:
    _, chain = written(2)
    assert repr(chain) == "Chain(first=0, step=2)"
