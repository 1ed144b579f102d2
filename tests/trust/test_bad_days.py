"""Bad days: a full disk, a database that only reads, one that was started anew, a secret that is gone.

Each gives one clear sentence, keeps what was typed, loses nothing, and is over when its cause is.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine, event, text
from sqlalchemy.engine import Connection

from api.errors import SecretMissing, Unavailable
from api.models.tables import File, Letter, Mailbox
from api.sealed import roots
from api.sealed.secrets import SecretFiles
from api.sealed.store import open_store
from api.services import files
from tests.receiving.browser import TYPED, Served, serve

KEPT = ("Его увезли в начале мая.", "Бунятов Артём")
PHOTO = ("files", ("photo.jpg", b"x" * 50_000, "image/jpeg"))
# Fifty thousand signs do not fit into what is left of a page.
LONG = {**TYPED, "story": KEPT[0] + " слово" * 4000}

END_ALL_OTHERS = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE pid <> pg_backend_pid() AND datname = current_database()"
)


def full(connection: Connection) -> None:
    connection.exec_driver_sql("PRAGMA max_page_count=1")


def reading_only(connection: Connection) -> None:
    sqlite = connection.dialect.name == "sqlite"
    connection.exec_driver_sql("PRAGMA query_only=ON" if sqlite else "SET TRANSACTION READ ONLY")


@contextmanager
def day_of(engine: Engine, trouble: Callable[[Connection], None]) -> Iterator[None]:
    """Let every transaction begin with the trouble, and the ones after it without."""
    event.listen(engine, "begin", trouble)
    try:
        yield
    finally:
        event.remove(engine, "begin", trouble)
        engine.dispose()


@pytest.fixture
def served(database_url: str, tmp_path: Path) -> Served:
    return serve(database_url, tmp_path)


@pytest.fixture(params=[full, reading_only], ids=["full", "reading only"])
def trouble(request: pytest.FixtureRequest, served: Served) -> Callable[[Connection], None]:
    """A full disk cannot be arranged inside PostgreSQL: there it is a server that only reads."""
    if request.param is full and served.world.store.engine.dialect.name != "sqlite":
        return reading_only
    chosen: Callable[[Connection], None] = request.param
    return chosen


def test_a_report_is_refused_in_words_and_everything_typed_is_kept(
    served: Served, trouble: Callable[[Connection], None], caplog: pytest.LogCaptureFixture
) -> None:
    words, before = served.words(), [served.rows(one) for one in (Mailbox, Letter, File)]
    with caplog.at_level(logging.DEBUG), day_of(served.world.store.engine, trouble):
        for files in ((), (PHOTO,)):
            answer = served.send(words, LONG, files)
            assert answer.status_code in (422, 503)
            assert "Сейчас мы не можем это сохранить" in answer.text
            assert all(one in answer.text for one in KEPT)
            assert words in answer.text
    assert not any(one in caplog.text for one in KEPT)
    assert [served.rows(one) for one in (Mailbox, Letter, File)] == before
    assert served.send(words, LONG, (PHOTO,)).status_code == 303
    assert served.mailbox(words).status_code == 200


def test_an_addition_is_refused_in_words_and_kept(served: Served, trouble: Callable[[Connection], None]) -> None:
    words = served.words()
    served.send(words)
    with day_of(served.world.store.engine, trouble):
        answer = served.mailbox(words, "add", message=LONG["story"])
    assert answer.status_code == 422
    assert "Сейчас мы не можем это сохранить" in answer.text
    assert KEPT[0] in answer.text
    assert served.mailbox(words, "add", message=LONG["story"]).status_code == 200


def test_the_api_says_that_nothing_can_be_saved(served: Served, trouble: Callable[[Connection], None]) -> None:
    token = {"Authorization": f"Bearer {served.world.tokens['ines']}"}
    with day_of(served.world.store.engine, trouble):
        answer = served.client.get("/api/v1/cases", headers=token)
    # What cannot be recorded does not happen, and the list is recorded; one line may still fit.
    assert answer.status_code in ((503,) if trouble is reading_only else (200, 503))
    if answer.status_code == 503:
        assert answer.json()["title"] == "Nothing can be saved right now. Nothing was lost."
    assert served.client.get("/api/v1/cases", headers=token).status_code == 200


def test_a_database_that_was_started_anew_is_met_again_by_itself(served: Served, database_url: str) -> None:
    """Every connection ended from outside, as when the server is started anew."""
    if database_url.startswith("sqlite"):
        served.world.store.engine.dispose()
    else:
        with served.world.store.engine.connect() as connection:
            connection.execute(text(END_ALL_OTHERS))
    assert served.send(served.words()).status_code == 303


@pytest.mark.parametrize("name", ["deployment", "erasure"])
def test_a_missing_secret_is_named_and_nothing_opens(
    name: str, served: Served, tmp_path: Path, database_url: str
) -> None:
    words = served.words()
    served.send(words)
    hidden = [path for path in (tmp_path / "secrets").iterdir() if path.name.startswith(name)]
    for path in hidden:
        path.rename(tmp_path / path.name)
    with pytest.raises(SecretMissing):
        store = open_store(database_url, tmp_path / "data", SecretFiles(tmp_path / "secrets"))
        with store.reading() as db:
            roots.opened(db, store)
    for path in hidden:
        (tmp_path / path.name).rename(path)
    assert served.mailbox(words).status_code == 200


def test_a_folder_that_cannot_be_written_keeps_the_words(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise Unavailable

    monkeypatch.setattr(files, "_create", refused)
    answer = served.send(served.words(), TYPED, (PHOTO,))
    assert answer.status_code in (422, 503)
    assert all(one in answer.text for one in KEPT)
