"""One scene for each module: a group with a case and a report, on SQLite."""

import pytest

from tests.pages.scene import Scene, make_scene


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    """The group with a case and a report that waits."""
    return make_scene(tmp_path_factory.mktemp("scene"))
