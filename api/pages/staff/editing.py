"""Writing into a case: add an entry, change one, remove one.

Promises that a refused form keeps what was typed, and that a change replaces only fields that were shown. Must never
leave a part of a removed entry behind in a compartment that was not opened.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Annotated, Any

from anyio.to_thread import run_sync
from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.access.caller import Caller
from api.access.doors import CaseAccess, enter_case, held_compartments
from api.catalogue.check import check
from api.catalogue.compartments import Compartment
from api.catalogue.fields import ENTITY_LABELS, FORM_ENTITIES, form_fields, link_fields
from api.catalogue.links import targets_of
from api.clock import today
from api.errors import Invalid, NotFound, ReasonMissing, Refused, Stale
from api.guards import Enters, Requires, store_of
from api.pages.forms import Form, read_form
from api.pages.staff.fields import Asked, asked, raw_values, sentences, touches_reason, typed_before
from api.pages.staff.frame import language_of, number, show
from api.pages.staff.naming import gathered, named, opened
from api.pages.staff.view import case_page, told_of
from api.policy.actions import NEEDS_REASON, REASONS, Action
from api.sealed.store import Store
from api.services import cases, consents, erasing
from api.services.consents import Given

router = APIRouter(prefix="/cases/{case_id}", default_response_class=HTMLResponse, include_in_schema=False)
C = Compartment
KEPT = (Invalid, ReasonMissing, Stale)
Values = Mapping[str, Any]


@router.get("/add/{entity}")
def ask(
    access: Annotated[CaseAccess, Enters(Action.CASE_WRITE)],
    entity: str,
    entry: Annotated[str, Query(max_length=26)] = "",
) -> Response:
    """Show the form for a new entry, or for one that is there, as far as it is open; the case itself is one entry."""
    if entity not in FORM_ENTITIES:
        raise NotFound
    chosen = entry or cases.own_entry(access, entity)
    if chosen:
        return _change(access, entity, chosen, {})
    return _form(access, entity, {"version": access.version}, set(C) - set(access.shut))


@router.post("/entries/{entity}")
async def save(
    request: Request, case_id: str, entity: str, caller: Annotated[Caller, Requires(Action.CASE_WRITE)]
) -> Response:
    """Save an entry over the version that was shown, or show the form again."""
    form = await read_form(request)
    return await run_sync(_saved, store_of(request), caller, case_id, entity, form)


@router.post("/entries/{entity}/{entry_id}")
async def change(
    request: Request, case_id: str, entity: str, entry_id: str, caller: Annotated[Caller, Requires(Action.CASE_WRITE)]
) -> Response:
    """Open an entry's sealed parts with a reason and show its form."""
    form = await read_form(request)
    return await run_sync(_to_change, store_of(request), caller, case_id, entity, entry_id, form)


@router.post("/entries/{entity}/{entry_id}/remove")
async def remove(
    request: Request, case_id: str, entity: str, entry_id: str, caller: Annotated[Caller, Requires(Action.CASE_WRITE)]
) -> Response:
    """Erase one entry in every compartment it is in, from old copies too."""
    form = await read_form(request)
    return await run_sync(_removed, store_of(request), caller, case_id, entity, entry_id, form)


def _saved(store: Store, caller: Caller, case_id: str, entity: str, form: Form) -> Response:
    if entity not in FORM_ENTITIES:
        raise NotFound
    try:
        _write(store, caller, case_id, entity, form)
    except KEPT as refused:
        problems, status = _problems(refused, caller)
        access = enter_case(store, caller, case_id, Action.CASE_WRITE)
        values = form.values() | ({"version": access.version} if status == 409 else {})
        within = _shown(form) or set(C) - set(access.shut)
        return _form(access, entity, values, within, problems, status)
    return RedirectResponse(f"/cases/{case_id}" + ("?named=yes" if entity == "person" else ""), 303)


def _write(store: Store, caller: Caller, case_id: str, entity: str, form: Form) -> None:
    checked = check(entity, raw_values(form, entity), language_of(caller), today())
    # What the form showed is opened even where all of it was emptied: emptying is a change, too.
    wanted = {C.NARRATIVE, C.FACTS, *checked.by_compartment, *targets_of(entity), *_shown(form)}
    why = (form.get("reason"), form.get("words"))
    access = enter_case(store, caller, case_id, Action.CASE_WRITE, wanted, *why)
    if entity == "consent":
        consents.decide_consent(access, Given.of(checked, language_of(caller)), _version(form))
    else:
        cases.save_entry(access, entity, form.get("entry") or None, checked, _version(form))


