"""Grants: keys sealed to one person, under a shred, with a reason, a giver's signature and an end.

Promises one mechanism for desks, single cases, offices and shares, and that a destroyed shred ends a grant at once.
Must never say in the clear for which case or desk a grant is.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from api.access.caller import Caller, CaseKeys, DeskKeys, Keyring
from api.catalogue.compartments import Compartment
from api.clock import today
from api.crypto import (
    Context,
    Key,
    Opener,
    Parcel,
    PublicHalf,
    Sealed,
    Shred,
    VerifyKey,
    open_parcel,
    place,
    seal_parcel,
    unwrap,
    wrap,
)
from api.errors import Forbidden, OutOfOrder, Tampered
from api.ids import new_id
from api.models.tables import Grant, Member
from api.policy.roles import Role
from api.sealed import offices, shreds
from api.sealed.store import Store

DESK, CASE, INTAKE, AUDITORS, SHARE, SEEDS = "desk", "case", "intake", "auditors", "share", "seeds"
YEARS = 8
# The terms, the signature and nine keys fit: lengths would tell a desk from a case, and how much of it.
SIZE = 1536
RECOVERY = "recovery"
# Who may have signed a grant of each kind: whoever enrols members appears nowhere.
GIVERS: Mapping[str, frozenset[Role]] = {
    DESK: frozenset({Role.INTAKE, Role.CASE_WORKER}),
    CASE: frozenset({Role.INTAKE, Role.CASE_WORKER}),
    INTAKE: frozenset({Role.INTAKE}),
    AUDITORS: frozenset({Role.AUDITOR}),
    SHARE: frozenset({Role.TRUSTEE}),
    # One's own, to the recovery.
    SEEDS: frozenset(Role) - {Role.REPORTER},
}


@dataclass(frozen=True, slots=True)
class Terms:
    """What a grant is for: its kind, the reason, the last day, and the desk or case, where there is one.

    `epochs` says for a single case under which of the desk's keys each compartment lay; `since` for a desk from which
    epoch on its keys name the ones that follow.
    """

    kind: str
    reason: str
    ends: str
    desk: str = ""
    case: str = ""
    share: str = ""
    epochs: Mapping[str, int] = field(default_factory=dict)
    since: int = 0


def give(db: Session, store: Store, giver: Caller, to: Member, terms: Terms, keys: Mapping[str, Key]) -> str:
    """Seal `keys` to an active member and return the grant's id.

    Raises Tampered for a record nobody vouched for, OutOfOrder for who is not active, Forbidden for a giver whose role
    gives no such grant.
    """
    if offices.check_member(db, store, to).state != "active":
        raise OutOfOrder
    return _seal_to(db, store, giver, to.id, PublicHalf(to.receive), terms, keys)


def give_recovery(db: Session, store: Store, giver: Caller, terms: Terms, keys: Mapping[str, Key]) -> str:
    """Seal `keys` to the recovery office, so that the loss of every holder is not the loss of the key."""
    office = offices.office(db, store, offices.RECOVERY)
    if office is None:
        raise OutOfOrder
    return _seal_to(db, store, giver, RECOVERY, office.public, terms, keys)


def open_grant(db: Session, store: Store, opener: Opener, row: Grant, shred: Shred) -> Parcel:
    """Return what a grant carries; raises Tampered for a wrong person, place, shred or giver."""
    inner = Sealed(unwrap(shred.as_key(place("grant", row.id)), _where(row.id, row.member_id), row.sealed))
    parcel = open_parcel(opener, _where(row.id, row.member_id), inner)
    note = dict(parcel.note)
    signature = bytes.fromhex(note.pop("signature"))
    giver = _giver(db, store, note)
    VerifyKey(giver.verify).verify(_where(row.id, row.member_id), _signed(note, parcel.keys), signature)
    return parcel


def shred_of(db: Session, store: Store, row: Grant) -> Shred:
    """Return a grant's shred; raises Erased for a revoked one."""
    return shreds.fetch_one(db, store, row.shred_id)


def grants_of(db: Session, member_id: str) -> list[Grant]:
    """Return the rows of a member's grants."""
    return list(db.scalars(select(Grant).where(Grant.member_id == member_id)))


