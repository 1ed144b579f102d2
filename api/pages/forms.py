"""Forms as they stream in: texts bounded in memory, files sealed before they touch the disk.

Promises that no part of an upload is ever in the clear on the disk. Must never use the framework's own form parser:
it writes every part over one mebibyte to a temporary file as it is.
"""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, cast
from urllib.parse import parse_qsl

from anyio.to_thread import run_sync
from fastapi import Request
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import ClientDisconnect

from api.errors import TooLarge, Unavailable, Unreadable
from api.guards import store_of
from api.pages.strangers import MayFile, Upload
from api.sealed.store import Store
from api.services.files import FileSink, StoredFile, discard, open_sink
from api.services.pacing import paced

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

MOST_PARTS, MOST_FILES = 300, 10
TEXT_LIMIT, PLAIN_LIMIT = 512 * 1024, 512 * 1024


@dataclass(slots=True)
class Form:
    """What was sent: the texts by name, and the files, sealed and durable, each with a title and a media type.

    `problems` says which fields had files that were left out, field -> code.
    """

    texts: dict[str, list[str]] = field(default_factory=dict, repr=False)
    files: list[StoredFile] = field(default_factory=list, repr=False)
    titles: list[tuple[str, str]] = field(default_factory=list, repr=False)
    problems: dict[str, str] = field(default_factory=dict)

    def get(self, name: str) -> str:
        """Return the first text of a field, or nothing."""
        return self.texts.get(name, [""])[0]

    def all(self, name: str) -> list[str]:
        """Return all texts of a field."""
        return self.texts.get(name, [])

    def values(self) -> dict[str, str | list[str]]:
        """Return what was typed, to be shown again: a list where a field came more than once."""
        shown = {name: [_printable(text) for text in texts] for name, texts in self.texts.items()}
        return {name: texts if len(texts) > 1 else texts[0] for name, texts in shown.items()}


async def read_form(request: Request) -> Form:
    """Return the form of a request; raises TooLarge, Unreadable, Unavailable. Of a failure nothing stays."""
    form = await read_patiently(request)
    if form.problems:
        await run_sync(discard, store_of(request), form.files)
        raise Unavailable if "unavailable" in form.problems.values() else TooLarge
    # For `again`: whatever happens to the store now, what was typed can be shown once more.
    request.state.form = form
    return form


async def read_patiently(request: Request, may_file: MayFile | None = None) -> Form:
    """Return the form of a request as `read_form` does, but read on where a file is too large or one too many.

    The file is left out and `problems` says so: who wrote for an hour must not lose it to one photo. For a form that
    needs no account, `may_file` is asked once, with the texts before the first file, whether files are taken at all.
    """
    media, options = parse_options_header(request.headers.get("content-type", ""))
    if media == b"application/x-www-form-urlencoded":
        return _plain(await _body(request))
    if media != b"multipart/form-data" or b"boundary" not in options:
        raise Unreadable
    parts = Parts(store_of(request), request.app.state.settings.upload_limit, Upload(may_file))
    try:
        return await _stream(request, parts, options[b"boundary"])
    except FormParserError:
        await run_sync(parts.abort)
        raise Unreadable from None
    except BaseException:
        await run_sync(parts.abort)
        raise
    finally:
        parts.upload.leave()


