"""Who else may open a case, and the end of it.

Promises that a key is granted only over the voice that was heard. Must never erase without plain words first.
"""

from collections.abc import Mapping
from typing import Annotated

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.access.caller import Caller
from api.access.doors import CaseAccess, enter_case
from api.catalogue.compartments import LABELS, Compartment
from api.errors import Forbidden, Invalid, NotFound, OutOfOrder, ReasonMissing, Refused, Stale
from api.guards import Enters, Requires, store_of
from api.ids import bare_code, short_code
from api.pages.forms import Form, read_form
from api.pages.staff.fields import sentences
from api.pages.staff.frame import language_of, number, show
from api.policy.actions import NEEDS_REASON, REASONS, Action
from api.policy.roles import ALWAYS_WITH_A_CASE, CASE_GRANTABLE
from api.sealed.store import Store
from api.services import granting, joining, members
from api.services.erasing import ErasureNotice
from api.services.granting import LONGEST_DAYS

router = APIRouter(prefix="/cases/{case_id}", default_response_class=HTMLResponse, include_in_schema=False)
C = Compartment
# What is said beside which field when a grant is refused as a whole.
SAID: Mapping[type[Refused], Mapping[str, str]] = {
    ReasonMissing: {"reason": "reason-missing"},
    Forbidden: {"compartments": "not-grantable"},
    NotFound: {"member": "required"},
    OutOfOrder: {"member": "not-now"},
    Stale: {"form": "stale"},
}


@router.get("/grants")
def ask(access: Annotated[CaseAccess, Enters(Action.CASE_GRANT)]) -> Response:
    """Show who can open the case, and the form for a grant."""
    return _grants(access, {}, {}, 200)


@router.post("/grants")
async def grant(request: Request, case_id: str, caller: Annotated[Caller, Requires(Action.CASE_GRANT)]) -> Response:
    """Grant compartments to a member whose six words were heard."""
    form = await read_form(request)
    return await run_sync(_granted, store_of(request), caller, case_id, form)


@router.post("/grants/{grant_id}/revoke")
async def revoke(
    request: Request, access: Annotated[CaseAccess, Enters(Action.CASE_REVOKE)], grant_id: str
) -> Response:
    """End a grant; an open session is refused on its next request."""
    form = await read_form(request)
    return await run_sync(_revoked, access, grant_id, form)


@router.get("/erase")
def ask_erase(access: Annotated[CaseAccess, Enters(Action.CASE_ERASE)]) -> Response:
    """Explain what erasing does."""
    return _erasing(access, None, {})


@router.post("/erase")
async def erase(request: Request, access: Annotated[CaseAccess, Enters(Action.CASE_ERASE)]) -> Response:
    """Erase the version that was shown, once its code was typed, and say until when backups are due."""
    form = await read_form(request)
    return await run_sync(_erased, access, form)


def _erased(access: CaseAccess, form: Form) -> HTMLResponse:
    # A page that lay open may speak of a case that has grown since, or stand in the wrong window.
    if number(form.get("version")) != access.version:
        return _erasing(access, None, {"form": "stale"}, 409)
    if bare_code(form.get("code")) != bare_code(short_code(access.case_id)):
        return _erasing(access, None, {"code": "other-code"}, 422)
    return _erasing(access, joining.erase_whole(access), {})


def _erasing(
    access: CaseAccess, notice: ErasureNotice | None, problems: Mapping[str, str], status: int = 200
) -> HTMLResponse:
    context: dict[str, object] = {"case_id": access.case_id, "code": short_code(access.case_id), "notice": notice}
    context |= {"version": access.version, "problems": problems, "values": {}}
    return show(access.caller, "erase.html", "Case", "/cases", status, **context)


def _revoked(access: CaseAccess, grant_id: str, form: Form) -> Response:
    try:
        granting.revoke_case_grant(access, grant_id, number(form.get("version")))
    except Stale:
        again = enter_case(access.store, access.caller, access.case_id, Action.CASE_REVOKE)
        return _grants(again, {}, SAID[Stale], 409)
    return RedirectResponse(f"/cases/{access.case_id}/grants", 303)


def _granted(store: Store, caller: Caller, case_id: str, form: Form) -> Response:
    status = 422
    try:
        _grant(store, caller, case_id, form)
    except Invalid as refused:
        problems = sentences(refused.problems, language_of(caller))
    except (ReasonMissing, Forbidden, NotFound, OutOfOrder, Stale) as refused:
        problems, status = dict(SAID[type(refused)]), 409 if isinstance(refused, Stale) else 422
    else:
        return RedirectResponse(f"/cases/{case_id}/grants", 303)
    # Who may not enter at all, or no longer, is refused here once more, and for good.
    return _grants(enter_case(store, caller, case_id, Action.CASE_GRANT), form.values(), problems, status)


def _grant(store: Store, caller: Caller, case_id: str, form: Form) -> None:
    wanted, days = [C(one) for one in form.all("compartments") if one in set(C)], number(form.get("days"))
    if not wanted or not 1 <= days <= LONGEST_DAYS:
        raise Invalid({"days": "days-range"} if wanted else {"compartments": "none-chosen"})
    if not form.get("why").isprintable() or len(form.get("why")) > 300:
        raise Invalid({"why": "not-a-line"})
    why = (form.get("reason"), form.get("why"))
    access = enter_case(store, caller, case_id, Action.CASE_GRANT, set(wanted), *why)
    to, shown = (form.get("member"), form.get("words"), wanted), number(form.get("version"))
    granting.grant_case(access, *to, days, form.get("reason"), shown)


def _grants(access: CaseAccess, values: Mapping[str, object], problems: Mapping[str, str], status: int) -> HTMLResponse:
    language, everyone = language_of(access.caller), members.members(access.store, access.caller)
    others = [one for one in everyone if one.state == members.ACTIVE and one.id != access.caller.member_id]
    offered = [one for one in others if one.role in CASE_GRANTABLE]
    held = [one for one in C if one not in access.shut and one not in ALWAYS_WITH_A_CASE]
    context: dict[str, object] = {"case_id": access.case_id, "code": short_code(access.case_id), "people": offered}
    context |= {"choices": [(one.value, LABELS[one][language], one in NEEDS_REASON) for one in held]}
    context |= {"holders": granting.who_can_open(access), "reasons": REASONS}
    context |= {"version": access.version, "values": values, "problems": problems}
    return show(access.caller, "grants.html", "Case", "/cases", status, **context)
