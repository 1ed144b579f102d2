"""Cases: the list, the case page with its doors, its files.

Promises that identity and source open only with a reason, and that a file is sealed before it touches the disk. Must
never show a part that the door did not open.
"""

from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import quote

from anyio.to_thread import run_sync
from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response, StreamingResponse

from api.access.caller import Caller
from api.access.doors import CaseAccess, enter_case
from api.catalogue.compartments import Compartment, Language
from api.catalogue.terms import label
from api.columns.facets import NAMES
from api.errors import Invalid, ReasonMissing, Refused, Stale
from api.guards import Enters, Requires, store_of
from api.pages.forms import Form, read_form, read_patiently
from api.pages.staff.fields import sentences
from api.pages.staff.frame import language_of, number, show
from api.pages.staff.narrowing import choices, following
from api.pages.staff.view import case_page
from api.policy.actions import NEEDS_REASON, Action, decide
from api.sealed.store import Store
from api.services import candidates, desks, files, listing
from api.services.lines import CaseLine
from api.services.listing import CasePage

router = APIRouter(prefix="/cases", default_response_class=HTMLResponse, include_in_schema=False)
C = Compartment
NONE = CasePage((), "")


@router.get("")
def list_(
    request: Request,
    caller: Annotated[Caller, Requires(Action.CASE_LIST)],
    after: Annotated[str, Query(max_length=26)] = "",
) -> Response:
    """List the cases that the member may see, the newest first, narrowed by what was chosen."""
    store, language = store_of(request), language_of(caller)
    asked = {name: value[:80] for name, value in request.query_params.items() if name in NAMES and value}
    context: dict[str, Any] = {"choices": choices(caller, language, asked), "asked": asked, "first": not after}
    try:
        page = listing.list_cases(store, caller, after, asked=asked)
    except Invalid as refused:
        problems = sentences(refused.problems, language)
        return show(caller, "cases.html", "Cases", "/cases", 422, **context, page=NONE, lines=(), problems=problems)
    named = {one.id: one.name for one in desks.desks(store, caller)}
    lines = [(one, named.get(one.desk_id, ""), _status(one, language)) for one in page.lines]
    shown = {"page": page, "lines": lines, "following": following(asked, page.next)}
    return show(caller, "cases.html", "Cases", "/cases", 200, **context, **shown)


@router.get("/{case_id}")
def read(
    access: Annotated[CaseAccess, Enters(Action.CASE_READ)], named: Annotated[str, Query(max_length=3)] = ""
) -> Response:
    """Show what the member holds of a case; after a name was saved, how many others may be of the same person."""
    looks = named and decide(access.caller.role, Action.CASE_JOIN, access.standing)
    return case_page(access, alike=len(candidates.of_case(access).lines) if looks else 0)


@router.post("/{case_id}/open")
async def open_(
    request: Request, case_id: str, caller: Annotated[Caller, Requires(Action.CASE_OPEN_COMPARTMENT)]
) -> Response:
    """Open identity or source with a reason; the reason is in the log before the page."""
    form = await read_form(request)
    return await run_sync(_opened, store_of(request), caller, case_id, form)


@router.post("/{case_id}/files")
async def add_file(request: Request, access: Annotated[CaseAccess, Enters(Action.FILE_ADD)]) -> Response:
    """Add a file; it is sealed before it touches the disk."""
    form = await read_patiently(request)
    problems = await run_sync(_add_file, access, form)
    if problems:
        status = 409 if problems == STALE else 422
        return await run_sync(case_page, access, problems, form.values(), status)
    return RedirectResponse(f"/cases/{access.case_id}", 303)


@router.get("/{case_id}/files/{file_id}")
def download(access: Annotated[CaseAccess, Enters(Action.FILE_READ)], file_id: str) -> Response:
    """Give a file out, always as a download; logged first."""
    entry, pieces = files.read_file(access, file_id)
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(str(entry['title']), safe='')}"}
    return StreamingResponse(pieces, headers=headers, media_type="application/octet-stream")


STALE: Mapping[str, str] = {"file": "stale-file"}


def _opened(store: Store, caller: Caller, case_id: str, form: Form) -> HTMLResponse:
    wanted = {one for one in C if one not in NEEDS_REASON or one.value in form.all("compartment")}
    why = (Action.CASE_OPEN_COMPARTMENT, wanted, form.get("reason"), form.get("words"))
    try:
        return case_page(enter_case(store, caller, case_id, *why))
    except ReasonMissing:
        problems = {"reason": "reason-missing"}
    except Invalid as refused:
        problems = sentences(refused.problems, language_of(caller))
    return case_page(enter_case(store, caller, case_id, Action.CASE_READ), problems, form.values())


def _add_file(access: CaseAccess, form: Form) -> Mapping[str, str]:
    """Name the first file in the case, or remove what was uploaded and return what is wrong."""
    problems = _left_out(form)
    try:
        if problems:
            raise Invalid(problems)
        version = number(form.get("version"), access.version)
        title, media = form.titles[0]
        files.add_file(access, form.files[0], title[:200], media, form.get("received_from"), version)
    except Refused as refused:
        files.discard(access.store, form.files)
        if isinstance(refused, Stale):
            return STALE
        if not isinstance(refused, Invalid):
            raise
        found = {"file" if name == "text" else name: code for name, code in refused.problems.items()}
        return sentences(found, language_of(access.caller))
    files.discard(access.store, form.files[1:])
    return {}


def _left_out(form: Form) -> dict[str, str]:
    """Say why there is no file to add: too large, one too many, or none was chosen."""
    code = next(iter(form.problems.values()), "" if form.files else "required")
    return {"file": code} if code else {}


def _status(line: CaseLine, language: Language) -> str:
    try:
        return label(line.status, language) if line.status else ""
    except KeyError:
        return line.status
