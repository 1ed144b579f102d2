"""Recovery by k trustees: the trustees' pages, and the one on which who lost everything comes back.

Promises that a share is brought over words that were heard, and that a stranger learns nothing. Must never show a
share to anyone but its trustee.
"""

from collections.abc import Mapping
from typing import Annotated, Any

from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.access.caller import Caller
from api.errors import Busy, Forbidden, Invalid, NotFound, NotYet, OtherShare, OutOfOrder, Refused, SignInFailed
from api.guards import Public, Requires, refuse_foreign, store_of
from api.pages.forms import Form, read_form
from api.pages.languages import render
from api.pages.staff.entry import with_cookie
from api.pages.staff.fields import sentences
from api.pages.staff.frame import language_of, number, show
from api.pages.staff.offers import browser_language, digits, offered, seed_of
from api.pages.staff.today import heard
from api.policy.actions import Action
from api.services import ceremonies, members, recovering, shares, splitting, trustees
from api.services.signing_in import Device
from api.words.passphrase import strong_enough

router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)
LOST = [Public("who lost passphrase and printed code cannot sign in; k trustees decide"), Depends(refuse_foreign)]
LATER = {"Retry-After": str(Busy.retry_after)}
SAID: Mapping[type[Refused], str] = {
    NotFound: "code-unknown",
    OutOfOrder: "code-unknown",
    SignInFailed: "failed",
    NotYet: "not-yet",
    OtherShare: "other-share",
    Forbidden: "not-yours",
}


@router.get("/recovery")
def recovery(request: Request, caller: Annotated[Caller, Requires(Action.RECOVERY_READ)]) -> Response:
    """Explain the share, offer to show it, and list what a share can be brought to."""
    return _recovery(request, caller)


@router.post("/recovery")
def show_share(request: Request, caller: Annotated[Caller, Requires(Action.RECOVERY_READ)]) -> Response:
    """Show one's own share, to be printed; logged."""
    try:
        share = trustees.own_share(store_of(request), caller)
    except NotFound:
        return _recovery(request, caller, status=404, missing=True)
    return _recovery(request, caller, share=share)


@router.post("/members/{member_id}/recovery")
def open_for(request: Request, member_id: str, caller: Annotated[Caller, Requires(Action.RECOVERY_OPEN)]) -> Response:
    """Open the recovery of a member, and show the code once."""
    try:
        opened = recovering.open_for(store_of(request), caller, member_id)
    except (OutOfOrder, Forbidden):
        return show(caller, "recovery_code.html", "Members", "/members", 422, code="")
    return show(caller, "recovery_code.html", "Members", "/members", code=opened.code)


@router.post("/recovery/{ceremony_id}/share")
async def bring(
    request: Request, ceremony_id: str, caller: Annotated[Caller, Requires(Action.RECOVERY_BRING)]
) -> Response:
    """Bring one's share over the six words that were heard."""
    form = await read_form(request)
    given = (ceremony_id, form.get("words"), form.get("share"))
    try:
        await run_sync(shares.bring, store_of(request), caller, *given)
    except Invalid as refused:
        problem = next(iter(refused.problems.values()))
    except (OtherShare, Forbidden, OutOfOrder, NotFound) as refused:
        problem = SAID[type(refused)]
    else:
        return RedirectResponse("/recovery", 303)
    kept: dict[str, Any] = {"status": 422, "problems": {ceremony_id: problem}, "values": {"words": form.get("words")}}
    return await run_sync(lambda: _recovery(request, caller, **kept))


@router.post("/recovery/{ceremony_id}/cancel")
def cancel(request: Request, ceremony_id: str, caller: Annotated[Caller, Requires(Action.RECOVERY_CANCEL)]) -> Response:
    """End a recovery or a split."""
    ceremonies.cancel(store_of(request), caller, ceremony_id)
    return RedirectResponse("/today", 303)


@router.get("/recovery/split")
def ask_split(request: Request, caller: Annotated[Caller, Requires(Action.RECOVERY_SPLIT)]) -> Response:
    """Ask for the trustees of now and how many shares will be needed."""
    return _split(request, caller, None, {})


@router.post("/recovery/split")
async def open_split(request: Request, caller: Annotated[Caller, Requires(Action.RECOVERY_SPLIT)]) -> Response:
    """Open a new split; its six words stand on the trustee's own page."""
    form = await read_form(request)
    given = (number(form.get("threshold")), heard(form, "trustee"))
    try:
        await run_sync(splitting.open_split, store_of(request), caller, *given)
    except Invalid as refused:
        return await run_sync(_split, request, caller, form, refused.problems)
    except (Forbidden, NotFound, OutOfOrder):
        return await run_sync(_split, request, caller, form, {"form": "not-now"})
    return RedirectResponse("/recovery", 303)


