"""The inbox: their words, the draft coding and "seen before?", side by side; a person decides.

Promises that a refused form comes back as it was typed, the question and the coding alike. Must never open a report
from the list.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.access.caller import Caller
from api.catalogue.check import Checked, FieldProblems, check
from api.catalogue.compartments import LANGUAGES, Language
from api.catalogue.fields import ENTITY_LABELS, FORM_ENTITIES
from api.catalogue.purposes import PURPOSE_LABELS, Decision, Purpose
from api.catalogue.terms import known, label
from api.clock import today
from api.errors import Invalid, NotFound, Stale
from api.guards import Requires, store_of
from api.pages.forms import Form, read_form
from api.pages.staff.fields import Asked, asked, raw_values, sentences
from api.pages.staff.frame import language_of, show
from api.policy.actions import Action
from api.services import candidates, desks, drafting, inbox
from api.services.candidates import Found
from api.services.filing import CAME
from api.services.inbox import ReportView
from api.services.mailboxes import ERASURE, decided

router = APIRouter(prefix="/inbox", default_response_class=HTMLResponse, include_in_schema=False)
MOST_ENTRIES = 40
# What an officer can add to the coding before accepting; one more fieldset for each press.
MORE = ("act", "custody", "person")
ARRIVED: Mapping[str, str] = {"form": "more-arrived"}
Entries = list[tuple[int, str]]
NO = Decision.NO


@router.get("")
def waiting(request: Request, caller: Annotated[Caller, Requires(Action.REPORT_LIST)]) -> Response:
    """List what waits: days and numbers."""
    return show(caller, "inbox.html", "Inbox", "/inbox", waiting=inbox.list_reports(store_of(request), caller))


@router.get("/{mailbox_id}")
def read(request: Request, mailbox_id: str, caller: Annotated[Caller, Requires(Action.REPORT_READ)]) -> Response:
    """Open what waits in a mailbox."""
    return _page(request, caller, mailbox_id)


@router.post("/{mailbox_id}/ask")
async def ask(request: Request, mailbox_id: str, caller: Annotated[Caller, Requires(Action.REPORT_ANSWER)]) -> Response:
    """Ask the reporter back, and show the report again with the coding as it was typed."""
    form = await read_form(request)
    return await run_sync(_asked_back, request, caller, mailbox_id, form)


@router.post("/{mailbox_id}/accept")
async def accept(
    request: Request, mailbox_id: str, caller: Annotated[Caller, Requires(Action.REPORT_ACCEPT)]
) -> Response:
    """Accept into a new case with the coding that was checked, or show what is wrong with it."""
    form = await read_form(request)
    return await run_sync(_accepted, request, caller, mailbox_id, form)


@router.post("/{mailbox_id}/extend")
async def extend(
    request: Request, mailbox_id: str, caller: Annotated[Caller, Requires(Action.REPORT_ACCEPT)]
) -> Response:
    """Accept into a case that is there: another report of the same man."""
    form = await read_form(request)
    where = (mailbox_id, form.get("case"), form.get("why"))
    try:
        case_id = await run_sync(inbox.accept_into, store_of(request), caller, *where)
    except Invalid as refused:
        problems = {"why": next(iter(refused.problems.values()))}
        return await run_sync(_page, request, caller, mailbox_id, form, problems)
    except Stale:
        return await run_sync(_page, request, caller, mailbox_id, form, ARRIVED, {}, 409)
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
    return await run_sync(_declined, request, caller, mailbox_id, form)


def _asked_back(request: Request, caller: Caller, mailbox_id: str, form: Form) -> Response:
    try:
        inbox.ask_back(store_of(request), caller, mailbox_id, form.get("text"))
    except Invalid as refused:
        return _page(request, caller, mailbox_id, form, refused.problems)
    return _page(request, caller, mailbox_id, form, typed={"text": "", "asked": True})


def _declined(request: Request, caller: Caller, mailbox_id: str, form: Form) -> Response:
    """Decline; a text that cannot be taken comes back as it was typed."""
    try:
        inbox.decline(store_of(request), caller, mailbox_id, form.get("text"))
    except Invalid as refused:
        problem = next(iter(refused.problems.values()))
        typed = {"farewell": form.values().get("text", "")}
        return _page(request, caller, mailbox_id, None, {"farewell": problem}, typed)
    return RedirectResponse("/inbox", 303)


def _accepted(request: Request, caller: Caller, mailbox_id: str, form: Form) -> Response:
    more = form.get("more")
    if more in MORE:
        return _page(request, caller, mailbox_id, form)
    try:
        coding = _coding(form, language_of(caller))
        case_id = inbox.accept(store_of(request), caller, mailbox_id, form.get("desk"), coding)
    except Stale:
        return _page(request, caller, mailbox_id, form, ARRIVED, {}, 409)
    except FieldProblems as refused:
        return _page(request, caller, mailbox_id, form, refused.problems)
    except NotFound:
        # A desk that is not one's own; a mailbox in which nothing waits is refused again by the page.
        return _page(request, caller, mailbox_id, form, {"desk": "unknown-term"})
    return RedirectResponse(f"/cases/{case_id}", 303)


def _page(
    request: Request,
    caller: Caller,
    mailbox_id: str,
    form: Form | None = None,
    problems: Mapping[str, str] | None = None,
    typed: Mapping[str, object] | None = None,
    status: int = 422,
) -> HTMLResponse:
    store, language = store_of(request), language_of(caller)
    view = inbox.open_report(store, caller, mailbox_id)
    typed_in = _typed(form) if form else []
    # What was typed is shown as it was typed: a box that was cleared is not filled from the draft again.
    entries, drafted = (typed_in, {}) if typed_in else (_drafted(view), _values(view))
    mine = [desk for desk in desks.desks(store, caller) if desk.mine]
    named = mine if view.report.get("about", {}).get("about_name") else []
    seen = [candidates.seen_before(store, caller, desk.id, view.report) for desk in named]
    values: dict[str, Any] = {**drafted, **(form.values() if form else {}), **(typed or {})}
    sets = [_set(one, asked(one, language, f"{number}.{one}."), values, language) for number, one in entries]
    context: dict[str, object] = {
        "view": view,
        "entries": sets,
        "desks": mine,
        "seen": _together(seen),
        "values": values,
    }
    context |= {"said": _said(view, language), "more": [(one, ENTITY_LABELS[one][language]) for one in MORE]}
    context |= {"allowed": _allowed(view, language), "asked": "asked" in (typed or {})}
    context |= {"erasure": any(one["kind"] == ERASURE for one in view.letters)}
    context |= {"problems": sentences(problems or {}, language)}
    return show(caller, "report.html", "Report", "/inbox", status if problems else 200, **context)


def _together(found: Sequence[Found]) -> Found:
    """Return what was found at several desks as one."""
    return Found(tuple(line for one in found for line in one.lines), sum(one.more for one in found))


def _set(
    entity: str, fields: Sequence[Asked], values: Mapping[str, Any], language: Language
) -> tuple[str, str, Sequence[Asked]]:
    """Return an entry of the coding: what it is, what it says in short, its fields."""
    filled = [(one, values[one.name]) for one in fields if values.get(one.name)]
    said = [dict(one.options).get(value, value) for one, value in filled if isinstance(value, str)]
    return ENTITY_LABELS[entity][language], " · ".join(said[:2]), fields


def _said(view: ReportView, language: Language) -> Mapping[str, str]:
    """Return the words for the codes that letters hold: uses of the report, who the sender is to him, who came."""
    said = {one.value: PURPOSE_LABELS[one][language] for one in Purpose}
    said |= {code: words[language] for code, words in CAME.items()}
    relations = (str(one.get("about", {}).get("relation", "")) for one in view.letters)
    return said | {code: label(code, language) for code in relations if known("21", code)}


def _allowed(view: ReportView, language: Language) -> list[tuple[str, bool]]:
    """Return what is allowed by all that waits, the newest decision of each use, and what may be asked about again."""
    held = decided(view.letters)
    return [
        (PURPOSE_LABELS[use][language], value is not Decision.YES) for use, value in held.items() if value is not NO
    ]


def _drafted(view: ReportView) -> Entries:
    return [(number, entity) for number, (entity, _) in enumerate(_draft(view))]


def _values(view: ReportView) -> dict[str, Any]:
    drafts = enumerate(_draft(view))
    return {f"{n}.{entity}.{name}": value for n, (entity, raw) in drafts for name, value in raw.items()}


def _draft(view: ReportView) -> list[drafting.Draft]:
    report = view.report
    if not report:
        return []
    told: Language = next((one for one in LANGUAGES if one == report.get("language")), "ru")
    return drafting.draft_coding(report.get("about", {}), told)


def _typed(form: Form) -> Entries:
    """Return which entries a form holds, by the names of its fields `<number>.<entity>.<field>`, and one more."""
    parts = (name.split(".") for name in form.texts if name.count(".") == 2)
    numbered = (part for part in parts if part[0].isdecimal() and len(part[0]) < 4)
    found = sorted({(int(part[0]), part[1]) for part in numbered if part[1] in FORM_ENTITIES})[:MOST_ENTRIES]
    if form.get("more") in MORE and len(found) < MOST_ENTRIES:
        found.append((found[-1][0] + 1 if found else 0, form.get("more")))
    return found


def _coding(form: Form, language: Language) -> list[tuple[str, Checked]]:
    """Return the checked entries; one that was left quite empty is no entry. Raises FieldProblems by full name."""
    coding, problems = list[tuple[str, Checked]](), dict[str, str]()
    for number, entity in _typed(form):
        prefix = f"{number}.{entity}."
        raw = raw_values(form, entity, prefix)
        if not any(text.strip() for value in raw.values() for text in ([value] if isinstance(value, str) else value)):
            continue
        try:
            coding.append((entity, check(entity, raw, language, today())))
        except FieldProblems as refused:
            problems |= sentences(refused.problems, language, prefix)
    if problems:
        raise FieldProblems(problems)
    return coding