class Parts:
    """Takes the parser's events: gathers texts, seals files."""

    def __init__(self, store: Store, limit: int, upload: Upload) -> None:
        self._store, self._limit, self.upload, self.form = store, limit, upload, Form()
        self._count, self._size = 0, 0
        self._header, self._value, self._headers = bytearray(), bytearray(), dict[bytes, bytes]()
        self._name, self._title, self._text = "", "", bytearray()
        self._sink: FileSink | None = None
        self._left_out, self.ended = False, False

    @property
    def longest(self) -> int:
        """Return how many bytes a form may have in all: what is left out of it is read, too, but not for ever."""
        return (MOST_FILES + 1) * self._limit + 2 * TEXT_LIMIT

    def callbacks(self) -> dict[str, Callable[..., None]]:
        """Return what the parser calls."""
        names = ("part_begin", "part_data", "part_end", "header_field", "header_value", "header_end")
        events: dict[str, Callable[..., None]] = {f"on_{name}": getattr(self, f"_{name}") for name in names}
        return events | {"on_headers_finished": self._headers_finished, "on_end": self._end}

    def abort(self) -> None:
        """Remove what was sealed of a form that failed."""
        if self._sink is not None:
            self._sink.abort()
        discard(self._store, self.form.files)

    def _part_begin(self) -> None:
        self._count += 1
        if self._count > MOST_PARTS:
            raise TooLarge
        self._headers, self._text, self._sink, self._left_out = {}, bytearray(), None, False

    def _header_field(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _header_end(self) -> None:
        self._headers[bytes(self._header).lower()] = bytes(self._value)
        self._header, self._value = bytearray(), bytearray()

    def _headers_finished(self) -> None:
        _, options = parse_options_header(self._headers.get(b"content-disposition", b""))
        self._name = _text(options.get(b"name", b""))
        self._title = _text(options.get(b"filename", b""))
        if self._title and len(self.form.files) >= MOST_FILES:
            self._leave_out("too-many")
        elif self._title and not self.upload.allows(self.form.texts):
            self._leave_out("unavailable")
        elif self._title:
            self._kept(self._open)

    def _part_data(self, data: bytes, start: int, end: int) -> None:
        if self._sink is not None:
            self._kept(partial(self._sink.feed, data[start:end]))
        elif not self._left_out:
            self._size += end - start
            if self._size > TEXT_LIMIT:
                raise TooLarge
            self._text += data[start:end]

    def _open(self) -> None:
        self._sink = open_sink(self._store, self._limit)

    def _kept(self, work: Callable[[], None]) -> None:
        """Do a piece of keeping a file, or leave the file out: the rest of the form is still there to be read."""
        try:
            work()
        except TooLarge:
            self._leave_out("too-large")
        except Unavailable:
            self._leave_out("unavailable")

    def _leave_out(self, code: str) -> None:
        self.form.problems["files"], self._sink, self._left_out = code, None, True

    def _part_end(self) -> None:
        if self._sink is not None:
            self._kept(partial(self._finish, self._sink))
        elif self._name and not self._left_out and b'filename="' not in self._headers.get(b"content-disposition", b""):
            self.form.texts.setdefault(self._name, []).append(_text(bytes(self._text)))

    def _finish(self, sink: FileSink) -> None:
        self._sink = None
        self.form.files.append(sink.finish())
        self.form.titles.append((self._title, _text(self._headers.get(b"content-type", b""))[:100]))

    def _end(self) -> None:
        self.ended = True


async def _stream(request: Request, parts: Parts, boundary: bytes) -> Form:
    parser = MultipartParser(boundary, cast("MultipartCallbacks", parts.callbacks()))
    async for piece in _bounded(request, parts.longest):
        # In a thread: sealing and writing must not hold up everyone else's requests.
        await run_sync(parser.write, piece)
    await run_sync(parser.finalize)
    if not parts.ended:
        raise Unreadable
    return parts.form


async def _bounded(request: Request, limit: int) -> AsyncIterator[bytes]:
    taken = 0
    try:
        async for piece in paced(request.stream()):
            taken += len(piece)
            if taken > limit:
                raise TooLarge
            yield piece
    except ClientDisconnect:
        raise Unreadable from None


async def read_plain(request: Request) -> Form:
    """Return a form that carries no file; raises TooLarge, Unreadable."""
    media, _ = parse_options_header(request.headers.get("content-type", ""))
    if media != b"application/x-www-form-urlencoded":
        raise Unreadable
    return _plain(await _body(request))


async def _body(request: Request) -> bytes:
    return b"".join([piece async for piece in _bounded(request, PLAIN_LIMIT)])


def _plain(body: bytes) -> Form:
    form = Form()
    try:
        pairs = parse_qsl(
            body.decode("ascii"), keep_blank_values=True, max_num_fields=MOST_PARTS, errors="surrogatepass"
        )
    except ValueError:
        raise Unreadable from None
    for name, text in pairs:
        form.texts.setdefault(name, []).append(text)
    return form


def _printable(text: str) -> str:
    """Replace what no page can carry; the field's problem says that it cannot be read."""
    return text.encode("utf-8", "replace").decode().replace("\0", "?")


def _text(raw: bytes) -> str:
    """Decode what a browser sent; what is no UTF-8 becomes a lone surrogate, which the catalogue refuses."""
    return raw.decode("utf-8", "surrogateescape")
