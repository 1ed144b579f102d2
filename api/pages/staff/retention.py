"""What goes soon, and what is gone: the review before, the register after.

Promises that nothing of a case goes unseen: a month ahead it stands here, with the way to keep it. Must never show
of an erasure more than a random identifier and a day.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import groupby
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response

from api.access.caller import Caller
from api.clock import month_after, today
from api.guards import Requires, store_of
from api.pages.staff.frame import show
from api.policy.actions import Action
from api.services import desks, erasures, keeping
from api.services.keeping import Due

router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)
PAGE = 50
Month = Annotated[str, Query(pattern=r"^(\d{4}-(0[1-9]|1[0-2]))?$")]


@router.get("/retention")
def due(
    request: Request,
    caller: Annotated[Caller, Requires(Action.CASE_LIST)],
    month: Month = "",
    after: Annotated[str, Query(max_length=80)] = "",
) -> Response:
    """List what goes by the end of a month, the next one when none is named, desk by desk and page by page."""
    store, chosen = store_of(request), month or month_after(today(), 1)
    named = {one.id: one.name for one in desks.desks(store, caller)}
    left = [one for one in _cases(keeping.due_by(store, caller, chosen)) if _place(one[0]) > after]
    by_desk = groupby(left[:PAGE], lambda one: one[0].desk_id)
    context: dict[str, object] = {
        "month": chosen,
        "listed": [(named.get(desk, ""), list(some)) for desk, some in by_desk],
        "next": month_after(date.fromisoformat(f"{chosen}-01"), 1),
        "following": _place(left[PAGE - 1][0]) if len(left) > PAGE else "",
        "first": not after,
    }
    return show(caller, "retention.html", "What goes soon", "/retention", 200, **context)


@router.get("/erasures")
def gone(
    request: Request,
    caller: Annotated[Caller, Requires(Action.ERASURES_READ)],
    after: Annotated[str, Query(max_length=40)] = "",
) -> Response:
    """Show the register of erasures, and which backups still know what was erased."""
    store = store_of(request)
    shown = erasures.register(store, caller, after)
    context: dict[str, object] = {"lines": shown, "next": erasures.cursor(shown), "first": not after}
    context |= {"backups": erasures.still_due(store, caller), "today": today().isoformat()}
    return show(caller, "erasures.html", "What is gone", "/erasures", 200, **context)


def _place(one: Due) -> str:
    """Return where a case stands in the list: a line that comes or goes in between moves no other out of sight."""
    return f"{one.desk_id}.{one.month}.{one.case_id}.{one.held:d}"


def _cases(rows: Sequence[Due]) -> Iterator[tuple[Due, list[str]]]:
    """Yield each case and month once, in the order of their places, with the parts that go then."""
    for _, parts in groupby(sorted(rows, key=_place), _place):
        listed = list(parts)
        yield listed[0], [one.compartment for one in listed]