def _to_change(store: Store, caller: Caller, case_id: str, entity: str, entry_id: str, form: Form) -> Response:
    try:
        access = _entered(store, caller, case_id, entity, form)
    except KEPT as refused:
        return _again(store, caller, case_id, entry_id, form, refused)
    values = {"reason": form.get("reason"), "words": form.get("words")}
    return _change(access, entity, entry_id, values)


def _removed(store: Store, caller: Caller, case_id: str, entity: str, entry_id: str, form: Form) -> Response:
    try:
        access = _entered(store, caller, case_id, entity, form)
        erasing.remove_entry(access, entity, entry_id, _version(form))
    except KEPT as refused:
        return _again(store, caller, case_id, entry_id, form, refused)
    return RedirectResponse(f"/cases/{case_id}", 303)


def _entered(store: Store, caller: Caller, case_id: str, entity: str, form: Form) -> CaseAccess:
    """Open all that the member holds of the case: with a reason what an entry of this kind may have sealed apart."""
    held = held_compartments(caller, case_id, store)
    wanted = held if touches_reason(entity) else held - NEEDS_REASON
    return enter_case(store, caller, case_id, Action.CASE_WRITE, wanted, form.get("reason"), form.get("words"))


def _again(store: Store, caller: Caller, case_id: str, entry_id: str, form: Form, refused: Refused) -> HTMLResponse:
    """Show the case again, and beside the entry what is wrong."""
    problems, status = _problems(refused, caller)
    access = enter_case(store, caller, case_id, Action.CASE_READ)
    return case_page(access, {entry_id: next(iter(problems.values()))}, form.values() | {"about": entry_id}, status)


def _change(access: CaseAccess, entity: str, entry_id: str, values: Values) -> HTMLResponse:
    sections, language = cases.read_case(access).sections, language_of(access.caller)
    entry = gathered(sections, entity).get(entry_id)
    if entry is None:
        raise NotFound
    typed = typed_before(entity, entry, told_of(sections, entry_id), language)
    return _form(access, entity, {**typed, **values, "entry": entry_id, "version": access.version}, access.keys)


def _form(
    access: CaseAccess,
    entity: str,
    values: Values,
    within: Collection[Compartment],
    problems: Mapping[str, str] | None = None,
    status: int = 422,
) -> HTMLResponse:
    language = language_of(access.caller)
    fields = asked(entity, language, "", within, named(opened(access), language))
    if not fields:
        raise NotFound
    # A new entry opens no more than it fills in; one that is changed opens all that was shown of it.
    shown = sorted({one.compartment for one in form_fields(entity)} & set(within)) if values.get("entry") else []
    needs = touches_reason(entity) and bool(NEEDS_REASON & set(within))
    context: dict[str, object] = {"entity": entity, "label": ENTITY_LABELS[entity][language], "asked": fields}
    context |= {"case_id": access.case_id, "shown": shown, "needs_reason": needs, "reasons": REASONS}
    context |= {"values": values, "problems": problems or {}, "kept": _kept(entity, fields, values)}
    return show(access.caller, "entry.html", "Case", "/cases", status if problems else 200, **context)


def _kept(entity: str, fields: Sequence[Asked], values: Values) -> list[tuple[str, str]]:
    """Return the links that were chosen where the parts that they name are shut again: a refusal loses nothing."""
    names = {one.name for one in link_fields(entity)} - {one.name for one in fields}
    return [(name, one) for name in sorted(names) for one in _listed(values.get(name, ""))]


def _listed(value: object) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else [str(value)] if value else []


def _problems(refused: Refused, caller: Caller) -> tuple[dict[str, str], int]:
    if isinstance(refused, Invalid):
        return sentences(refused.problems, language_of(caller)), 422
    return ({"form": "stale"}, 409) if isinstance(refused, Stale) else ({"reason": "reason-missing"}, 422)


def _shown(form: Form) -> set[Compartment]:
    return {one for one in C if one.value in form.all("shown")}


def _version(form: Form) -> int:
    """Return the version that was shown; none is never the current one."""
    return number(form.get("version"))
