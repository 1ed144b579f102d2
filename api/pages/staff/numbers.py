"""Counts, the log, the inventory, one's own account.

Promises that counts are marked as the desk's own, and that the log is shown with the proof that it is whole. Must never
show a passphrase or a token a second time.
"""

from typing import Annotated

from anyio.to_thread import run_sync
from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api import audit
from api.access.caller import Caller
from api.catalogue.compartments import Compartment
from api.catalogue.fields import FIELDS, Kind
from api.catalogue.terms import label
from api.errors import SignInFailed
from api.guards import Requires, store_of
from api.pages.forms import read_form
from api.pages.staff.frame import language_of, show
from api.policy.actions import Action
from api.policy.roles import readers
from api.services import counting, logbook, signing_in, tokens
from api.services.tokens import TokenTerms
from api.words.passphrase import strong_enough

router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)
COUNTED = (Kind.TERM, Kind.CHOICE)


@router.get("/counts")
def counts(
    request: Request,
    caller: Annotated[Caller, Requires(Action.CASE_COUNT)],
    dimension: Annotated[str, Query(max_length=40)] = "case.status",
) -> Response:
    """Count the consenting cases by one dimension."""
    language = language_of(caller)
    found = counting.count_cases(store_of(request), caller, dimension)
    coded = [one for one in FIELDS if one.compartment is Compartment.FACTS and one.kind in COUNTED]
    choices = [(f"{one.entity}.{one.name}", one.labels[language]) for one in coded]
    rows = [(_named(value, language), number) for value, number in found.counts.items()]
    context: dict[str, object] = {
        "counted": found,
        "rows": rows,
        "choices": choices,
        "most": max(found.counts.values(), default=1),
    }
    return show(caller, "counts.html", "Counts", "/counts", 200, **context)


@router.get("/log")
def log(request: Request, caller: Annotated[Caller, Requires(Action.LOG_READ)]) -> Response:
    """Show the newest entries beside the proof that the log is whole."""
    store = store_of(request)
    context: dict[str, object] = {"entries": logbook.newest(store, caller), "verdict": audit.verify(store)}
    return show(caller, "log.html", "Log", "/log", 200, **context)


@router.get("/inventory")
def show_inventory(caller: Annotated[Caller, Requires(Action.SELF_READ)]) -> Response:
    """Show every field, why it is kept, how long, who reads it."""
    listed = [(one, ", ".join(readers(one.compartment))) for one in FIELDS]
    return show(caller, "inventory.html", "What we keep", "/inventory", listed=listed)


@router.get("/me")
def me(request: Request, caller: Annotated[Caller, Requires(Action.SELF_READ)]) -> Response:
    """Show one's sessions, and what can be changed."""
    return _me(request, caller)


@router.post("/me/passphrase")
async def change(request: Request, caller: Annotated[Caller, Requires(Action.SELF_CHANGE)]) -> Response:
    """Change one's passphrase; ends all one's sessions."""
    form, stretcher = await read_form(request), request.app.state.stretcher
    if not strong_enough(form.get("new")):
        return await run_sync(lambda: _me(request, caller, wrong="weak", status=422))
    old = await stretcher.derive(form.get("passphrase"), form.get("login"))
    new = await stretcher.derive(form.get("new"), form.get("login"))
    given = (form.get("login"), old, new, form.get("code"))
    try:
        await run_sync(signing_in.change_passphrase, store_of(request), caller, *given)
    except SignInFailed:
        return await run_sync(lambda: _me(request, caller, wrong="failed", status=401))
    return RedirectResponse("/sign-in", 303)


@router.post("/me/code")
async def print_code(request: Request, caller: Annotated[Caller, Requires(Action.SELF_CHANGE)]) -> Response:
    """Show a new recovery code, once."""
    form = await read_form(request)
    key = await request.app.state.stretcher.derive(form.get("passphrase"), form.get("login"))
    try:
        code = await run_sync(signing_in.print_code, store_of(request), caller, form.get("login"), key)
    except SignInFailed:
        return await run_sync(lambda: _me(request, caller, wrong="failed", status=401))
    return await run_sync(lambda: _me(request, caller, shown=code))


@router.post("/me/tokens")
async def make_token(request: Request, caller: Annotated[Caller, Requires(Action.SELF_CHANGE)]) -> Response:
    """Show a new access token, once."""
    form = await read_form(request)
    days = int(form.get("days")) if form.get("days").isdigit() else 0
    terms = TokenTerms(days=days, signs=form.get("signs") == "yes")
    token = await run_sync(tokens.make_token, store_of(request), caller, terms)
    return await run_sync(lambda: _me(request, caller, shown=token))


@router.post("/me/sessions/{session_id}/end")
def end(request: Request, session_id: str, caller: Annotated[Caller, Requires(Action.SELF_CHANGE)]) -> Response:
    """End one of one's sessions or tokens."""
    signing_in.end_own(store_of(request), caller, session_id)
    return RedirectResponse("/me", 303)


def _me(request: Request, caller: Caller, wrong: str = "", shown: str = "", status: int = 200) -> HTMLResponse:
    listed = signing_in.own_sessions(store_of(request), caller)
    return show(caller, "me.html", "My account", "/me", status, sessions=listed, wrong=wrong, shown=shown)


def _named(value: str, language: str) -> str:
    try:
        return label(value, "ru" if language == "ru" else "uk" if language == "uk" else "en")
    except KeyError:
        return value or "—"
