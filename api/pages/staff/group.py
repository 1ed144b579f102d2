"""Members, desks, the intake's further officers.

Promises that a refusal says what to do and keeps what was typed. Must never confirm anyone without the words heard.
"""

from collections.abc import Mapping
from typing import Annotated

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.access.caller import Caller
from api.errors import Forbidden, Invalid, NotFound, OutOfOrder, Refused
from api.guards import Requires, store_of
from api.ids import bare_code, short_code
from api.pages.forms import Form, read_form
from api.pages.staff.fields import sentences
from api.pages.staff.frame import language_of, show
from api.pages.staff.today import heard
from api.policy.actions import Action, Standing, decide
from api.policy.roles import MEMBER_ROLES
from api.services import desks, members, offices, rekeying

router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)
REFUSED = (Invalid, Forbidden, NotFound, OutOfOrder)
DESK_ROLES = ("intake", "case_worker", "analyst")


@router.get("/members")
def list_members(request: Request, caller: Annotated[Caller, Requires(Action.MEMBER_LIST)]) -> Response:
    """List members by initial, role and state; of the six words only one's own."""
    return _members(request, caller)


@router.post("/members/invite")
async def invite(request: Request, caller: Annotated[Caller, Requires(Action.MEMBER_INVITE)]) -> Response:
    """Show an invitation's code, once."""
    form = await read_form(request)
    try:
        code = await run_sync(members.invite, store_of(request), caller, form.get("role"))
    except Invalid as refused:
        return await run_sync(_members, request, caller, "", form, refused.problems)
    return await run_sync(_members, request, caller, code)


@router.post("/members/{member_id}/confirm")
async def confirm(
    request: Request, member_id: str, caller: Annotated[Caller, Requires(Action.MEMBER_CONFIRM)]
) -> Response:
    """Vouch for a newcomer whose six words were heard."""
    form = await read_form(request)
    try:
        await run_sync(members.confirm, store_of(request), caller, member_id, form.get("words"))
    except REFUSED as refused:
        return await run_sync(_members, request, caller, "", form, {member_id: _code(refused)})
    return RedirectResponse("/members", 303)


@router.post("/members/{member_id}/suspend")
async def suspend(
    request: Request, member_id: str, caller: Annotated[Caller, Requires(Action.MEMBER_SUSPEND)]
) -> Response:
    """Shut a member out at once, whose number was typed: keys are destroyed, and rows look alike."""
    form = await read_form(request)
    if bare_code(form.get("number")) != bare_code(short_code(member_id)):
        return await run_sync(_members, request, caller, "", form, {member_id: "other-number"})
    try:
        await run_sync(members.suspend, store_of(request), caller, member_id)
    except OutOfOrder:
        return await run_sync(_members, request, caller, "", form, {member_id: "last-holder"})
    return RedirectResponse(f"/members/{member_id}/held", 303)


@router.post("/intake/seat")
async def seat_intake(request: Request, caller: Annotated[Caller, Requires(Action.INTAKE_SEAT)]) -> Response:
    """Give the intake's key to a further officer."""
    form = await read_form(request)
    who = (form.get("member"), form.get("words"))
    try:
        await run_sync(offices.seat_intake, store_of(request), caller, *who)
    except REFUSED as refused:
        return await run_sync(_members, request, caller, "", form, {form.get("member"): _code(refused)})
    return RedirectResponse("/members", 303)


@router.post("/log/seat")
async def seat_auditor(request: Request, caller: Annotated[Caller, Requires(Action.LOG_SEAT)]) -> Response:
    """Give the key of the log to a further auditor: held by one alone it can be lost."""
    form = await read_form(request)
    who = (form.get("member"), form.get("words"))
    try:
        await run_sync(offices.seat_auditor, store_of(request), caller, *who)
    except REFUSED as refused:
        return await run_sync(_members, request, caller, "", form, {form.get("member"): _code(refused)})
    return RedirectResponse("/members", 303)


@router.get("/desks")
def list_desks(request: Request, caller: Annotated[Caller, Requires(Action.DESK_LIST)]) -> Response:
    """List the desks."""
    return _desks(request, caller)


