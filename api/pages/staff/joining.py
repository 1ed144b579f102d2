"""Two cases of one person, side by side: a person decides whether they are joined, parted or of two persons.

Promises that nothing is decided by itself, and that a case of another desk is as absent as one that never was. Must
never show of either what its door did not open.
"""

from collections.abc import Mapping
from typing import Annotated, Any

from anyio.to_thread import run_sync
from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.access.caller import Caller
from api.access.doors import CaseAccess
from api.catalogue.compartments import Compartment, Language
from api.catalogue.fields import Field, form_fields
from api.errors import NotFound, OutOfOrder, Stale
from api.guards import Enters, Requires, store_of
from api.ids import short_code
from api.pages.forms import Form, read_form
from api.pages.staff.frame import language_of, number, show
from api.policy.actions import Action
from api.reports.saying import say
from api.services import candidates, joining, reviewing

router = APIRouter(prefix="/cases/{case_id}/together", default_response_class=HTMLResponse, include_in_schema=False)
desks = APIRouter(prefix="/desks/{desk_id}", default_response_class=HTMLResponse, include_in_schema=False)
Skip = Annotated[int, Query(ge=0, le=1_000_000)]
Joins = Annotated[CaseAccess, Enters(Action.CASE_JOIN)]
FACTS = Compartment.FACTS
# What tells two men of one name apart, by entity: the rows of the comparison.
COMPARED: Mapping[str, tuple[str, ...]] = {
    "case": ("title", "status", "last_heard"),
    "person": ("sex", "age_band"),
    "custody": ("facility", "start", "end"),
}


@desks.get("/alike")
def alike(
    request: Request, desk_id: str, caller: Annotated[Caller, Requires(Action.CASE_COMPARE)], skip: Skip = 0
) -> Response:
    """Show pairs of the desk's cases that may be of one person, side by side."""
    page = reviewing.review(store_of(request), caller, desk_id, skip)
    return show(caller, "pairs.html", "Cases of one person?", "/cases", desk_id=desk_id, page=page, skip=skip)


@router.get("")
def ask(access: Joins, other: Annotated[str, Query(max_length=40)] = "") -> Response:
    """Show which cases are of the same person, and one other beside this one."""
    return _page(access, other, {}, 200)


@router.post("")
async def decide(request: Request, access: Joins) -> Response:
    """Join, part or remember as two persons, over the version that was shown."""
    form = await read_form(request)
    return await run_sync(_decided, access, form)


def _decided(access: CaseAccess, form: Form) -> Response:
    try:
        _act(access, joining.other_of(access, form.get("other")), form.get("what"), number(form.get("version")))
    except Stale:
        return _page(access, form.get("other"), {"form": "stale"}, 409)
    except NotFound:
        return _page(access, "", {"other": "no-case"}, 422, form.values())
    except OutOfOrder:
        return _page(access, form.get("other"), {"form": "not-together"}, 422)
    return RedirectResponse(f"/cases/{access.case_id}/together", 303)


def _act(access: CaseAccess, other: CaseAccess, what: str, version: int) -> None:
    match what:
        case "join":
            joining.join(access, other, version)
        case "part":
            joining.part(access, other, version)
        case "apart":
            joining.set_apart(access, other, version)
        case _:
            raise OutOfOrder


def _page(
    access: CaseAccess,
    other: str,
    problems: Mapping[str, str],
    status: int,
    values: Mapping[str, object] | None = None,
) -> HTMLResponse:
    found, problems = _other(access, other, problems)
    context: dict[str, Any] = {
        "case_id": access.case_id,
        "code": short_code(access.case_id),
        "version": access.version,
        "together": joining.together(access),
        "seen": candidates.of_case(access),
        "other": short_code(found.case_id) if found else "",
        "rows": _compared(access, found, language_of(access.caller)) if found else [],
        "problems": problems,
        "values": values or {},
    }
    return show(access.caller, "together.html", short_code(access.case_id), "/cases", status, **context)


def _other(access: CaseAccess, said: str, problems: Mapping[str, str]) -> tuple[CaseAccess | None, Mapping[str, str]]:
    try:
        return (joining.other_of(access, said) if said else None), problems
    except NotFound:
        return None, {**problems, "other": "no-case"}


def _compared(access: CaseAccess, other: CaseAccess, language: Language) -> list[tuple[str, str, str]]:
    """Return a row for each fact that either has: its label, and what each case says."""
    rows = []
    for entity, names in COMPARED.items():
        for one in (field for field in form_fields(entity) if field.name in names):
            here, there = (_said(each, one, language) for each in (access, other))
            if here or there:
                rows.append((one.labels[language], here, there))
    return rows


def _said(access: CaseAccess, field: Field, language: Language) -> str:
    entries = access.open(FACTS).note.get(field.entity, ())
    return "; ".join(say(field, one[field.name], language) for one in entries if field.name in one)
