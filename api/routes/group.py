"""The group: members, desks, offices."""

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from api.access.caller import Caller
from api.guards import Requires, store_of
from api.policy.actions import Action
from api.routes.creation import Creation
from api.routes.paging import After, Page, page_of
from api.routes.shapes import DeskBody, Heard, Invitation, RecoveryBody, Seat
from api.services import desks, founding, members, offices, trustees
from api.services.desks import DeskView
from api.services.founding import Step
from api.services.members import MemberView

router = APIRouter(tags=["group"], route_class=Creation)


class Invited(BaseModel):
    """The words of an invitation, for one newcomer: shown once."""

    code: str = Field(repr=False)


class Share(BaseModel):
    """One's own share of the recovery key."""

    share: str = Field(repr=False)


class DeskId(BaseModel):
    """The desk that was made."""

    desk: str


@router.get("/founding")
def steps(request: Request, caller: Annotated[Caller, Requires(Action.SELF_READ)]) -> Page[Step]:
    """List the steps of the founding, and who does them."""
    return Page(lines=list(founding.checklist(store_of(request))), next="")


@router.get("/members")
def list_(
    request: Request, caller: Annotated[Caller, Requires(Action.MEMBER_LIST)], after: After = ""
) -> Page[MemberView]:
    """List members by initial, role and state; the six words, to be read out by voice, are one's own only."""
    return page_of(members.members(store_of(request), caller), after, lambda one: one.id)


@router.post("/invitations", status_code=201)
def invite(request: Request, body: Invitation, caller: Annotated[Caller, Requires(Action.MEMBER_INVITE)]) -> Invited:
    """Return a code for one newcomer, shown once."""
    return Invited(code=members.invite(store_of(request), caller, body.role))


@router.post("/members/{member_id}/confirmation", status_code=204)
def confirm(
    request: Request, member_id: str, body: Heard, caller: Annotated[Caller, Requires(Action.MEMBER_CONFIRM)]
) -> None:
    """Vouch for a newcomer whose six words were heard."""
    members.confirm(store_of(request), caller, member_id, body.words)


@router.post("/members/{member_id}/suspension", status_code=204)
def suspend(request: Request, member_id: str, caller: Annotated[Caller, Requires(Action.MEMBER_SUSPEND)]) -> None:
    """Shut a member out at once."""
    members.suspend(store_of(request), caller, member_id)


@router.post("/log/key", status_code=204)
def found_log(request: Request, caller: Annotated[Caller, Requires(Action.LOG_FOUND)]) -> None:
    """Make the auditors' key."""
    offices.found_log(store_of(request), caller)


@router.post("/log/seats", status_code=204)
def seat_auditor(request: Request, body: Seat, caller: Annotated[Caller, Requires(Action.LOG_SEAT)]) -> None:
    """Give the auditors' key to a further auditor."""
    offices.seat_auditor(store_of(request), caller, body.member, body.words)


@router.post("/recovery/key", status_code=204)
def found_recovery(
    request: Request, body: RecoveryBody, caller: Annotated[Caller, Requires(Action.RECOVERY_FOUND)]
) -> None:
    """Make the recovery key and seal one share to each trustee."""
    offices.found_recovery(store_of(request), caller, body.threshold, body.trustees)


@router.get("/recovery/share")
def own_share(request: Request, caller: Annotated[Caller, Requires(Action.RECOVERY_READ)]) -> Share:
    """Return the caller's share of the recovery key, to be printed; logged."""
    return Share(share=trustees.own_share(store_of(request), caller))


@router.post("/intake/key", status_code=204)
def found_intake(request: Request, caller: Annotated[Caller, Requires(Action.INTAKE_FOUND)]) -> None:
    """Make the intake's key; the public page opens."""
    offices.found_intake(store_of(request), caller)


@router.post("/intake/seats", status_code=204)
def seat_intake(request: Request, body: Seat, caller: Annotated[Caller, Requires(Action.INTAKE_SEAT)]) -> None:
    """Give the intake's key to a further intake officer."""
    offices.seat_intake(store_of(request), caller, body.member, body.words)


@router.get("/desks")
def list_desks(
    request: Request, caller: Annotated[Caller, Requires(Action.DESK_LIST)], after: After = ""
) -> Page[DeskView]:
    """List the desks."""
    return page_of(desks.desks(store_of(request), caller), after, lambda one: one.id)


@router.post("/desks", status_code=201)
def found_desk(request: Request, body: DeskBody, caller: Annotated[Caller, Requires(Action.DESK_FOUND)]) -> DeskId:
    """Make a desk and its keys, and seat its first members."""
    return DeskId(desk=desks.found_desk(store_of(request), caller, body.name, body.seats))


@router.post("/desks/{desk_id}/seats", status_code=204)
def seat(request: Request, desk_id: str, body: Seat, caller: Annotated[Caller, Requires(Action.DESK_SEAT)]) -> None:
    """Seat a further member at a desk."""
    desks.seat(store_of(request), caller, desk_id, body.member, body.words)


@router.delete("/desks/{desk_id}/seats/{member_id}", status_code=204)
def unseat(
    request: Request, desk_id: str, member_id: str, caller: Annotated[Caller, Requires(Action.DESK_UNSEAT)]
) -> None:
    """End what a member holds at a desk, and nothing elsewhere."""
    desks.unseat(store_of(request), caller, desk_id, member_id)
