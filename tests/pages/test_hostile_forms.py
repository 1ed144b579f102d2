"""Forms that no browser would send, and an upload that is watched: never a failure, never a clear byte on the disk."""

import asyncio
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from api.models.tables import File, Mailbox, ShredRow
from tests.receiving.browser import TYPED, URL, Served, encoded, hidden, part, serve

NASTY = {
    "a half of a pair": "имя\ud800",
    "a zero": "имя\0",
    "letters turned round": "\u202eмя\u2066и",
    "nothing to see": "\u200b\u2060\ufeff",
    "many marks": "а" + "\u0301" * 5000,
    "ten thousand letters": "ы" * 10_000,
    "a page": "</textarea><script>alert(1)</script>{{ 7*7 }}",
    "a query": "' OR 1=1; DROP TABLE mailbox; --",
    "controls": "".join(map(chr, range(1, 32))),
    "beyond the first plane": "\U0001f9ff\U000e0041",
}
TEXTS = ("about_name", "story", "wishes", "last_heard", "contact_address", "relation", "consent_count", "who_came")


@pytest.fixture
def served(database_url: str, tmp_path: Path) -> Served:
    return serve(database_url, tmp_path)


@pytest.mark.parametrize("text", NASTY.values(), ids=NASTY.keys())
def test_whatever_is_typed_is_taken_or_refused_and_never_a_failure(served: Served, text: str) -> None:
    words = served.words()
    for name in TEXTS:
        answer = served.send(words, {**TYPED, name: text})
        assert answer.status_code in (303, 422), name
        assert "<script>alert" not in answer.text
        plain = served.client.post("/ru/report", content=encoded({"receipt": words, name: text}), headers=URL)
        assert plain.status_code in (303, 422), name
    served.send(words)
    for action, name in (
        ("add", "message"),
        ("consent", "consent_count"),
        ("erase", "sure"),
        (text, "x"),
        ("copy", text),
    ):
        assert served.mailbox(words, action, **{name: text}).status_code in (200, 404, 422), action
    assert served.mailbox(text).status_code == 404
    titled = served.send(served.words(), files=[("files", (text.replace('"', "")[:900], b"x", text[:900]))])
    assert titled.status_code in (303, 400, 422)


@pytest.mark.parametrize("noise", ["\ud800", "\0", "\u202e", "1. ", "\n,;"], ids=ascii)
def test_words_with_noise_around_them_open_the_mailbox_and_come_back_clean(served: Served, noise: str) -> None:
    words = served.words()
    served.send(words)
    page = served.mailbox(noise.join(f" {word} " for word in words.split()))
    assert page.status_code == 200
    assert hidden(page.text, "receipt") == words
    refused = served.send(noise + words, {"story": ""})
    assert hidden(refused.text, "receipt") == words


BROKEN = {
    "no boundary": (b"--edge\r\n", "multipart/form-data"),
    "an empty boundary": (b"--\r\n\r\n", "multipart/form-data; boundary="),
    "a long boundary": (b"--edge\r\n", "multipart/form-data; boundary=" + "e" * 5000),
    "another boundary": (part("story", b"x"), "multipart/form-data; boundary=other"),
    "cut in a header": (part("story", b"x")[:20], "multipart/form-data; boundary=edge"),
    "cut in a file": (part("files", b"x" * 900, "a.txt")[:500], "multipart/form-data; boundary=edge"),
    "cut after a file": (part("files", b"x" * 900, "a.txt"), "multipart/form-data; boundary=edge"),
    "nothing": (b"", "multipart/form-data; boundary=edge"),
    "a great header": (b"--edge\r\nX: " + b"y" * 10_000 + b"\r\n\r\n", "multipart/form-data; boundary=edge"),
    "many headers": (b"--edge\r\n" + b"X: y\r\n" * 500 + b"\r\nz", "multipart/form-data; boundary=edge"),
    "many parts": (part("story", b"x") * 301 + b"--edge--\r\n", "multipart/form-data; boundary=edge"),
    "a great text": (part("story", b"x" * 1_000_000) + b"--edge--\r\n", "multipart/form-data; boundary=edge"),
    "a great plain text": (b"story=" + b"x" * 1_000_000, "application/x-www-form-urlencoded"),
    "many plain fields": (b"&".join([b"a=1"] * 10_000), "application/x-www-form-urlencoded"),
    "plain bytes": (b"\xff\xfe=\xff", "application/x-www-form-urlencoded"),
    "another kind": (b"{}", "application/json"),
    "no kind": (b"{}", ""),
    "a kind of bytes": (b"x", "multipart/form-data; boundary=\u00ff"),
}


