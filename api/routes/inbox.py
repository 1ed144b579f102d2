"""The intake's inbox."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel

from api.access.caller import Caller
from api.guards import Requires, store_of
from api.policy.actions import Action
from api.routes.creation import Creation
from api.routes.paging import After, Page, page_of
from api.routes.shapes import Acceptance, Text
from api.services import candidates, inbox
from api.services.candidates import Found
from api.services.inbox import Waiting

router = APIRouter(tags=["inbox"], prefix="/inbox", route_class=Creation)


class Report(BaseModel):
    """What waits in a mailbox, opened."""

    mailbox: str
    day: str
    letters: list[Mapping[str, Any]]
    case: str


class Mailbox(BaseModel):
    """The mailbox that was written to."""

    mailbox: str


class CaseId(BaseModel):
    """The case that was made or extended."""

    case: str


@router.get("")
def waiting(
    request: Request, caller: Annotated[Caller, Requires(Action.REPORT_LIST)], after: After = ""
) -> Page[Waiting]:
    """List what waits: days and numbers, no content."""
    found = inbox.list_reports(store_of(request), caller)
    return page_of(found, after, lambda one: f"{one.day}.{one.mailbox_id}")


@router.get("/{mailbox_id}")
def read(request: Request, mailbox_id: str, caller: Annotated[Caller, Requires(Action.REPORT_READ)]) -> Report:
    """Open what waits in a mailbox; logged first."""
    view = inbox.open_report(store_of(request), caller, mailbox_id)
    return Report(mailbox=mailbox_id, day=view.day, letters=list(view.letters), case=view.case)


@router.get("/{mailbox_id}/seen-before")
def seen_before(
    request: Request,
    mailbox_id: str,
    desk: Annotated[str, Query(max_length=26)],
    caller: Annotated[Caller, Requires(Action.REPORT_READ)],
) -> Found:
    """Look among the cases of a desk for the same person: by name, however spelled, beside what else agrees."""
    store = store_of(request)
    return candidates.seen_before(store, caller, desk, inbox.open_report(store, caller, mailbox_id).report)


@router.post("/{mailbox_id}/questions", status_code=201)
def ask(
    request: Request, mailbox_id: str, body: Text, caller: Annotated[Caller, Requires(Action.REPORT_ANSWER)]
) -> Mailbox:
    """Ask the reporter back."""
    inbox.ask_back(store_of(request), caller, mailbox_id, body.text)
    return Mailbox(mailbox=mailbox_id)


@router.post("/{mailbox_id}/acceptance", status_code=201)
def accept(
    request: Request, mailbox_id: str, body: Acceptance, caller: Annotated[Caller, Requires(Action.REPORT_ACCEPT)]
) -> CaseId:
    """Make a case from what waits and from the coding, or extend one."""
    store = store_of(request)
    if body.case:
        return CaseId(case=inbox.accept_into(store, caller, mailbox_id, body.case, body.words))
    coding = [(one.entity, one.checked()) for one in body.coding]
    return CaseId(case=inbox.accept(store, caller, mailbox_id, body.desk, coding))


@router.post("/{mailbox_id}/filing")
def file(request: Request, mailbox_id: str, caller: Annotated[Caller, Requires(Action.REPORT_ACCEPT)]) -> CaseId:
    """File later letters into their case."""
    return CaseId(case=inbox.file_letters(store_of(request), caller, mailbox_id))


@router.post("/{mailbox_id}/refusal", status_code=204)
def decline(
    request: Request, mailbox_id: str, body: Text, caller: Annotated[Caller, Requires(Action.REPORT_DECLINE)]
) -> None:
    """Erase a report that the group cannot take up, and say so to its reporter."""
    inbox.decline(store_of(request), caller, mailbox_id, body.text)
