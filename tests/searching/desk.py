"""Cases to be searched for, in a group founded by hand."""

from collections.abc import Sequence
from typing import Any

from api.catalogue.compartments import Compartment
from api.ids import new_id
from api.policy.actions import Action
from api.services.cases import append_to
from api.services.searching import SearchPage, search
from tests.cases.bench_world import World

C = Compartment
IK_29 = {"type": "17/030600000000", "kind": "IK", "number": "29", "region": "RU-ARK"}
REASON = "check-duplicate"
Person = dict[str, Any]


def case(
    world: World, name: str = "", text: str = "", place: Person | None = None, reached: str = "", **person: Any
) -> str:
    """Make a case of the north desk; what is empty is not told."""
    entry = {"id": new_id()}
    told: dict[Compartment, dict[str, Sequence[Person]]] = {C.CONTROL: {"case": [entry]}}
    told[C.FACTS] = {"case": [{**entry, "title": "A neutral title"}]}
    if place:
        told[C.FACTS] = {**told[C.FACTS], "custody": [{"id": new_id(), "facility": place}]}
    if name or person:
        told[C.IDENTITY] = {"person": [{"id": new_id(), "name": name, **person}]}
    if text:
        told[C.NARRATIVE] = {"statement": [{"id": new_id(), "text": text}]}
    if reached:
        told[C.CONTACT] = {"reporter": [{"id": new_id(), "address": reached}]}
    return world.case(told)


def name_again(world: World, case_id: str, name: str) -> None:
    """Give a case one more person."""
    append_to(world.enter("worker", case_id, Action.CASE_WRITE, {C.IDENTITY}), C.IDENTITY, "person", {"name": name})


def found(world: World, line: str, name: str = "intake", skip: int = 0) -> SearchPage:
    """Search as a member of the group."""
    return search(world.store, world.caller(name), line, REASON, skip)


def ids(page: SearchPage) -> list[str]:
    """Return the cases on a page."""
    return [one.line.id for one in page.lines]
