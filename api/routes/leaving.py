"""What leaves a case: how ready it is, what would leave under which decision, the document, the register."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel

from api.access.caller import Caller
from api.access.doors import CaseAccess, enter_case, held_compartments
from api.catalogue.compartments import TELLER
from api.catalogue.purposes import Purpose
from api.guards import Enters, Requires, store_of
from api.policy.actions import Action
from api.routes.paging import After, Page, page_of
from api.routes.shapes import Body, Language, Short, TakeOut, Wish
from api.routes.versions import Seen, require_seen, tag
from api.services import answering, consents, taking_out
from api.services.answering import Form
from api.services.taking_out import Disclosure

router = APIRouter(tags=["documents"], prefix="/cases/{case_id}")
REASON, ANSWERING = "prepare-submission", "answer-request"


class Subject(Body):
    """Whom it is about (a person of the case), who receives it, in which language and form; words for the log."""

    person: Short
    recipient: Short
    language: Language = "ru"
    form: Form = Form.PDF
    words: Short = ""


class Row(BaseModel):
    """One thing that is held: which field, its label, the value as it is stored, and in words."""

    field: str
    label: str
    value: str | int | list[str] | dict[str, str]
    said: str


class Held(BaseModel):
    """All that is held on one person, under its number of the register and the day."""

    number: str
    on: str
    title: str
    held: list[Row]


class Ready(BaseModel):
    """How many of the required elements are there, a sentence that names what is missing, what would leave.

    `fields` are `entity.field`; `allowed` says for each use whether the family allows it at this moment.
    """

    met: int
    of: int
    sentence: str
    fields: list[str]
    allowed: Mapping[Purpose, bool]


@router.get("/readiness")
def known(
    access: Annotated[CaseAccess, Enters(Action.CASE_READ)], profile: Annotated[str, Query(max_length=40)]
) -> Ready:
    """Say how ready a document is by what opens without a reason."""
    return _ready(access, profile)


@router.post("/readiness")
def readiness(
    request: Request, case_id: str, body: Wish, caller: Annotated[Caller, Requires(Action.CASE_OPEN_COMPARTMENT)]
) -> Ready:
    """Say how ready a document is; opens identity, with a reason."""
    return _ready(_entered(request, caller, case_id, Action.CASE_OPEN_COMPARTMENT, body.words), body.profile)


@router.get("/disclosures")
def register(access: Annotated[CaseAccess, Enters(Action.CASE_READ)], after: After = "") -> Page[Disclosure]:
    """List what has left the case, and to whom."""
    # By its number as a number, after the case's code: the tenth comes after the second.
    return page_of(taking_out.register(access), after, lambda one: one.number.rpartition("/")[2].zfill(9))


@router.post("/disclosures", response_class=Response, responses={200: {"content": {"application/pdf": {}}}})
def take_out(
    request: Request,
    case_id: str,
    body: TakeOut,
    caller: Annotated[Caller, Requires(Action.CASE_TAKE_OUT)],
    seen: Seen,
) -> Response:
    """Take a document out: consent, readiness, register, then the PDF."""
    access = _entered(request, caller, case_id, Action.CASE_TAKE_OUT, body.recipient)
    require_seen(access, seen)
    document = taking_out.take_out(access, body.profile, body.recipient)
    return Response(document.content, headers={"etag": tag(access.version + 1)}, media_type="application/pdf")


@router.post(
    "/subject",
    response_class=Response,
    responses={200: {"model": Held, "content": {"application/pdf": {}}}},
)
def answer(
    request: Request,
    case_id: str,
    body: Subject,
    caller: Annotated[Caller, Requires(Action.CASE_GIVE_SUBJECT)],
    seen: Seen,
) -> Response:
    """Give out all that is held on one person of the case, for that person: the register first, then PDF or JSON."""
    access = _entered(request, caller, case_id, Action.CASE_GIVE_SUBJECT, body.words, ANSWERING)
    require_seen(access, seen)
    made = answering.answer(access, body.person, body.recipient, body.language, body.form)
    headers = {"etag": tag(access.version + 1)}
    return Response(made.content, headers=headers, media_type=f"application/{body.form}")


def _entered(
    request: Request, caller: Caller, case_id: str, action: Action, words: str, reason: str = REASON
) -> CaseAccess:
    wanted = held_compartments(caller, case_id, store_of(request)) - TELLER
    return enter_case(store_of(request), caller, case_id, action, wanted, reason, words)


def _ready(access: CaseAccess, profile: str) -> Ready:
    found, leaving = taking_out.readiness_of(access, profile), taking_out.preview(access, profile)
    fields = [f"{one.entity}.{one.name}" for one in leaving]
    allowed = {one: consents.allows(access.store, access, one) for one in Purpose}
    return Ready(met=found.met, of=found.of, sentence=found.sentence("en"), fields=fields, allowed=allowed)
