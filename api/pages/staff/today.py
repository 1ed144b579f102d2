"""Today: what needs this member, and the founding's steps with who does each.

Promises that whoever reads a step also learns who does it. Must never open a case unasked: a look at the deadlines is a
button, and each opening is in the log.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.access.caller import Caller
from api.catalogue.compartments import Language
from api.errors import Forbidden, Invalid, NotFound, OutOfOrder
from api.guards import Requires, store_of
from api.pages.forms import Form, read_form
from api.pages.staff.fields import sentences
from api.pages.staff.frame import language_of, number, show
from api.pages.staff.naming import said_code, said_step
from api.policy.actions import Action, Standing, decide
from api.services import ceremonies, departures, desks, founding, inbox, members, needs, offices
from api.services.needs import Needs

router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)


@router.get("/today")
def today(request: Request, caller: Annotated[Caller, Requires(Action.SELF_READ)]) -> Response:
    """Say what needs this member today."""
    return _today(request, caller, None)


@router.post("/today")
def look(request: Request, caller: Annotated[Caller, Requires(Action.CASE_LIST)]) -> Response:
    """Go through the member's cases for tasks, deadlines and grants that end; each opening is logged."""
    return _today(request, caller, needs.look(store_of(request), caller))


@router.post("/steps/log")
def found_log(request: Request, caller: Annotated[Caller, Requires(Action.LOG_FOUND)]) -> Response:
    """Make the auditors' key."""
    offices.found_log(store_of(request), caller)
    return RedirectResponse("/today", 303)


@router.post("/steps/intake")
def found_intake(request: Request, caller: Annotated[Caller, Requires(Action.INTAKE_FOUND)]) -> Response:
    """Make the intake's key; the family's pages open."""
    offices.found_intake(store_of(request), caller)
    return RedirectResponse("/today", 303)


@router.get("/steps/recovery")
def ask_recovery(request: Request, caller: Annotated[Caller, Requires(Action.RECOVERY_FOUND)]) -> Response:
    """Ask for the trustees' six words and for how many shares are needed."""
    return _recovery(request, caller, None, {})


@router.post("/steps/recovery")
async def found_recovery(request: Request, caller: Annotated[Caller, Requires(Action.RECOVERY_FOUND)]) -> Response:
    """Make the recovery key and seal a share to each trustee whose words were heard."""
    form = await read_form(request)
    threshold, chosen = number(form.get("threshold")), heard(form, "trustee")
    try:
        await run_sync(offices.found_recovery, store_of(request), caller, threshold, chosen)
    except Invalid as refused:
        return await run_sync(_recovery, request, caller, form, refused.problems)
    except (Forbidden, NotFound, OutOfOrder):
        return await run_sync(_recovery, request, caller, form, {"form": "not-now"})
    return RedirectResponse("/recovery", 303)


def heard(form: Form, name: str) -> dict[str, str]:
    """Return the chosen members with the six words typed beside each."""
    return {member: form.get(f"words_{member}") for member in form.all(name)}


def _today(request: Request, caller: Caller, found: Needs | None) -> HTMLResponse:
    context: dict[str, object] = {
        "steps": founding.checklist(store_of(request)),
        "waiting": inbox.list_reports(store_of(request), caller) if caller.keyring.intake else (),
        "ending": [(one.code, one.case, one.day) for one in needs.ending(caller)],
        "role": caller.role,
        "told": ceremonies.announced(store_of(request), caller),
        "left": departures.places(store_of(request)),
        "alone": [one for one in desks.desks(store_of(request), caller) if one.alone],
        "due": [replace(one, what=_what(one.what, language_of(caller))) for one in found.due] if found else None,
        "more": found.more if found else False,
        "may_look": decide(caller.role, Action.CASE_LIST, Standing.GROUP),
    }
    return show(caller, "today.html", "Today", "/today", 200, **context)


def _what(what: str, language: Language) -> str:
    return said_step(said_code(what, language), language)


def _recovery(request: Request, caller: Caller, form: Form | None, problems: Mapping[str, str]) -> HTMLResponse:
    listed = members.members(store_of(request), caller)
    trustees = [one for one in listed if one.role == "trustee" and one.state == members.ACTIVE]
    context: dict[str, object] = {"trustees": trustees, "me": caller.member_id}
    context |= {"values": form.values() if form else {"threshold": "2", "trustee": [caller.member_id]}}
    context |= {"problems": sentences(problems, language_of(caller))}
    return show(caller, "recovery_key.html", "Today", "/today", 422 if problems else 200, **context)
