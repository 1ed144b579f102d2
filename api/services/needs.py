"""What needs a member soon: tasks, deadlines and grants that end, of the cases that the member may open.

Promises that each case looked at is opened by its door, and so stands in the log. Must never look unasked.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from api.access.caller import Caller
from api.access.doors import CaseAccess, enter_case
from api.catalogue.compartments import Compartment
from api.catalogue.dates import ApproxDate
from api.clock import today
from api.errors import Forbidden, NotFound, Tampered
from api.ids import short_code
from api.policy.actions import Action
from api.reports.readiness import urgent_until
from api.sealed.store import Store
from api.services import granting, listing
from api.services.listing import CaseLine

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


@dataclass(frozen=True, slots=True)
class Needs:
    """What is due, earliest first, and whether there are more cases than were looked at."""

    due: Sequence[Due]
    more: bool


def look(store: Store, caller: Caller) -> Needs:
    """Go through the member's cases; raises Forbidden for a role that has no list."""
    page = listing.list_cases(store, caller)
    lines = list[CaseLine](page.lines)
    while page.next and len(lines) < MOST_LOOKED_AT:
        page = listing.list_cases(store, caller, page.next)
        lines += page.lines
    due = [one for line in lines if not line.refused for one in _due(store, caller, line.id)]
    return Needs(sorted(due, key=lambda one: (one.day, one.code)), bool(page.next))


def ending(caller: Caller) -> Sequence[Due]:
    """Return the caller's own grants that end within fourteen days; opens nothing."""
    last = {case: max(one.ends for one in held) for case, held in caller.keyring.cases.items() if held}
    now, soon = today().isoformat(), (today() + SOON).isoformat()
    return [Due(day, "grant", case, short_code(case)) for case, day in sorted(last.items()) if now <= day <= soon]


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
        if until and until >= today():
            yield until.isoformat()


def _grants(access: CaseAccess) -> Iterator[str]:
    for one in granting.who_can_open(access):
        if one.until <= today() + SOON:
            yield one.until.isoformat()
