"""Consent: decisions with a date, per purpose, and the gate that every use passes.

Promises that a "no" given at the mailbox stops a use at once, whoever is signed in, and that only filing a later
"yes" lifts it. Must never infer one purpose from another.
"""

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date
from typing import Any, Self, get_args

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.access.doors import CaseAccess
from api.catalogue.check import Checked
from api.catalogue.compartments import Compartment, Language
from api.catalogue.purposes import DEFAULTS, Decision, Purpose
from api.clock import today
from api.errors import Invalid
from api.ids import new_id
from api.models.tables import Letter
from api.policy.actions import Action
from api.sealed import joined, shreds
from api.sealed.store import Store
from api.services import remaining
from api.services.saving import Change, Entries, parcels, with_entry, write

C = Compartment


@dataclass(frozen=True, slots=True)
class Given:
    """A decision as it was given: for what, what, on which day (`YYYY-MM-DD`), by whom (a term of list 21), how.

    `script_version`: the wording that was read; `withhold_from`: who may never learn of it; `withdrawn_on`: the day
    from which a "yes" holds no more.
    """

    purpose: Purpose
    value: Decision
    on: str
    given_by: str
    how: str
    language: Language
    script_version: str = ""
    withhold_from: str = ""
    withdrawn_on: str = ""

    @classmethod
    def of(cls, checked: Checked, language: Language) -> Self:
        """Return what a form said; it was given in `language` where the form does not say in which."""
        said = {name: str(value) for name, value in checked.by_compartment[C.CONSENT].items()}
        spoken = next((one for one in get_args(Language) if one == said.get("language")), language)
        decided = (Purpose(said["purpose"]), Decision(said["value"]), said["on"])
        limits = (said.get(name, "") for name in ("script_version", "withhold_from", "withdrawn_on"))
        return cls(*decided, said.get("given_by", ""), said.get("how", ""), spoken, *limits)

    def entry(self, taken_by: str) -> Entries:
        """Return the dated entry; raises Invalid for a day that is none or is still to come."""
        try:
            past = date.fromisoformat(self.on) <= today()
        except ValueError:
            past = False
        if not past:
            raise Invalid({"on": "unreadable-day"})
        said = ("script_version", "withhold_from", "withdrawn_on")
        fields = {name: str(getattr(self, name)) for name in self.__slots__ if name not in said or getattr(self, name)}
        return {"id": new_id(), **fields, "taken_by": taken_by}


def effective(access: CaseAccess) -> Mapping[Purpose, Decision]:
    """Return what holds for each purpose: the newest decision, or the default; stops are not looked at."""
    return effective_of(access.open(C.CONSENT).note)


def effective_of(body: Entries) -> Mapping[Purpose, Decision]:
    """Return what holds by a `consent` section; of two decisions of one day the one filed later."""
    decided = dict(DEFAULTS)
    for entry in sorted(body.get("consent", ()), key=lambda one: str(one["on"])):
        decided[Purpose(entry["purpose"])] = _standing(entry)
    return decided


def _standing(entry: Entries) -> Decision:
    """A decision that was withdrawn allows nothing, on whichever day: what is doubtful is a "no"."""
    return Decision.NO if entry.get("withdrawn_on") else Decision(entry["value"])


def relied_on(access: CaseAccess, purpose: Purpose) -> Entries:
    """Return the newest decision on a purpose, empty where nobody decided: what a use rests on, and its limits."""
    entries = [one for one in access.open(C.CONSENT).note.get("consent", ()) if one["purpose"] == purpose]
    return max(reversed(entries), key=lambda one: str(one["on"]), default={})


def stopped(store: Store, case_id: str) -> frozenset[Purpose]:
    """Return the purposes on the stop list of this case, or of another case of the same person."""
    with store.reading() as db:
        return frozenset(map(Purpose, joined.stopped(db, store, case_id)))


def allows(store: Store, access: CaseAccess, purpose: Purpose) -> bool:
    """Say whether this use is allowed now: the stop list first, then the newest decision."""
    return purpose not in stopped(store, access.case_id) and effective(access)[purpose] is Decision.YES


def stop(db: Session, store: Store, case_id: str, purposes: Iterable[Purpose]) -> None:
    """Forbid these uses at once; inside `shreds.erasing`, so that an older list opens no more."""
    listed = dict(shreds.stops(db, store))
    listed[case_id] = sorted({*listed.get(case_id, ()), *purposes})
    shreds.write_stops(db, store, listed)


def decide_consent(access: CaseAccess, given: Given, version: int | None = None) -> int:
    """File a decision and return the new version; what may be counted follows in `facts`.

    A "yes" that is the newest decision lifts the stop of its purpose. Raises Stale, Invalid.
    """
    access.require(Action.CASE_WRITE)
    consent = with_entry(access.open(C.CONSENT).note, "consent", given.entry(access.caller.member_id))
    now = effective_of(consent)[given.purpose]
    bodies = {C.CONSENT: consent}
    # Facts that went with their time are not begun anew for one answer: what remains of them follows it below.
    if given.purpose is Purpose.COUNT and not remaining.alone(access):
        bodies[C.FACTS] = _counting(access.open(C.FACTS).note, now)
    change = Change(Action.CASE_WRITE, parcels(access, bodies), about=f"consent:{given.purpose}")
    lifts = now is Decision.YES and given.purpose in stopped(access.store, access.case_id)
    stops = now is Decision.NO and bool(access.open(C.CONTROL).note.get("joined"))
    with _writing(access, lifts or stops) as db:
        written = write(db, access, change, version)
        remaining.follow(db, access, change)
        if given.purpose is Purpose.COUNT and now is not Decision.YES and remaining.alone(access):
            shreds.destroy(db, remaining.forget(db, access.case_id))
        if lifts:
            lift(db, access, [given.purpose])
        if stops:
            # The other case of the same person has keys of its own: only the stop list reaches it.
            stop(db, access.store, access.case_id, [given.purpose])
    return written


def _writing(access: CaseAccess, changes_stops: bool) -> AbstractContextManager[Session]:
    return shreds.erasing(access.store) if changes_stops else remaining.writing(access)


def lift(db: Session, access: CaseAccess, purposes: Iterable[Purpose]) -> None:
    """Take purposes off the stop list of a case, inside `erasing`, because a member filed a later "yes".

    While a letter of the case waits nothing is lifted: it may be the "no" for which the stop was written.
    """
    store, case_id = access.store, access.case_id
    listed = {one: list(codes) for one, codes in shreds.stops(db, store).items()}
    if case_id not in listed or _letters_wait(db, access):
        return
    left = [code for code in listed.pop(case_id) if code not in set(purposes)]
    shreds.write_stops(db, store, {**listed, **({case_id: left} if left else {})})


def _letters_wait(db: Session, access: CaseAccess) -> bool:
    boxes = [str(one["id"]) for one in access.open(C.CONTROL).note.get("mailbox", ())]
    waiting = select(Letter.id).where(Letter.mailbox_id.in_(boxes), Letter.intake_shred.is_not(None))
    return db.scalar(waiting.limit(1)) is not None


def _counting(facts: Entries, value: Decision) -> dict[str, Any]:
    heads = list(facts.get("case", ())) or [{"id": new_id()}]
    return {**facts, "case": [{**one, "counting": str(value)} for one in heads]}
