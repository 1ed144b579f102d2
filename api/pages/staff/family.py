"""Writing to a family from its case.

Promises that what was written stands in the case and comes back as it was typed when it is refused. Must never write
to a family that did not tell this case.
"""

from typing import Annotated

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.access.doors import CaseAccess
from api.errors import Invalid, Stale
from api.guards import Enters
from api.pages.forms import Form, read_form
from api.pages.staff.fields import sentences
from api.pages.staff.frame import language_of, number
from api.pages.staff.view import case_page
from api.policy.actions import Action
from api.services import writing_back

router = APIRouter(prefix="/cases/{case_id}", default_response_class=HTMLResponse, include_in_schema=False)


@router.post("/letters")
async def write(request: Request, access: Annotated[CaseAccess, Enters(Action.CASE_WRITE)]) -> Response:
    """Write to a family over the version that was shown: what is sent twice is written once."""
    form = await read_form(request)
    return await run_sync(_written, access, form)


def _written(access: CaseAccess, form: Form) -> Response:
    try:
        writing_back.write_to_family(access, form.get("mailbox"), form.get("letter"), number(form.get("version")))
    except Invalid as refused:
        problems = sentences({"letter": refused.problems["text"]}, language_of(access.caller))
        return case_page(access, problems, form.values())
    except Stale:
        return case_page(access, {"letter": "stale"}, form.values(), 409)
    return RedirectResponse(f"/cases/{access.case_id}#family", 303)
