"""A run without PostgreSQL names each test it left out; in CI it fails; a cluster leaves nothing behind."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import psycopg
import pytest

from tests import postgres

ROOT = Path(__file__).parents[2]
STORY = '''"""One test on each database."""


def test_on_both_databases(database_url: str) -> None:
    assert database_url.startswith("sqlite")
'''


def run_without_postgresql(folder: Path, ci: str) -> subprocess.CompletedProcess[str]:
    """Run a small tree with these fixtures, on a machine where the server's programs are elsewhere."""
    (folder / "tests").mkdir()
    (folder / "tests" / "__init__.py").touch()
    (folder / "pytest.ini").write_text("[pytest]\npythonpath = .\n", "utf-8")
    (folder / "tests" / "test_planted.py").write_text(STORY, "utf-8")
    shutil.copy(ROOT / "tests" / "conftest.py", folder / "tests")
    away = (ROOT / "tests" / "postgres.py").read_text("utf-8").replace(str(postgres.BINARIES), str(folder / "absent"))
    (folder / "tests" / "postgres.py").write_text(away, "utf-8")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "CI"))}
    command = [sys.executable, "-m", "pytest", "-n", "2", "-p", "no:cacheprovider", "tests"]
    return subprocess.run(command, cwd=folder, env=environment | {"CI": ci}, capture_output=True, text=True)


def test_what_is_left_out_is_named_with_its_reason(tmp_path: Path) -> None:
    done = run_without_postgresql(tmp_path, "")
    assert done.returncode == 0, done.stdout
    assert "1 tests were NOT RUN" in done.stdout
    assert "NOT RUN: tests/test_planted.py::test_on_both_databases[postgresql]" in done.stdout
    assert "PostgreSQL 15 is not installed" in done.stdout


def test_in_ci_nothing_may_be_left_out(tmp_path: Path) -> None:
    done = run_without_postgresql(tmp_path, "true")
    assert done.returncode == 1
    assert "PostgreSQL 15 is not installed" in done.stdout


def test_a_cluster_gives_empty_databases_and_ends_with_its_folder(cluster: postgres.Cluster) -> None:
    own = postgres.Cluster()
    try:
        assert own.port != cluster.port
        with psycopg.connect(own.url("one").replace("+psycopg", "")) as connection:
            count = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
        assert count == (0,)
    finally:
        own.stop()
    assert own.process.returncode is not None
    assert not own.folder.exists()


def test_a_neighbour_on_the_port_is_not_taken_for_the_own_server(
    cluster: postgres.Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Path(tempfile.mkdtemp(prefix="lastheard-pg-"))
    monkeypatch.setattr(tempfile, "mkdtemp", lambda prefix: str(folder))
    monkeypatch.setattr(postgres, "_free_port", lambda: cluster.port)
    monkeypatch.setattr(postgres, "ATTEMPTS", 5)
    with pytest.raises(RuntimeError, match="did not start"):
        postgres.Cluster()
    assert not folder.exists()
