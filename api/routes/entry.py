"""Coming in: the founding, joining, and what a newcomer is offered."""

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from api.catalogue.text import BadText, clean_text
from api.crypto.people import token_of
from api.errors import Invalid
from api.guards import Public, store_of
from api.routes.proofs import FounderBody, NewcomerBody, seed_in
from api.routes.shapes import Language
from api.services import founding, members
from api.services.founding import GroupNote
from api.services.members import Newcomer
from api.words.passphrase import strong_enough

router = APIRouter(tags=["coming in"])
NEWCOMER = [Public("a newcomer has no account yet")]


class Offer(BaseModel):
    """A drawn passphrase, and a seed for one-time codes: as it is sent back, and as an authenticator takes it."""

    passphrase: str = Field(repr=False)
    seed: str = Field(repr=False)
    secret: str = Field(repr=False)


class Joined(BaseModel):
    """The newcomer, and the six words of their keys, to be read out when they are called."""

    member: str
    words: str


@router.get("/offers", dependencies=NEWCOMER)
def offer(language: Language = "en") -> Offer:
    """Draw a passphrase of 77 bits and a seed for one-time codes; nothing of it is kept."""
    drawn = members.offer(language)
    return Offer(passphrase=drawn.passphrase, seed=token_of(drawn.totp), secret=drawn.secret)


@router.post("/founding", status_code=201, dependencies=NEWCOMER)
async def found(request: Request, body: FounderBody) -> Joined:
    """Make the group and its administrator, once, with the code that the terminal shows."""
    note = GroupNote(_clean(body.group, "group"), _clean(body.contact, "contact"))
    newcomer = await _newcomer(request, body)
    member_id = await run_sync(founding.found_group, store_of(request), body.invitation, note, newcomer)
    return await run_sync(_joined, request, member_id)


@router.post("/members", status_code=201, dependencies=NEWCOMER)
async def join(request: Request, body: NewcomerBody) -> Joined:
    """Make the newcomer's own keys; an administrator confirms them by voice."""
    newcomer = await _newcomer(request, body)
    member_id = await run_sync(members.join, store_of(request), body.invitation, newcomer)
    return await run_sync(_joined, request, member_id)


def _joined(request: Request, member_id: str) -> Joined:
    return Joined(member=member_id, words=" ".join(members.view(store_of(request), member_id).words))


async def _newcomer(request: Request, body: NewcomerBody) -> Newcomer:
    seed, initial = seed_in(body.seed), _clean(body.initial, "initial")
    if not strong_enough(body.passphrase):
        raise Invalid({"passphrase": "weak"})
    key = await request.app.state.stretcher.derive(body.passphrase, body.login)
    return Newcomer(body.login, key, seed, body.code, initial, body.language)


def _clean(text: str, name: str) -> str:
    try:
        return clean_text(text, 200)
    except BadText as refused:
        raise Invalid({name: refused.code}) from None
