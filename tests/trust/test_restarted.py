"""PostgreSQL is ended and started anew under load: a clear refusal meanwhile, nothing is lost, and on it goes."""

import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api import audit
from api.services import receiving
from api.words.receipt import read_receipt
from tests import postgres
from tests.conftest import leave_out
from tests.receiving.browser import Served, serve

FAMILIES, RESTARTS = 3, 10 if os.environ.get("LASTHEARD_TORTURE") else 1
ABOUT = {"about_name": "Лободай Остап", "story": "Его увезли в начале мая."}
CLEAR = "Nothing can be saved right now. Nothing was lost."


@pytest.fixture
def durable(request: pytest.FixtureRequest) -> Iterator[postgres.Cluster]:
    """A server of its own that waits for its disk: what ends it must not end what the other tests use."""
    if not postgres.available():
        leave_out(request, "PostgreSQL 15")
    running = postgres.Cluster(durable=True)
    yield running
    running.stop()


@dataclass
class Load:
    """Families who send reports one after the other, each again and again until it is taken."""

    served: Served
    taken: list[str] = field(default_factory=list)
    answers: Counter[int] = field(default_factory=Counter)
    unclear: list[str] = field(default_factory=list)
    done: threading.Event = field(default_factory=threading.Event)

    def press(self) -> None:
        """Send until told to end."""
        client = TestClient(self.served.client.app, raise_server_exceptions=False)
        while not self.done.is_set():
            answer = client.get("/api/v1/receipts/new?language=ru")
            if answer.status_code == 200:
                self._send(client, answer.json()["receipt"])

    def _send(self, client: TestClient, receipt: str) -> None:
        for _ in range(600):
            answer = client.post("/api/v1/reports", json={"receipt": receipt, "about": ABOUT, "consents": {}})
            self.answers[answer.status_code] += 1
            if answer.status_code == 201:
                self.taken.append(receipt)
                return
            self.unclear += [] if answer.json().get("title") == CLEAR else [answer.text]
            time.sleep(0.02)


def more_than(load: Load, before: int) -> bool:
    """Wait until families are served again."""
    until = time.monotonic() + 30
    while len(load.taken) <= before and time.monotonic() < until:
        time.sleep(0.05)
    return len(load.taken) > before


def test_a_database_that_is_started_anew_under_load_loses_nothing_and_is_met_again(
    durable: postgres.Cluster, tmp_path: Path, figure: Callable[[str], None]
) -> None:
    served = serve(durable.url("restarted"), tmp_path)
    load = Load(served)
    families = [threading.Thread(target=load.press) for _ in range(FAMILIES)]
    for one in families:
        one.start()
    try:
        assert more_than(load, 5)
        for _ in range(RESTARTS):
            durable.restart()
            assert more_than(load, len(load.taken))
    finally:
        load.done.set()
        for one in families:
            one.join()
    assert load.unclear == []
    assert set(load.answers) == {201, 503}
    store = served.world.store
    lost = [one for one in load.taken if receiving.open_mailbox(store, read_receipt(one)) is None]
    assert lost == []
    assert audit.verify(store).whole
    store.close()
    figure(f"{RESTARTS} restarts, {len(load.taken)} acknowledged reports, 0 lost; {load.answers[503]} clear refusals")
