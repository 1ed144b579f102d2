"""Forms that no browser would send, and an upload that is watched: never a failure, never a clear byte on the disk."""

import asyncio
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from api.models.tables import File, Mailbox, ShredRow
from api.pages import strangers
from api.services import pacing
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


def attempt(served: Served, path: str, parts: Sequence[bytes], folders: Sequence[Path] = ()) -> tuple[Slow, list[int]]:
    """Send parts piece by piece; return also how many sealed files lay on the disk at each piece."""
    slow, seen = Slow(b"".join(parts) + b"--edge--\r\n", folders), list[int]()
    kind = (b"content-type", b"multipart/form-data; boundary=edge")
    scope = {"type": "http", "method": "POST", "path": path, "headers": [kind], "query_string": b""}

    async def receive() -> dict[str, Any]:
        seen.append(len(served.blobs()))
        return await slow.receive()

    async def serve() -> None:
        await served.client.app(scope, receive, slow.send)

    asyncio.run(serve())
    return slow, seen


def test_files_without_a_receipt_before_them_never_reach_the_disk(served: Served) -> None:
    words, file = served.words(), part("files", b"x" * 90_000, "a.bin")
    receipt = part("receipt", words.encode())
    for path, parts in {
        "/ru/mailbox": [[file, file], [file, receipt], [receipt, file], [part("receipt", b"no words"), file]],
        "/ru/report": [[file, file], [file, receipt], [part("receipt", b"no words"), file]],
    }.items():
        for one in parts:
            slow, seen = attempt(served, path, one)
            assert (set(seen), slow.statuses) in (({0}, [404]), ({0}, [422])), path
    served.send(words)
    add = [receipt, part("action", b"add"), part("message", "ещё".encode())]
    slow, seen = attempt(served, "/ru/mailbox", [*add, file])
    assert (max(seen), slow.statuses, len(served.blobs())) == (1, [200], 1)


def test_only_so_many_strangers_send_files_at_once_and_their_words_stay(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = threading.BoundedSemaphore(1)
    monkeypatch.setattr(strangers, "UPLOADS", places)
    words, file = served.words(), ("files", ("a.bin", b"x" * 100, "image/png"))
    with places:
        refused = served.send(words, files=[file])
    assert refused.status_code == 503
    assert TYPED["story"] in refused.text
    assert served.blobs() == []
    assert served.send(words, files=[file]).status_code == 303
    assert served.send(served.words(), files=[file, file]).status_code == 303
    assert len(served.blobs()) == 3


@pytest.mark.parametrize("path", ["/ru/report", "/ru/mailbox"])
def test_a_body_that_stops_coming_is_not_waited_for(served: Served, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    assert pacing.IDLE == 30
    monkeypatch.setattr(pacing, "IDLE", 0.2)
    words = served.words()
    served.send(words)
    begun = part("receipt", words.encode()) + part("files", b"x" * 90_000, "a.bin")
    pieces, statuses = [begun], list[int]()
    kind = (b"content-type", b"multipart/form-data; boundary=edge")
    scope = {"type": "http", "method": "POST", "path": path, "headers": [kind], "query_string": b""}

    async def receive() -> dict[str, Any]:
        if not pieces:
            await asyncio.sleep(60)
        return {"type": "http.request", "body": pieces.pop(), "more_body": True}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    async def serve() -> None:
        async with asyncio.timeout(20):
            await served.client.app(scope, receive, send)

    asyncio.run(serve())
    assert statuses == [400]
    assert served.blobs() == []
