"""Documents: whole, readable aloud, the same bytes each time, made of memory alone."""

import hashlib
import io
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader
from pypdf.generic import DictionaryObject

from api.catalogue.compartments import Language
from api.reports import document
from api.reports.blocks import Heading, Paragraph, Row, Rows, Table
from api.reports.document import DocumentError, render_pdf
from api.reports.profiles import load
from api.reports.report import Report, compose
from api.reports.writable import WRITABLE, writable
from tests.reports.example import DIGEST, EVERYTHING, GROUP, PLANTED

ON = date(2026, 11, 23)
ROOT = Path(__file__).parents[2]
MARKUP = '#import "@preview/cetz:0.1.0": a $x^2$ *b* `c` <d> @e // f /* #sys.inputs #read("/etc/passwd")'


def report_of(name: str, languages: tuple[Language, ...]) -> Report:
    return compose(load(name), EVERYTHING, GROUP, "2026-0007", ON, languages)


def saying(*texts: str) -> Report:
    blocks = tuple(Paragraph((text,)) for text in texts)
    return Report("7", "wgeid", ON, ("en",), ("Title",), ("Register no. 7",), ("In confidence",), (), blocks)


def text_of(pdf: bytes) -> str:
    """Return the text without line breaks and the spaces beside them."""
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).split())


@pytest.fixture(scope="module")
def submission() -> bytes:
    return render_pdf(report_of("wgeid", ("en",))).pdf


@pytest.fixture(scope="module")
def dossier() -> bytes:
    return render_pdf(report_of("dossier", ("en", "ru"))).pdf


def test_entries_that_name_each_other_are_said_by_what_they_are_called_and_never_by_an_id() -> None:
    facts = {
        "act": [{"id": "k" * 26, "type": "X03-0301-03", "event": "l" * 26}],
        "event": [{"id": "l" * 26, "title": "Taken to the front", "region": "RU-ARK", "linked": ["m" * 26]}],
        "involvement": [{"id": "n" * 26, "act": "k" * 26, "body": "body/defence-ministry"}],
        "information": [
            {"id": "o" * 26, "directness": "saw", "supports": ["k" * 26], "language": "ce"},
            {"id": "p" * 26, "directness": "document", "supports": ["k" * 26, "q" * 26]},
        ],
    }
    evidence = {
        "document": [{"id": "e" * 26, "title": "An order"}],
        "handling": [{"id": "v" * 26, "document": "e" * 26, "action": "handling/copied", "on": "2026-11-20"}],
    }
    sections = {**EVERYTHING, "facts": facts, "evidence": evidence}
    text = text_of(render_pdf(compose(load("dossier"), sections, GROUP, "7", ON, ("en", "ru"))).pdf)
    for words in ("Taken to the front", "Saw or lived it", "A document", "Copied", "An order", "Arkhangelsk"):
        assert words in text
    assert text.count("Deployment to combat without training") >= 4
    assert "Chechen" not in text
    assert not [letter for letter in "klmnopqve" if letter * 26 in text]


def test_the_submission_holds_all_six_elements_and_the_name_in_cyrillic(submission: bytes) -> None:
    text = text_of(submission)
    for words in (
        "Artyom Bunyatov",
        "Бунятов Артём",
        "17 May 2023",
        "IK-29, Arkhangelsk region",
        "Ministry of Defence of the Russian Federation",
        "Demand for an investigation",
        "Main Military Prosecutor’s Office",
        "Lastheard Legal Aid",
    ):
        assert words in text
    assert "Register no. 2026-0007, 23 November 2026" in text
    assert "In confidence." in text


def test_every_page_says_which_of_how_many_it_is(dossier: bytes) -> None:
    pages = PdfReader(io.BytesIO(dossier)).pages
    assert all(f"{place} / {len(pages)}" in page.extract_text() for place, page in enumerate(pages, 1))


def test_the_dossier_stands_in_both_languages_with_the_whole_hash(dossier: bytes) -> None:
    text = text_of(dossier)
    for words in ("Recruitment into regular forces", "Вербовка в регулярные войска", "Со слов пострадавшего"):
        assert words in text
    assert DIGEST in text.replace(" ", "")


def test_a_ukrainian_dossier_holds_its_letters() -> None:
    assert "Зі слів потерпілого" in text_of(render_pdf(report_of("dossier", ("en", "uk"))).pdf)


def test_who_told_it_is_in_no_document(submission: bytes, dossier: bytes) -> None:
    for pdf in (submission, dossier):
        assert [word for word in PLANTED if word in text_of(pdf)] == []


def test_a_document_is_tagged_and_claims_both_standards(dossier: bytes) -> None:
    reader = PdfReader(io.BytesIO(dossier))
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in root
    assert root["/Lang"] == "en"
    metadata = root["/Metadata"].get_data().decode()
    for claim in ("pdfuaid:part>1<", "pdfaid:part>2<", "pdfaid:conformance>A<"):
        assert claim in metadata
    assert reader.metadata.title == "Case dossier"


def test_every_font_is_embedded(dossier: bytes) -> None:
    fonts = list(fonts_of(dossier))
    assert fonts
    assert all({"/FontFile", "/FontFile2", "/FontFile3"} & font.keys() for font in fonts)


def fonts_of(pdf: bytes) -> Iterator[DictionaryObject]:
    for page in PdfReader(io.BytesIO(pdf)).pages:
        for font in page["/Resources"]["/Font"].values():
            for inner in font.get_object().get("/DescendantFonts", [font]):
                yield inner.get_object()["/FontDescriptor"].get_object()


