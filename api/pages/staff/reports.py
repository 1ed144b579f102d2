"""Documents: how ready a case is, what would leave, under which consent; then the document.

Promises that consent, readiness and the register come before a document. Must never open identity without saying so.
"""

from collections.abc import Mapping
from typing import Annotated

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from api.access.caller import Caller
from api.access.doors import CaseAccess, enter_case, held_compartments
from api.catalogue.compartments import TELLER, Compartment, Language
from api.catalogue.fields import ENTITY_LABELS, entity_fields
from api.catalogue.purposes import PURPOSE_LABELS
from api.errors import ConsentMissing, Invalid, NotFound, NotReady, ReasonMissing, Stale
from api.guards import Enters, Requires, store_of
from api.ids import short_code
from api.pages.forms import Form, read_form
from api.pages.staff.fields import sentences
from api.pages.staff.frame import language_of, require_shown, show
from api.policy.actions import Action, decide
from api.reports import profiles
from api.reports.sections import FieldPath
from api.sealed.store import Store
from api.services import consents, taking_out

router = APIRouter(prefix="/cases/{case_id}/reports/{profile}", include_in_schema=False)
C = Compartment
REASON = "prepare-submission"
REFUSED: Mapping[type[Exception], tuple[str, int]] = {
    ConsentMissing: ("no-consent", 403),
    NotReady: ("not-ready", 409),
    ReasonMissing: ("reason-missing", 422),
    Stale: ("stale-document", 409),
}


@router.get("")
def ask(access: Annotated[CaseAccess, Enters(Action.CASE_READ)], profile: str) -> Response:
    """Show what is known of a document without opening the identity."""
    return _report(access, profile, {}, {})


@router.post("/look")
async def look(
    request: Request, case_id: str, profile: str, caller: Annotated[Caller, Requires(Action.CASE_OPEN_COMPARTMENT)]
) -> Response:
    """Show readiness element by element, and what would leave; opens identity, logged as preparing a submission."""
    form = await read_form(request)
    return await run_sync(_looked, store_of(request), caller, case_id, profile, form)


@router.post("")
async def take_out(
    request: Request, case_id: str, profile: str, caller: Annotated[Caller, Requires(Action.CASE_TAKE_OUT)]
) -> Response:
    """Take the document out: consent, readiness, register, then the PDF."""
    form = await read_form(request)
    return await run_sync(_taken_out, store_of(request), caller, case_id, profile, form)


def _looked(store: Store, caller: Caller, case_id: str, profile: str, form: Form) -> Response:
    try:
        access = _entered(store, caller, case_id, Action.CASE_OPEN_COMPARTMENT, form)
    except Invalid as refused:
        access = enter_case(store, caller, case_id, Action.CASE_READ)
        return _report(access, profile, form.values(), sentences(refused.problems, language_of(caller)))
    return _report(access, profile, {}, {})


def _taken_out(store: Store, caller: Caller, case_id: str, profile: str, form: Form) -> Response:
    try:
        access = _entered(store, caller, case_id, Action.CASE_TAKE_OUT, form)
        require_shown(access, form)
        made = taking_out.take_out(access, profile, form.get("recipient"))
    except Invalid as refused:
        problems, status = sentences(refused.problems, language_of(caller)), 422
    except (ConsentMissing, NotReady, ReasonMissing, Stale) as refused:
        code, status = REFUSED[type(refused)]
        problems = {"form": code}
    else:
        headers = {"Content-Disposition": f'attachment; filename="{made.profile}-{short_code(case_id)}.pdf"'}
        return Response(made.content, headers=headers, media_type="application/pdf")
    again = enter_case(store, caller, case_id, Action.CASE_READ)
    return _report(again, profile, form.values(), problems, status)


def _entered(store: Store, caller: Caller, case_id: str, action: Action, form: Form) -> CaseAccess:
    held = held_compartments(caller, case_id, store) - TELLER
    return enter_case(store, caller, case_id, action, held, REASON, form.get("words"))


def _report(
    access: CaseAccess, profile: str, values: Mapping[str, object], problems: Mapping[str, str], status: int = 422
) -> HTMLResponse:
    if profile not in profiles.PROFILES:
        raise NotFound
    language, chosen = language_of(access.caller), profiles.load(profile)
    found = taking_out.readiness_of(access, profile)
    elements = [(one.labels[language], True) for one in found.met_elements]
    elements += [(one.missing[language], False) for one in found.missing]
    context: dict[str, object] = {"case_id": access.case_id, "code": short_code(access.case_id), "profile": profile}
    context |= {"title_line": chosen.title[language], "sentence": found.sentence(language), "elements": elements}
    context |= {"sealed": C.IDENTITY in access.closed, "consents": _consents(access, chosen, language)}
    context |= {"fields": [_named(one, language) for one in taking_out.preview(access, profile)]}
    context |= {"latin": C.IDENTITY not in access.keys or _in_latin(access, chosen)}
    context |= {"may_take_out": decide(access.caller.role, Action.CASE_TAKE_OUT, access.standing)}
    context |= {"register": taking_out.register(access), "values": values, "problems": problems}
    context |= {"version": access.version}
    return show(access.caller, "leaving.html", "Case", "/cases", status if problems else 200, **context)


def _in_latin(access: CaseAccess, chosen: profiles.Profile) -> bool:
    """Say whether each person of whom the document speaks has a name in the letters that its readers know."""
    identity, facts = access.open(C.IDENTITY).note, access.open(C.FACTS).note if C.FACTS in access.keys else {}
    roles = {one["id"]: one.get("role") for one in facts.get("person", ())}
    spoken_of = [one for one in identity.get("person", ()) if roles.get(one["id"]) in chosen.roles]
    return all(one.get("name_latin") or str(one.get("name", "")).isascii() for one in spoken_of)


def _consents(access: CaseAccess, chosen: profiles.Profile, language: Language) -> list[tuple[str, bool, str]]:
    """Return for each use whether it is allowed, and who may never learn of it."""
    limits = {
        one: str(consents.relied_on(access, one).get("withhold_from", "")) for one in (chosen.purpose, *chosen.also)
    }
    return [(PURPOSE_LABELS[one][language], consents.allows(access.store, access, one), limits[one]) for one in limits]


def _named(path: FieldPath, language: Language) -> str:
    label = next((one.labels[language] for one in entity_fields(path.entity) if one.name == path.name), path.name)
    return f"{ENTITY_LABELS[path.entity][language]}: {label}"
