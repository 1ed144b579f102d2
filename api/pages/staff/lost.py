"""A lost passphrase: the printed recovery code opens one's own keys once more.

Promises that an unknown login, another code and a suspended member answer alike, after equal work. Must never tell
which it was.
"""

from collections.abc import Mapping
from typing import Any

from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.errors import Busy, SignInFailed
from api.guards import Public, refuse_foreign, store_of
from api.pages.forms import Form, read_form
from api.pages.languages import render
from api.pages.staff.offers import browser_language, digits, offered, seed_of
from api.services import signing_in
from api.services.signing_in import Device
from api.words.passphrase import strong_enough

router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)
LOST = [Public("who lost the passphrase cannot sign in; the printed code decides"), Depends(refuse_foreign)]
LATER = {"Retry-After": str(Busy.retry_after)}


@router.get("/lost", dependencies=LOST)
def ask(request: Request) -> str:
    """Ask for the printed code, and offer a passphrase and a seed."""
    return _page(request, {}, {})


@router.post("/lost", dependencies=LOST)
async def recover(request: Request) -> Response:
    """Set a new passphrase, and a new authenticator where the old one is lost, too."""
    form = await read_form(request)
    problems = _problems(form)
    if problems:
        return HTMLResponse(_page(request, form.values(), problems), 422)
    seed, code = seed_of(form), digits(form.get("totp_code"))
    device = Device(seed, code) if seed and code else None
    try:
        key = await request.app.state.stretcher.derive(form.get("passphrase"), form.get("login"))
        given = (form.get("login"), form.get("printed"), key, device)
        await run_sync(signing_in.recover, store_of(request), *given)
    except SignInFailed:
        return HTMLResponse(_page(request, form.values(), {"form": "not-opened"}), 401)
    except Busy:
        return HTMLResponse(_page(request, form.values(), {"form": "busy"}), 503, LATER)
    return RedirectResponse("/sign-in", 303)


def _problems(form: Form) -> dict[str, str]:
    problems = {name: "missing" for name in ("login", "printed", "passphrase") if not form.get(name).strip()}
    if form.get("passphrase") and not strong_enough(form.get("passphrase")):
        problems |= {"passphrase": "weak"}
    if form.get("totp_code").strip() and seed_of(form) is None:
        problems |= {"totp_code": "wrong-code"}
    return problems


def _page(request: Request, values: Mapping[str, Any], problems: Mapping[str, str]) -> str:
    language = browser_language(request)
    context = {**offered(language, values), "values": values, "problems": problems}
    return render("staff/lost.html", language, title="Lastheard", **context)
