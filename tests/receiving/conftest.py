"""The whole group, and one family that has something to tell."""

from pathlib import Path

import pytest

from tests.receiving.family import Family, family
from tests.world import World, make_world


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> World:
    """The group: Ines and Isa hold the intake's key, each at a desk of her own."""
    return make_world(database_url, tmp_path)


@pytest.fixture
def larisa(world: World) -> Family:
    """A mother with eleven words."""
    return family(world)
