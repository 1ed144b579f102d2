"""A real server process for a test, on a free loopback port, ended by its id."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from api.demo import stage, story
from api.demo.story import Stage
from api.sealed.secrets import SecretFiles
from api.sealed.store import Store, open_store
from api.services import operating
from api.settings import Settings


@dataclass
class Running:
    """A server, its settings, and the founding code that its terminal showed."""

    url: str
    code: str
    settings: Settings
    pid: int

    def store(self) -> Store:
        """Open the same store beside the server, as its operator's commands do."""
        return open_store(self.settings.database, self.settings.data, SecretFiles(self.settings.secrets))

    def found(self) -> Stage:
        """Found the group."""
        return story.found(self.url, self.code, "Test group", "contact@group.example")


def free_port() -> int:
    """Return a port that nobody uses at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def server(database: str, folder: Path) -> Iterator[Running]:
    """Run the product's own `serve` on a fresh store."""
    port = free_port()
    settings = Settings(folder / "data", folder / "secrets", database, f"http://127.0.0.1:{port}")
    operating.make_store(settings.database, settings.data, SecretFiles(settings.secrets)).close()
    os.environ.pop("LASTHEARD_ORIGIN", None)
    process = stage.start(settings, port)
    try:
        stage.wait(settings.origin)
        yield Running(settings.origin, stage.founding_code(settings), settings, process.pid)
    finally:
        process.terminate()
        process.wait(20)
