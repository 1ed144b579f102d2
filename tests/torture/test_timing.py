"""Who guesses logins or receipts learns nothing from the clock: unknown, wrong and malformed take as long."""

import itertools
from collections.abc import Callable
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.crypto import Key
from api.services import receiving
from api.services.stretching import Stretcher
from tests.receiving.browser import Served, serve
from tests.trust.timing import told_apart

SIGN_INS, RECEIPTS = 300, 1500
LEAST, MOST = 0.45, 0.55
Figure = Callable[[str], None]
NUMBERS = itertools.count()


@pytest.fixture
def served(database_url: str, tmp_path: Path) -> Served:
    return serve(database_url, tmp_path)


def signing_in(client: TestClient, login: str) -> Callable[[], None]:
    def ask() -> None:
        body = {"login": login, "passphrase": f"calm words {next(NUMBERS)} that are not theirs", "code": "000000"}
        assert client.post("/api/v1/sessions", json=body).status_code == 401

    return ask


def coming_back(client: TestClient, receipt: Callable[[], str]) -> Callable[[], None]:
    def ask() -> None:
        body = {"receipt": receipt()}
        assert client.post("/api/v1/mailbox", json=body).status_code == 404

    return ask


def fresh(client: TestClient) -> Callable[[], str]:
    """Return receipts that are well formed and nobody's, each a new one, made beforehand."""
    made = [client.get("/api/v1/receipts/new?language=ru").json()["receipt"] for _ in range(40)]
    return lambda: made[next(NUMBERS) % len(made)]


def malformed(client: TestClient) -> Callable[[], str]:
    """Return receipts with the last word missing."""
    right = fresh(client)
    return lambda: right().rpartition(" ")[0]


def test_an_unknown_login_takes_as_long_as_a_wrong_passphrase(served: Served, figure: Figure) -> None:
    found = told_apart(signing_in(served.client, "nobody"), signing_in(served.client, "carl"), SIGN_INS)
    figure(f"sign-ins: AUC {found:.3f} at n = {SIGN_INS}")
    assert LEAST <= found <= MOST


def test_a_malformed_receipt_takes_as_long_as_an_unknown_one(served: Served, figure: Figure) -> None:
    client = served.client
    found = told_apart(coming_back(client, malformed(client)), coming_back(client, fresh(client)), RECEIPTS)
    figure(f"receipts: AUC {found:.3f} at n = {RECEIPTS}")
    assert LEAST <= found <= MOST


def test_planted_a_sign_in_that_stretches_for_members_alone_is_told_apart(
    served: Served, monkeypatch: pytest.MonkeyPatch, figure: Figure
) -> None:
    real = Stretcher.derive_now
    monkeypatch.setattr(
        Stretcher, "derive_now", lambda self, words, login: real(self, words, login) if login == "carl" else Key.fresh()
    )
    found = told_apart(signing_in(served.client, "nobody"), signing_in(served.client, "carl"), 20)
    figure(f"planted: AUC {found:.3f}")
    assert not LEAST <= found <= MOST


def test_planted_a_malformed_receipt_that_costs_nothing_is_told_apart(
    served: Served, monkeypatch: pytest.MonkeyPatch, figure: Figure
) -> None:
    real = receiving.find
    monkeypatch.setattr(receiving, "find", lambda db, store, given: real(db, store, given) if given else None)
    client = served.client
    found = told_apart(coming_back(client, malformed(client)), coming_back(client, fresh(client)), RECEIPTS // 3)
    figure(f"planted: AUC {found:.3f}")
    assert not LEAST <= found <= MOST
