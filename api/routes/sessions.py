"""Signing in and out, and access tokens."""

from typing import Annotated

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from api.access.caller import Caller
from api.errors import Invalid
from api.guards import Public, Requires, store_of
from api.policy.actions import Action
from api.routes.creation import Creation
from api.routes.paging import After, Page, page_of
from api.routes.proofs import DeviceBody, PassphraseBody, Recovering, SignIn, TokenWish, seed_in
from api.services import own_sessions, signing_in, tokens
from api.services.signing_in import Device, Proof
from api.services.tokens import TokenTerms
from api.words.passphrase import strong_enough

router = APIRouter(tags=["sessions"], route_class=Creation)
Changes = Annotated[Caller, Requires(Action.SELF_CHANGE)]


class Token(BaseModel):
    """A session's or token's secret: shown once, kept by the client only."""

    token: str


class Printed(BaseModel):
    """A recovery code: shown once."""

    printed: str = Field(repr=False)


class Session(BaseModel):
    """One of one's own sessions or tokens, and whether it is the one that asks."""

    id: str
    present: bool


class Me(BaseModel):
    """Who is signed in."""

    member: str
    role: str
    language: str


@router.post("/sessions", status_code=201, dependencies=[Public("signing in")])
async def begin(request: Request, body: SignIn) -> Token:
    """Sign in with login, passphrase and one-time code; the token goes into `Authorization: Bearer`."""
    key = await request.app.state.stretcher.derive(body.passphrase, body.login)
    return Token(token=await run_sync(signing_in.sign_in, store_of(request), key, body.login, body.code))


@router.delete("/sessions/current", status_code=204)
def end(request: Request, caller: Changes) -> None:
    """Sign out."""
    own_sessions.sign_out(store_of(request), caller)


@router.get("/sessions")
def list_(request: Request, caller: Annotated[Caller, Requires(Action.SELF_READ)], after: After = "") -> Page[Session]:
    """List one's own sessions and tokens."""
    listed = own_sessions.listed(store_of(request), caller)
    return page_of([Session(id=one, present=present) for one, present in listed], after, lambda one: one.id)


@router.delete("/sessions/{session_id}", status_code=204)
def end_own(request: Request, session_id: str, caller: Changes) -> None:
    """End one of one's own sessions or tokens."""
    own_sessions.end_own(store_of(request), caller, session_id)


@router.post("/recoveries", status_code=204, dependencies=[Public("who lost the passphrase cannot sign in")])
async def recover(request: Request, body: Recovering) -> None:
    """Set a new passphrase with the printed code, and a new authenticator where the old one is lost, too."""
    if not strong_enough(body.passphrase):
        raise Invalid({"passphrase": "weak"})
    device = Device(seed_in(body.seed), body.code) if body.code else None
    key = await request.app.state.stretcher.derive(body.passphrase, body.login)
    await run_sync(signing_in.recover, store_of(request), body.login, body.printed, key, device)


@router.put("/me/passphrase", status_code=204)
async def change_passphrase(request: Request, body: PassphraseBody, caller: Changes) -> None:
    """Change one's passphrase; ends all one's sessions and tokens."""
    if not strong_enough(body.new):
        raise Invalid({"new": "weak"})
    old = await request.app.state.stretcher.derive(body.passphrase, body.login)
    new = await request.app.state.stretcher.derive(body.new, body.login)
    given = (body.login, old, new, body.code)
    await run_sync(signing_in.change_passphrase, store_of(request), caller, *given)


@router.put("/me/recovery-code")
async def print_code(request: Request, body: SignIn, caller: Changes) -> Printed:
    """Print a new recovery code, in place of an earlier one; login, passphrase and a code are asked for again."""
    key = await request.app.state.stretcher.derive(body.passphrase, body.login)
    proof = Proof(body.login, key, body.code)
    return Printed(printed=await run_sync(signing_in.print_code, store_of(request), caller, proof))


@router.put("/me/device", status_code=204)
async def change_device(request: Request, body: DeviceBody, caller: Changes) -> None:
    """Take another authenticator; ends all one's sessions and tokens."""
    device = Device(seed_in(body.seed), body.shown)
    key = await request.app.state.stretcher.derive(body.passphrase, body.login)
    proof = Proof(body.login, key, body.code)
    await run_sync(signing_in.change_device, store_of(request), caller, proof, device)


@router.get("/me")
def me(caller: Annotated[Caller, Requires(Action.SELF_READ)]) -> Me:
    """Say who is signed in."""
    return Me(member=caller.member_id, role=caller.role, language=caller.language)


@router.post("/tokens", status_code=201)
async def make(request: Request, body: TokenWish, caller: Changes) -> Token:
    """Make a personal access token; login, passphrase and a code not yet used are asked for again."""
    chosen = tokens.grants_for(caller, body.desks, body.cases)
    terms = TokenTerms(days=body.days, grants=chosen, signs=body.signs)
    key = await request.app.state.stretcher.derive(body.passphrase, body.login)
    proof = Proof(body.login, key, body.code)
    return Token(token=await run_sync(tokens.make_token, store_of(request), caller, terms, proof))
