"""From a report to a finished document, in memory alone.

Promises a tagged PDF (PDF/A-2a and PDF/UA-1) with every font embedded, the same bytes for the same report, and
that what a person typed stays what they typed: it travels as JSON and is never read as markup. Must never
write any of it to a disk, read a file beside the template, fetch a package, or put it into an error.
"""

import hashlib
import json
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, time
from functools import cache
from importlib.resources import files

import typst

from api.reports.blocks import Block
from api.reports.report import Report
from api.reports.writable import writable

STANDARDS: tuple[typst.PDFStandard, ...] = ("a-2a", "ua-1")
# Nothing lies under this root: a template that asked for a file would not get one.
NO_FILES = "/var/empty"


class DocumentFailed(Exception):
    """The document could not be made; says nothing of what it held."""

    def __init__(self) -> None:
        super().__init__("the document could not be made")


@dataclass(frozen=True, slots=True)
class Document:
    """A finished PDF and the SHA-256 of its bytes, in hex."""

    pdf: bytes = field(repr=False)
    sha256: str


def render_pdf(report: Report) -> Document:
    """Return the report as a PDF; raises DocumentFailed."""
    pdf = _compiled(_template("report.typ"), json.dumps(_plain(report)), report)
    return Document(pdf, hashlib.sha256(pdf).hexdigest())


def _compiled(template: bytes, told: str, report: Report) -> bytes:
    try:
        return typst.compile(
            template,
            root=NO_FILES,
            package_path=NO_FILES,
            package_cache_path=NO_FILES,
            font_paths=_fonts(),
            ignore_system_fonts=True,
            format="pdf",
            sys_inputs={"report": told},
            pdf_standards=list(STANDARDS),
            timestamp=int(datetime.combine(report.on, time(), UTC).timestamp()),
        )
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException:
        # The compiler's own messages quote the text, and its panics are no Exception.
        raise DocumentFailed from None


def _plain(report: Report) -> dict[str, object]:
    return {
        "number": writable(report.number),
        "on": report.on.isoformat(),
        "languages": report.languages,
        "title": [writable(text) for text in report.title],
        "confidential": [writable(text) for text in report.confidential],
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
def _template(name: str) -> bytes:
    return files("api.reports").joinpath("templates", name).read_bytes()
