"""A founded group by hand: signed members, one desk with keys, a second desk, a lawyer; no passphrase, no session."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from api import audit
from api.access import sessions
from api.access.caller import Caller, CaseKeys, DeskKeys, Keyring
from api.access.doors import CaseAccess, enter_case
from api.audit import Entry
from api.catalogue.compartments import Compartment
from api.crypto import Key, Opener, Parcel, Sealed, Signer, place, wrap_parcel
from api.ids import new_id
from api.models.tables import Case, Desk, Grant, Member
from api.policy.actions import NEEDS_REASON, Action
from api.policy.roles import ALWAYS_WITH_A_CASE, DESK_HOLDS, Role
from api.sealed import groups, offices, shreds
from api.sealed.cases import case_key
from api.sealed.store import Store
from api.services.cases import create_case
from api.services.saving import Body
from tests.sealed.stores import new_store

C = Compartment
NORTH, SOUTH = "north", "south"


@dataclass(slots=True)
class World:
    """A store with members by name, and the keys of two desks."""

    store: Store
    members: dict[str, tuple[str, Role, Key, Key]] = field(default_factory=dict)
    desks: dict[str, str] = field(default_factory=dict)
    keys: dict[str, dict[Compartment, Key]] = field(default_factory=dict)
    grants: dict[str, str] = field(default_factory=dict)

    def caller(
        self, name: str, cases: Mapping[str, tuple[CaseKeys, ...]] | None = None, signing: Key | None = None
    ) -> Caller:
        """Return a member as in a session: seated at a desk where a grant row says so."""
        member_id, role, receive, own = self.members[name]
        seats = {desk: grant for desk in self.desks if (grant := self.grants.get(f"{name}@{desk}"))}
        rings = {self.desks[desk]: (self._desk_keys(desk, role, grant),) for desk, grant in seats.items()}
        return Caller(member_id, role, 1, "session", "en", Keyring(rings, cases or {}), receive, signing or own)

    def unseat(self, name: str, desk: str) -> None:
        """Take the grant of a seat away."""
        with self.store.writing() as db:
            db.execute(delete(Grant).where(Grant.id == self.grants[f"{name}@{desk}"]))

    def _desk_keys(self, desk: str, role: Role, grant: str) -> DeskKeys:
        allowed = DESK_HOLDS.get(role, frozenset())
        return DeskKeys(grant, {(name, 1): self.keys[desk][name] for name in allowed})

    def grantee(self, name: str, case_id: str, opens: Collection[Compartment], ends: str = "2099-01-01") -> Caller:
        """Return a member who holds a grant of these compartments of one case of the north desk."""
        wanted = {*opens, *ALWAYS_WITH_A_CASE}
        keys = {one: case_key(self.keys[NORTH][one], case_id, one) for one in wanted}
        with self.store.writing() as db:
            grant_id = _grant(db, self.store, self.members[name][0])
        return self.caller(name, {case_id: (CaseKeys(grant_id, self.desks[NORTH], ends, keys),)})

    def end_grant(self, grantee: Caller, case_id: str) -> None:
        """Take the grants of one case away that a grantee holds."""
        with self.store.writing() as db:
            for held in grantee.keyring.cases[case_id]:
                db.execute(delete(Grant).where(Grant.id == held.grant_id))

    def case(self, sections: Mapping[Compartment, Body] | None = None) -> str:
        """Make a case of the north desk through the service."""
        return create_case(self.store, self.caller("intake"), self.desks[NORTH], sections or SECTIONS)

    def enter(self, name: str, case_id: str, action: Action, opens: Collection[Compartment] = ()) -> CaseAccess:
        """Enter a case, with a reason where one is asked for."""
        reason = "document-case" if set(opens) & NEEDS_REASON else ""
        return enter_case(self.store, self.caller(name), case_id, action, opens, reason, "a line" if reason else "")


SECTIONS: Mapping[Compartment, Mapping[str, list[dict[str, Any]]]] = {
    C.FACTS: {"case": [{"id": "0" * 26, "title": "A neutral title", "status": "X25-0103a", "counting": "no"}]},
    C.IDENTITY: {"person": [{"id": "1" * 26, "name": "Planted Name"}]},
    C.SOURCE: {"reporter": [{"id": "2" * 26, "name": "Planted Source"}]},
    C.NARRATIVE: {"statement": [{"id": "3" * 26, "text": "planted words"}]},
    C.CONSENT: {"consent": []},
}

PEOPLE = {
    "admin": Role.ADMINISTRATOR,
    "intake": Role.INTAKE,
    "worker": Role.CASE_WORKER,
    "stranger": Role.CASE_WORKER,
    "lawyer": Role.LAWYER,
    "analyst": Role.ANALYST,
    "auditor": Role.AUDITOR,
    "trustee": Role.TRUSTEE,
}
SEATS = (("intake", NORTH), ("worker", NORTH), ("analyst", NORTH), ("stranger", SOUTH))


def make_bench(url: str, folder: Path) -> World:
    """Return the group: everybody enrolled, the north desk with three seats, the south desk with one."""
    world = World(new_store(url, folder))
    with world.store.writing() as db:
        for name, role in PEOPLE.items():
            _enrol(db, world, name, role)
        for desk in (NORTH, SOUTH):
            _found_desk(db, world, desk)
        for name, desk in SEATS:
            world.grants[f"{name}@{desk}"] = _grant(db, world.store, world.members[name][0])
    return world


def case_row(db: Session, case_id: str) -> Case:
    """Return the row of a case that is there."""
    row = db.get(Case, case_id)
    assert row is not None
    return row


def _enrol(db: Session, world: World, name: str, role: Role) -> None:
    member_id, receive, signing = new_id(), Key.fresh(), Key.fresh()
    world.members[name] = (member_id, role, receive, signing)
    admin_id, _, _, admin_signing = world.members["admin"]
    shred = shreds.make(db, world.store)
    row = Member(id=member_id, login_digest=member_id, role=role, state="active", version=1, shred_id=shred.id)
    row.receive, row.verify = Opener(receive).public.blob, Signer(signing).public.blob
    row.seeds = Sealed(b"seeds")
    sessions.set_label(world.store, row, {"initial": name[0].upper(), "language": "en"})
    offices.sign_record(row, admin_id, Signer(admin_signing))
    if name == "admin":
        note = {"name": "Group", "founder": member_id, "founder_print": offices.print_of(row).hex()}
        groups.write(db, world.store, dict(note))
    db.add(row)
    tag, digest = offices.version_tag(world.store, row, 1), offices.record_digest(world.store, row)
    audit.append(db, world.store, Entry("member:confirm", about=member_id), tag, digest)


def _found_desk(db: Session, world: World, desk: str) -> None:
    world.desks[desk], world.keys[desk] = new_id(), {name: Key.fresh() for name in Compartment}
    name = _name(world.store, world.desks[desk], desk)
    db.add(Desk(id=world.desks[desk], epoch=1, version=1, name=name, roster=Sealed(b"roster")))
    db.flush()


def _name(store: Store, desk_id: str, name: str) -> Sealed:
    where = place("desk", "name", desk_id)
    return wrap_parcel(store.deployment.derive(where), where, Parcel({"name": name}))


def _grant(db: Session, store: Store, member_id: str) -> str:
    shred = shreds.make(db, store)
    row = Grant(id=new_id(), member_id=member_id, shred_id=shred.id, sealed=Sealed(b"grant"))
    db.add(row)
    return row.id
