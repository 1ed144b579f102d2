"""Two cases of one person: joined so that they are listed, counted, stopped, held and erased as one, and parted again.

Promises that each keeps its identifier, its keys and its log, and that nothing is moved: who holds keys of one opens
that one. Must never join by itself: a person decides.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from api.access.doors import CaseAccess, enter_case
from api.access.visible import visible_cases
from api.catalogue.compartments import Compartment
from api.catalogue.keeping import HOLD
from api.catalogue.purposes import Decision, Purpose
from api.clock import today
from api.crypto import Parcel
from api.errors import Held, NotFound, OutOfOrder
from api.ids import ALPHABET, bare_code, new_id, short_code
from api.models.tables import Case
from api.policy.actions import Action, Standing
from api.sealed import joined, shreds
from api.services import consents, erasing_letters
from api.services.erasing import ErasureNotice
from api.services.saving import Body, Change, Entries, head_of, joined_to, others_of, with_entry, write

C = Compartment
OTHER, APART = "joined", "apart"
CODE = 6


@dataclass(frozen=True, slots=True)
class Together:
    """How a case stands to others of the same person: `stays` is the one that it was joined to, or ""."""

    stays: str
    others: tuple[str, ...]
    apart: tuple[str, ...]
    codes: Mapping[str, str] = field(repr=False)


def together(access: CaseAccess) -> Together:
    """Return the cases that were joined with this one, and those that were found to be of somebody else.

    None to who was granted a single case: the others of the desk are no business of theirs.
    """
    access.require(Action.CASE_READ)
    control = access.open(C.CONTROL).note if access.standing is Standing.DESK else {}
    stays, others = joined_to(control), tuple(others_of(control))
    apart = tuple(one["case"] for one in control.get(APART, ()))
    return Together(stays, others, apart, {one: short_code(one) for one in (stays, *others, *apart) if one})


def other_of(access: CaseAccess, said: str) -> CaseAccess:
    """Enter another case of the desk by its code or identifier; raises NotFound, also for a code that two have."""
    wanted = bare_code(said)
    if len(wanted) < CODE or not set(wanted) <= set(ALPHABET):
        raise NotFound
    query = visible_cases(access.caller).with_only_columns(Case.id).where(Case.desk_id == access.desk_id)
    with access.store.reading() as db:
        found = db.scalars(query.where(Case.id.startswith(wanted)).limit(2)).all()
    if len(found) != 1:
        raise NotFound
    return enter_case(access.store, access.caller, found[0], Action.CASE_JOIN)


def join(kept: CaseAccess, other: CaseAccess, version: int | None = None) -> int:
    """Join `other` to `kept`, which stays in the lists; return the new version of `kept`.

    Both are of one desk. Raises OutOfOrder when either belongs to a pair already in another way, Stale.
    """
    _require_pair(kept, other)
    if joined_to(_control(kept)) or joined_to(_control(other)) or others_of(_control(other)):
        raise OutOfOrder
    with shreds.erasing(kept.store) as db:
        written = _write(db, kept, other, kept.case_id, version)
        _write(db, other, kept, kept.case_id)
        joined.write(db, kept.store, other.case_id, kept.case_id)
        for access in (kept, other):
            consents.stop(db, kept.store, access.case_id, refused(access))
    return written


def part(kept: CaseAccess, other: CaseAccess, version: int | None = None) -> int:
    """Part two joined cases, so that each stands as before; return the new version of `kept`. Raises OutOfOrder."""
    _require_pair(kept, other)
    if joined_to(_control(other)) != kept.case_id:
        raise OutOfOrder
    with shreds.erasing(kept.store) as db:
        written = _write(db, kept, other, None, version)
        _write(db, other, kept, None)
        joined.write(db, kept.store, other.case_id, None)
        for access in (kept, other):
            consents.lift(db, access, refused(access))
    return written


def set_apart(one: CaseAccess, other: CaseAccess, version: int | None = None) -> int:
    """Remember in both cases that they are of two persons; return the new version of `one`. Raises OutOfOrder."""
    _require_pair(one, other)
    if other.case_id in together(one).others or one.case_id in together(other).others:
        raise OutOfOrder
    with one.store.writing() as db:
        written = write(db, one, _noted(one, other), version)
        write(db, other, _noted(other, one))
    return written


def others(access: CaseAccess, action: Action) -> Iterator[CaseAccess]:
    """Enter the cases that were joined to this one; raises NotFound, Forbidden; one that was erased is passed over."""
    known = joined_now(access)
    for case_id in others_of(_control(access)):
        if case_id in known:
            yield enter_case(access.store, access.caller, case_id, action)


def erase_whole(access: CaseAccess) -> ErasureNotice:
    """Erase a case and what was joined to it; raises Held for a hold on any, OutOfOrder for one that was joined."""
    if joined_to(_control(access)) and access.case_id in joined_now(access):
        raise OutOfOrder
    rest = list(others(access, Action.CASE_ERASE))
    if any(HOLD in head_of(_control(one)) for one in (access, *rest)):
        raise Held
    for one in rest:
        erasing_letters.erase_case(one)
    return erasing_letters.erase_case(access)


def joined_now(access: CaseAccess) -> frozenset[str]:
    """Return the cases that were joined, to this one or this one itself, as it stands at this moment."""
    with access.store.reading() as db:
        known = joined.stays(db, access.store)
    return frozenset(one for one, kept in known.items() if access.case_id in (one, kept))


def refused(access: CaseAccess) -> list[Purpose]:
    """Return the uses that somebody said "no" to; what nobody decided on is none of them."""
    body = access.open(C.CONSENT).note
    decided = {one["purpose"] for one in body.get("consent", ())}
    return [one for one, value in consents.effective_of(body).items() if value is Decision.NO and one in decided]


def _require_pair(one: CaseAccess, other: CaseAccess) -> None:
    for access in (one, other):
        access.require(Action.CASE_JOIN)
    if one.case_id == other.case_id or one.desk_id != other.desk_id:
        raise OutOfOrder


def _control(access: CaseAccess) -> Entries:
    return access.open(C.CONTROL).note


def _write(db: Session, access: CaseAccess, other: CaseAccess, stays: str | None, version: int | None = None) -> int:
    control, facts = access.open(C.CONTROL), access.open(C.FACTS)
    kept = [one for one in control.note.get(OTHER, ()) if one["case"] != other.case_id]
    fresh = [{"id": new_id(), "case": other.case_id, "stays": stays, **_by(access)}] if stays else []
    parcels = {C.CONTROL: Parcel({**control.note, OTHER: [*kept, *fresh]}, control.keys)}
    if stays != access.case_id and (stays or joined_to(control.note)):
        parcels[C.FACTS] = Parcel(_marked(facts.note, stays), facts.keys)
    change = Change(Action.CASE_JOIN, parcels, about=f"{'with' if stays else 'from'} {other.case_id}")
    return write(db, access, change, version)


def _marked(facts: Body, stays: str | None) -> Mapping[str, Any]:
    """Mark the coded facts of a case that is listed and counted with another, or take the mark away."""
    heads = list(facts.get("case", ())) or [{"id": new_id()}]
    bare = [{name: value for name, value in one.items() if name != "joined"} for one in heads]
    return {**facts, "case": [{**one, "joined": "yes"} for one in bare] if stays else bare}


def _noted(access: CaseAccess, other: CaseAccess) -> Change:
    control = access.open(C.CONTROL)
    body = with_entry(control.note, APART, {"id": new_id(), "case": other.case_id, **_by(access)})
    return Change(Action.CASE_JOIN, {C.CONTROL: Parcel(body, control.keys)}, about=f"apart {other.case_id}")


def _by(access: CaseAccess) -> dict[str, str]:
    return {"on": today().isoformat(), "by": access.caller.member_id}
