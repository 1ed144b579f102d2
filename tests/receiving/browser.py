"""A browser for the family's pages: forms built by hand, so that nothing is mended on the way."""

import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient
from httpx import Response
from sqlalchemy import func, select

from api.main import create_app
from api.settings import Settings
from tests.world import World, make_world

LIMIT = 100_000
TYPED: dict[str, Any] = {
    "about_name": "Бунятов Артём",
    "story": "Его увезли в начале мая.",
    "relation": "21/010103000000",
    "who_came": ["pmc", "other"],
    "held_where": "ИК-29",
    "consent_count": "yes",
    "contact_channel": "receipt",
}
Upload = tuple[str, tuple[str, bytes, str]]


@dataclass
class Served:
    """The application with its group, asked as a browser would."""

    client: TestClient
    world: World

    def words(self) -> str:
        """Return the eleven words of a fresh form."""
        return hidden(self.client.get("/ru/report").text, "receipt")

    def send(self, words: str, typed: Mapping[str, Any] = TYPED, files: Sequence[Upload] = ()) -> Response:
        """Send the report's form."""
        return multipart(self.client, "/ru/report", {**typed, "receipt": words}, files)

    def mailbox(self, words: str, action: str = "", **typed: Any) -> Response:
        """Send one of the mailbox's forms."""
        body = encoded({"receipt": words, "action": action, **typed})
        answer: Response = self.client.post("/ru/mailbox", content=body, headers=URL)
        return answer

    def rows(self, table: type[Any]) -> int:
        """Return how many rows there are."""
        with self.world.store.reading() as db:
            return db.scalar(select(func.count()).select_from(table)) or 0

    def blobs(self) -> list[Path]:
        """Return the sealed files."""
        return list(self.world.store.blobs.iterdir())


URL = {"content-type": "application/x-www-form-urlencoded"}


def encoded(typed: Mapping[str, str]) -> bytes:
    """Return a form as bytes, with what no encoder would send: halves of pairs as their three bytes."""
    return b"&".join(quoted(name) + b"=" + quoted(value) for name, value in typed.items())


def quoted(text: str) -> bytes:
    """Return a text with every byte escaped."""
    return b"".join(b"%%%02X" % byte for byte in text.encode("utf-8", "surrogatepass"))


def multipart(client: TestClient, path: str, typed: Mapping[str, Any], files: Sequence[Upload] = ()) -> Response:
    """Send a form with files, built by hand so that nothing is mended on the way."""
    pairs = [(name, one) for name, value in typed.items() for one in ([value] if isinstance(value, str) else value)]
    parts = [part(name, value.encode("utf-8", "surrogatepass")) for name, value in pairs]
    parts += [part(name, content, title, media) for name, (title, content, media) in files]
    body = b"".join(parts) + b"--edge--\r\n"
    answer: Response = client.post(path, content=body, headers={"content-type": "multipart/form-data; boundary=edge"})
    return answer


def part(name: str, content: bytes, title: str = "", media: str = "") -> bytes:
    """Return one part of a form."""
    named = f'; filename="{title}"' if title else ""
    typed = f"\r\nContent-Type: {media}" if media else ""
    head = f'--edge\r\nContent-Disposition: form-data; name="{name}"{named}{typed}\r\n\r\n'
    return head.encode("utf-8", "surrogatepass") + content + b"\r\n"


def hidden(page: str, name: str) -> str:
    """Return the value of a hidden field."""
    found = re.search(rf'type="hidden" name="{name}" value="([^"]*)"', page)
    assert found
    return html.unescape(found[1])


def serve(url: str, folder: Path) -> Served:
    """Return the whole application over a founded group, taking files of up to 100,000 bytes."""
    world = make_world(url, folder)
    settings = Settings(folder / "data", folder / "secrets", url, "http://testserver", upload_limit=LIMIT)
    app = create_app(settings, world.store)
    return Served(TestClient(app, raise_server_exceptions=False, follow_redirects=False), world)
