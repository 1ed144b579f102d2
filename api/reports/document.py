"""From a report to a finished document, in memory alone.

Promises a tagged PDF (PDF/A-2a and PDF/UA-1) with every font embedded, the same bytes for the same report, and
that what a person typed stays what they typed: it travels as JSON and is never read as markup. Must never
write any of it to a disk, read a file beside the template, fetch a package, or put it into an error.
"""

import hashlib
import json
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, time
from functools import cache
from importlib.resources import files

import typst

from api.reports.blocks import Block
from api.reports.report import Report
from api.reports.writable import writable

# The compiler reads no file outside its root, and finds no package there.
ROOT = str(files("api.reports").joinpath("templates"))


class DocumentError(Exception):
    """The document could not be made; says nothing of what it held."""

    def __init__(self) -> None:
        super().__init__("the document could not be made")


@dataclass(frozen=True, slots=True)
class Document:
    """A finished PDF and the SHA-256 of its bytes, in hex."""

    pdf: bytes = field(repr=False)
    sha256: str


def render_pdf(report: Report) -> Document:
    """Return the report as a PDF; raises DocumentError."""
    pdf = _compiled(json.dumps(_plain(report)), report.on)
    return Document(pdf, hashlib.sha256(pdf).hexdigest())


def _compiled(told: str, on: date) -> bytes:
    midnight = int(datetime.combine(on, time(), UTC).timestamp())
    try:
        made = _compiler(told).compile(format="pdf", pdf_standards=["a-2a", "ua-1"], timestamp=midnight)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException:
        # The compiler's own messages quote the text, and its panics are no Exception.
        raise DocumentError from None
    if not isinstance(made, bytes):
        raise DocumentError
    return made


def _compiler(told: str) -> typst.Compiler:
    """Return a compiler for one document: one that is kept would keep what it was told."""
    return typst.Compiler(
        _template(),
        root=ROOT,
        package_path=ROOT,
        package_cache_path=ROOT,
        font_paths=_fonts(),
        ignore_system_fonts=True,
        sys_inputs={"report": told},
    )


def _plain(report: Report) -> dict[str, object]:
    return {
        "on": report.on.isoformat(),
        "languages": report.languages,
        "title": _written(report.title),
        "registered": _written(report.registered),
        "confidential": _written(report.confidential),
        "blocks": [_block(block) for block in report.blocks],
    }


def _block(block: Block) -> dict[str, object]:
    return {"kind": type(block).__name__, **{name: _written(value) for name, value in asdict(block).items()}}


def _written(value: object) -> object:
    if isinstance(value, str):
        return writable(value)
    if isinstance(value, dict):
        return {name: _written(inner) for name, inner in value.items()}
    return [_written(inner) for inner in value] if isinstance(value, (list, tuple)) else value


@cache
def _fonts() -> typst.Fonts:
    """Return the fonts that the compiler carries: the same on every machine."""
    return typst.Fonts(include_system_fonts=False)


@cache
def _template() -> bytes:
    return files("api.reports").joinpath("templates", "report.typ").read_bytes()
