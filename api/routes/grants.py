"""Grants for single cases, what leaves, and who opened it."""

from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import BaseModel

from api.access.caller import Caller
from api.access.doors import CaseAccess, enter_case, held_compartments
from api.catalogue.compartments import Compartment
from api.guards import Enters, Requires, store_of
from api.policy.actions import Action
from api.routes.shapes import GrantBody, TakeOut, Wish
from api.services import granting, openings, taking_out
from api.services.granting import Holder
from api.services.openings import Opening

router = APIRouter(tags=["grants"], prefix="/cases/{case_id}")


class Ready(BaseModel):
    """How many of the required elements are there, and a sentence that names what is missing."""

    met: int
    of: int
    sentence: str


@router.get("/grants")
def who(access: Annotated[CaseAccess, Enters(Action.CASE_READ)]) -> list[Holder]:
    """List who can open the case, and until when."""
    return list(granting.who_can_open(access))


@router.post("/grants", status_code=201)
def grant(
    request: Request, case_id: str, body: GrantBody, caller: Annotated[Caller, Requires(Action.CASE_GRANT)]
) -> dict[str, str]:
    """Grant compartments of this case to a member whose six words were heard."""
    wanted = set(body.compartments)
    access = enter_case(store_of(request), caller, case_id, Action.CASE_GRANT, wanted, body.reason, body.why)
    to = (body.member, body.words, body.compartments)
    return {"grant": granting.grant_case(access, *to, body.days, body.reason)}


@router.delete("/grants/{grant_id}", status_code=204)
def revoke(access: Annotated[CaseAccess, Enters(Action.CASE_REVOKE)], grant_id: str) -> None:
    """End a grant; an open session is refused on its next request."""
    granting.revoke_case_grant(access, grant_id)


@router.get("/openings")
def opened(access: Annotated[CaseAccess, Enters(Action.CASE_READ)]) -> list[Opening]:
    """List who opened what and why, in the compartments that the caller opens."""
    return list(openings.openings(access))


@router.post("/readiness")
def readiness(
    request: Request, case_id: str, body: Wish, caller: Annotated[Caller, Requires(Action.CASE_OPEN_COMPARTMENT)]
) -> Ready:
    """Say how many required elements a submission has, and which are missing; opens identity, with a reason."""
    wanted = held_compartments(caller, case_id, store_of(request)) - {Compartment.SOURCE}
    action = Action.CASE_OPEN_COMPARTMENT
    access = enter_case(store_of(request), caller, case_id, action, wanted, "prepare-submission", body.words)
    found = taking_out.readiness_of(access, body.profile)
    return Ready(met=found.met, of=found.of, sentence=found.sentence("en"))


@router.post("/disclosures", response_class=Response, responses={200: {"content": {"application/pdf": {}}}})
def take_out(
    request: Request, case_id: str, body: TakeOut, caller: Annotated[Caller, Requires(Action.CASE_TAKE_OUT)]
) -> Response:
    """Take a document out: consent, readiness, register, then the PDF."""
    wanted = set(Compartment) - {Compartment.SOURCE}
    access = enter_case(
        store_of(request), caller, case_id, Action.CASE_TAKE_OUT, wanted, "prepare-submission", body.recipient
    )
    document = taking_out.take_out(access, body.profile, body.recipient)
    return Response(document.content, media_type="application/pdf")