@router.post("/recovery/{ceremony_id}/split")
def finish_split(
    request: Request, ceremony_id: str, caller: Annotated[Caller, Requires(Action.RECOVERY_SPLIT)]
) -> Response:
    """Make the next recovery key and its shares."""
    try:
        splitting.finish_split(store_of(request), caller, ceremony_id)
    except (NotYet, OtherShare, OutOfOrder) as refused:
        problem = "not-now" if type(refused) is OutOfOrder else SAID[type(refused)]
        return _recovery(request, caller, status=422, problems={ceremony_id: problem})
    return RedirectResponse("/recovery", 303)


@router.get("/recover", dependencies=LOST)
def ask(request: Request) -> str:
    """Ask who comes back for the code that was handed over, or, later, to finish."""
    return _recover_page(request, {}, {})


@router.post("/recover", dependencies=LOST)
async def claim(request: Request) -> Response:
    """Take the recovery up; show the six words to be read out."""
    form = await read_form(request)
    problems, seed = _problems(form), seed_of(form)
    if problems or seed is None:
        return HTMLResponse(_recover_page(request, form.values(), problems), 422)
    try:
        key = await request.app.state.stretcher.derive(form.get("passphrase"), form.get("login"))
        device = Device(seed, digits(form.get("totp_code")))
        given = (form.get("code"), form.get("login"), key, device)
        words = await run_sync(recovering.claim, store_of(request), *given)
    except Invalid:
        return HTMLResponse(_recover_page(request, form.values(), {"totp_code": "wrong-code"}), 422)
    except (NotFound, OutOfOrder) as refused:
        return HTMLResponse(_recover_page(request, form.values(), {"code": SAID[type(refused)]}), 422)
    except Busy:
        return HTMLResponse(_recover_page(request, form.values(), {"form": "busy"}), 503, LATER)
    return HTMLResponse(_recover_page(request, {}, {}, " ".join(words)))


@router.post("/recover/finish", dependencies=LOST)
async def finish(request: Request) -> Response:
    """Finish one's recovery and sign in."""
    form = await read_form(request)
    kept = {"login": form.get("login")}
    try:
        key = await request.app.state.stretcher.derive(form.get("passphrase"), form.get("login"))
        given = (key, form.get("login"), digits(form.get("code")))
        token = await run_sync(recovering.finish, store_of(request), *given)
    except (SignInFailed, NotYet, OtherShare) as refused:
        status = 401 if isinstance(refused, SignInFailed) else 409
        return HTMLResponse(_recover_page(request, kept, {"form": SAID[type(refused)]}), status)
    except Busy:
        return HTMLResponse(_recover_page(request, kept, {"form": "busy"}), 503, LATER)
    return with_cookie(request, RedirectResponse("/today", 303), token)


def _problems(form: Form) -> dict[str, str]:
    needed = ("code", "login", "passphrase", "totp_code")
    problems = {name: "missing" for name in needed if not form.get(name).strip()}
    if form.get("passphrase") and not strong_enough(form.get("passphrase")):
        problems |= {"passphrase": "weak"}
    if seed_of(form) is None:
        problems |= {"totp_code": "missing"}
    return problems


def _recover_page(request: Request, values: Mapping[str, Any], problems: Mapping[str, str], words: str = "") -> str:
    language = browser_language(request)
    context = {**offered(language, values), "values": values, "problems": problems, "words": words}
    return render("staff/recover.html", language, title="Lastheard", **context)


def _recovery(request: Request, caller: Caller, status: int = 200, **changed: Any) -> HTMLResponse:
    store = store_of(request)
    listed = ceremonies.announced(store, caller)
    mine = [one for one in listed if one.kind == ceremonies.SPLIT and one.member == caller.member_id]
    context: dict[str, Any] = {"share": "", "missing": False, "ceremonies": listed, "me": caller.member_id}
    context |= {"words": {one.id: " ".join(splitting.words(store, caller, one.id)) for one in mine}}
    return show(caller, "recovery.html", "Recovery", "/recovery", status, **(context | changed))


def _split(request: Request, caller: Caller, form: Form | None, problems: Mapping[str, str]) -> HTMLResponse:
    listed = members.members(store_of(request), caller)
    offered_to = [one for one in listed if one.role == "trustee" and one.state == members.ACTIVE]
    context: dict[str, object] = {"trustees": offered_to, "me": caller.member_id}
    context |= {"values": form.values() if form else {"threshold": "2", "trustee": [caller.member_id]}}
    context |= {"problems": sentences(problems, language_of(caller))}
    return show(caller, "recovery_split.html", "Recovery", "/recovery", 422 if problems else 200, **context)