def test_the_same_report_gives_the_same_bytes_and_another_day_others() -> None:
    report = report_of("wgeid", ("en",))
    first, second = render_pdf(report), render_pdf(report)
    assert first == second
    assert first.sha256 == hashlib.sha256(first.pdf).hexdigest()
    assert render_pdf(replace(report, on=date(2026, 11, 24))).sha256 != first.sha256


def test_what_a_person_typed_stays_what_they_typed() -> None:
    text = text_of(render_pdf(saying(MARKUP, "a\nb")).pdf)
    assert MARKUP.replace(" ", "") in text.replace(" ", "")


def test_the_template_asks_for_no_file_and_no_package() -> None:
    template = (Path(document.ROOT) / "report.typ").read_text("utf-8")
    assert [word for word in ("#import", "#include", "read(", "image(", "@preview") if word in template] == []


@pytest.mark.parametrize("asked", ['#read("/etc/passwd")', '#read("../document.py")', '#include "../report.py"'])
def test_a_template_that_asked_for_more_would_get_nothing(monkeypatch: pytest.MonkeyPatch, asked: str) -> None:
    monkeypatch.setattr(document, "_template", lambda: asked.encode())
    with pytest.raises(DocumentError):
        render_pdf(saying("x"))


# The process may open nothing more, neither file nor socket, and may write nothing: what it still makes, it makes
# of memory. A first document loads the fonts.
CLOSED = """
import os, resource, sys
from tests.reports.test_document import report_of, saying
from api.reports.document import render_pdf
report = report_of("wgeid", ("en",))
render_pdf(saying("warm"))
lowest = os.open(os.devnull, os.O_RDONLY)
os.close(lowest)
resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
resource.setrlimit(resource.RLIMIT_NOFILE, (lowest, lowest))
try:
    open("planted")
    sys.exit("a file was opened")
except OSError:
    print(render_pdf(report).sha256)
"""


def test_a_document_is_made_with_no_file_or_socket_opened_and_none_written(tmp_path: Path) -> None:
    (tmp_path / "planted").write_text("x")
    places = {name: str(tmp_path) for name in ("HOME", "TMPDIR", "XDG_CACHE_HOME", "XDG_DATA_HOME")}
    made = subprocess.run(
        [sys.executable, "-c", CLOSED],
        cwd=tmp_path,
        env={**places, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.stdout.strip() == render_pdf(report_of("wgeid", ("en",))).sha256, made.stderr
    assert [left.name for left in tmp_path.iterdir() if left.name != "planted"] == []


def test_an_error_says_nothing_of_the_text(monkeypatch: pytest.MonkeyPatch) -> None:
    """The planted fault: without the table of letters the compiler quotes the text in its own message."""
    monkeypatch.setattr(document, "writable", lambda text: text)
    with pytest.raises(DocumentError) as caught:
        render_pdf(saying("подснежник 中"))
    assert str(caught.value) == "the document could not be made"
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_a_letter_that_cannot_be_drawn_becomes_its_number() -> None:
    assert writable("Ли 中\ud800\u202e") == "Ли [U+4E2D][U+D800][U+202E]"
    assert "[U+4E2D]" in text_of(render_pdf(saying("Ли 中")).pdf)


@pytest.mark.parametrize("letters", ["ҐґЄєІіЇї’", "ӘәҒғҚқҢңӨөҰұҮүҺһ", "Ӏӏ", "ЁёЪъ №«»—", "ქართული", "Հայերեն", "ăș"])
def test_names_in_the_alphabets_of_the_region_are_drawn_as_they_are(letters: str) -> None:
    assert writable(letters) == letters
    assert letters in text_of(render_pdf(saying(letters)).pdf)


@pytest.mark.parametrize("first", [first for first, _ in WRITABLE])
def test_every_letter_of_the_table_can_be_drawn_upright_slanted_and_bold(first: int) -> None:
    text = " ".join(map(chr, range(first, dict(WRITABLE)[first] + 1)))
    assert render_pdf(everywhere(text)).pdf.startswith(b"%PDF-")


@settings(max_examples=40, deadline=None)
@given(st.text(st.characters(exclude_categories=()), max_size=200))
def test_any_text_can_be_printed_in_any_place(text: str) -> None:
    assert render_pdf(everywhere(text)).pdf.startswith(b"%PDF-")


def everywhere(text: str) -> Report:
    blocks = (
        Heading((text,)),
        Heading((text,), level=2),
        Paragraph((text,), quiet=True),
        Rows((Row((text,), (text,)),)),
        Table(((text,), (text,)), (((text,), (text,)),)),
    )
    return replace(saying(text), blocks=blocks, title=(text,), registered=(text,))


def test_a_very_long_word_and_a_very_long_story_are_printed() -> None:
    long = replace(
        saying("x" * 60_000), blocks=(Rows((Row(("Text",), ("слово " * 10_000,)),)), Paragraph(("x" * 9_000,)))
    )
    assert len(PdfReader(io.BytesIO(render_pdf(long).pdf)).pages) > 10


def test_a_case_of_which_nothing_was_opened_still_gives_a_document() -> None:
    for name in ("wgeid", "dossier"):
        profile = load(name)
        report = compose(profile, {}, GROUP, "1", ON, profile.languages[0])
        assert "Not opened for this document." in text_of(render_pdf(report).pdf)
