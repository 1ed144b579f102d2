"""Coming in: founding, joining, signing in and out.

Promises that a code, a passphrase and a seed travel in forms only. Must never keep what was typed beyond the answer.
"""

from collections.abc import Mapping
from typing import Annotated, Any

from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.access.caller import Caller
from api.catalogue.text import BadText, clean_text
from api.crypto import Key
from api.errors import Busy, Invalid, NotFound, OutOfOrder, SignInFailed
from api.guards import Public, Requires, refuse_foreign, store_of
from api.pages.forms import Form, read_form
from api.pages.languages import Language, render
from api.pages.staff.fields import sentences
from api.pages.staff.offers import browser_language, digits, offered, seed_of
from api.policy.actions import Action
from api.services import founding, members, own_sessions, signing_in
from api.services.founding import GroupNote
from api.services.members import Newcomer
from api.words.passphrase import strong_enough

router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)
NEWCOMER = [Public("a newcomer has no account yet"), Depends(refuse_foreign)]
SIGN_IN = [Public("signing in"), Depends(refuse_foreign)]
LATER = {"Retry-After": str(Busy.retry_after)}


@router.get("/found", dependencies=NEWCOMER)
def ask_founder(request: Request) -> str:
    """Ask for the one-time code of the terminal, and offer a passphrase and a seed."""
    if founding.is_founded(store_of(request)):
        raise NotFound
    return _offer(request, "found", {}, {})


@router.post("/found", dependencies=NEWCOMER)
async def found(request: Request) -> Response:
    """Make the group and its administrator."""
    return await _come_in(request, "found", _found)


@router.get("/join", dependencies=NEWCOMER)
def ask_newcomer(request: Request) -> str:
    """Ask for the invitation's code, and offer a passphrase and a seed."""
    return _offer(request, "join", {}, {})


@router.post("/join", dependencies=NEWCOMER)
async def join(request: Request) -> Response:
    """Make the newcomer's own keys; an administrator confirms them by voice."""
    return await _come_in(request, "join", _join)


@router.get("/sign-in", dependencies=SIGN_IN)
def ask(request: Request) -> str:
    """Ask for login, passphrase and code."""
    return _sign_in_page(request, {}, {})


@router.post("/sign-in", dependencies=SIGN_IN)
async def sign_in(request: Request) -> Response:
    """Sign in, or say that something was not right, never what."""
    form = await read_form(request)
    kept = {"login": form.values().get("login", "")}
    try:
        key = await request.app.state.stretcher.derive(form.get("passphrase"), form.get("login"))
        token = await run_sync(signing_in.sign_in, store_of(request), key, form.get("login"), form.get("code"))
    except SignInFailed:
        return HTMLResponse(_sign_in_page(request, kept, {"form": "failed"}), 401)
    except Busy:
        return HTMLResponse(_sign_in_page(request, kept, {"form": "busy"}), 503, LATER)
    return with_cookie(request, RedirectResponse("/today", 303), token)


@router.post("/sign-out")
def sign_out(request: Request, caller: Annotated[Caller, Requires(Action.SELF_CHANGE)]) -> Response:
    """End the session."""
    own_sessions.sign_out(store_of(request), caller)
    settings = request.app.state.settings
    # A browser lets go of a `__Host-` cookie only where the answer that ends it is Secure, too.
    answer = RedirectResponse("/sign-in", 303, {"Clear-Site-Data": '"cache", "cookies", "storage"'})
    answer.delete_cookie(settings.cookie, path="/", secure=settings.secure, httponly=True, samesite="strict")
    return answer


def with_cookie(request: Request, answer: Response, token: str) -> Response:
    settings = request.app.state.settings
    answer.set_cookie(settings.cookie, token, path="/", secure=settings.secure, httponly=True, samesite="strict")
    return answer


async def _come_in(request: Request, where: str, use: Any) -> Response:
    """Stretch the chosen passphrase, make the member, and say what comes next; or show the form again."""
    form = await read_form(request)
    problems = _problems(form, where)
    if problems:
        return HTMLResponse(_offer(request, where, form.values(), problems), 422)
    try:
        key = await request.app.state.stretcher.derive(form.get("passphrase"), form.get("login"))
        answer: Response = await run_sync(use, request, form, _newcomer(form, key))
    except Invalid as refused:
        problems = _beside(refused.problems, browser_language(request))
        return HTMLResponse(_offer(request, where, form.values(), problems), 422)
    except Busy:
        return HTMLResponse(_offer(request, where, form.values(), {"form": "busy"}), 503, LATER)
    except (NotFound, OutOfOrder):
        return HTMLResponse(_offer(request, where, form.values(), {"code": "code-unknown"}), 422)
    return answer


def _beside(problems: Mapping[str, str], language: Language) -> dict[str, str]:
    """Put a wrong one-time code beside its own field: `code` on these pages is the invitation's."""
    named = {"totp_code" if code == "wrong-code" else name: code for name, code in problems.items()}
    return sentences(named, language)


def _found(request: Request, form: Form, newcomer: Newcomer) -> Response:
    note = GroupNote(_clean(form, "group", 200), _clean(form, "contact", 200))
    founding.found_group(store_of(request), form.get("code"), note, newcomer)
    return RedirectResponse("/sign-in", 303)


def _join(request: Request, form: Form, newcomer: Newcomer) -> Response:
    """Show the newcomer their six words: nobody else's page does, and before they are confirmed no page of theirs."""
    joined = members.view(store_of(request), members.join(store_of(request), form.get("code"), newcomer))
    shown: dict[str, Any] = {"title": "Lastheard", "values": {}, "problems": {}, "words": " ".join(joined.words)}
    return HTMLResponse(render("staff/joined.html", newcomer.language, **shown))


def _problems(form: Form, where: str) -> dict[str, str]:
    needed = ("code", "login", "initial", "passphrase", "totp_code", *(("group",) if where == "found" else ()))
    problems = {name: "missing" for name in needed if not form.get(name).strip()}
    if form.get("passphrase") and not strong_enough(form.get("passphrase")):
        problems["passphrase"] = "weak"
    if seed_of(form) is None:
        problems["totp_code"] = "missing"
    return problems


def _newcomer(form: Form, key: Key) -> Newcomer:
    seed = seed_of(form) or Key.fresh()
    language: Language = "ru" if form.get("language") == "ru" else "uk" if form.get("language") == "uk" else "en"
    initial = _clean(form, "initial", 10)
    return Newcomer(form.get("login"), key, seed, digits(form.get("totp_code")), initial, language)


def _clean(form: Form, name: str, limit: int) -> str:
    try:
        return clean_text(form.get(name), limit)
    except BadText as refused:
        raise Invalid({name: refused.code}) from None


def _offer(request: Request, where: str, values: Mapping[str, Any], problems: Mapping[str, str]) -> str:
    """Show the form; a passphrase and a seed that were offered once are offered again."""
    language = browser_language(request)
    context = {**offered(language, values), "founding": where == "found", "values": values, "problems": problems}
    return render("staff/join.html", language, title="Lastheard", **context)


def _sign_in_page(request: Request, values: Mapping[str, Any], problems: Mapping[str, str]) -> str:
    return render("staff/sign_in.html", browser_language(request), title="Lastheard", values=values, problems=problems)
