"""Two erasures at once, a timer that finds nobody signed in, clocks that jump: nothing is lost, nothing comes back."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, func, select

from api import audit, clock
from api.access import sessions
from api.access.doors import enter_case
from api.errors import Erased, NotFound, OutOfOrder, SessionEnded
from api.models.tables import Erasure, SessionKey, ShredRoot, ShredRow, SignedIn
from api.policy.actions import Action
from api.sealed import registers, shreds
from api.sealed.secrets import SecretFiles
from api.sealed.store import Store, open_store
from api.services import departures, desks, erasing_letters, members, retaining
from tests.trust.workflow import Filled, fill


def reopened(store: Store) -> Store:
    """Return the same store as another process opens it."""
    return open_store(store.engine.url.render_as_string(False), store.folder, SecretFiles(store.secrets.folder))


def epoch(store: Store) -> int:
    with store.reading() as db:
        return db.scalars(select(ShredRoot.epoch)).one()


def test_two_processes_that_erase_at_once_both_do_and_one_secret_fits(database_url: str, tmp_path: Path) -> None:
    filled = fill(database_url, tmp_path)
    store = filled.world.store
    with store.writing() as db:
        made = [shreds.make(db, store).id for _ in range(16)]
    before, both = epoch(store), (reopened(store), reopened(store))

    def destroy(number: int) -> None:
        mine = both[number % 2]
        with shreds.erasing(mine) as db:
            shreds.destroy(db, [made[number]])

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(destroy, range(len(made))))
    fresh = reopened(store)
    with fresh.reading() as db:
        assert db.scalar(select(func.count()).select_from(ShredRow).where(ShredRow.id.in_(made))) == 0
        assert set(db.scalars(select(Erasure.shred_id).where(Erasure.shred_id.in_(made)))) == set(made)
        registers.require(db, fresh)
    assert epoch(fresh) == before + len(made)
    assert enter_case(fresh, filled.world.caller("carl"), filled.case, Action.CASE_READ).keys
    assert audit.verify(fresh).whole


def test_of_two_who_erase_one_case_at_once_one_does_and_one_is_told(database_url: str, tmp_path: Path) -> None:
    filled = fill(database_url, tmp_path)
    store, carl = filled.world.store, filled.world.caller("carl")
    entered = [enter_case(store, carl, filled.other, Action.CASE_ERASE) for _ in range(2)]

    def erase(number: int) -> str:
        try:
            erasing_letters.erase_case(entered[number])
        except (NotFound, Erased):
            return "told"
        return "done"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(erase, range(2))) == ["done", "told"]
    with pytest.raises(NotFound):
        enter_case(store, carl, filled.other, Action.CASE_READ)
    assert audit.verify(store).whole


def sign_everyone_out(filled: Filled) -> None:
    with shreds.erasing(filled.world.store) as db:
        sessions.end_in(db, list(db.scalars(select(SignedIn.id))))
        db.execute(delete(SessionKey))


def test_a_timer_that_finds_nobody_signed_in_destroys_and_leaves_the_rest_waiting(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled = fill(database_url, tmp_path)
    world, store = filled.world, filled.world.store
    desks.unseat(store, world.caller("ines"), world.desks["North"], world.ids["ann"])
    sign_everyone_out(filled)
    monkeypatch.setattr(retaining, "today", lambda: clock.today() + timedelta(days=31))
    before = departures.waits(store)
    assert retaining.retain(store).grants == 1
    assert departures.waits(store) == before
    assert before.places.keys() == {world.desks["North"]}
    world.sign_in("carl")
    assert departures.waits(store).places == {}


@pytest.mark.parametrize("hours", [-24, 24 * 40])
def test_a_clock_that_jumped_opens_no_session_longer_and_destroys_nothing_of_those_who_are_there(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hours: int
) -> None:
    filled = fill(database_url, tmp_path)
    world, store = filled.world, filled.world.store
    retaining.retain(store)
    ahead = timedelta(hours=hours)
    monkeypatch.setattr(sessions, "now", lambda: clock.now() + ahead)
    if hours > 0:
        with pytest.raises(SessionEnded):
            world.caller("carl")
    monkeypatch.setattr(retaining, "today", lambda: clock.today() + ahead * 2)
    with pytest.raises(OutOfOrder):
        retaining.retain(store)
    monkeypatch.undo()
    assert enter_case(store, world.caller("carl"), filled.case, Action.CASE_READ).keys
    assert members.view(store, world.ids["carl"]).state == "active"
