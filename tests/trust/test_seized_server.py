"""A seized server gives nothing: not the database, not its journals, not a temporary file, not a log."""

import base64
import gzip
import logging
import os
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text, update

from api.demo import stage
from api.models.tables import LogHead
from api.sealed.secrets import SecretFiles
from api.services import operating
from api.settings import Settings
from tests.story.servers import free_port
from tests.trust.search import disguises, hits
from tests.trust.workflow import fill

PLANTED = "Пересвет из третьего Барака"
CODES = ("utf-8", "utf-16-le", "utf-16-be")
# Names of desks and roles are words of the language, and stand in the catalogue and the code.
COMMON = frozenset({"North", "South"})


def all_files(*folders: Path) -> list[Path]:
    return [path for folder in folders for path in folder.rglob("*") if path.is_file()]


def written_last(path: Path) -> float:
    """Return when a file was written last, 0 if a running server has removed it meanwhile."""
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return 0


def on_disk(request: pytest.FixtureRequest, url: str, folder: Path, began: float) -> list[Path]:
    """Return what a seizure finds: all that was made, and on PostgreSQL all that the server wrote since."""
    if url.startswith("sqlite"):
        files = all_files(folder)
        assert any(path.name.endswith("-wal") for path in files)
        return files
    # What was not written since cannot hold what was typed since; and what is still in its memory is written first.
    with create_engine(url, isolation_level="AUTOCOMMIT").connect() as connection:
        connection.execute(text("CHECKPOINT"))
    cluster = request.getfixturevalue("cluster")
    since = [path for path in all_files(cluster.folder) if written_last(path) >= began]
    assert any(path.parent.name == "pg_wal" for path in since)
    assert any("base" in path.parts for path in since)
    assert cluster.folder / "log" in all_files(cluster.folder)
    return [*all_files(folder), *since, cluster.folder / "log"]


@contextmanager
def watched(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Keep what is logged, at the most talkative, and what is put into temporary files."""
    (folder / "tmp").mkdir()
    monkeypatch.setenv("TMPDIR", str(folder / "tmp"))
    monkeypatch.setattr(tempfile, "tempdir", str(folder / "tmp"))
    handler, root = logging.FileHandler(folder / "talk.log", encoding="utf-8"), logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield
    finally:
        root.setLevel(level)
        root.removeHandler(handler)
        handler.close()


def test_a_filled_store_holds_no_typed_word(
    request: pytest.FixtureRequest,
    database_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    began = time.time() - 1
    with watched(tmp_path, monkeypatch):
        filled = fill(database_url, tmp_path)
    said = capfd.readouterr()
    (tmp_path / "terminal").write_text(said.out + said.err, "utf-8")
    files = on_disk(request, database_url, tmp_path, began)
    assert any(path.parent.name == "blobs" for path in files)
    assert any(path.name == "checkpoint" for path in files)
    assert hits(files, filled.planted) == []


def test_one_word_in_one_row_is_caught(database_url: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    """Planted in a store that is otherwise sealed: a title left in a column that was meant for a day."""
    began = time.time() - 1
    filled = fill(database_url, tmp_path)
    with filled.world.store.writing() as db:
        db.execute(update(LogHead).values(peaks=PLANTED.encode("utf-16-le")))
    assert hits(on_disk(request, database_url, tmp_path, began), [PLANTED]) != []


def forms(word: str) -> Iterator[tuple[str, bytes]]:
    """Yield the word as a careless program would leave it behind."""
    for code in CODES:
        plain = word.encode(code)
        yield code, plain
        yield f"{code}-lower", word.lower().encode(code)
        yield f"{code}-upper", word.upper().encode(code)
        yield f"{code}-hex", plain.hex().encode()
        yield f"{code}-hex-upper", plain.hex().upper().encode()
        yield f"{code}-zlib", zlib.compress(plain * 3)
        yield f"{code}-gzip", gzip.compress(plain * 3)
        for shift in range(3):
            yield f"{code}-base64-{shift}", base64.b64encode(bytes(range(1, shift + 1)) + plain + b"z")
            yield f"{code}-base64url-{shift}", base64.urlsafe_b64encode(bytes(range(1, shift + 1)) + plain + b"z")


@pytest.mark.parametrize(("form", "left"), [pytest.param(*one, id=one[0]) for one in forms(PLANTED)])
def test_the_search_finds_a_word_in_every_disguise(form: str, left: bytes, tmp_path: Path) -> None:
    """Planted: one clear word, disguised, amid noise and the zeros of a journal."""
    (tmp_path / "noise").write_bytes(os.urandom(5000) + bytes(9000) + left + bytes(200) + os.urandom(5000))
    assert hits(all_files(tmp_path), [PLANTED]) != []


def test_noise_alone_is_no_hit(tmp_path: Path) -> None:
    (tmp_path / "noise").write_bytes(os.urandom(200_000))
    assert hits(all_files(tmp_path), [PLANTED]) == []
    assert len(disguises(PLANTED)) > 40


@contextmanager
def serving(settings: Settings, port: int, folder: Path) -> Iterator[None]:
    """Run the product's own server, and keep all that it says."""
    environment = os.environ | {"LASTHEARD_SECRETS": str(settings.secrets), "LASTHEARD_DATABASE": settings.database}
    environment |= {"TMPDIR": str(folder / "tmp")}
    command = [sys.executable, "-m", "api.cli", "serve", "--data", str(settings.data), "--port", str(port)]
    with (folder / "terminal").open("wb") as terminal:
        process = subprocess.Popen(command, env=environment, stdout=terminal, stderr=terminal)
        try:
            stage.wait(settings.origin)
            yield
        finally:
            process.terminate()
            process.wait(20)


def typed(said: dict[str, Any]) -> list[str]:
    """Return all that the people of the story typed, chose or were shown."""
    members = said["members"]
    words = [one[name] for one in members for name in ("login", "passphrase", "totp_secret", "token")]
    return [*(one for one in said["planted"] if one not in COMMON), *words, *said["receipts"]]


def test_the_demonstration_leaves_no_typed_word_on_the_disk(
    request: pytest.FixtureRequest, database_url: str, tmp_path: Path
) -> None:
    """The whole story on a real server process: pages, API, uploads, documents; looked at while it still runs."""
    began, port, seized = time.time() - 1, free_port(), tmp_path / "seized"
    for name in ("tmp", "data"):
        (seized / name).mkdir(parents=True)
    database = f"sqlite:///{seized / 'data' / 'x.db'}" if database_url.startswith("sqlite") else database_url
    settings = Settings(seized / "data", seized / "secrets", database, f"http://127.0.0.1:{port}")
    operating.make_store(database, settings.data, SecretFiles(settings.secrets)).close()
    (tmp_path / "documents").mkdir()
    with serving(settings, port, seized):
        code = stage.founding_code(settings)
        said = stage.play(settings.origin, code, tmp_path / "documents", settings)
        assert len(said["planted"]) >= 20
        assert len(said["cases"]) == 3
        assert hits(on_disk(request, database, seized, began), typed(said)) == []
    assert hits(on_disk_after(request, database, seized, began), typed(said)) == []
    assert all(Path(one["path"]).read_bytes().startswith(b"%PDF") for one in said["documents"])


def on_disk_after(request: pytest.FixtureRequest, url: str, folder: Path, began: float) -> list[Path]:
    """Return the same once the server has ended: SQLite takes its journal back into the database."""
    return all_files(folder) if url.startswith("sqlite") else on_disk(request, url, folder, began)
