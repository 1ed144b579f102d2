"""One's own account: passphrase, recovery code, authenticator, sessions and tokens.

Promises that whoever changes how to sign in, or makes a token, shows the passphrase again. Must never show a secret a
second time, nor keep one that was typed.
"""

from collections.abc import Mapping
from typing import Annotated

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.access.caller import Caller
from api.errors import Busy, Invalid, SessionEnded, SignInFailed
from api.guards import Requires, store_of
from api.pages.forms import Form, read_form
from api.pages.staff.frame import language_of, number, show
from api.pages.staff.offers import digits, offered, seed_of
from api.policy.actions import Action
from api.services import members, own_sessions, signing_in, tokens
from api.services.signing_in import Device, Proof
from api.services.tokens import TokenTerms
from api.words.passphrase import strong_enough

router = APIRouter(prefix="/me", default_response_class=HTMLResponse, include_in_schema=False)
# What is typed again after a refusal is a secret; the rest stays.
KEPT = ("login", "days", "signs")


@router.get("")
def me(request: Request, caller: Annotated[Caller, Requires(Action.SELF_READ)]) -> Response:
    """Show one's sessions, and what can be changed."""
    return _me(request, caller)


@router.post("/passphrase")
async def change(request: Request, caller: Annotated[Caller, Requires(Action.SELF_CHANGE)]) -> Response:
    """Change one's passphrase; ends all one's sessions."""
    form, stretcher = await read_form(request), request.app.state.stretcher
    if not strong_enough(form.get("new")):
        return await run_sync(_refused, request, caller, form, "passphrase", {"new": "weak"}, 422)
    try:
        old = await stretcher.derive(form.get("passphrase"), form.get("login"))
        new = await stretcher.derive(form.get("new"), form.get("login"))
        given = (form.get("login"), old, new, digits(form.get("code")))
        await run_sync(signing_in.change_passphrase, store_of(request), caller, *given)
    except (SignInFailed, Busy) as refused:
        return await run_sync(_refused, request, caller, form, "passphrase", *_said(refused))
    return RedirectResponse("/sign-in", 303)


@router.post("/code")
async def print_code(request: Request, caller: Annotated[Caller, Requires(Action.SELF_CHANGE)]) -> Response:
    """Show a new recovery code, once."""
    form = await read_form(request)
    try:
        key = await request.app.state.stretcher.derive(form.get("passphrase"), form.get("login"))
        proof = Proof(form.get("login"), key, digits(form.get("code")))
        code = await run_sync(signing_in.print_code, store_of(request), caller, proof)
    except (SignInFailed, Busy) as refused:
        return await run_sync(_refused, request, caller, form, "code", *_said(refused))
    return await run_sync(_me, request, caller, code)


@router.get("/device")
def ask_device(caller: Annotated[Caller, Requires(Action.SELF_READ)]) -> Response:
    """Offer a seed for another authenticator."""
    return _device(caller, {}, {}, 200)


@router.post("/device")
async def change_device(request: Request, caller: Annotated[Caller, Requires(Action.SELF_CHANGE)]) -> Response:
    """Take another authenticator; ends all one's sessions."""
    form = await read_form(request)
    seed, kept = seed_of(form), {"login": form.get("login"), "totp": form.get("totp")}
    missing = {name: "missing" for name in ("code", "shown") if not form.get(name).strip()}
    if seed is None or missing:
        return await run_sync(_device, caller, kept, missing, 422)
    try:
        key = await request.app.state.stretcher.derive(form.get("passphrase"), form.get("login"))
        proof, device = Proof(form.get("login"), key, digits(form.get("code"))), Device(seed, digits(form.get("shown")))
        await run_sync(signing_in.change_device, store_of(request), caller, proof, device)
    except (SignInFailed, Busy) as refused:
        return await run_sync(_device, caller, kept, *_said(refused))
    return RedirectResponse("/sign-in", 303)


@router.post("/tokens")
async def make_token(request: Request, caller: Annotated[Caller, Requires(Action.SELF_CHANGE)]) -> Response:
    """Show a new access token, once, to who shows the passphrase and a code again."""
    form = await read_form(request)
    terms = TokenTerms(days=number(form.get("days")), signs=form.get("signs") == "yes")
    try:
        key = await request.app.state.stretcher.derive(form.get("passphrase"), form.get("login"))
        proof = Proof(form.get("login"), key, digits(form.get("code")))
        token = await run_sync(tokens.make_token, store_of(request), caller, terms, proof)
    except Invalid:
        return await run_sync(_refused, request, caller, form, "tokens", {"days": "token-days"}, 422)
    except (SignInFailed, Busy) as refused:
        return await run_sync(_refused, request, caller, form, "tokens", *_said(refused))
    return await run_sync(_me, request, caller, token)


@router.post("/sessions/{session_id}/end")
def end(request: Request, session_id: str, caller: Annotated[Caller, Requires(Action.SELF_CHANGE)]) -> Response:
    """End one of one's sessions or tokens; one that has ended meanwhile needs no more."""
    try:
        own_sessions.end_own(store_of(request), caller, session_id)
    except SessionEnded:
        return RedirectResponse("/me", 303)
    return RedirectResponse("/me", 303)


def _said(refused: SignInFailed | Busy) -> tuple[dict[str, str], int]:
    return ({"form": "busy"}, 503) if isinstance(refused, Busy) else ({"form": "failed"}, 422)


def _refused(
    request: Request, caller: Caller, form: Form, at: str, problems: Mapping[str, str], status: int
) -> HTMLResponse:
    values = {name: value for name, value in form.values().items() if name in KEPT}
    return _me(request, caller, "", {"at": at, "problems": problems, "values": values}, status)


def _me(
    request: Request, caller: Caller, shown: str = "", refused: Mapping[str, object] | None = None, status: int = 200
) -> HTMLResponse:
    listed = own_sessions.listed(store_of(request), caller)
    example = members.offer(language_of(caller)).passphrase
    context: dict[str, object] = {"sessions": listed, "shown": shown, "example": example, "at": ""}
    context |= {"mine": members.view(store_of(request), caller.member_id)}
    return show(caller, "me.html", "My account", "/me", status, **(context | dict(refused or {})))


def _device(caller: Caller, kept: Mapping[str, str], problems: Mapping[str, str], status: int) -> HTMLResponse:
    context = {**offered(language_of(caller), kept), "values": kept, "problems": problems}
    return show(caller, "device.html", "My account", "/me", status, **context)
