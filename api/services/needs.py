"""What needs a member soon: tasks, deadlines and grants that end, of the cases that the member may open.

Promises that each case looked at is opened by its door, and so stands in the log. Must never look unasked.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

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
from api.services.lines import CaseLine

C = Compartment
URGENT = "deadline/urgent-procedure"
SOON = timedelta(days=14)
# Each case is opened, one by one: whoever has more is told that not all were looked at.
MOST_LOOKED_AT = 500


@dataclass(frozen=True, slots=True)
class Due:
    """Something with a day: what kind, in which case, and the words of a task or the code of what ends."""

    day: str
    kind: str
    case: str
    code: str
    what: str = ""


@dataclass(frozen=True, slots=True, order=True)
class Deadline:
    """A day that runs: when, what ends (a code), the day on which it was met, its entry; a computed one has none."""

    on: str
    what: str
    met_on: str
    id: str


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


def deadlines(control: Mapping[str, Any], facts: Mapping[str, Any]) -> Sequence[Deadline]:
    """Return what was written down, met or not, and the three months of the UN's urgent procedure, soonest first."""
    told = [(one["on"], one["what"], one.get("met_on", ""), one["id"]) for one in control.get("deadline", ())]
    known = [ApproxDate.from_json(one["last_heard"]) for one in facts.get("case", ()) if "last_heard" in one]
    ends = [until.isoformat() for until in map(urgent_until, known) if until]
    return sorted(Deadline(*one) for one in (*told, *((day, URGENT, "", "") for day in ends)))


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
    for one in deadlines(control, facts):
        # A computed day is over when it has passed; one that somebody wrote down waits to be met.
        if not one.met_on and (one.id or one.on >= today().isoformat()):
            yield Due(one.on, "deadline", *where, one.what)
    yield from (Due(day, "grant", *where) for day in _grants(access))


def _grants(access: CaseAccess) -> Iterator[str]:
    for one in granting.who_can_open(access):
        if one.until <= today() + SOON:
            yield one.until.isoformat()
