"""Today: what needs this member, and the founding's steps with who does each.

Promises that whoever reads a step also learns who does it. Must never open a case unasked: a look at the deadlines is a
button, and each opening is in the log.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.access.caller import Caller
from api.access.doors import CaseAccess, enter_case
from api.catalogue.compartments import Compartment
from api.catalogue.dates import ApproxDate
from api.clock import today as this_day
from api.errors import Forbidden, Invalid, NotFound, OutOfOrder, Tampered
from api.guards import Requires, store_of
from api.ids import short_code
from api.pages.forms import Form, read_form
from api.pages.staff.fields import sentences
from api.pages.staff.frame import language_of, number, show
from api.policy.actions import Action, Standing, decide
from api.reports.readiness import urgent_until
from api.sealed.store import Store
from api.services import founding, granting, inbox, listing, members, offices
from api.services.listing import CaseLine

router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)
C = Compartment
SOON = timedelta(days=14)
# Each case is opened, one by one: whoever has more is told that not all were looked at.
MOST_LOOKED_AT = 500


@dataclass(frozen=True, slots=True)
class Due:
    """Something with a day: what kind, in which case, and the words of a task."""

    day: str
    kind: str
    case: str
    code: str
    what: str = ""


@router.get("/today")
def today(request: Request, caller: Annotated[Caller, Requires(Action.SELF_READ)]) -> Response:
    """Say what needs this member today."""
    return _today(request, caller, None)


@router.post("/today")
def look(request: Request, caller: Annotated[Caller, Requires(Action.CASE_LIST)]) -> Response:
    """Go through the member's cases for tasks, deadlines and grants that end; each opening is logged."""
    store = store_of(request)
    lines, page = list[CaseLine](), listing.list_cases(store, caller)
    lines += page.lines
    while page.next and len(lines) < MOST_LOOKED_AT:
        page = listing.list_cases(store, caller, page.next)
        lines += page.lines
    due = [one for line in lines if not line.refused for one in _due(store, caller, line.id)]
    return _today(request, caller, sorted(due, key=lambda one: (one.day, one.code)), bool(page.next))


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


def _today(request: Request, caller: Caller, due: list[Due] | None, more: object = False) -> HTMLResponse:
    context: dict[str, object] = {
        "steps": founding.checklist(store_of(request)),
        "waiting": inbox.list_reports(store_of(request), caller) if caller.keyring.intake else (),
        "ending": [(short_code(case), case, day) for case, day in _ending(caller)],
        "role": caller.role,
        "due": due,
        "more": more,
        "may_look": decide(caller.role, Action.CASE_LIST, Standing.GROUP),
    }
    return show(caller, "today.html", "Today", "/today", 200, **context)


def _ending(caller: Caller) -> list[tuple[str, str]]:
    last = {case: max(one.ends for one in held) for case, held in caller.keyring.cases.items() if held}
    soon = (this_day() + SOON).isoformat()
    return sorted((case, day) for case, day in last.items() if this_day().isoformat() <= day <= soon)


def _due(store: Store, caller: Caller, case_id: str) -> Iterator[Due]:
    try:
        access = enter_case(store, caller, case_id, Action.CASE_READ, {C.CONTROL, C.FACTS})
        control, facts = access.open(C.CONTROL).note, access.open(C.FACTS).note if C.FACTS in access.keys else {}
    except (NotFound, Forbidden, Tampered):
        return
    where = (case_id, short_code(case_id))
    for task in control.get("task", ()):
        if task.get("due") and not task.get("done_on"):
            yield Due(str(task["due"]), "task", *where, str(task["what"]))
    yield from (Due(day, "urgent", *where) for day in _urgent(facts))
    yield from (Due(day, "grant", *where) for day in _grants(access))


def _urgent(facts: Mapping[str, object]) -> Iterator[str]:
    entries = facts.get("case", ())
    for case in entries if isinstance(entries, list) else ():
        until = urgent_until(ApproxDate.from_json(case["last_heard"])) if "last_heard" in case else None
        if until and until >= this_day():
            yield until.isoformat()


def _grants(access: CaseAccess) -> Iterator[str]:
    for one in granting.who_can_open(access):
        if one.until <= this_day() + SOON:
            yield one.until.isoformat()


def _recovery(request: Request, caller: Caller, form: Form | None, problems: Mapping[str, str]) -> HTMLResponse:
    listed = members.members(store_of(request), caller)
    trustees = [one for one in listed if one.role == "trustee" and one.state == members.ACTIVE]
    context: dict[str, object] = {"trustees": trustees, "me": caller.member_id}
    context |= {"values": form.values() if form else {"threshold": "2", "trustee": [caller.member_id]}}
    context |= {"problems": sentences(problems, language_of(caller))}
    return show(caller, "recovery_key.html", "Today", "/today", 422 if problems else 200, **context)
