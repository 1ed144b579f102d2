"""Cases: list, read, open with a reason, write, decide, erase."""

from collections.abc import Collection
from typing import Annotated

from fastapi import APIRouter, Query, Request

from api.access.caller import Caller
from api.access.doors import CaseAccess, enter_case, held_compartments
from api.catalogue.compartments import Compartment
from api.catalogue.fields import form_fields
from api.catalogue.links import targets_of
from api.guards import Enters, Requires, store_of
from api.policy.actions import NEEDS_REASON, Action
from api.routes.creation import Creation
from api.routes.facets import Listed
from api.routes.shapes import ConsentBody, LetterBody, Opening, Removal, Save
from api.routes.versions import Seen, Tagged, Version, require_seen
from api.services import cases, consents, erasing, joining, listing, writing_back
from api.services.cases import CaseView
from api.services.consents import Given
from api.services.erasing import ErasureNotice
from api.services.listing import CasePage

router = APIRouter(tags=["cases"], prefix="/cases", route_class=Creation)
Writes = Annotated[Caller, Requires(Action.CASE_WRITE)]


@router.get("")
def list_(
    request: Request,
    caller: Annotated[Caller, Requires(Action.CASE_LIST)],
    wanted: Annotated[Listed, Query()],
) -> CasePage:
    """Return a page of the cases that the caller may see, the newest first, narrowed by facets."""
    return listing.list_cases(store_of(request), caller, wanted.after, asked=wanted.asked())


@router.get("/{case_id}")
def read(access: Annotated[CaseAccess, Enters(Action.CASE_READ)], tagged: Tagged) -> CaseView:
    """Return what the caller holds of a case, but what opens only with a reason."""
    tagged(access.version)
    return cases.read_case(access)


@router.post("/{case_id}/openings")
def open_(
    request: Request,
    case_id: str,
    body: Opening,
    caller: Annotated[Caller, Requires(Action.CASE_OPEN_COMPARTMENT)],
    tagged: Tagged,
) -> CaseView:
    """Open compartments of a case with a reason; the reason is in the log before the answer."""
    action = Action.CASE_OPEN_COMPARTMENT
    access = enter_case(store_of(request), caller, case_id, action, set(body.compartments), body.reason, body.words)
    tagged(access.version)
    return cases.read_case(access)


@router.post("/{case_id}/entries", status_code=201)
def add(request: Request, case_id: str, body: Save, caller: Writes, seen: Seen, tagged: Tagged) -> Version:
    """Add an entry to a case."""
    checked = body.checked()
    wanted = {Compartment.NARRATIVE, *checked.by_compartment, *targets_of(body.entity)}
    access = _entered(request, caller, case_id, wanted, body)
    return tagged(cases.save_entry(access, body.entity, None, checked, seen))


@router.put("/{case_id}/entries/{entry_id}")
def change(
    request: Request, case_id: str, entry_id: str, body: Save, caller: Writes, seen: Seen, tagged: Tagged
) -> Version:
    """Put an entry in place of another: what is not named in it is emptied, but what lies behind a reason not given."""
    checked = body.checked()
    ways = {one.compartment for one in form_fields(body.entity)} - (frozenset() if body.reason else NEEDS_REASON)
    wanted = {Compartment.NARRATIVE, *ways, *checked.by_compartment, *targets_of(body.entity)}
    access = _entered(request, caller, case_id, wanted, body)
    return tagged(cases.save_entry(access, body.entity, entry_id, checked, seen))


@router.post("/{case_id}/entries/{entry_id}/removal")
def remove(
    request: Request, case_id: str, entry_id: str, body: Removal, caller: Writes, seen: Seen, tagged: Tagged
) -> Version:
    """Erase one entry in every compartment it is in, from old copies too."""
    held = held_compartments(caller, case_id, store_of(request))
    behind = NEEDS_REASON & {one.compartment for one in form_fields(body.entity)}
    access = _entered(request, caller, case_id, held if behind else held - NEEDS_REASON, body)
    return tagged(erasing.remove_entry(access, body.entity, entry_id, seen))


@router.post("/{case_id}/consents", status_code=201)
def decide(
    access: Annotated[CaseAccess, Enters(Action.CASE_WRITE)], body: ConsentBody, seen: Seen, tagged: Tagged
) -> Version:
    """File a decision of the person concerned, with its day; only a later "yes" lifts a "no"."""
    return tagged(consents.decide_consent(access, Given.of(body.checked(), body.language), seen))


@router.post("/{case_id}/letters", status_code=201)
def write_back(
    access: Annotated[CaseAccess, Enters(Action.CASE_WRITE)], body: LetterBody, seen: Seen, tagged: Tagged
) -> Version:
    """Write to a family that told this case; the answer comes into the inbox."""
    return tagged(writing_back.write_to_family(access, body.mailbox, body.text, seen))


@router.delete("/{case_id}")
def erase(access: Annotated[CaseAccess, Enters(Action.CASE_ERASE)], seen: Seen) -> ErasureNotice:
    """Erase a case with its files, letters and grants; tells which backups are still due."""
    require_seen(access, seen)
    return joining.erase_whole(access)


def _entered(
    request: Request, caller: Caller, case_id: str, wanted: Collection[Compartment], body: Save | Removal
) -> CaseAccess:
    return enter_case(store_of(request), caller, case_id, Action.CASE_WRITE, wanted, body.reason, body.words)
