"""Stretching: one form of what was typed, two places, a short queue, then "try again"."""

import asyncio
import threading
import time

import pytest

from api.crypto import Key, place
from api.errors import Busy
from api.services import stretching
from api.services.logins import canonical, login_digest
from api.services.stretching import PLACES, QUEUE, Stretcher
from tests.world import DEPLOYMENT


@pytest.mark.parametrize(
    "typed",
    ["calm river stone", "  Calm   RIVER\tstone ", "calm river\nstone", "ｃalm river stone", "calm river ſtone"],
)
def test_capitals_blanks_and_widths_do_not_matter(typed: str) -> None:
    assert canonical(typed) == "calm river stone"


def test_half_a_letter_is_no_error_and_length_is_bounded() -> None:
    assert canonical("\ud800 calm") == "? calm"
    assert len(canonical("x" * 10**6)) == 400


def test_a_login_is_found_by_a_digest_that_needs_the_deployment_secret() -> None:
    assert login_digest(DEPLOYMENT, " ADA ") == login_digest(DEPLOYMENT, "ada")
    assert login_digest(DEPLOYMENT, "ada") != login_digest(Key.fresh(), "ada")


def test_the_key_depends_on_passphrase_login_and_deployment() -> None:
    stretcher = Stretcher(DEPLOYMENT)
    right = stretcher.derive_now("calm river stone", "ada")
    assert right == stretcher.derive_now(" CALM river  stone", "Ada")
    for other in (
        stretcher.derive_now("calm river stones", "ada"),
        stretcher.derive_now("calm river stone", "eve"),
        Stretcher(Key.fresh()).derive_now("calm river stone", "ada"),
    ):
        assert other != right


def sixteen() -> tuple[list[Key], int]:
    """Let sixteen sign in at once; return their keys, and how often others had their turn meanwhile."""

    async def everyone() -> tuple[list[Key], int]:
        stretcher, turns = Stretcher(DEPLOYMENT), 0
        work = asyncio.gather(*(stretcher.derive("calm river stone", f"ada{n}") for n in range(16)))
        while not work.done():
            await asyncio.sleep(0.005)
            turns += 1
        return await work, turns

    return asyncio.run(asyncio.wait_for(everyone(), 60))


def test_sixteen_at_once_end_two_at_a_time_and_off_the_event_loop() -> None:
    keys, turns = sixteen()
    assert len({repr(key.mac(place("test"))) for key in keys}) == 16
    assert turns > 20


def test_planted_stretching_on_the_event_loop_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everybody else would wait while sixteen sign in."""

    async def blocking(self: Stretcher, typed: str, login: str) -> Key:
        return self.derive_now(typed, login)

    monkeypatch.setattr(Stretcher, "derive", blocking)
    assert sixteen()[1] <= 20


def test_the_thirty_fifth_waits_no_longer_and_the_room_is_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    gate, at_once, most = threading.Event(), 0, 0
    lock = threading.Lock()

    def slow(*_: object) -> Key:
        nonlocal at_once, most
        with lock:
            at_once += 1
            most = max(most, at_once)
        gate.wait(20)
        with lock:
            at_once -= 1
        return DEPLOYMENT

    monkeypatch.setattr(stretching, "stretch", slow)

    async def crowd() -> None:
        stretcher = Stretcher(DEPLOYMENT)
        waiting = [asyncio.ensure_future(stretcher.derive("x", "ada")) for _ in range(PLACES + QUEUE)]
        await asyncio.sleep(0.05)
        began = time.monotonic()
        with pytest.raises(Busy):
            await stretcher.derive("x", "ada")
        assert time.monotonic() - began < 0.5
        # An impatient client goes away while waiting: the place in the queue is free again.
        waiting[-1].cancel()
        await asyncio.sleep(0.05)
        waiting[-1] = asyncio.ensure_future(stretcher.derive("x", "ada"))
        gate.set()
        assert await asyncio.gather(*waiting) == [DEPLOYMENT] * (PLACES + QUEUE)
        assert await stretcher.derive("x", "ada") == DEPLOYMENT

    asyncio.run(asyncio.wait_for(crowd(), 60))
    assert most == PLACES


def test_after_closing_nothing_is_let_in_and_no_place_is_lost() -> None:
    stretcher = Stretcher(DEPLOYMENT)
    stretcher.close()
    for _ in range(PLACES + QUEUE + 1):
        with pytest.raises(Busy):
            asyncio.run(stretcher.derive("x", "ada"))
