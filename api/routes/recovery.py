"""Recovery by k trustees, and a new split: what a member, a trustee, or a stranger with a code may do."""

from typing import Annotated

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from api.access.caller import Caller
from api.errors import Invalid
from api.guards import Public, Requires, store_of
from api.policy.actions import Action
from api.routes.creation import Creation
from api.routes.paging import Page
from api.routes.proofs import ClaimBody, SignIn, seed_in
from api.routes.sessions import Token
from api.routes.shapes import BringBody, RecoveryBody
from api.services import ceremonies, recovering, shares, splitting
from api.services.ceremonies import CeremonyView
from api.services.signing_in import Device
from api.words.passphrase import strong_enough

router = APIRouter(tags=["recovery"], prefix="/recovery", route_class=Creation)
LOST = [Public("who lost passphrase and printed code cannot sign in; k trustees decide")]


class OpenedRecovery(BaseModel):
    """The recovery, and the code to be handed to the member in person: shown once."""

    ceremony: str
    code: str = Field(repr=False)


class OpenedSplit(BaseModel):
    """The new split, and the six words to be read out to who brings an old share."""

    ceremony: str
    words: str


class Claimed(BaseModel):
    """The six words to be read out, by voice, to each trustee."""

    words: str


@router.get("/ceremonies")
def announced(request: Request, caller: Annotated[Caller, Requires(Action.SELF_READ)]) -> Page[CeremonyView]:
    """List the recoveries and splits that are open: everyone is told."""
    return Page(lines=list(ceremonies.announced(store_of(request), caller)), next="")


@router.post("/members/{member_id}", status_code=201)
def open_for(
    request: Request, member_id: str, caller: Annotated[Caller, Requires(Action.RECOVERY_OPEN)]
) -> OpenedRecovery:
    """Open the recovery of one member; 72 hours begin."""
    made = recovering.open_for(store_of(request), caller, member_id)
    return OpenedRecovery(ceremony=made.ceremony, code=made.code)


@router.post("/claims", dependencies=LOST)
async def claim(request: Request, body: ClaimBody) -> Claimed:
    """Take up one's recovery with the code, a new passphrase and a new authenticator."""
    if not strong_enough(body.passphrase):
        raise Invalid({"passphrase": "weak"})
    device = Device(seed_in(body.seed), body.code)
    key = await request.app.state.stretcher.derive(body.passphrase, body.login)
    given = (body.claim, body.login, key, device)
    return Claimed(words=" ".join(await run_sync(recovering.claim, store_of(request), *given)))


@router.post("/sessions", status_code=201, dependencies=LOST)
async def finish(request: Request, body: SignIn) -> Token:
    """Finish one's recovery, after 72 hours and with k shares, and sign in."""
    key = await request.app.state.stretcher.derive(body.passphrase, body.login)
    return Token(token=await run_sync(recovering.finish, store_of(request), key, body.login, body.code))


@router.post("/ceremonies/{ceremony_id}/shares", status_code=204)
def bring(
    request: Request, ceremony_id: str, body: BringBody, caller: Annotated[Caller, Requires(Action.RECOVERY_BRING)]
) -> None:
    """Bring one's share, kept here or typed from paper, after the six words were heard."""
    shares.bring(store_of(request), caller, ceremony_id, body.words, body.share)


@router.delete("/ceremonies/{ceremony_id}", status_code=204)
def cancel(request: Request, ceremony_id: str, caller: Annotated[Caller, Requires(Action.RECOVERY_CANCEL)]) -> None:
    """End a recovery or a split: the member, any trustee, any auditor."""
    ceremonies.cancel(store_of(request), caller, ceremony_id)


@router.post("/splits", status_code=201)
def open_split(
    request: Request, body: RecoveryBody, caller: Annotated[Caller, Requires(Action.RECOVERY_SPLIT)]
) -> OpenedSplit:
    """Open a new split among trustees whose six words were heard."""
    made, words = splitting.open_split(store_of(request), caller, body.threshold, body.trustees)
    return OpenedSplit(ceremony=made, words=" ".join(words))


@router.post("/splits/{ceremony_id}/key", status_code=204)
def finish_split(
    request: Request, ceremony_id: str, caller: Annotated[Caller, Requires(Action.RECOVERY_SPLIT)]
) -> None:
    """Make the next recovery key, after 72 hours and with k old shares; the new shares are shown to their trustees."""
    splitting.finish_split(store_of(request), caller, ceremony_id)