@router.post("/desks")
async def found_desk(request: Request, caller: Annotated[Caller, Requires(Action.DESK_FOUND)]) -> Response:
    """Make a desk with its first members."""
    form = await read_form(request)
    try:
        await run_sync(desks.found_desk, store_of(request), caller, form.get("name"), heard(form, "seat"))
    except Invalid as refused:
        named = {"name" if field == "text" else field: code for field, code in refused.problems.items()}
        return await run_sync(_desks, request, caller, form, named)
    except REFUSED:
        return await run_sync(_desks, request, caller, form, {"seats": "not-now"})
    return RedirectResponse("/desks", 303)


@router.post("/desks/{desk_id}/seats")
async def seat(request: Request, desk_id: str, caller: Annotated[Caller, Requires(Action.DESK_SEAT)]) -> Response:
    """Seat a further member."""
    form = await read_form(request)
    who = (desk_id, form.get("member"), form.get("words"))
    try:
        await run_sync(desks.seat, store_of(request), caller, *who)
    except REFUSED as refused:
        return await run_sync(_desks, request, caller, form, {desk_id: _code(refused)})
    return RedirectResponse("/desks", 303)


@router.post("/desks/{desk_id}/seats/{member_id}/end")
def unseat(
    request: Request, desk_id: str, member_id: str, caller: Annotated[Caller, Requires(Action.DESK_UNSEAT)]
) -> Response:
    """End what a member holds at this desk, and nothing elsewhere."""
    try:
        desks.unseat(store_of(request), caller, desk_id, member_id)
    except OutOfOrder:
        return _desks(request, caller, None, {desk_id: "last-seat"})
    except NotFound:
        return _desks(request, caller, None, {desk_id: "no-seat"})
    return RedirectResponse("/desks", 303)


@router.post("/desks/{desk_id}/rekeying")
def rekey(request: Request, desk_id: str, caller: Annotated[Caller, Requires(Action.DESK_ROTATE)]) -> Response:
    """Move up to a hundred older cases to the desk's newest keys."""
    rekeying.rekey(store_of(request), caller, desk_id)
    return RedirectResponse("/desks", 303)


def _members(
    request: Request,
    caller: Caller,
    code: str = "",
    form: Form | None = None,
    problems: Mapping[str, str] | None = None,
) -> HTMLResponse:
    """Show the members; `problems` stand beside the member whom they are about, by the member's id."""
    listed = members.members(store_of(request), caller)
    context: dict[str, object] = {"members": listed, "code": code, "roles": [str(role) for role in MEMBER_ROLES]}
    context |= {"role": caller.role, "me": caller.member_id, "has_intake": bool(caller.keyring.intake)}
    context |= {"has_log": bool(caller.keyring.auditors)}
    context |= {"may_see_held": decide(caller.role, Action.MEMBER_HELD, Standing.GROUP)}
    context |= {"values": form.values() if form else {}}
    context |= {"problems": sentences(problems or {}, language_of(caller))}
    return show(caller, "members.html", "Members", "/members", 422 if problems else 200, **context)


def _desks(
    request: Request, caller: Caller, form: Form | None = None, problems: Mapping[str, str] | None = None
) -> HTMLResponse:
    store = store_of(request)
    people = [one for one in members.members(store, caller) if one.state == members.ACTIVE]
    names = {one.id: one for one in people}
    context: dict[str, object] = {"desks": desks.desks(store, caller), "names": names}
    context |= {"people": [one for one in people if one.role in DESK_ROLES]}
    context |= {"older": dict(rekeying.waiting_cases(store, caller))}
    context |= {"role": caller.role, "me": caller.member_id, "values": form.values() if form else {}}
    context |= {"problems": sentences(problems or {}, language_of(caller))}
    return show(caller, "desks.html", "Desks", "/desks", 422 if problems else 200, **context)


def _code(refused: Refused) -> str:
    """Return what to say beside a member: their words differ, or they cannot take this at present."""
    return next(iter(refused.problems.values())) if isinstance(refused, Invalid) else "not-now"
