"""Whoever has a receipt of their own fills no disk with it and holds nobody up: what holds is not written again."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import func, select

from api.catalogue.purposes import Decision, Purpose
from api.errors import Busy
from api.models.tables import Letter, ShredRoot
from api.services import consents, inbox, mailboxes, receiving
from tests.receiving.browser import Served, serve
from tests.receiving.family import Family, accepted, entered, family
from tests.world import World


def rows(world: World) -> int:
    with world.store.reading() as db:
        return db.scalar(select(func.count()).select_from(Letter)) or 0


@contextmanager
def unmoved(world: World) -> Iterator[None]:
    """Expect that neither a letter is written nor the erasing lock taken."""
    before = rows(world), epoch(world)
    yield
    assert (rows(world), epoch(world)) == before


def epoch(world: World) -> int | None:
    with world.store.reading() as db:
        return db.scalar(select(ShredRoot.epoch))


@pytest.mark.parametrize("value", [Decision.YES, Decision.NO, Decision.ASK_AGAIN])
@pytest.mark.parametrize("known", [False, True], ids=["waiting", "accepted"])
def test_a_decision_sent_again_writes_nothing(world: World, larisa: Family, value: Decision, known: bool) -> None:
    larisa.send()
    if known:
        accepted(larisa)
    larisa.decide(Purpose.LAWYER, Decision.YES)
    larisa.decide(Purpose.LAWYER, value)
    with unmoved(world):
        larisa.decide(Purpose.LAWYER, value)
        larisa.decide(Purpose.LAWYER, value)


@pytest.mark.parametrize("value", [Decision.YES, Decision.NO])
def test_a_filed_decision_sent_again_writes_nothing(world: World, larisa: Family, value: Decision) -> None:
    larisa.send()
    accepted(larisa)
    larisa.decide(Purpose.LAWYER, value)
    inbox.file_letters(world.store, world.caller("ines"), larisa.mailbox)
    with unmoved(world):
        larisa.decide(Purpose.LAWYER, value)


def test_a_request_for_erasure_sent_again_writes_nothing(world: World, larisa: Family) -> None:
    larisa.send()
    accepted(larisa)
    receiving.ask_erasure(world.store, larisa.material)
    with unmoved(world):
        receiving.ask_erasure(world.store, larisa.material)
        larisa.decide(Purpose.KEEP, Decision.NO)
    larisa.decide(Purpose.COUNT, Decision.YES)
    before = rows(world)
    receiving.ask_erasure(world.store, larisa.material)
    assert rows(world) == before + 1


def test_a_no_said_again_still_stops_what_another_of_the_family_allowed_since(world: World, larisa: Family) -> None:
    """Unchanged for her, but not for the case: her "no" was given before his "yes"."""
    larisa.send(consents={"lawyer": "no"})
    case_id = accepted(larisa)
    brother = family(world)
    brother.send(consents={"lawyer": "yes"})
    inbox.accept_into(world.store, world.caller("ines"), brother.mailbox, case_id, "the brother")
    assert consents.allows(world.store, entered(world, case_id), Purpose.LAWYER)
    larisa.decide(Purpose.LAWYER, Decision.NO)
    assert not consents.allows(world.store, entered(world, case_id), Purpose.LAWYER)
    with unmoved(world):
        larisa.decide(Purpose.LAWYER, Decision.NO)


def test_a_mailbox_takes_so_many_letters_and_still_every_no(
    world: World, larisa: Family, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert mailboxes.MOST_WAITING == 200
    monkeypatch.setattr(receiving, "MOST_WAITING", 3)
    monkeypatch.setattr(mailboxes, "MOST_WAITING", 3)
    larisa.send(consents={"count": "yes"})
    case_id = accepted(larisa)
    for text in "abc":
        larisa.answer(text)
    with unmoved(world):
        with pytest.raises(Busy):
            larisa.answer("d")
        for value in (Decision.YES, Decision.ASK_AGAIN):
            with pytest.raises(Busy):
                larisa.decide(Purpose.LAWYER, value)
    larisa.decide(Purpose.COUNT, Decision.NO)
    assert consents.stopped(world.store, case_id) == {Purpose.COUNT}
    with pytest.raises(Busy):
        larisa.decide(Purpose.COUNT, Decision.ASK_AGAIN)
    receiving.ask_erasure(world.store, larisa.material)
    assert Purpose.PUBLISH_NAMED in consents.stopped(world.store, case_id)
    inbox.file_letters(world.store, world.caller("ines"), larisa.mailbox)
    larisa.answer("d")


def test_the_interface_writes_a_repeated_decision_once(database_url: str, tmp_path: Path) -> None:
    served: Served = serve(database_url, tmp_path)
    words = served.words()
    served.send(words)
    body = {"receipt": words, "purpose": "count", "value": "ask-again"}
    sent = [served.client.post("/api/v1/mailbox/consents", json=body) for _ in range(4)]
    assert [one.status_code for one in sent] == [204] * 4
    assert served.rows(Letter) == 2


def test_a_full_mailbox_says_so_on_its_page_and_keeps_what_was_typed(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    served = serve(database_url, tmp_path)
    words = served.words()
    served.send(words)
    monkeypatch.setattr(receiving, "MOST_WAITING", 1)
    monkeypatch.setattr(mailboxes, "MOST_WAITING", 1)
    page = served.mailbox(words, "add", message="my typed words")
    assert (page.status_code, "my typed words" in page.text) == (422, True)
    assert served.mailbox(words, "consent", consent_count="yes", consent_lawyer="yes").status_code == 503
    assert served.rows(Letter) == 1
