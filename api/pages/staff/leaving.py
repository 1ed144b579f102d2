"""What leaves a case: grants of keys, documents, and the end of it.

Promises that consent, readiness and the register come before a document. Must never erase without plain words first.
"""

from typing import Annotated

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.access.caller import Caller
from api.access.doors import CaseAccess, enter_case, held_compartments
from api.catalogue.compartments import LABELS, Compartment
from api.errors import ConsentMissing, Invalid, NotReady
from api.guards import Enters, Requires, store_of
from api.ids import short_code
from api.pages.forms import Form, read_form
from api.pages.staff.frame import language_of, show
from api.policy.actions import NEEDS_REASON, REASONS, Action
from api.policy.roles import ALWAYS_WITH_A_CASE, Role
from api.services import erasing_letters, granting, members, taking_out

router = APIRouter(prefix="/cases/{case_id}", default_response_class=HTMLResponse, include_in_schema=False)
C = Compartment
GRANTEES = frozenset({Role.LAWYER, Role.CASE_WORKER})


@router.get("/grants")
def ask(request: Request, access: Annotated[CaseAccess, Enters(Action.CASE_GRANT)]) -> Response:
    """Show who can open the case, and the form for a grant."""
    return _grants(request, access.caller, access, None)


@router.post("/grants")
async def grant(request: Request, case_id: str, caller: Annotated[Caller, Requires(Action.CASE_GRANT)]) -> Response:
    """Grant compartments to a member whose six words were heard."""
    form = await read_form(request)
    wanted = [C(one) for one in form.all("compartments") if one in set(C)]
    store, why = store_of(request), (form.get("reason"), form.get("why"))
    access = await run_sync(enter_case, store, caller, case_id, Action.CASE_GRANT, set(wanted), *why)
    days = int(form.get("days")) if form.get("days").isdigit() else 0
    to = (form.get("member"), form.get("words"), wanted, days, form.get("reason"))
    try:
        await run_sync(granting.grant_case, access, *to)
    except Invalid:
        return await run_sync(_grants, request, caller, access, form)
    return RedirectResponse(f"/cases/{case_id}/grants", 303)


@router.post("/grants/{grant_id}/revoke")
def revoke(access: Annotated[CaseAccess, Enters(Action.CASE_REVOKE)], grant_id: str) -> Response:
    """End a grant; an open session is refused on its next request."""
    granting.revoke_case_grant(access, grant_id)
    return RedirectResponse(f"/cases/{access.case_id}/grants", 303)


@router.post("/reports/{profile}/look")
async def look(
    request: Request, case_id: str, profile: str, caller: Annotated[Caller, Requires(Action.CASE_OPEN_COMPARTMENT)]
) -> Response:
    """Show readiness element by element, and what would leave; opens identity with a reason."""
    form = await read_form(request)
    store, held = store_of(request), await run_sync(held_compartments, caller, case_id, store_of(request))
    why = (Action.CASE_OPEN_COMPARTMENT, held - {C.SOURCE}, "prepare-submission", form.get("words"))
    access = await run_sync(enter_case, store, caller, case_id, *why)
    return await run_sync(_report, access, profile, "")


@router.post("/reports/{profile}")
async def take_out(
    request: Request, case_id: str, profile: str, caller: Annotated[Caller, Requires(Action.CASE_TAKE_OUT)]
) -> Response:
    """Take the document out: consent, readiness, register, then the PDF."""
    form = await read_form(request)
    store, held = store_of(request), await run_sync(held_compartments, caller, case_id, store_of(request))
    why = (Action.CASE_TAKE_OUT, held - {C.SOURCE}, "prepare-submission", form.get("words"))
    access = await run_sync(enter_case, store, caller, case_id, *why)
    try:
        made = await run_sync(taking_out.take_out, access, profile, form.get("recipient"))
    except (ConsentMissing, NotReady) as refused:
        return await run_sync(_report, access, profile, type(refused).__name__)
    headers = {"Content-Disposition": f'attachment; filename="{profile}-{short_code(case_id)}.pdf"'}
    return Response(made.content, headers=headers, media_type="application/pdf")


@router.get("/erase")
def ask_erase(access: Annotated[CaseAccess, Enters(Action.CASE_ERASE)]) -> Response:
    """Explain what erasing does."""
    context: dict[str, object] = {"case_id": access.case_id, "code": short_code(access.case_id), "notice": None}
    return show(access.caller, "erase.html", "Case", "/cases", 200, **context)


@router.post("/erase")
def erase(access: Annotated[CaseAccess, Enters(Action.CASE_ERASE)]) -> Response:
    """Erase the case, and say until when backups are due."""
    notice = erasing_letters.erase_case(access)
    context: dict[str, object] = {"case_id": access.case_id, "code": short_code(access.case_id), "notice": notice}
    return show(access.caller, "erase.html", "Case", "/cases", 200, **context)


def _grants(request: Request, caller: Caller, access: CaseAccess, form: Form | None) -> HTMLResponse:
    language, everyone = language_of(caller), members.members(store_of(request), caller)
    offered = [one for one in everyone if one.state == members.ACTIVE and one.role in GRANTEES]
    choices = [(one.value, LABELS[one][language], one in NEEDS_REASON) for one in C if one not in ALWAYS_WITH_A_CASE]
    context: dict[str, object] = {
        "case_id": access.case_id,
        "code": short_code(access.case_id),
        "people": offered,
        "choices": choices,
    }
    context |= {"holders": granting.who_can_open(access), "reasons": REASONS}
    context |= {"values": form.values() if form else {}, "refused": form is not None}
    return show(caller, "grants.html", "Case", "/cases", 422 if form else 200, **context)


def _report(access: CaseAccess, profile: str, refused: str) -> HTMLResponse:
    language = language_of(access.caller)
    found = taking_out.readiness_of(access, profile)
    elements = [(one.labels[language], True) for one in found.met_elements]
    elements += [(one.missing[language], False) for one in found.missing]
    context: dict[str, object] = {
        "case_id": access.case_id,
        "code": short_code(access.case_id),
        "profile": profile,
        "elements": elements,
    }
    context |= {
        "sentence": found.sentence(language),
        "fields": [str(one) for one in taking_out.preview(access, profile)],
    }
    context |= {"refused": refused, "register": taking_out.register(access)}
    return show(access.caller, "leaving.html", "Case", "/cases", 409 if refused else 200, **context)
