"""Cases: the list, the case page with its doors, adding to a case, its files.

Promises that identity and source open only with a reason, and that a refused form keeps what was typed. Must never show
a part that the door did not open.
"""

from collections.abc import Mapping
from typing import Annotated
from urllib.parse import quote

from anyio.to_thread import run_sync
from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response, StreamingResponse

from api.access.caller import Caller
from api.access.doors import CaseAccess, enter_case
from api.catalogue.check import FieldProblems, check
from api.catalogue.compartments import Compartment
from api.catalogue.fields import ENTITY_LABELS, FORM_ENTITIES, form_fields
from api.catalogue.text import clean_text
from api.clock import today
from api.errors import Invalid, NotFound, ReasonMissing, Stale
from api.guards import Enters, Requires, store_of
from api.pages.forms import Form, read_form
from api.pages.staff.fields import asked, raw_values, sentences
from api.pages.staff.frame import language_of, show
from api.pages.staff.view import case_context
from api.policy.actions import NEEDS_REASON, REASONS, Action
from api.services import cases, erasing, files, listing

router = APIRouter(prefix="/cases", default_response_class=HTMLResponse, include_in_schema=False)
C = Compartment


@router.get("")
def list_(
    request: Request,
    caller: Annotated[Caller, Requires(Action.CASE_LIST)],
    after: Annotated[str, Query(max_length=26)] = "",
) -> Response:
    """List the cases that the member may see."""
    return show(caller, "cases.html", "Cases", "/cases", page=listing.list_cases(store_of(request), caller, after))


@router.get("/{case_id}")
def read(access: Annotated[CaseAccess, Enters(Action.CASE_READ)]) -> Response:
    """Show what the member holds of a case."""
    return show(access.caller, "case.html", *_titled(access), **case_context(access, language_of(access.caller)))


@router.post("/{case_id}/open")
async def open_(
    request: Request, case_id: str, caller: Annotated[Caller, Requires(Action.CASE_OPEN_COMPARTMENT)]
) -> Response:
    """Open identity or source with a reason; the reason is in the log before the page."""
    form = await read_form(request)
    wanted = {one for one in C if one not in NEEDS_REASON or one.value in form.all("compartment")}
    reason = (Action.CASE_OPEN_COMPARTMENT, wanted, form.get("reason"), form.get("words"))
    access = await run_sync(enter_case, store_of(request), caller, case_id, *reason)
    return await run_sync(read, access)


@router.get("/{case_id}/add/{entity}")
def ask(access: Annotated[CaseAccess, Enters(Action.CASE_WRITE)], entity: str) -> Response:
    """Show the form for an entry."""
    return _form(access.caller, access.case_id, entity, access.version, None, {})


@router.post("/{case_id}/entries/{entity}")
async def save(
    request: Request, case_id: str, entity: str, caller: Annotated[Caller, Requires(Action.CASE_WRITE)]
) -> Response:
    """Save an entry over the version that was shown, or show the form again."""
    form = await read_form(request)
    version = int(form.get("version")) if form.get("version").isdigit() else 0
    try:
        await run_sync(_save, request, caller, case_id, entity, form, version)
    except FieldProblems as refused:
        wrong = sentences(refused.problems, language_of(caller))
        return _form(caller, case_id, entity, version, form, wrong)
    except ReasonMissing:
        return _form(caller, case_id, entity, version, form, {"reason": "Please choose a reason."})
    except Stale:
        return _form(caller, case_id, entity, version, form, {"form": "stale"}, 409)
    return RedirectResponse(f"/cases/{case_id}", 303)


@router.post("/{case_id}/entries/{entity}/{entry_id}/remove")
async def remove(
    request: Request, access: Annotated[CaseAccess, Enters(Action.CASE_WRITE)], entity: str, entry_id: str
) -> Response:
    """Erase one entry, from old copies too."""
    form = await read_form(request)
    version = int(form.get("version")) if form.get("version").isdigit() else 0
    await run_sync(erasing.remove_entry, access, entity, entry_id, version)
    return RedirectResponse(f"/cases/{access.case_id}", 303)


@router.post("/{case_id}/files")
async def add_file(request: Request, access: Annotated[CaseAccess, Enters(Action.FILE_ADD)]) -> Response:
    """Add a file; it is sealed before it touches the disk."""
    form = await read_form(request)
    if not form.files:
        raise Invalid({"file": "required"})
    title, media = (clean_text(part, 200) for part in form.titles[0])
    given = clean_text(form.get("received_from"), 200)
    await run_sync(files.add_file, access, form.files[0], title, media, given, access.version)
    return RedirectResponse(f"/cases/{access.case_id}", 303)


@router.get("/{case_id}/files/{file_id}")
def download(access: Annotated[CaseAccess, Enters(Action.FILE_READ)], file_id: str) -> Response:
    """Give a file out, always as a download; logged first."""
    entry, pieces = files.read_file(access, file_id)
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(str(entry['title']))}"}
    return StreamingResponse(pieces, headers=headers, media_type="application/octet-stream")


def _save(request: Request, caller: Caller, case_id: str, entity: str, form: Form, version: int) -> None:
    if entity not in FORM_ENTITIES:
        raise NotFound
    checked = check(entity, raw_values(form, entity), language_of(caller), today())
    wanted = {C.NARRATIVE, *checked.by_compartment}
    why = (form.get("reason"), form.get("words"))
    access = enter_case(store_of(request), caller, case_id, Action.CASE_WRITE, wanted, *why)
    cases.save_entry(access, entity, form.get("entry") or None, checked, version)


def _form(
    caller: Caller,
    case_id: str,
    entity: str,
    version: int,
    form: Form | None,
    problems: Mapping[str, str],
    status: int = 422,
) -> HTMLResponse:
    if entity not in FORM_ENTITIES:
        raise NotFound
    language = language_of(caller)
    needs = any(one.compartment in NEEDS_REASON for one in form_fields(entity))
    context: dict[str, object] = {
        "entity": entity,
        "label": ENTITY_LABELS[entity][language],
        "asked": asked(entity, language),
    }
    context |= {"case_id": case_id, "version": version, "needs_reason": needs, "reasons": REASONS}
    context |= {"values": form.values() if form else {}, "problems": problems}
    return show(caller, "entry.html", "Case", "/cases", status if problems else 200, **context)


def _titled(access: CaseAccess) -> tuple[str, str]:
    return cases.read_case(access).code, "/cases"
