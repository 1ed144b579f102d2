"""Groups for the tests of people: one with its founder alone, one with everybody; and a clock to turn."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from api import clock
from api.access import grants, sessions
from api.services import invitations, signing_in, tokens
from tests.world import World, found_world, make_world

Turn = Callable[[timedelta], None]


@pytest.fixture
def founded(database_url: str, tmp_path: Path) -> World:
    """The group on its first day: Ada, and nobody else."""
    return found_world(database_url, tmp_path)


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> World:
    """The whole group."""
    return make_world(database_url, tmp_path)


@pytest.fixture
def turn(monkeypatch: pytest.MonkeyPatch) -> Turn:
    """Turn the clock of the product to so much after the present."""

    def turned(ahead: timedelta) -> None:
        for module in (sessions, grants, invitations, signing_in, tokens):
            if hasattr(module, "now"):
                monkeypatch.setattr(module, "now", lambda: clock.now() + ahead)
            if hasattr(module, "today"):
                monkeypatch.setattr(module, "today", lambda: (clock.now() + ahead).date())

    return turned
