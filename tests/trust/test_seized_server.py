"""A seized server gives nothing: not the database, not its journals, not a temporary file, not a log."""

import base64
import json
import os
import subprocess
import sys
import time
import zlib
from pathlib import Path

import pytest

from tests.postgres import Cluster
from tests.story.servers import free_port
from tests.trust.search import hits
from tests.trust.workflow import fill


def all_files(*folders: Path) -> list[Path]:
    return [path for folder in folders for path in folder.rglob("*") if path.is_file()]


def test_a_filled_store_on_sqlite_holds_no_typed_word(sqlite_url: str, tmp_path: Path) -> None:
    filled = fill(sqlite_url, tmp_path)
    files = all_files(tmp_path)
    assert any(path.name.endswith("-wal") for path in files)
    assert any(path.parent.name == "blobs" for path in files)
    assert hits(files, filled.planted) == []


def test_a_filled_store_on_postgresql_holds_no_typed_word(cluster: Cluster, postgres_url: str, tmp_path: Path) -> None:
    began = time.time() - 1
    filled = fill(postgres_url, tmp_path)
    # What was not written since cannot hold what was typed since.
    files = [path for path in all_files(tmp_path, cluster.folder) if path.stat().st_mtime >= began]
    assert any(path.parent.name == "pg_wal" for path in files)
    assert hits(files, filled.planted) == []


@pytest.mark.parametrize("code", ["utf-8", "utf-16-le", "hex", "base64", "zlib", "upper"])
def test_the_search_finds_a_word_in_every_disguise(code: str, tmp_path: Path) -> None:
    """Planted: one clear word, disguised, in the middle of noise."""
    word = "Пересвет из третьего барака"
    forms = {
        "utf-8": word.encode(),
        "utf-16-le": word.encode("utf-16-le"),
        "hex": word.encode().hex().encode(),
        "base64": base64.b64encode(b"xy" + word.encode() + b"z"),
        "zlib": zlib.compress(word.encode() * 3),
        "upper": word.upper().encode(),
    }
    (tmp_path / "noise").write_bytes(os.urandom(5000) + forms[code] + os.urandom(5000))
    assert hits(all_files(tmp_path), [word]) != []


def test_the_demonstration_leaves_no_typed_word_on_the_disk(tmp_path: Path) -> None:
    """The whole story on a real server process: pages, API, uploads, documents."""
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    command = [sys.executable, "-m", "api.cli", "demo", "--data", str(tmp_path / "store"), "--port", str(free_port())]
    environment = {**os.environ, "TMPDIR": str(temporary)}
    done = subprocess.run([*command, "--once", "--json"], capture_output=True, env=environment, timeout=120, check=True)
    said = json.loads(done.stdout)
    (tmp_path / "store" / "stderr").write_bytes(done.stderr)
    assert len(said["planted"]) >= 20
    assert len(said["cases"]) == 3
    secret = [one["passphrase"] for one in said["members"]] + [one["token"] for one in said["members"]]
    words = [*(one for one in said["planted"] if one not in ("North", "South")), *secret, *said["receipts"]]
    assert hits(all_files(tmp_path / "store", temporary), words) == []
    assert all(Path(one["path"]).read_bytes().startswith(b"%PDF") for one in said["documents"])
