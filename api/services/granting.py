"""Grants of a single case: to whom, which compartments, until when, why; and their end.

Promises that a key is sealed only to the person whose six words were heard, only by who holds it, only as far as
the table of roles goes. Must never grant more than the granter opened, nor outlive a revocation by one request.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.access import grants, sessions
from api.access.doors import CaseAccess
from api.access.grants import Terms
from api.catalogue.compartments import Compartment
from api.clock import today
from api.crypto import Parcel
from api.errors import Forbidden, Invalid, NotFound, ReasonMissing
from api.ids import new_id, short_code
from api.models.tables import Grant, Member
from api.policy.actions import REASONS, Action
from api.policy.roles import ALWAYS_WITH_A_CASE, CASE_GRANTABLE, Role
from api.sealed import offices, shreds
from api.sealed.epochs import epoch_of
from api.services.members import vouched
from api.services.saving import Change, with_entry, write

C = Compartment
LONGEST_DAYS = 365


@dataclass(frozen=True, slots=True)
class Holder:
    """Who can open the case by a grant: initial and role, which compartments, until which day, and why."""

    grant_id: str
    member_id: str
    initial: str
    role: Role
    compartments: tuple[Compartment, ...]
    until: date
    reason: str
    given_by: str

    @property
    def number(self) -> str:
        """The member's number, as people say it."""
        return short_code(self.member_id)


def grant_case(
    access: CaseAccess,
    member_id: str,
    six_words_heard: str,
    compartments: Collection[Compartment],
    days: int,
    reason: str,
    version: int | None = None,
) -> str:
    """Grant compartments of the case for so many days from today and return the grant's id.

    `control` and `consent` always come along. Raises NotFound for an unknown member, Forbidden for a compartment
    that the role may not be granted or that was not opened, ReasonMissing, Invalid, Stale.
    """
    access.require(Action.CASE_GRANT)
    if reason not in REASONS:
        raise ReasonMissing
    if not 1 <= days <= LONGEST_DAYS or not compartments:
        raise Invalid({"days" if compartments else "compartments": "required"})
    granted = sorted({*compartments, *ALWAYS_WITH_A_CASE})
    keys, ends = {str(name): access.key(name) for name in granted}, (today() + timedelta(days)).isoformat()
    with access.store.writing() as db:
        terms = case_terms(access, reason, ends, granted)
        member = _to(db, access, member_id, frozenset(compartments), six_words_heard)
        grant_id = grants.give(db, access.store, access.caller, member, terms, keys)
        entry = {**_entry(access, member, grant_id, granted, terms), "shreds": shred_named(db, grant_id)}
        control = with_entry(access.open(C.CONTROL).note, "access", entry)
        write(db, access, Change(Action.CASE_GRANT, _control(access, control), about=member_id), version)
    return grant_id


def revoke_case_grant(access: CaseAccess, grant_id: str, version: int | None = None) -> int:
    """End a grant for ever and return the case's new version; an open session is refused on its next request."""
    access.require(Action.CASE_REVOKE)
    note = access.open(C.CONTROL).note
    gone = [one for one in note.get("access", ()) if one["grant"] == grant_id]
    if not gone:
        raise NotFound
    left = {**note, "access": [one for one in note["access"] if one["grant"] != grant_id]}
    with shreds.erasing(access.store) as db:
        change = Change(Action.CASE_REVOKE, _control(access, left), about=grant_id)
        written = write(db, access, change, version)
        end_named(db, gone)
    return written


def end_named(db: Session, entries: Sequence[Mapping[str, Any]]) -> None:
    """End the grants behind entries of `access` for ever, inside `erasing`.

    A row that somebody took away, to put it back afterwards, is ended by its shred, which the entry names.
    """
    grants.revoke(db, db.scalars(select(Grant).where(Grant.id.in_(grants_named(entries)))).all())
    shreds.destroy(db, [shred for one in entries for shred in one.get("shreds", {}).values()])


def shred_named(db: Session, grant_id: str) -> Mapping[str, str]:
    """Return what an entry of `access` says of a grant's shred: its id by the grant's."""
    return {grant_id: db.get_one(Grant, grant_id).shred_id}


def grants_named(entries: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return the ids of the grants behind entries of `access`: one each, and those of before a deep rotation."""
    return [grant for one in entries for grant in (one["grant"], *one.get("earlier", ()))]


def case_terms(access: CaseAccess, reason: str, ends: str, granted: Iterable[Compartment]) -> Terms:
    """Return the terms of a grant of this case, with the epochs that its compartments lie under now."""
    epochs = {str(name): epoch_of(access.manifest, name) for name in granted}
    return Terms(grants.CASE, reason, ends, access.desk_id, access.case_id, epochs=epochs)


def who_can_open(access: CaseAccess) -> tuple[Holder, ...]:
    """Return the grants of the case that have not ended."""
    entries = access.open(C.CONTROL).note.get("access", ())
    return tuple(_holder(one) for one in entries if one["until"] >= today().isoformat())


def _to(db: Session, access: CaseAccess, member_id: str, compartments: frozenset[Compartment], heard: str) -> Member:
    # An administrator enrols, and could enrol a key of their own: the voice of the owner is what counts.
    member = vouched(db, access.store, member_id, heard)
    grantable = CASE_GRANTABLE.get(Role(member.role))
    # A role without a row holds no key of a case, not even of what goes along with every grant.
    if grantable is None or not compartments <= grantable | ALWAYS_WITH_A_CASE:
        raise Forbidden
    return member


def _entry(
    access: CaseAccess, member: Member, grant_id: str, granted: Collection[Compartment], terms: Terms
) -> Mapping[str, Any]:
    return {
        "id": new_id(),
        "grant": grant_id,
        "member": member.id,
        "initial": str(sessions.label(access.store, member).note.get("initial", "")),
        "role": member.role,
        # The keys whose words were heard: a deep rotation gives the next grant to no others.
        "print": offices.print_of(member).hex(),
        "compartments": [str(name) for name in granted],
        "until": terms.ends,
        "reason": terms.reason,
        "by": access.caller.member_id,
    }


def _control(access: CaseAccess, note: Mapping[str, Any]) -> Mapping[Compartment, Parcel]:
    return {C.CONTROL: Parcel(note, access.open(C.CONTROL).keys)}


def _holder(entry: Mapping[str, Any]) -> Holder:
    names = tuple(Compartment(name) for name in entry["compartments"])
    who = (entry["grant"], entry["member"], entry["initial"], Role(entry["role"]))
    return Holder(*who, names, date.fromisoformat(entry["until"]), entry["reason"], entry["by"])
