"""A real server: it says whether it is ready, ends without cutting anybody off, and migrates only when asked."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from api.demo import stage
from api.main import create_app
from api.sealed import schema
from api.sealed.secrets import SecretFiles
from api.sealed.store import make_engine
from api.services import operating
from api.settings import Settings, settings_for
from tests.story.servers import Running, free_port, server
from tests.world import empty_store

BOUNDARY = b"--edge"


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    with server(f"sqlite:///{tmp_path / 'x.db'}", tmp_path) as found:
        found.found()
        yield found


def part(name: str, value: bytes, more: bytes = b"") -> bytes:
    """Return one part of a form."""
    head = b'Content-Disposition: form-data; name="' + name.encode() + b'"' + more
    return BOUNDARY + b"\r\n" + head + b"\r\n\r\n" + value + b"\r\n"


def report(url: str) -> bytes:
    """Return the body of a report with a photograph of 300 KB."""
    words = httpx.get(f"{url}/api/v1/receipts/new", params={"language": "uk"}).json()["receipt"]
    typed = {"about_name": "Лободай Остап", "story": "Він подзвонив востаннє навесні.", "receipt": words}
    fields = b"".join(part(name, value.encode()) for name, value in typed.items())
    photo = part("files", os.urandom(300_000), b'; filename="a.jpg"\r\nContent-Type: image/jpeg')
    return fields + photo + BOUNDARY + b"--\r\n"


def slowly(port: int, body: bytes, half: threading.Event, answers: list[bytes]) -> None:
    """Send half of a body, say so, and send the rest after a pause."""
    head = f"POST /uk/report HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\nConnection: close\r\n"
    head += "Content-Type: multipart/form-data; boundary=edge\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port), 20) as line:
        line.sendall(head.encode() + body[: len(body) // 2])
        half.set()
        time.sleep(1.5)
        line.sendall(body[len(body) // 2 :])
        answers.append(line.recv(4096))


def test_a_server_that_is_told_to_stop_takes_a_slow_report_to_its_end(tmp_path: Path) -> None:
    port = free_port()
    settings = Settings(tmp_path / "data", tmp_path / "secrets", f"sqlite:///{tmp_path / 'x.db'}")
    operating.make_store(settings.database, settings.data, SecretFiles(settings.secrets)).close()
    process = stage.start(settings, port)
    url = f"http://127.0.0.1:{port}"
    try:
        stage.wait(url)
        stage.story.found(url, stage.founding_code(settings), "Test group", "contact@group.example")
        half, answers = threading.Event(), list[bytes]()
        sender = threading.Thread(target=slowly, args=(port, report(url), half, answers))
        sender.start()
        assert half.wait(10)
        time.sleep(0.3)
        process.send_signal(signal.SIGTERM)
        time.sleep(0.4)
        with pytest.raises(httpx.TransportError):
            httpx.get(f"{url}/health", timeout=1)
        sender.join(20)
        # The server ends by the signal it was sent, once everything is answered.
        assert process.wait(20) in (0, -signal.SIGTERM)
    finally:
        process.kill()
    assert answers[0].startswith(b"HTTP/1.1 303")
    lines = (settings.data / "server.log").read_text("utf-8")
    assert '"route": "/{language}/report", "status": 303' in lines
    assert lines.rstrip().endswith('"event": "stopped"}')
    assert not Path(f"{tmp_path / 'x.db'}-wal").exists()


def test_a_running_server_says_that_it_is_ready_and_nothing_else(running: Running) -> None:
    answer = httpx.get(f"{running.url}/health")
    assert (answer.status_code, answer.text) == (200, "ready\n")
    assert "server" not in answer.headers
    assert "set-cookie" not in answer.headers


def test_whoever_asks_whether_it_is_ready_has_no_files_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Anybody may ask, as often as they like: the scripts of all migrations are read once."""
    store, read = empty_store(f"sqlite:///{tmp_path / 'x.db'}", tmp_path), list[object]()
    assert operating.is_ready(store)
    monkeypatch.setattr(schema.ScriptDirectory, "from_config", read.append)
    assert operating.is_ready(store)
    assert read == []


def test_a_server_is_not_ready_without_its_secret_its_tables_or_its_version(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'x.db'}"
    store = empty_store(url, tmp_path)
    client = TestClient(create_app(Settings(tmp_path / "data", tmp_path / "secrets", url), store))
    assert (client.get("/health").status_code, client.get("/health").text) == (200, "ready\n")
    hidden = store.secrets.erasure.rename(tmp_path / "hidden")
    store.opened = None
    assert (client.get("/health").status_code, client.get("/health").text) == (503, "not ready\n")
    hidden.rename(store.secrets.erasure)
    with store.writing() as db:
        db.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    assert client.get("/health").status_code == 503


def serving(settings: Settings, *words: str) -> list[str]:
    """Return the command that serves this store."""
    data = ["--data", str(settings.data), "--port", str(free_port())]
    return [sys.executable, "-m", "api.cli", "serve", *data, *words]


def test_a_start_does_not_migrate_unless_it_is_asked_to(tmp_path: Path) -> None:
    settings = settings_for(tmp_path / "data")
    operating.make_store(settings.database, settings.data, SecretFiles(settings.secrets)).close()
    with make_engine(settings.database).begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'older'"))
    done = subprocess.run(serving(settings), capture_output=True, text=True, timeout=30)
    assert (done.returncode, done.stderr) == (1, "The store is of another version of this program.\n")
    assert schema.connection_revision(make_engine(settings.database)) == "older"


def test_a_start_makes_a_store_only_when_it_is_asked_to(tmp_path: Path) -> None:
    settings = settings_for(tmp_path / "data")
    done = subprocess.run(serving(settings), capture_output=True, text=True, timeout=30)
    assert (done.returncode, done.stderr) == (1, "The store is locked: a secret is missing.\n")
    process = subprocess.Popen(serving(settings, "--migrate"), stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("Open ")
        schema.require_current(make_engine(settings.database))
    finally:
        process.terminate()
        process.wait(20)


def test_a_port_that_is_taken_is_named_in_the_log(running: Running) -> None:
    port = running.url.rsplit(":", 1)[1]
    command = [sys.executable, "-m", "api.cli", "serve", "--data", str(running.settings.data), "--port", port]
    environment = os.environ | {"LASTHEARD_SECRETS": str(running.settings.secrets)}
    environment |= {"LASTHEARD_DATABASE": running.settings.database}
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, env=environment)
    assert done.returncode != 0
    assert '"reason": "EADDRINUSE"' in done.stderr
    assert "Traceback" not in done.stderr
