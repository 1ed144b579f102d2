"""The data inventory: every field, why it is kept, how long, who can read it, and what may stand in it."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel

from api.access.caller import Caller
from api.catalogue.compartments import Compartment, Labels
from api.catalogue.fields import FIELDS, Field, Kind
from api.catalogue.retention import TABLE
from api.catalogue.terms import terms_of
from api.guards import Requires
from api.policy.actions import Action
from api.policy.roles import Role, readers
from api.routes.paging import After, Page, page_of

router = APIRouter(tags=["inventory"])
CODED = (Kind.TERM, Kind.CHOICE)


class Kept(BaseModel):
    """One field: what it is for, where it lies, how long, who can come to read it; `terms` are the codes it takes."""

    field: str
    kind: Kind
    purpose: str
    compartment: Compartment
    kept: str
    readers: tuple[Role, ...]
    required: bool
    repeated: bool
    labels: Labels
    terms: list[str]


@router.get("/inventory")
def inventory(caller: Annotated[Caller, Requires(Action.SELF_READ)], after: After = "") -> Page[Kept]:
    """List every field that is kept about people."""
    page = page_of(FIELDS, after, lambda one: f"{_name(one)}.{one.compartment}")
    return Page(lines=[_kept(one) for one in page.lines], next=page.next)


def _name(one: Field) -> str:
    return f"{one.entity}.{one.name}"


def _kept(one: Field) -> Kept:
    return Kept(
        field=_name(one),
        kind=one.kind,
        purpose=one.purpose,
        compartment=one.compartment,
        kept=str(TABLE[one.retention]),
        readers=readers(one.compartment),
        required=one.required,
        repeated=one.repeated,
        labels=one.labels,
        terms=[term.code for term in terms_of(one.term_list or "")] if one.kind in CODED else [],
    )
