"""The inbox: their words, the draft coding and "seen before?", side by side; a person decides.

Promises that a refused coding comes back as it was typed. Must never open a report from the list.
"""

from collections.abc import Mapping
from typing import Annotated, Any, cast

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.access.caller import Caller
from api.catalogue.check import Checked, FieldProblems, check
from api.catalogue.compartments import Language
from api.catalogue.fields import ENTITY_LABELS, FORM_ENTITIES
from api.clock import today
from api.guards import Requires, store_of
from api.pages.forms import Form, read_form
from api.pages.staff.fields import asked, raw_values, sentences
from api.pages.staff.frame import language_of, show
from api.policy.actions import Action
from api.services import desks, drafting, duplicates, inbox
from api.services.inbox import ReportView

router = APIRouter(prefix="/inbox", default_response_class=HTMLResponse, include_in_schema=False)
MOST_ENTRIES = 40


@router.get("")
def waiting(request: Request, caller: Annotated[Caller, Requires(Action.REPORT_LIST)]) -> Response:
    """List what waits: days and numbers."""
    return show(caller, "inbox.html", "Inbox", "/inbox", waiting=inbox.list_reports(store_of(request), caller))


@router.get("/{mailbox_id}")
def read(request: Request, mailbox_id: str, caller: Annotated[Caller, Requires(Action.REPORT_READ)]) -> Response:
    """Open what waits in a mailbox."""
    return _page(request, caller, mailbox_id, None, {})


@router.post("/{mailbox_id}/ask")
async def ask(request: Request, mailbox_id: str, caller: Annotated[Caller, Requires(Action.REPORT_ANSWER)]) -> Response:
    """Ask the reporter back."""
    form = await read_form(request)
    await run_sync(inbox.ask_back, store_of(request), caller, mailbox_id, form.get("text"))
    return RedirectResponse(f"/inbox/{mailbox_id}", 303)


@router.post("/{mailbox_id}/accept")
async def accept(
    request: Request, mailbox_id: str, caller: Annotated[Caller, Requires(Action.REPORT_ACCEPT)]
) -> Response:
    """Accept into a new case with the coding that was checked, or show what is wrong with it."""
    form = await read_form(request)
    try:
        coding = _coding(form, language_of(caller))
    except FieldProblems as refused:
        return await run_sync(_page, request, caller, mailbox_id, form, refused.problems)
    where = (mailbox_id, form.get("desk"), coding)
    case_id = await run_sync(inbox.accept, store_of(request), caller, *where)
    return RedirectResponse(f"/cases/{case_id}", 303)


@router.post("/{mailbox_id}/file")
def file(request: Request, mailbox_id: str, caller: Annotated[Caller, Requires(Action.REPORT_ACCEPT)]) -> Response:
    """File later letters into their case."""
    case_id = inbox.file_letters(store_of(request), caller, mailbox_id)
    return RedirectResponse(f"/cases/{case_id}", 303)


@router.post("/{mailbox_id}/decline")
async def decline(
    request: Request, mailbox_id: str, caller: Annotated[Caller, Requires(Action.REPORT_DECLINE)]
) -> Response:
    """Erase a report that the group cannot take up."""
    form = await read_form(request)
    await run_sync(inbox.decline, store_of(request), caller, mailbox_id, form.get("text"))
    return RedirectResponse("/inbox", 303)


def _page(
    request: Request, caller: Caller, mailbox_id: str, form: Form | None, problems: Mapping[str, str]
) -> HTMLResponse:
    store, language = store_of(request), language_of(caller)
    view = inbox.open_report(store, caller, mailbox_id)
    entries = _typed(form) if form else _drafted(view)
    mine = [desk for desk in desks.desks(store, caller) if desk.mine]
    name = str(view.report.get("about", {}).get("about_name", ""))
    seen = [one for desk in mine for one in duplicates.seen_before(store, caller, desk.id, name)] if name else []
    sets = [(ENTITY_LABELS[one][language], asked(one, language, f"{number}.{one}.")) for number, one in entries]
    context: dict[str, object] = {"view": view, "entries": sets, "desks": mine, "seen": seen, "problems": problems}
    context |= {"values": form.values() if form else _values(view), "refused": bool(problems)}
    return show(caller, "report.html", "Report", "/inbox", 422 if problems else 200, **context)


def _drafted(view: ReportView) -> list[tuple[int, str]]:
    return [(number, entity) for number, (entity, _) in enumerate(_draft(view))]


def _values(view: ReportView) -> dict[str, Any]:
    drafts = enumerate(_draft(view))
    return {f"{n}.{entity}.{name}": value for n, (entity, raw) in drafts for name, value in raw.items()}


def _draft(view: ReportView) -> list[drafting.Draft]:
    report = view.report
    if not report:
        return []
    return drafting.draft_coding(report.get("about", {}), cast(Language, report.get("language", "ru")))


def _typed(form: Form) -> list[tuple[int, str]]:
    """Return which entries a form holds, by the names of its fields: `<number>.<entity>.<field>`."""
    parts = (name.split(".") for name in form.texts if name.count(".") == 2)
    found = {(int(part[0]), part[1]) for part in parts if part[0].isdigit() and part[1] in FORM_ENTITIES}
    return sorted(found)[:MOST_ENTRIES]


def _coding(form: Form, language: Language) -> list[tuple[str, Checked]]:
    coding, problems = list[tuple[str, Checked]](), dict[str, str]()
    for number, entity in _typed(form):
        prefix = f"{number}.{entity}."
        try:
            coding.append((entity, check(entity, raw_values(form, entity, prefix), language, today())))
        except FieldProblems as refused:
            problems |= sentences(refused.problems, language, prefix)
    if problems:
        raise FieldProblems(problems)
    return coding
