"""Imports: a table is taken in sealed, its columns are named, what is wrong is shown row by row, a person says yes.

Promises a page that grows while the work goes on, without a script, and that what was typed comes back. Must never show
a cell of the table but its titles.
"""

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Annotated

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response, StreamingResponse

from api.access.caller import Caller
from api.errors import Invalid, Refused
from api.guards import Requires, store_of
from api.importing.drafts import draft
from api.importing.findings import ImportView, Progress
from api.pages.forms import Form, read_form, read_patiently
from api.pages.staff.fields import sentences
from api.pages.staff.frame import flow, language_of, number, show
from api.policy.actions import Action
from api.sealed.store import Store
from api.services import desks, files, importing

router = APIRouter(prefix="/imports", default_response_class=HTMLResponse, include_in_schema=False)
TITLE, HERE = "Import", "/imports"


@router.get("")
def list_(request: Request, caller: Annotated[Caller, Requires(Action.CASE_IMPORT)]) -> Response:
    """List what waits, and take a table."""
    return _list(store_of(request), caller)


@router.post("")
async def begin(request: Request, caller: Annotated[Caller, Requires(Action.CASE_IMPORT)]) -> Response:
    """Take a table; it is sealed before it touches the disk."""
    form = await read_patiently(request)
    return await run_sync(_begun, store_of(request), caller, form)


@router.get("/{import_id}")
def read(request: Request, import_id: str, caller: Annotated[Caller, Requires(Action.CASE_IMPORT)]) -> Response:
    """Show an import: the mapping, or a draft of one, and how far the work is."""
    return _page(store_of(request), caller, import_id)


@router.post("/{import_id}/preview")
async def preview(
    request: Request, import_id: str, caller: Annotated[Caller, Requires(Action.CASE_IMPORT)]
) -> Response:
    """Take the mapping and show what would be done."""
    form = await read_form(request)
    return await run_sync(_previewed, store_of(request), caller, import_id, form)


@router.post("/{import_id}/confirm")
async def confirm(
    request: Request, import_id: str, caller: Annotated[Caller, Requires(Action.CASE_IMPORT)]
) -> Response:
    """Import what fits, and the rows that were chosen although they look like doubles."""
    form = await read_form(request)
    also = [number(one) for one in form.all("also")]
    await run_sync(importing.confirm, store_of(request), caller, import_id, also)
    return _working(store_of(request), caller, import_id)


@router.post("/{import_id}/continue")
def carry_on(request: Request, import_id: str, caller: Annotated[Caller, Requires(Action.CASE_IMPORT)]) -> Response:
    """Go on where the work stopped."""
    return _working(store_of(request), caller, import_id)


@router.post("/{import_id}/end")
def give_up(request: Request, import_id: str, caller: Annotated[Caller, Requires(Action.CASE_IMPORT)]) -> Response:
    """Destroy an import that is not done."""
    importing.give_up(store_of(request), caller, import_id)
    return RedirectResponse(HERE, 303)


def _list(store: Store, caller: Caller, problems: Mapping[str, str] | None = None) -> HTMLResponse:
    mine = [one for one in desks.desks(store, caller) if one.mine]
    named = {one.id: one.name for one in mine}
    lines = [(one, named.get(one.desk, "")) for one in importing.waiting(store, caller)]
    context = {"lines": lines, "desks": mine, "problems": problems or {}}
    return show(caller, "imports.html", TITLE, HERE, 422 if problems else 200, **context)


def _begun(store: Store, caller: Caller, form: Form) -> Response:
    code = next(iter(form.problems.values()), "" if form.files else "required")
    try:
        if code:
            raise Invalid({"files": "table-too-large" if code == "too-large" else code})
        begun = importing.begin(store, caller, form.get("desk"), form.files[0])
    except Refused as refused:
        files.discard(store, form.files)
        if isinstance(refused, Invalid):
            return _list(store, caller, _sentences(refused, caller))
        raise
    files.discard(store, form.files[1:])
    return RedirectResponse(f"{HERE}/{begun}", 303)


def _page(
    store: Store, caller: Caller, import_id: str, typed: str = "", problems: Mapping[str, str] | None = None
) -> HTMLResponse:
    view, found = _view(store, caller, import_id)
    problems = sentences({**found, **(problems or {})}, language_of(caller))
    mapping = typed or view.mapping or draft(view.titles, language_of(caller))
    context = {"one": view, "mapping": mapping, "problems": problems}
    return show(caller, "import.html", TITLE, HERE, 422 if problems else 200, **context)


def _view(store: Store, caller: Caller, import_id: str) -> tuple[ImportView, Mapping[str, str]]:
    """Return the import; of a table that cannot be read, with what is wrong in place of its titles."""
    try:
        return importing.look(store, caller, import_id), {}
    except Invalid as refused:
        return importing.look_only(store, caller, import_id), refused.problems


def _previewed(store: Store, caller: Caller, import_id: str, form: Form) -> Response:
    typed = form.get("mapping").replace("\r\n", "\n")
    try:
        importing.give_mapping(store, caller, import_id, typed)
        return _flowing(caller, import_id, importing.preview(store, caller, import_id), "preview")
    except Invalid as refused:
        return _page(store, caller, import_id, typed, refused.problems)


def _working(store: Store, caller: Caller, import_id: str) -> Response:
    return _flowing(caller, import_id, importing.carry_on(store, caller, import_id), "cases")


def _flowing(caller: Caller, import_id: str, steps: Iterator[Progress], what: str) -> Response:
    """Return a page that is sent while it grows; what is refused before its first step is answered as ever."""
    said = (_said(one, caller) for one in chain([next(steps)], steps))
    page = flow(caller, "import_work.html", TITLE, HERE, steps=_to_the_end(said, caller), what=what, id=import_id)
    return StreamingResponse(page, media_type="text/html")


Step = dict[str, object]


def _said(one: Progress, caller: Caller) -> Step:
    codes = {found.code: found.code for found in one.findings}
    return {"now": one, "sentences": sentences(codes, language_of(caller)), "refused": ""}


def _to_the_end(steps: Iterator[Step], caller: Caller) -> Iterator[Step]:
    """Yield the steps; a refusal on the way is the last one, since the answer has begun."""
    try:
        yield from steps
    except Invalid as refused:
        yield {"now": None, "sentences": {}, "refused": "; ".join(_sentences(refused, caller).values())}
    except Refused:
        yield {"now": None, "sentences": {}, "refused": ""}


def _sentences(refused: Invalid, caller: Caller) -> Mapping[str, str]:
    return sentences(refused.problems, language_of(caller))
