"""The receipt: who sends twice has sent once, who guesses learns nothing, who is many waits a moment."""

import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Engine, event, func, select

from api.catalogue.purposes import Decision, Purpose
from api.crypto import open_parcel
from api.crypto.people import random_bytes, receipt_keys
from api.errors import Busy, NotFound, Tampered, TooLarge
from api.models.tables import Letter, Mailbox, ShredRow
from api.sealed import letters
from api.services import receipts, receiving
from api.words.receipt import new_receipt, read_receipt, write_receipt
from tests.receiving.family import Family, family, stored
from tests.world import World


def rows(world: World, table: type[Any]) -> int:
    with world.store.reading() as db:
        return db.scalar(select(func.count()).select_from(table)) or 0


def asked(engine: Engine, work: Callable[[], object]) -> list[str]:
    """Return the statements that `work` sends."""
    said: list[str] = []

    def listen(_: Any, __: Any, statement: str, *___: Any) -> None:
        said.append(statement)

    event.listen(engine, "before_cursor_execute", listen)
    try:
        work()
    finally:
        event.remove(engine, "before_cursor_execute", listen)
    return said


def test_the_same_receipt_sent_twice_meets_the_same_mailbox(world: World, larisa: Family) -> None:
    larisa.send()
    larisa.send(about={"story": "Другой текст под теми же словами."})
    assert rows(world, Mailbox) == rows(world, Letter) == 1
    assert larisa.look().letters[0].note["about"]["story"].startswith("Его увезли")


def test_a_file_that_came_with_the_second_sending_is_not_left_on_the_disk(world: World, larisa: Family) -> None:
    larisa.send([stored(world, b"once")])
    shreds = rows(world, ShredRow)
    larisa.send([stored(world, b"twice")])
    assert len(list(world.store.blobs.iterdir())) == 1
    assert rows(world, ShredRow) == shreds


def test_two_sendings_at_the_same_moment_make_one_report_and_no_failure(world: World, larisa: Family) -> None:
    failures: list[BaseException] = []
    begin = threading.Barrier(4)

    def press() -> None:
        begin.wait()
        try:
            larisa.send()
        except BaseException as failure:
            failures.append(failure)

    presses = [threading.Thread(target=press) for _ in range(4)]
    for one in presses:
        one.start()
    for one in presses:
        one.join()
    assert failures == []
    assert rows(world, Mailbox) == rows(world, Letter) == 1


@pytest.mark.parametrize("language", ["en", "ru", "uk"])
def test_the_words_come_back_as_they_were_shown(language: Any) -> None:
    words = new_receipt(language, random_bytes(16))
    typed = ", ".join(f"{number}. {word.upper()}" for number, word in enumerate(words, 1))
    material = read_receipt(typed)
    assert material is not None
    assert write_receipt(material) == words


def test_unknown_and_malformed_receipts_ask_the_database_the_same(
    world: World, larisa: Family, monkeypatch: pytest.MonkeyPatch
) -> None:
    larisa.send()
    opened: list[str] = []

    def counted(*given: Any) -> Any:
        opened.append("decoy")
        return open_parcel(*given)

    monkeypatch.setattr(receipts, "open_parcel", counted)
    unknown = family(world).material
    work = [asked(world.store.engine, partial(receiving.open_mailbox, world.store, one)) for one in (unknown, None)]
    assert work[0] == work[1]
    assert opened == ["decoy", "decoy"]
    assert receiving.open_mailbox(world.store, unknown) is receiving.open_mailbox(world.store, None) is None


def test_a_receipt_opens_its_own_mailbox_and_no_other(world: World, larisa: Family) -> None:
    larisa.send()
    other = family(world)
    other.send(about={"story": "Другая история."})
    with world.store.reading() as db:
        theirs = db.scalars(select(Letter).where(Letter.mailbox_id == other.mailbox)).one()
        opener = receipt_keys(larisa.material)[1]
        with pytest.raises(Tampered):
            letters.open_reporter(db, world.store, opener, theirs)
    assert [one.note["about"]["story"] for one in other.look().letters] == ["Другая история."]


def test_without_a_report_the_words_write_decide_and_ask_nothing(world: World, larisa: Family) -> None:
    tries: list[Callable[[], object]] = [
        lambda: larisa.answer("text"),
        lambda: larisa.decide(Purpose.COUNT, Decision.NO),
        lambda: larisa.decide(Purpose.KEEP, Decision.NO),
        lambda: receiving.ask_erasure(world.store, larisa.material),
    ]
    for attempt in tries:
        with pytest.raises(NotFound):
            attempt()
    assert rows(world, Letter) == 0


def test_strangers_share_a_bounded_number_of_places_and_nobody_is_locked_out(
    world: World, larisa: Family, monkeypatch: pytest.MonkeyPatch
) -> None:
    larisa.send()

    class Impatient:
        """The places of the product, asked without the seconds of waiting."""

        places = threading.BoundedSemaphore(2)

        def acquire(self, timeout: float) -> bool:
            assert timeout <= 10
            return self.places.acquire(blocking=False)

        def release(self) -> None:
            self.places.release()

    monkeypatch.setattr(receipts, "PLACES", Impatient())
    assert Impatient.places.acquire(blocking=False)
    assert Impatient.places.acquire(blocking=False)
    for work in (larisa.look, larisa.send, partial(receiving.open_mailbox, world.store, None)):
        with pytest.raises(Busy):
            work()
    Impatient.places.release()
    assert len(larisa.look().letters) == 1
    with pytest.raises(NotFound):
        family(world).answer("a refusal gives its place back")
    assert len(larisa.look().letters) == 1


def test_a_letter_tells_little_of_its_length(world: World) -> None:
    sizes = set()
    for words in ("а", "а" * 900):
        one = family(world)
        one.send(about={"story": words})
        with world.store.reading() as db:
            row = db.scalars(select(Letter).where(Letter.mailbox_id == one.mailbox)).one()
        assert row.intake_copy is not None
        sizes |= {len(row.intake_copy.blob), len(row.reporter_copy.blob)}
    assert len(sizes) == 1
    assert sizes.pop() > 4096


def test_more_than_a_letter_holds_is_refused_and_leaves_nothing(world: World, larisa: Family) -> None:
    with pytest.raises(TooLarge):
        larisa.send(about={"story": "ж" * 140_000})
    assert rows(world, Mailbox) == rows(world, Letter) == 0


def test_of_time_a_mailbox_keeps_the_day_alone(world: World, larisa: Family) -> None:
    larisa.send()
    with world.store.reading() as db:
        days = {*db.scalars(select(Mailbox.day)), *db.scalars(select(Letter.day))}
    assert all(len(day) == len("2026-11-23") for day in days)
    assert ":" not in str(larisa.look().letters[0].note["on"])
