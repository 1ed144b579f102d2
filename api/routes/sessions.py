"""Signing in and out, and access tokens."""

from typing import Annotated

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request
from pydantic import BaseModel

from api.access.caller import Caller
from api.guards import Public, Requires, store_of
from api.policy.actions import Action
from api.routes.shapes import SignIn, TokenWish
from api.services import signing_in, tokens
from api.services.tokens import TokenTerms

router = APIRouter(tags=["sessions"])


class Token(BaseModel):
    """A session's or token's secret: shown once, kept by the client only."""

    token: str


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
def end(request: Request, caller: Annotated[Caller, Requires(Action.SELF_CHANGE)]) -> None:
    """Sign out."""
    signing_in.sign_out(store_of(request), caller)


@router.get("/me")
def me(caller: Annotated[Caller, Requires(Action.SELF_READ)]) -> Me:
    """Say who is signed in."""
    return Me(member=caller.member_id, role=caller.role, language=caller.language)


@router.post("/tokens", status_code=201)
def make(request: Request, body: TokenWish, caller: Annotated[Caller, Requires(Action.SELF_CHANGE)]) -> Token:
    """Make a personal access token."""
    terms = TokenTerms(days=body.days, signs=body.signs)
    return Token(token=tokens.make_token(store_of(request), caller, terms))
