"""What a family does, without an account: the receipt travels in each body, never in an address."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel

from api.catalogue.purposes import Purpose
from api.catalogue.telling import read_told
from api.catalogue.text import clean_long_text
from api.crypto.people import random_bytes
from api.errors import Invalid, NotFound
from api.guards import Public, store_of
from api.routes.shapes import Decided, Language, Message, ReceiptBody, ReportBody
from api.services import receiving
from api.words.receipt import new_receipt, read_receipt

router = APIRouter(tags=["reports"])
FAMILY = [Public("a family reports without an account")]


class Receipt(BaseModel):
    """Eleven words that nobody can restore."""

    receipt: str


class Mailbox(BaseModel):
    """All letters, oldest first, and what is allowed."""

    letters: list[dict[str, Any]]
    consents: Mapping[Purpose, str]
    accepted: bool


@router.get("/receipts/new", dependencies=FAMILY)
def fresh(language: Language = "ru") -> Receipt:
    """Return fresh words for a report that is about to be sent."""
    return Receipt(receipt=" ".join(new_receipt(language, random_bytes(16))))


@router.post("/reports", status_code=201, dependencies=FAMILY)
def send(request: Request, body: ReportBody) -> Receipt:
    """Send a report; sent again under the same receipt it meets the same mailbox."""
    material = read_receipt(body.receipt)
    if material is None:
        raise Invalid({"receipt": "malformed"})
    about, problems = read_told(body.about)
    if problems:
        raise Invalid(problems)
    consents = {purpose.value: value.value for purpose, value in body.consents.items()}
    note = {"language": body.language, "about": about, "consents": consents}
    receiving.send_report(store_of(request), material, note)
    return Receipt(receipt=body.receipt)


@router.post("/mailbox", dependencies=FAMILY)
def open_(request: Request, body: ReceiptBody) -> Mailbox:
    """Open the mailbox of a receipt; unknown and malformed answer alike."""
    view = receiving.open_mailbox(store_of(request), read_receipt(body.receipt))
    if view is None:
        raise NotFound
    consents = {purpose: value.value for purpose, value in view.consents.items()}
    return Mailbox(letters=receiving.own_copy(view), consents=consents, accepted=view.accepted)


@router.post("/mailbox/letters", status_code=204, dependencies=FAMILY)
def write(request: Request, body: Message) -> None:
    """Add an answer or an addition."""
    note = {"text": clean_long_text(body.text), "language": body.language}
    receiving.write_letter(store_of(request), _material(body), receiving.ADDITION, note)


@router.post("/mailbox/consents", status_code=204, dependencies=FAMILY)
def decide(request: Request, body: Decided) -> None:
    """Decide on one purpose: a "no" holds at once, a "yes" when a member has filed it."""
    receiving.decide_consent(store_of(request), _material(body), body.purpose, body.value)


@router.post("/mailbox/erasure", status_code=204, dependencies=FAMILY)
def erase(request: Request, body: ReceiptBody) -> None:
    """Ask for everything to be erased."""
    receiving.ask_erasure(store_of(request), _material(body))


def _material(body: ReceiptBody) -> bytes:
    material = read_receipt(body.receipt)
    if material is None:
        raise NotFound
    return material
