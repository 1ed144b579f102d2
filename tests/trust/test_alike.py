"""Who guesses learns nothing: unknown, wrong and malformed answer alike, byte for byte."""

import re
import time
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from api.main import create_app
from api.sealed.store import Store
from api.services import receiving
from api.settings import Settings
from tests.trust.timing import told_apart
from tests.world import World, make_world, one_time_code, passphrase


@pytest.fixture
def served(database_url: str, tmp_path: Path) -> tuple[TestClient, World]:
    world = make_world(database_url, tmp_path)
    settings = Settings(tmp_path / "data", tmp_path / "secrets", database_url, "http://testserver")
    return TestClient(create_app(settings, world.store)), world


def seen(answer: Any) -> tuple[object, ...]:
    headers = {name: value for name, value in answer.headers.items() if name != "date"}
    return answer.status_code, answer.content, sorted(headers.items())


def without(answer: Any, login: str) -> tuple[object, ...]:
    """Return what was seen, but for the login that was typed and the length that follows from it."""
    assert login.encode() in answer.content
    headers = {name: value for name, value in answer.headers.items() if name not in ("date", "content-length")}
    return answer.status_code, answer.content.replace(login.encode(), b""), sorted(headers.items())


def but_for_words(answer: Any) -> tuple[object, ...]:
    """Return what was seen of a page, but for the words that were typed and the height of their box."""
    headers = {name: value for name, value in answer.headers.items() if name not in ("date", "content-length")}
    page = re.sub(rb'rows="\d+"|(?<=">)\n[^<]*(?=</textarea>)', b"", answer.content)
    return answer.status_code, page, sorted(headers.items())


def test_unknown_login_and_wrong_passphrase_answer_alike(served: tuple[TestClient, World]) -> None:
    client, world = served
    code = one_time_code(world.secrets["carl"], 1)
    tries = [("nobody", "seven calm words that are not theirs"), ("carl", "seven calm words that are not theirs")]
    answers = [client.post("/api/v1/sessions", json={"login": a, "passphrase": b, "code": code}) for a, b in tries]
    pages = [client.post("/sign-in", data={"login": a, "passphrase": b, "code": code}) for a, b in tries]
    assert seen(answers[0]) == seen(answers[1])
    # The page shows each person the login that they typed, and nothing else differs.
    shown = [without(page, login) for page, (login, _) in zip(pages, tries, strict=True)]
    assert shown[0] == shown[1]
    assert answers[0].status_code == pages[0].status_code == pages[1].status_code == 401


def test_a_right_sign_in_is_not_refused_in_the_same_set_up(served: tuple[TestClient, World]) -> None:
    client, world = served
    for step in (-1, 0, 1):
        body = {"login": "carl", "passphrase": passphrase("carl"), "code": one_time_code(world.secrets["carl"], step)}
        if client.post("/api/v1/sessions", json=body).status_code == 201:
            return
    raise AssertionError("no code was accepted")


def test_unknown_and_malformed_receipts_answer_alike(served: tuple[TestClient, World]) -> None:
    client, _ = served
    known = client.get("/api/v1/receipts/new?language=ru").json()["receipt"]
    wrong = [known, "не слова вовсе", "", "abandon " * 11, "\u202e" * 30]
    answers = [client.post("/api/v1/mailbox", json={"receipt": one}) for one in wrong]
    pages = [client.post("/ru/mailbox", data={"receipt": one}) for one in wrong]
    assert all(seen(one) == seen(answers[0]) for one in answers)
    # The page shows each person the words that they typed, whatever is wrong with them, and nothing else differs.
    assert all(but_for_words(one) == but_for_words(pages[0]) for one in pages)
    assert answers[0].status_code == pages[0].status_code == 404


def timed(client: TestClient) -> float:
    """Return how well a malformed receipt is told from an unknown one by the clock; a few, so that a bound is wide."""
    known = client.get("/api/v1/receipts/new?language=ru").json()["receipt"]
    sent = [known, known.rpartition(" ")[0]]
    asking = [partial(client.post, "/api/v1/mailbox", json={"receipt": one}) for one in sent]
    return told_apart(*asking, times=60)


def test_unknown_and_malformed_receipts_take_alike(served: tuple[TestClient, World]) -> None:
    assert 0.25 < timed(served[0]) < 0.75


def test_planted_an_unknown_receipt_that_costs_more_is_told_by_the_clock(
    served: tuple[TestClient, World], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = receiving.find

    def slower(db: Session, store: Store, given: bytes | None) -> object:
        time.sleep(0.02 if given else 0)
        return real(db, store, given)

    monkeypatch.setattr(receiving, "find", slower)
    assert not 0.25 < timed(served[0]) < 0.75


def test_an_administrator_opens_nothing(served: tuple[TestClient, World]) -> None:
    client, world = served
    headers = {"Authorization": f"Bearer {world.tokens['ada']}"}
    for path in ("/inbox", "/cases", "/counts", "/log", "/recovery/share"):
        assert client.get(f"/api/v1{path}", headers=headers).status_code == 403
    assert client.get("/api/v1/members", headers=headers).status_code == 200
