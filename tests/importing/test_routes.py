"""Import by the API: a table is sealed as it streams in, looked at, agreed to, and made into cases in slices."""

from collections.abc import Iterator, Mapping

import pytest

from api.importing import tables as limits
from api.importing.findings import Progress
from api.routes import imports
from tests.importing.tables import MAPPING, table
from tests.routes.calling import Office
from tests.routes.conftest import office

__all__ = ["office"]
CSV = {"content-type": "text/csv"}


def begun(office: Office, raw: bytes, headers: Mapping[str, str] = CSV) -> str:
    where = f"/imports?desk={office.world.desks['North']}"
    answer = office.call("ines", "POST", where, None, headers, content=raw)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def test_a_table_becomes_cases_step_by_step(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports, "SLICE", 0.0)
    one = f"/imports/{begun(office, table(70))}"
    before = office.call("ines", "GET", one).json()
    assert (before["state"], before["titles"][0], before["mapping"]) == ("waiting", "ФИО", "")
    assert office.call("ines", "POST", f"{one}/cases").json()["type"] == "/problems/out-of-order"
    assert office.call("ines", "PUT", f"{one}/mapping", {"mapping": MAPPING}).status_code == 204
    found = office.call("ines", "POST", f"{one}/preview").json()
    assert (found["fit"], found["broken"], found["made"], found["done"]) == (70, 0, 0, True)
    assert office.call("ines", "POST", f"{one}/confirmation", {}).status_code == 204
    first = office.call("ines", "POST", f"{one}/cases").json()
    assert (first["made"], first["done"]) == (50, False)
    steps = [office.call("ines", "POST", f"{one}/cases").json() for _ in range(2)]
    assert [(step["made"], step["done"]) for step in steps] == [(70, False), (70, True)]
    assert office.call("ines", "GET", one).status_code == 404


def test_what_is_wrong_with_a_mapping_is_said_by_place(office: Office) -> None:
    one = f"/imports/{begun(office, table(1))}"
    wrong = office.call("ines", "PUT", f"{one}/mapping", {"mapping": MAPPING.replace('"Где"', '"Куда"')})
    assert (wrong.status_code, wrong.json()["fields"]) == (422, {"columns 3": "missing-column"})
    assert "Куда" not in wrong.text
    assert [line["id"] for line in office.call("ines", "GET", "/imports").json()["lines"]] == [one.split("/")[-1]]
    assert office.call("ines", "DELETE", one).status_code == 204
    assert office.call("ines", "GET", "/imports").json()["lines"] == []


def test_a_table_under_a_key_is_taken_once(office: Office) -> None:
    headers = {**CSV, "Idempotency-Key": "one-table"}
    assert begun(office, table(1), headers) == begun(office, table(1), headers)


def test_a_table_that_is_too_large_leaves_nothing(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    before = len(list(office.world.store.blobs.iterdir()))
    monkeypatch.setattr(imports, "LIMIT", 1000)
    where = f"/imports?desk={office.world.desks['North']}"
    assert office.call("ines", "POST", where, None, CSV, content=bytes(1001)).status_code == 413
    assert len(list(office.world.store.blobs.iterdir())) == before
    assert limits.LIMIT == 64 << 20


@pytest.mark.parametrize(("login", "status"), [("", 401), ("carl", 403), ("isa", 404), ("leo", 403)])
def test_who_may_not_import_at_this_desk_leaves_nothing_behind(login: str, status: int, office: Office) -> None:
    before = len(list(office.world.store.blobs.iterdir()))
    where = f"/imports?desk={office.world.desks['North']}"
    assert office.call(login, "POST", where, None, CSV, content=table(1)).status_code == status
    assert len(list(office.world.store.blobs.iterdir())) == before


def test_reading_and_comparing_take_nothing_of_the_seconds_in_which_cases_are_made(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A desk that takes a minute to compare with would get one batch of fifty for each minute."""
    now = [0.0]

    def steps() -> Iterator[Progress]:
        now[0] += 60
        for done in range(100):
            now[0] += 4
            yield Progress(done)

    monkeypatch.setattr(imports.time, "monotonic", lambda: now[0])
    assert len(list(imports._some(steps()))) == 4
    assert now[0] == 60 + 4 * 4
