"""The search: one box on the page of cases, and what it finds with why.

Promises that the line is in no address and comes back as it was typed. Must never say more of a case than the list
does, and why it was found.
"""

from collections.abc import Mapping
from typing import Annotated

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from api.access.caller import Caller
from api.columns.facets import NAMES
from api.errors import Invalid, ReasonMissing
from api.guards import Requires, store_of
from api.pages.forms import Form, read_form
from api.pages.staff.fields import sentences
from api.pages.staff.frame import language_of, number, show
from api.pages.staff.naming import said_code
from api.policy.actions import Action
from api.sealed.store import Store
from api.services import desks
from api.services.searching import SearchPage, search

router = APIRouter(prefix="/cases", default_response_class=HTMLResponse, include_in_schema=False)


@router.post("/search")
async def find(request: Request, caller: Annotated[Caller, Requires(Action.CASE_LIST)]) -> Response:
    """Show what a line finds."""
    form = await read_form(request)
    return await run_sync(_found, store_of(request), caller, form)


def _found(store: Store, caller: Caller, form: Form) -> Response:
    try:
        given = (form.get("line"), form.get("reason"), number(form.get("skip")))
        page = search(store, caller, *given, asked=_asked(form))
    except ReasonMissing:
        return _refused(caller, form, {"reason": "reason-missing"})
    except Invalid as refused:
        return _refused(caller, form, sentences(refused.problems, language_of(caller)))
    lines = _lines(store, caller, page)
    shown: dict[str, object] = {"page": page, "lines": lines, "values": form.values(), "asked": _asked(form)}
    return show(caller, "search.html", "Search", "/cases", 200, **shown)


def _refused(caller: Caller, form: Form, problems: Mapping[str, str]) -> Response:
    shown: dict[str, object] = {"page": None, "problems": problems, "values": form.values(), "asked": _asked(form)}
    return show(caller, "search.html", "Search", "/cases", 422, **shown)


def _asked(form: Form) -> dict[str, str]:
    """Return the facets that the list was narrowed by when the line was written."""
    return {name: form.get(name)[:80] for name in NAMES if form.get(name)}


def _lines(store: Store, caller: Caller, page: SearchPage) -> list[tuple[object, str, str]]:
    """Return the lines found, each with the desk's name and what the status says."""
    named, language = {one.id: one.name for one in desks.desks(store, caller)}, language_of(caller)
    return [(one, named.get(one.line.desk_id, ""), said_code(one.line.status, language)) for one in page.lines]
