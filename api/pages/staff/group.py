"""Today, members, desks, the founding's steps, the recovery share.

Promises that whoever reads a step also learns who does it. Must never confirm anyone without the words heard.
"""

from typing import Annotated

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.access.caller import Caller
from api.errors import Invalid, NotFound, OutOfOrder
from api.guards import Requires, store_of
from api.pages.forms import Form, read_form
from api.pages.staff.frame import show
from api.policy.actions import Action
from api.policy.roles import MEMBER_ROLES
from api.services import desks, founding, inbox, members, offices

router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)


@router.get("/today")
def today(request: Request, caller: Annotated[Caller, Requires(Action.SELF_READ)]) -> Response:
    """Say what needs this member today."""
    store = store_of(request)
    waiting = inbox.list_reports(store, caller) if caller.keyring.intake else ()
    ending = [held for grants in caller.keyring.cases.values() for held in grants]
    context: dict[str, object] = {
        "steps": founding.checklist(store),
        "waiting": waiting,
        "ending": ending,
        "role": caller.role,
    }
    context |= {"members": members.members(store, caller), "me": caller.member_id}
    return show(caller, "today.html", "Today", "/today", 200, **context)


@router.post("/steps/log")
def found_log(request: Request, caller: Annotated[Caller, Requires(Action.LOG_FOUND)]) -> Response:
    """Make the auditors' key."""
    offices.found_log(store_of(request), caller)
    return RedirectResponse("/today", 303)


@router.post("/steps/intake")
def found_intake(request: Request, caller: Annotated[Caller, Requires(Action.INTAKE_FOUND)]) -> Response:
    """Make the intake's key; the family's pages open."""
    offices.found_intake(store_of(request), caller)
    return RedirectResponse("/today", 303)


@router.post("/steps/recovery")
async def found_recovery(request: Request, caller: Annotated[Caller, Requires(Action.RECOVERY_FOUND)]) -> Response:
    """Make the recovery key and seal a share to each trustee whose words were heard."""
    form = await read_form(request)
    threshold = int(form.get("threshold")) if form.get("threshold").isdigit() else 0
    chosen = _heard(form, "trustee")
    await run_sync(offices.found_recovery, store_of(request), caller, threshold, chosen)
    return RedirectResponse("/recovery", 303)


@router.get("/members")
def list_members(request: Request, caller: Annotated[Caller, Requires(Action.MEMBER_LIST)]) -> Response:
    """List members by initial, role, state and six words."""
    return _members(request, caller)


@router.post("/members/invite")
async def invite(request: Request, caller: Annotated[Caller, Requires(Action.MEMBER_INVITE)]) -> Response:
    """Show an invitation's code, once."""
    form = await read_form(request)
    code = await run_sync(members.invite, store_of(request), caller, form.get("role"))
    return await run_sync(lambda: _members(request, caller, code=code))


@router.post("/members/{member_id}/confirm")
async def confirm(
    request: Request, member_id: str, caller: Annotated[Caller, Requires(Action.MEMBER_CONFIRM)]
) -> Response:
    """Vouch for a newcomer whose six words were heard."""
    form = await read_form(request)
    try:
        await run_sync(members.confirm, store_of(request), caller, member_id, form.get("words"))
    except (Invalid, OutOfOrder):
        return await run_sync(lambda: _members(request, caller, wrong=member_id, status=422))
    return RedirectResponse("/members", 303)


@router.post("/members/{member_id}/suspend")
def suspend(request: Request, member_id: str, caller: Annotated[Caller, Requires(Action.MEMBER_SUSPEND)]) -> Response:
    """Shut a member out at once."""
    members.suspend(store_of(request), caller, member_id)
    return RedirectResponse("/members", 303)


@router.post("/intake/seat")
async def seat_intake(request: Request, caller: Annotated[Caller, Requires(Action.INTAKE_SEAT)]) -> Response:
    """Give the intake's key to a further officer."""
    form = await read_form(request)
    heard = (form.get("member"), form.get("words"))
    await run_sync(offices.seat_intake, store_of(request), caller, *heard)
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
        await run_sync(desks.found_desk, store_of(request), caller, form.get("name"), _heard(form, "seat"))
    except (Invalid, NotFound, OutOfOrder):
        return await run_sync(lambda: _desks(request, caller, form, 422))
    return RedirectResponse("/desks", 303)


@router.post("/desks/{desk_id}/seats")
async def seat(request: Request, desk_id: str, caller: Annotated[Caller, Requires(Action.DESK_SEAT)]) -> Response:
    """Seat a further member."""
    form = await read_form(request)
    heard = (desk_id, form.get("member"), form.get("words"))
    await run_sync(desks.seat, store_of(request), caller, *heard)
    return RedirectResponse("/desks", 303)


@router.get("/recovery")
def recovery(caller: Annotated[Caller, Requires(Action.RECOVERY_READ)]) -> Response:
    """Explain the share, and offer to show it."""
    return show(caller, "recovery.html", "Recovery", "/recovery", share="")


@router.post("/recovery")
def show_share(request: Request, caller: Annotated[Caller, Requires(Action.RECOVERY_READ)]) -> Response:
    """Show one's own share, to be printed; logged."""
    share = offices.own_share(store_of(request), caller)
    return show(caller, "recovery.html", "Recovery", "/recovery", share=share)


def _members(request: Request, caller: Caller, code: str = "", wrong: str = "", status: int = 200) -> HTMLResponse:
    listed = members.members(store_of(request), caller)
    context: dict[str, object] = {
        "members": listed,
        "code": code,
        "wrong_member": wrong,
        "roles": [str(role) for role in MEMBER_ROLES],
    }
    context |= {"role": caller.role, "me": caller.member_id, "has_intake": bool(caller.keyring.intake)}
    return show(caller, "members.html", "Members", "/members", status, **context)


def _desks(request: Request, caller: Caller, form: Form | None = None, status: int = 200) -> HTMLResponse:
    listed = desks.desks(store_of(request), caller)
    people = [one for one in members.members(store_of(request), caller) if one.state == members.ACTIVE]
    names = {one.id: one for one in people}
    context: dict[str, object] = {
        "desks": listed,
        "people": people,
        "names": names,
        "role": caller.role,
        "me": caller.member_id,
    }
    context |= {"values": form.values() if form else {}, "refused": form is not None}
    return show(caller, "desks.html", "Desks", "/desks", status, **context)


def _heard(form: Form, name: str) -> dict[str, str]:
    """Return the chosen members with the six words typed beside each."""
    return {member: form.get(f"words_{member}") for member in form.all(name)}
