"""Counts, the log, the inventory.

Promises that counts are marked as the desk's own, and that the log is shown with the proof that it is whole. Must never
name a member or a case in the log by more than initial, role and short code.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response

from api import audit
from api.access.caller import Caller
from api.catalogue.compartments import Compartment, Language
from api.catalogue.fields import ENTITIES, ENTITY_LABELS, entity_fields
from api.catalogue.purposes import KEPT_FOR
from api.catalogue.retention import TABLE
from api.guards import Requires, store_of
from api.ids import is_id, short_code
from api.pages.staff import tables
from api.pages.staff.frame import language_of, show
from api.pages.staff.logged import in_words
from api.policy.actions import Action
from api.policy.roles import readers
from api.services import counting, logbook, members
from api.services.members import MemberView

router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)


@router.get("/counts")
def counts(
    request: Request,
    caller: Annotated[Caller, Requires(Action.CASE_COUNT)],
    dimension: Annotated[str, Query(max_length=60)] = "case.status",
    second: Annotated[str, Query(max_length=60)] = "",
) -> Response:
    """Count the consenting cases by one field, as a chart and a table, or by two, as a table."""
    names = [name for name in (dimension, second) if name]
    found = counting.count_cases(store_of(request), caller, *names)
    context = {"counted": found, "choices": tables.choices(caller), "dimension": dimension, "second": second}
    context |= tables.crossed(caller, found) if second else tables.charted(caller, found)
    return show(caller, "counts.html", "Counts", "/counts", 200, **context)


@router.get("/log")
def log(
    request: Request,
    caller: Annotated[Caller, Requires(Action.LOG_READ)],
    before: Annotated[int | None, Query(ge=0, lt=2**31)] = None,
    proof: Annotated[Literal["yes"] | None, Query()] = None,
) -> Response:
    """Show the newest entries, or those before one; when asked, the proof that the log is whole: it reads all of it."""
    store = store_of(request)
    people, language = {one.id: one for one in members.members(store, caller)}, language_of(caller)
    lines = [_line(one, people, language) for one in logbook.newest(store, caller, before)]
    oldest = lines[-1]["index"] if lines else 0
    verdict = audit.verify(store) if proof else None
    context: dict[str, object] = {"entries": lines, "verdict": verdict, "oldest": oldest, "before": before}
    return show(caller, "log.html", "Log", "/log", 200, **context)


@router.get("/inventory")
def show_inventory(caller: Annotated[Caller, Requires(Action.SELF_READ)]) -> Response:
    """Show every field, why it is kept, how long, who reads it."""
    language = language_of(caller)
    named = [(entity, ENTITY_LABELS[entity][language], entity_fields(entity)) for entity in ENTITIES]
    context: dict[str, object] = {"entities": named, "readers": {one: readers(one) for one in Compartment}}
    context |= {"kept": {code: period.told(language) for code, period in TABLE.items()}, "why": KEPT_FOR}
    return show(caller, "inventory.html", "What we keep", "/inventory", 200, **context)


def _line(entry: Mapping[str, Any], people: Mapping[str, MemberView], language: Language) -> Mapping[str, Any]:
    """Return an entry with who acted and whom or which case it is about, as people say it."""
    case, about = str(entry.get("case") or ""), str(entry.get("about") or "")
    shown: dict[str, object] = {"actor": people.get(str(entry.get("actor"))), "code": short_code(case) if case else ""}
    shown |= {"whom": people.get(about), "what": "" if is_id(about) else in_words(about, language)}
    return {**entry, **shown, "said": in_words(str(entry.get("verb", "")), language)}