def revoke(db: Session, rows: Iterable[Grant]) -> None:
    """End grants for ever, inside `erasing`: every session and token loses them with the shred."""
    for row in rows:
        shreds.destroy(db, [row.shred_id])
        db.execute(delete(Grant).where(Grant.id == row.id))


def keyring(opened: Mapping[str, Parcel]) -> Keyring:
    """Return the keyring of opened grants by id, leaving out those whose last day has passed."""
    now = today().isoformat()
    live = {grant_id: parcel for grant_id, parcel in opened.items() if parcel.note["ends"] >= now}
    desks: dict[str, tuple[DeskKeys, ...]] = {}
    cases: dict[str, tuple[CaseKeys, ...]] = {}
    for grant_id, parcel in live.items():
        note = parcel.note
        if note["kind"] == DESK:
            desks[note["desk"]] = (*desks.get(note["desk"], ()), DeskKeys(grant_id, by_epoch(parcel)))
        if note["kind"] == CASE:
            keys = {Compartment(name): key for name, key in parcel.keys.items()}
            epochs = {Compartment(name): int(epoch) for name, epoch in note["epochs"].items()}
            one = CaseKeys(grant_id, note["desk"], note["ends"], keys, epochs)
            cases[note["case"]] = (*cases.get(note["case"], ()), one)
    return Keyring(desks, cases, _office(live, INTAKE), _office(live, AUDITORS))


def by_epoch(parcel: Parcel) -> Mapping[tuple[Compartment, int], Key]:
    """Return the keys of a desk's grant by their names, such as `facts:1`."""
    parts = {tuple(name.split(":")): key for name, key in parcel.keys.items()}
    return {(Compartment(name), int(epoch)): key for (name, epoch), key in parts.items()}


def _seal_to(
    db: Session,
    store: Store,
    giver: Caller,
    to: str,
    public: PublicHalf,
    terms: Terms,
    keys: Mapping[str, Key],
) -> str:
    if giver.role not in GIVERS[terms.kind]:
        raise Forbidden
    grant_id, made = new_id(), shreds.make(db, store, terms.ends)
    note = {**asdict(terms), "to": to, "given_by": giver.member_id}
    where = _where(grant_id, to)
    # HPKE has no sender: without the giver's signature whoever edits the database could grant.
    signature = giver.signer.sign(where, _signed(note, keys)).hex()
    inner = seal_parcel(public, where, Parcel({**note, "signature": signature}, keys), SIZE)
    sealed = wrap(made.shred.as_key(place("grant", grant_id)), where, inner.blob)
    db.add(Grant(id=grant_id, member_id=to, shred_id=made.id, sealed=sealed))
    db.flush()
    return grant_id


def _office(live: Mapping[str, Parcel], kind: str) -> Mapping[int, Key]:
    held = [parcel.keys for parcel in live.values() if parcel.note["kind"] == kind]
    return {int(epoch): key for keys in held for epoch, key in keys.items()}


def _giver(db: Session, store: Store, note: Mapping[str, str]) -> Member:
    """A key that a made-up member, or one who enrols members, put into a keyring would open what we write next."""
    giver = db.get(Member, note["given_by"])
    if giver is None or giver.role not in GIVERS.get(note["kind"], frozenset()):
        raise Tampered
    return offices.check_member(db, store, giver)


def _signed(note: Mapping[str, object], keys: Mapping[str, Key]) -> bytes:
    """The terms and the keys themselves: a signature over the terms alone could be moved to other keys."""
    return Parcel(dict(sorted(note.items())), dict(sorted(keys.items()))).packed()


def last_day() -> str:
    """Return the end of a standing grant: a day eight years ahead; nothing is granted for ever."""
    return (today() + timedelta(days=365 * YEARS)).isoformat()


def place_of(row: Grant) -> Context:
    """Return the place that a grant is sealed to."""
    return _where(row.id, row.member_id)


def outer_place(row: Grant) -> Context:
    """Return the place that a grant's shred wraps."""
    return place("grant", row.id)


def _where(grant_id: str, member_id: str) -> Context:
    return place("grant", grant_id, member_id)
