"""One office for each module and database: its tests add, and count what they added."""

from pathlib import Path

import pytest

from tests import postgres
from tests.routes.calling import Office, make_office


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def office(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Office:
    """The API over the whole cast, on each database in turn."""
    folder: Path = tmp_path_factory.mktemp("office")
    if request.param == "sqlite":
        return make_office(f"sqlite:///{folder / 'x.db'}", folder)
    cluster: postgres.Cluster = request.getfixturevalue("cluster")
    return make_office(cluster.url(f"o{folder.name.replace('-', '')}"), folder)
