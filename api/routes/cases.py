"""Cases: list, read, open with a reason, write, erase."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel

from api.access.caller import Caller
from api.access.doors import CaseAccess, enter_case
from api.catalogue.compartments import Compartment
from api.catalogue.links import targets_of
from api.guards import Enters, Requires, store_of
from api.policy.actions import Action
from api.routes.shapes import Opening, Save
from api.services import cases, erasing, erasing_letters, listing
from api.services.cases import CaseView
from api.services.erasing import ErasureNotice
from api.services.listing import CasePage

router = APIRouter(tags=["cases"], prefix="/cases")


class Version(BaseModel):
    """The case's version after a change."""

    version: int


@router.get("")
def list_(
    request: Request,
    caller: Annotated[Caller, Requires(Action.CASE_LIST)],
    after: Annotated[str, Query(max_length=26)] = "",
) -> CasePage:
    """Return a page of the cases that the caller may see."""
    return listing.list_cases(store_of(request), caller, after)


@router.get("/{case_id}")
def read(access: Annotated[CaseAccess, Enters(Action.CASE_READ)]) -> CaseView:
    """Return what the caller holds of a case, but what opens only with a reason."""
    return cases.read_case(access)


@router.post("/{case_id}/openings")
def open_(
    request: Request,
    case_id: str,
    body: Opening,
    caller: Annotated[Caller, Requires(Action.CASE_OPEN_COMPARTMENT)],
) -> CaseView:
    """Open compartments of a case with a reason; the reason is in the log before the answer."""
    action = Action.CASE_OPEN_COMPARTMENT
    access = enter_case(store_of(request), caller, case_id, action, set(body.compartments), body.reason, body.words)
    return cases.read_case(access)


@router.post("/{case_id}/entries", status_code=201)
def add(request: Request, case_id: str, body: Save, caller: Annotated[Caller, Requires(Action.CASE_WRITE)]) -> Version:
    """Add an entry to a case."""
    return _save(request, caller, case_id, None, body)


@router.put("/{case_id}/entries/{entry_id}")
def change(
    request: Request,
    case_id: str,
    entry_id: str,
    body: Save,
    caller: Annotated[Caller, Requires(Action.CASE_WRITE)],
) -> Version:
    """Put an entry in place of another; a stale version is refused."""
    return _save(request, caller, case_id, entry_id, body)


@router.delete("/{case_id}/entries/{entity}/{entry_id}")
def remove(
    access: Annotated[CaseAccess, Enters(Action.CASE_WRITE)], entity: str, entry_id: str, version: int
) -> Version:
    """Erase one entry, from old copies too."""
    return Version(version=erasing.remove_entry(access, entity, entry_id, version))


@router.delete("/{case_id}")
def erase(access: Annotated[CaseAccess, Enters(Action.CASE_ERASE)]) -> ErasureNotice:
    """Erase a case with its files, letters and grants; tells which backups are still due."""
    return erasing_letters.erase_case(access)


def _save(request: Request, caller: Caller, case_id: str, entry_id: str | None, body: Save) -> Version:
    checked = body.checked()
    wanted = {Compartment.NARRATIVE, *checked.by_compartment, *targets_of(body.entity)}
    access = enter_case(store_of(request), caller, case_id, Action.CASE_WRITE, wanted, body.reason, body.words)
    return Version(version=cases.save_entry(access, body.entity, entry_id, checked, body.version))
