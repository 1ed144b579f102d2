"""The end of a case: closed with a clock, opened again, held for a court or a body, and the way to its erasing.

Promises that a person sees until when a case is kept, and why it waits. Must never destroy: the run does, at night.
"""

from collections.abc import Mapping
from typing import Annotated

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.access.doors import CaseAccess
from api.catalogue.compartments import LABELS, Compartment
from api.catalogue.keeping import CLOSED_ON, CONTACTED_ON, HOLD, REASON, REVIEW, Ending, Holding, Reviewing, terms
from api.errors import Invalid, OutOfOrder, Stale
from api.guards import Enters
from api.ids import short_code
from api.pages.forms import Form, read_form
from api.pages.staff.fields import sentences
from api.pages.staff.frame import language_of, number, show
from api.policy.actions import Action
from api.services import keeping
from api.services.saving import head_of

router = APIRouter(prefix="/cases/{case_id}/end", default_response_class=HTMLResponse, include_in_schema=False)
Keeps = Annotated[CaseAccess, Enters(Action.CASE_KEEP)]


@router.get("")
def ask(access: Keeps) -> Response:
    """Show whether the case is closed or held, and until when each part is kept."""
    return _page(access, {}, 200)


@router.post("")
async def decide(request: Request, access: Keeps) -> Response:
    """Close, open again, hold or lift, over the version that was shown."""
    form = await read_form(request)
    return await run_sync(_decided, access, form)


def _decided(access: CaseAccess, form: Form) -> Response:
    try:
        _act(access, form, number(form.get("version")))
    except Stale:
        return _page(access, {"form": "stale"}, 409)
    except (ValueError, OutOfOrder):
        return _page(access, {"form": "choose"}, 422)
    except Invalid as refused:
        return _page(access, sentences(refused.problems, language_of(access.caller)), 422, form.values())
    return RedirectResponse(f"/cases/{access.case_id}/end", 303)


def _act(access: CaseAccess, form: Form, version: int) -> None:
    match form.get("what"):
        case "close":
            keeping.close(access, Ending(form.get("why")), version)
        case "reopen":
            keeping.reopen(access, version)
        case "hold":
            keeping.hold(access, Holding(form.get("why")), version)
        case "review":
            keeping.review(access, form.get("until"), Reviewing(form.get("why")), version)
        case "touch":
            keeping.touch(access, version)
        case "lift":
            keeping.lift(access, version)
        case _:
            raise OutOfOrder


def _page(
    access: CaseAccess, problems: dict[str, str], status: int, values: Mapping[str, object] | None = None
) -> HTMLResponse:
    head, language = head_of(access.open(Compartment.CONTROL).note), language_of(access.caller)
    kept = [(LABELS[one][language], terms(head, one)[0]) for one in Compartment if one in access.manifest.parts]
    context = {
        "case_id": access.case_id,
        "code": short_code(access.case_id),
        "version": access.version,
        "closed_on": head.get(CLOSED_ON, ""),
        "ending": head.get(REASON, ""),
        "hold": head.get(HOLD, {}),
        "kept": [(label, month) for label, month in kept if month],
        "contacted_on": head.get(CONTACTED_ON, ""),
        "endings": [str(one) for one in Ending],
        "holdings": [str(one) for one in Holding],
        "review": head.get(REVIEW, {}),
        "reviewings": [str(one) for one in Reviewing],
        "values": values or {},
        "problems": problems,
    }
    return show(access.caller, "end.html", short_code(access.case_id), "/cases", status, **context)
