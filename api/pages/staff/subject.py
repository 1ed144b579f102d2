"""Answering whoever a case is about: for whom, in which form; then the document.

Promises that it says what is left out and that the register is written first. Must never offer it to who holds the
source.
"""

from collections.abc import Mapping
from typing import Annotated

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from api.access.caller import Caller
from api.access.doors import CaseAccess, enter_case, held_compartments
from api.catalogue.compartments import TELLER, Compartment, Language
from api.errors import ConsentMissing, Invalid, ReasonMissing, Stale
from api.guards import Enters, Requires, store_of
from api.ids import short_code
from api.pages.forms import Form, read_form
from api.pages.staff.fields import sentences
from api.pages.staff.frame import language_of, require_shown, show
from api.pages.staff.naming import named, opened
from api.policy.actions import Action
from api.sealed.store import Store
from api.services import answering
from api.services.answering import Form as Wanted

router = APIRouter(prefix="/cases/{case_id}/subject", default_response_class=HTMLResponse, include_in_schema=False)
LANGUAGES: Mapping[str, Language] = {"en": "en", "ru": "ru", "uk": "uk"}
REFUSED: Mapping[type[Exception], tuple[str, int]] = {
    ConsentMissing: ("no-consent", 403),
    ReasonMissing: ("reason-missing", 422),
    Stale: ("stale-document", 409),
}


@router.get("")
def ask(access: Annotated[CaseAccess, Enters(Action.CASE_GIVE_SUBJECT)]) -> Response:
    """Ask whom it is about and who receives it."""
    return _page(access, {}, {}, 200)


@router.post("")
async def give(
    request: Request, case_id: str, caller: Annotated[Caller, Requires(Action.CASE_GIVE_SUBJECT)]
) -> Response:
    """Give out all that is held on one person, or show the form again."""
    form = await read_form(request)
    return await run_sync(_given, store_of(request), caller, case_id, form)


def _given(store: Store, caller: Caller, case_id: str, form: Form) -> Response:
    try:
        wanted, access = Wanted(form.get("form") or "pdf"), _entered(store, caller, case_id, form)
        require_shown(access, form)
        language = LANGUAGES.get(form.get("language"), language_of(caller))
        made = answering.answer(access, form.get("person"), form.get("recipient"), language, wanted)
    except Invalid as refused:
        problems, status = sentences(refused.problems, language_of(caller)), 422
    except ValueError:
        problems, status = {"form": "missing"}, 422
    except (ConsentMissing, ReasonMissing, Stale) as refused:
        code, status = REFUSED[type(refused)]
        problems = {"form": code}
    else:
        name = f'attachment; filename="{made.profile}-{short_code(case_id)}.{wanted}"'
        return Response(made.content, headers={"Content-Disposition": name}, media_type=f"application/{wanted}")
    again = enter_case(store, caller, case_id, Action.CASE_GIVE_SUBJECT)
    return _page(again, form.values(), problems, status)


def _entered(store: Store, caller: Caller, case_id: str, form: Form) -> CaseAccess:
    held = held_compartments(caller, case_id, store) - TELLER
    return enter_case(store, caller, case_id, Action.CASE_GIVE_SUBJECT, held, "answer-request", form.get("words"))


def _page(access: CaseAccess, values: Mapping[str, object], problems: Mapping[str, str], status: int) -> HTMLResponse:
    language = language_of(access.caller)
    people = named(opened(access), language)["person"] if Compartment.FACTS in access.keys else ()
    context: dict[str, object] = {"case_id": access.case_id, "code": short_code(access.case_id), "people": people}
    context |= {
        "version": access.version,
        "language": language,
        "values": {"language": language, **values},
        "problems": problems,
    }
    return show(access.caller, "subject.html", "Case", "/cases", status, **context)
