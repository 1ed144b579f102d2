"""One case moved to its desk's newest keys: its sections, its manifest, its leaves, and the grants that go along.

Promises that a case moves whole or not at all, and that whoever held a grant of it holds it still. Must never give a
key to a member whose keys are not those that were compared.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from api import audit
from api.access import grants
from api.access.caller import Caller
from api.access.doors import CaseAccess, enter_case, held_compartments
from api.audit import Entry
from api.catalogue.compartments import Compartment
from api.clock import today
from api.crypto import Key, Parcel
from api.models.tables import Grant, Member, Reason, Section
from api.policy.actions import RENEW_KEYS, Action
from api.sealed import cases, offices, shreds
from api.sealed.cases import Part
from api.sealed.epochs import OLDER, epoch_of, written
from api.sealed.store import Store
from api.services import remaining
from api.services.granting import case_terms, grants_named, shred_named
from api.services.saving import Change, write

C = Compartment
VERB, ENDED, NOT_RENEWED = "case:rekeyed", "case:key-ended", "case:grant-not-renewed"


@dataclass(frozen=True, slots=True)
class _Move:
    """One case on its way: the access over the old keys, the new key of each compartment that moves, the new epoch."""

    access: CaseAccess
    epoch: int
    fresh: Mapping[Compartment, Key]
    stays: Mapping[Compartment, int]

    @property
    def keys(self) -> Mapping[Compartment, Key]:
        """The case's keys once it has moved."""
        return {**self.access.keys, **self.fresh}


def move_case(store: Store, caller: Caller, case_id: str, newest: int, fresh: Mapping[Compartment, Key]) -> None:
    """Move what the caller can open of one case to the keys of the epoch `newest`; raises what the door raises."""
    with store.reading() as db:
        used = _used(db, case_id)
    opens = used & held_compartments(caller, case_id, store)
    access = enter_case(store, caller, case_id, Action.DESK_ROTATE, opens, RENEW_KEYS)
    shared = access.open(C.CONTROL).note.get("access", ())
    with shreds.erasing(store) if shared else remaining.writing(access) as db:
        _move(db, _planned(db, access, newest, fresh))


def _planned(db: Session, access: CaseAccess, newest: int, fresh: Mapping[Compartment, Key]) -> _Move:
    under = {name: epoch_of(access.manifest, name) for name in C}
    older = {name for name in access.keys if under[name] < newest}
    moves = {name: cases.case_key(fresh[name], access.case_id, name) for name in older if name in fresh}
    others = _used(db, access.case_id) - access.keys.keys()
    stays = {name: under[name] for name in others if under[name] < newest}
    return _Move(access, newest, moves, stays)


def _move(db: Session, move: _Move) -> None:
    """Write every section that moves under its new key, and the manifest, the leaves and the grants that go along."""
    access, old = move.access, move.access.key(C.CONTROL)
    ended = list[str]()
    renewed = _renewed(db, move)
    control = renewed.open(C.CONTROL)
    listed = [_regrant(db, renewed, one, ended) for one in control.note.get("access", ())]
    note = {**control.note, "access": listed} if listed else control.note
    parcels = {name: renewed.open(name) for name in move.fresh if name in renewed.whole.bodies}
    change = Change(VERB, {**parcels, C.CONTROL: Parcel(note, control.keys)})
    write(db, renewed, change)
    remaining.follow(db, renewed, change)
    if C.CONTROL in move.fresh:
        # Under the old key, too: by that an old state put back would know of nothing newer.
        tag = cases.version_tag(old, access.case_id, access.version + 1)
        audit.append(db, access.store, Entry(ENDED, access.caller.member_id, access.case_id), tag=tag)
    if ended:
        grants.revoke(db, db.scalars(select(Grant).where(Grant.id.in_(ended))).all())


def _renewed(db: Session, move: _Move) -> CaseAccess:
    """Return the access as if the case had always lain under its new keys, so that writing it writes all of it anew."""
    access = move.access
    parts = {name: part for name, part in access.manifest.parts.items() if name in move.fresh}
    alive = shreds.fetch(db, access.store, [part.shred_id for part in parts.values()])
    uses, bodies = dict(access.whole.uses), dict(access.whole.bodies)
    listed = dict(access.manifest.parts)
    for name in sorted(move.fresh):
        part = parts.get(name) or _first(db, access)
        shred = alive[part.shred_id] if name in parts else shreds.fetch_one(db, access.store, part.shred_id)
        uses[name] = cases.section_key(move.fresh[name], shred, access.case_id, name)
        parcel = _with_older(access, name)
        bodies[name] = cases.seal_section(uses[name], access.case_id, name, part.version, parcel)
        listed[name] = part
    manifest = replace(access.manifest, parts=listed, epoch=move.epoch, behind=written(move.stays))
    whole = replace(access.whole, manifest=manifest, uses=uses, bodies=bodies)
    return replace(access, keys=move.keys, whole=whole)


def _first(db: Session, access: CaseAccess) -> Part:
    """Return the part of a compartment that was opened and never written: it has words of reasons to carry along."""
    made = shreds.make(db, access.store)
    db.flush()
    return Part(access.version, "", made.id)


def _with_older(access: CaseAccess, name: Compartment) -> Parcel:
    """Return a section with the case's key of until now beside it: older reasons lie under it, and stay there.

    Their digests stand in the log, which nobody seals anew.
    """
    parcel, epoch = access.open(name), epoch_of(access.manifest, name)
    return Parcel(parcel.note, {**parcel.keys, f"{OLDER}{epoch}": access.key(name)})


def _used(db: Session, case_id: str) -> set[Compartment]:
    """Return the compartments in which something lies: a section, or the words of a reason."""
    found = (db.scalars(select(table.compartment).where(table.case_id == case_id)) for table in (Section, Reason))
    return {C(name) for names in found for name in names}


def _regrant(db: Session, access: CaseAccess, entry: Mapping[str, Any], ended: list[str]) -> Mapping[str, Any]:
    """Give the holder of a grant the new keys, on the same terms; note in `ended` the grants that open nothing more."""
    alive = set(db.scalars(select(Grant.id).where(Grant.id.in_(grants_named([entry])))))
    member = db.get(Member, entry["member"])
    if not alive or entry["until"] < today().isoformat() or member is None:
        return entry
    if member.state != "active" or offices.print_of(member).hex() != entry.get("print"):
        audit.append(db, access.store, Entry(NOT_RENEWED, access.caller.member_id, access.case_id, about=member.id))
        return entry
    granted = [name for name in map(C, entry["compartments"]) if name in access.keys]
    terms = case_terms(access, entry["reason"], entry["until"], granted)
    keys = {str(name): access.key(name) for name in granted}
    given = grants.give(db, access.store, access.caller, member, terms, keys)
    # What this holder cannot open stays with the grants of before, until another holder moves it.
    rest = sorted(alive) if set(entry["compartments"]) - set(keys) else []
    ended += [one for one in alive if one not in rest]
    kept = {one: shred for one, shred in entry.get("shreds", {}).items() if one in rest}
    return {**entry, "grant": given, "earlier": rest, "shreds": {**kept, **shred_named(db, given)}}