@pytest.mark.parametrize(("body", "kind"), BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_form_is_refused_plainly_and_leaves_nothing(served: Served, body: bytes, kind: str) -> None:
    for path in ("/ru/report", "/ru/mailbox"):
        answer = served.client.post(path, content=body, headers={"content-type": kind.encode("latin-1")})
        assert 400 <= answer.status_code < 500
        assert "x" * 50 not in answer.text
    assert served.blobs() == []
    assert served.rows(File) == served.rows(Mailbox) == 0


PLANTED = b"planted-word-of-a-slow-upload "


class Slow:
    """A browser that sends an upload piece by piece, and looks at the server's disk between two pieces."""

    def __init__(self, body: bytes, folders: Sequence[Path], cut: int | None = None) -> None:
        self.pieces = [body[start : start + 30_000] for start in range(0, len(body), 30_000)][:cut]
        self.folders, self.cut, self.found, self.looked = folders, cut, list[Path](), 0
        self.statuses: list[int] = []

    async def receive(self) -> dict[str, Any]:
        await asyncio.sleep(0)
        self._look()
        if self.pieces:
            body = self.pieces.pop(0)
            return {"type": "http.request", "body": body, "more_body": bool(self.pieces) or self.cut is not None}
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.statuses.append(message["status"])

    def _look(self) -> None:
        self.looked += 1
        files = [path for folder in self.folders for path in folder.rglob("*") if path.is_file()]
        self.found += [path for path in files if PLANTED in path.read_bytes()]


def upload(served: Served, content: bytes, folders: Sequence[Path], cut: int | None = None) -> Slow:
    """Send a report with one file, slowly."""
    typed = {"receipt": served.words(), "about_name": "Артём", "story": PLANTED.decode()}
    parts = [part(name, value.encode()) for name, value in typed.items()]
    slow = Slow(b"".join([*parts, part("files", content, "a.bin")]) + b"--edge--\r\n", folders, cut)
    kind = (b"content-type", b"multipart/form-data; boundary=edge")
    scope = {"type": "http", "method": "POST", "path": "/ru/report", "headers": [kind], "query_string": b""}

    async def serve() -> None:
        await served.client.app(scope, slow.receive, slow.send)

    asyncio.run(serve())
    return slow


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def test_a_slow_upload_is_never_in_the_clear_on_the_disk(served: Served, temporary: Path, tmp_path: Path) -> None:
    slow = upload(served, PLANTED * 3000, [tmp_path])
    assert slow.statuses == [303]
    assert slow.looked > 3
    assert slow.found == []
    assert list(temporary.iterdir()) == []
    assert served.rows(File) == 1


def test_the_search_would_find_a_clear_copy(served: Served, tmp_path: Path) -> None:
    (tmp_path / "planted").write_bytes(PLANTED)
    assert upload(served, b"x", [tmp_path]).found


def test_an_upload_that_breaks_off_leaves_nothing_and_is_no_failure(
    served: Served, temporary: Path, tmp_path: Path
) -> None:
    shreds = served.rows(ShredRow)
    slow = upload(served, PLANTED * 3000, [tmp_path], cut=2)
    assert slow.statuses in ([], [400])
    assert served.blobs() == []
    assert served.rows(ShredRow) == shreds
    assert served.rows(Mailbox) == 0
