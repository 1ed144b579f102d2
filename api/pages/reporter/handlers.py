"""The handlers of the family's pages.

Promises that unknown and malformed receipts get the same answer. Must never set a cookie or put a word into an address.
"""

import contextlib
from collections.abc import Mapping, Sequence
from typing import Any

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.catalogue.purposes import Decision, Purpose
from api.crypto.people import random_bytes
from api.errors import Busy, NotFound, Unavailable
from api.guards import Public, store_of
from api.pages.forms import Form, read_patiently
from api.pages.languages import LANGUAGES, Language, page_language, render
from api.pages.reporter.mailbox import copy, page, shut
from api.pages.reporter.reading import clean_titles, read_consents, read_message, read_report
from api.sealed.store import Store
from api.services import founding, receiving
from api.services.files import discard
from api.services.receiving import MailboxView
from api.words.receipt import new_receipt, read_receipt, write_receipt

router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)
FAMILY = [Public("a family reports without an account")]


@router.get("/", dependencies=FAMILY)
def choose(request: Request) -> Response:
    """Lead to the welcome page in the browser's language."""
    return RedirectResponse(f"/{page_language('/', request.headers.get('accept-language', ''))}/", 303)


@router.get("/away", dependencies=FAMILY)
def away(request: Request) -> str:
    """Show a page that anybody might have open."""
    return render("reporter/gone.html", page_language("/", request.headers.get("accept-language", "")))


@router.get("/{language}/", dependencies=FAMILY)
def welcome(language: str) -> str:
    """Say who reads, what is kept, what risk there is, what we cannot do."""
    return render("reporter/welcome.html", _language(language), here="")


@router.get("/{language}/report", dependencies=FAMILY)
def report(request: Request, language: str) -> Response:
    """Show the form with fresh words as its last step."""
    said = _language(language)
    if not founding.is_open(store_of(request)):
        return _not_yet(said)
    return HTMLResponse(_form(said, new_receipt(said, random_bytes(16)), {}, {}))


@router.post("/{language}/report", dependencies=FAMILY)
async def send(request: Request, language: str) -> Response:
    """Take the report, or show the form again with everything typed and what is wrong."""
    said = _language(language)
    with contextlib.suppress(Unavailable):
        if not await run_sync(founding.is_open, store_of(request)):
            return _not_yet(said)
    form = await read_patiently(request, lambda texts: read_receipt(_first(texts)) is not None)
    reading, material = read_report(form), read_receipt(form.get("receipt"))
    problems = {**reading.problems, **form.problems, **({} if material else {"receipt": "malformed"})}
    if problems or material is None:
        # What a form lacks is its sender's to mend; that no file can be taken at this moment is ours.
        status = 503 if material and set(problems.values()) == {"unavailable"} else 422
        return await run_sync(_again, request, said, form, material, problems, status)
    note = {"language": said, "about": reading.about, "consents": reading.consents, "titles": clean_titles(form)}
    try:
        await run_sync(receiving.send_report, store_of(request), material, note, form.files)
    except (Busy, Unavailable):
        return await run_sync(_again, request, said, form, material, {"form": "unavailable"}, 503)
    return RedirectResponse(f"/{said}/sent", 303)


def _again(
    request: Request, language: Language, form: Form, material: bytes | None, problems: Mapping[str, str], status: int
) -> Response:
    """Show the form with everything typed: who wrote for an hour must not lose it to a full disk."""
    with contextlib.suppress(Unavailable):
        discard(store_of(request), form.files)
    words = write_receipt(material) if material else new_receipt(language, random_bytes(16))
    return HTMLResponse(_form(language, words, form.values(), problems), status)


@router.get("/{language}/sent", dependencies=FAMILY)
def sent(language: str) -> str:
    """Thank, and say what comes next."""
    return render("reporter/sent.html", _language(language))


@router.get("/{language}/return", dependencies=FAMILY)
def come_back(language: str) -> str:
    """Ask for the words."""
    return render("reporter/return.html", _language(language), here="return", values={}, problems={})


@router.post("/{language}/mailbox", dependencies=FAMILY)
async def mailbox(request: Request, language: str) -> Response:
    """Open a mailbox and do what its form asks; a wrong receipt gets one answer, whatever is wrong with it."""
    said, store = _language(language), store_of(request)
    form = await read_patiently(request, lambda texts: _opens(store, texts))
    material = read_receipt(form.get("receipt"))
    view = await run_sync(receiving.open_mailbox, store_of(request), material)
    if view is None or form.get("action") != "add":
        await run_sync(discard, store_of(request), form.files)
    if view is None or material is None:
        return HTMLResponse(shut(said, form.get("receipt")), 404)
    if form.get("action") == "copy":
        return copy(view, said)
    problems, notice = await run_sync(_act, request, material, form, view, said)
    view = await run_sync(receiving.open_mailbox, store_of(request), material) or view
    return HTMLResponse(page(said, material, form, view, problems, notice), 422 if problems else 200)


def _opens(store: Store, texts: Mapping[str, Sequence[str]]) -> bool:
    return receiving.open_mailbox(store, read_receipt(_first(texts))) is not None


def _first(texts: Mapping[str, Sequence[str]]) -> str:
    return next(iter(texts.get("receipt", ())), "")


def _act(
    request: Request, material: bytes, form: Form, view: MailboxView, language: Language
) -> tuple[dict[str, str], str]:
    """Do what a mailbox form asks; return the problems and what to say was done."""
    match form.get("action"):
        case "add":
            return _add(request, material, form, view, language)
        case "consent":
            return _decide(request, material, form, view)
        case "erase" if form.get("sure") == "yes":
            receiving.ask_erasure(store_of(request), material)
            return {}, "erasure"
        case "erase":
            return {"sure": "missing"}, ""
        case _:
            return {}, ""


def _add(
    request: Request, material: bytes, form: Form, view: MailboxView, language: Language
) -> tuple[dict[str, str], str]:
    problems = dict(form.problems)
    text = read_message(form, problems)
    if not text and not form.files:
        problems.setdefault("message", "missing")
    if problems:
        discard(store_of(request), form.files)
        return problems, ""
    question = view.unanswered
    note = {"text": text, "question": question, "language": language, "titles": clean_titles(form)}
    kind = receiving.ANSWER if question else receiving.ADDITION
    try:
        receiving.write_letter(store_of(request), material, kind, note, form.files)
    except (Busy, Unavailable):
        discard(store_of(request), form.files)
        return {"message": "unavailable"}, ""
    return {}, "added"


def _decide(request: Request, material: bytes, form: Form, view: MailboxView) -> tuple[dict[str, str], str]:
    problems: dict[str, str] = {}
    wanted = read_consents(form, problems)
    if problems:
        return problems, ""
    for name, value in wanted.items():
        if view.consents[Purpose(name)] != value:
            receiving.decide_consent(store_of(request), material, Purpose(name), Decision(value))
    return {}, "consent"


def _form(language: Language, words: tuple[str, ...], values: Mapping[str, Any], problems: Mapping[str, str]) -> str:
    return render("reporter/report.html", language, here="report", receipt=words, values=values, problems=problems)


def _language(language: str) -> Language:
    found = next((one for one in LANGUAGES if one == language), None)
    if found is None:
        raise NotFound
    return found


def _not_yet(language: Language) -> HTMLResponse:
    """Nobody's key to seal to, no report: better a plain "later" than words that lie open."""
    return HTMLResponse(render("reporter/not_yet.html", language), 503)
