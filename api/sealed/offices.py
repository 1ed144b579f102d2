"""Members' records and the offices' public keys: believed only when signed, unrolled and unbroken.

Promises that a role, a state or a public key that somebody edited in the database is refused before anything is
sealed to it. Must never take a key from a row without checking who vouched for it.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import CTE, Select, bindparam, select, true
from sqlalchemy.orm import Session, aliased

from api.crypto import (
    Context,
    Parcel,
    PublicHalf,
    Sealed,
    Signer,
    VerifyKey,
    fingerprint,
    place,
    unwrap_parcel,
    wrap_parcel,
)
from api.errors import NotFound, Tampered
from api.models.tables import Group, Leaf, Member, Office
from api.sealed import roots
from api.sealed.store import Store

GROUP = place("group")
INTAKE, AUDITORS, RECOVERY = "intake", "auditors", "recovery"
PINNED = "offices"
LONGEST_CHAIN = 8
# Where the public half of an office's key ends, and its verify key begins.
HALF = 1216
# Whose own session makes an office's key: one that an administrator made would read what families send.
MAKERS = {INTAKE: "intake", AUDITORS: "auditor", RECOVERY: "trustee"}


@dataclass(frozen=True, slots=True)
class OfficeKey:
    """The newest public half of an office, its epoch, and the key by which it names its successor."""

    kind: str
    epoch: int
    public: PublicHalf
    verify: VerifyKey


@dataclass(frozen=True, slots=True)
class Record:
    """What an administrator vouches for, as it stands in a member's row."""

    id: str
    role: str
    state: str
    version: int
    receive: bytes
    verify: bytes
    signer: str | None
    signature: bytes | None


def read_group(db: Session, store: Store) -> Parcel:
    """Return the group's note: name, languages, `founder` (member id) and `founder_print` (hex)."""
    row = db.get(Group, 1)
    if row is None:
        raise NotFound
    return unwrap_parcel(store.deployment.derive(GROUP), GROUP, row.sealed)


def _note_of(store: Store, sealed: Sealed) -> Mapping[str, Any]:
    return unwrap_parcel(store.deployment.derive(GROUP), GROUP, sealed).note


def write_group(db: Session, store: Store, note: dict[str, object]) -> None:
    """Replace the group's note."""
    db.merge(Group(id=1, sealed=wrap_parcel(store.deployment.derive(GROUP), GROUP, Parcel(note))))


def sign_record(member: Member, signer_id: str, signer: Signer) -> None:
    """Vouch for a member's role, state, version and keys as they now stand in the row."""
    member.signer = signer_id
    member.signature = signer.sign(_record_place(member), _record(member))


def version_tag(store: Store, member: Member | Record, version: int) -> bytes:
    """Return the tag of the log leaf that every version of a member's record commits with."""
    return store.deployment.mac(place("tag", "member", member.id, version))


def check_member(db: Session, store: Store, member: Member) -> Member:
    """Return the member when an administrator vouched for exactly this, and nothing newer; raises Tampered."""
    seen = Record(**{one.name: getattr(member, one.name) for one in fields(Record)})
    if seen != current_record(db, store, member.id):
        raise Tampered
    return member


def current_record(db: Session, store: Store, member_id: str) -> Record:
    """Return a member's record, vouched for and the newest; raises Tampered, also when there is none."""
    rows = db.execute(VOUCHERS, {"member": member_id}).all()
    known = {row.id: Record(*row[:-1]) for row in rows}
    if member_id not in known:
        raise Tampered
    record = known[member_id]
    _require_chain(store, record, known, rows[0][-1])
    tags = [version_tag(store, record, version) for version in (record.version, record.version + 1)]
    # A leaf for version + 1 betrays an old record put back; a missing one, a record that was never logged; another
    # digest, one that an administrator signed anew beside the log.
    found = {one.tag: one.reason_digest for one in db.execute(LOGGED_RECORDS, {"tags": tags})}
    if found != {tags[0]: record_digest(store, record)}:
        raise Tampered
    return record


def record_digest(store: Store, member: Member | Record) -> bytes:
    """Return what the leaf of a member's version says of the record: a MAC that needs the deployment secret."""
    return store.deployment.mac(place("record", member.id, member.version), _record(member))


def logged(db: Session, tags: Sequence[bytes]) -> frozenset[bytes | None]:
    """Return those of the tags that a leaf of the log carries."""
    return frozenset(db.scalars(LOGGED, {"tags": list(tags)}))


def print_of(member: Member | Record) -> bytes:
    """Return the fingerprint that people compare by voice."""
    return fingerprint(PublicHalf(member.receive), VerifyKey(member.verify))


def sign_office(kind: str, epoch: int, public: PublicHalf, maker_id: str, maker: Signer) -> Office:
    """Return the row of an office's new public half, signed by who made it."""
    signature = maker.sign(_office_place(kind, epoch), public.blob)
    return Office(kind=kind, epoch=epoch, public=public.blob, signer=maker_id, signature=signature)


def office(db: Session, store: Store, kind: str) -> OfficeKey | None:
    """Return an office's newest key, or None when it was not yet made.

    Raises Tampered for a swapped one, and for one that is gone: an office that was founded is never founded again.
    """
    rows = db.execute(OFFICE_AND_MAKER, {"kind": kind}).all()
    pinned = roots.anchored(db, store).get(PINNED, {}).get(kind)
    if not rows and not pinned:
        return None
    made = _require_office(store, rows)
    if office_print(made) != pinned:
        raise Tampered
    return made


def pin(db: Session, store: Store, made: Office) -> None:
    """Note an office's key under the root, inside `erasing`: a row taken away or exchanged is missed."""
    pins = dict(roots.anchored(db, store).get(PINNED, {}))
    roots.anchor(db, store, PINNED, {**pins, made.kind: hashlib.sha256(made.public).hexdigest()})


def office_print(key: OfficeKey) -> str:
    """Return an office's fingerprint (hex), which rosters pin."""
    return hashlib.sha256(key.public.blob + key.verify.blob).hexdigest()


def auditors(db: Session, store: Store) -> OfficeKey | None:
    """Return the auditors' key, or None before the first auditor made it."""
    return office(db, store, AUDITORS)


def intake(db: Session, store: Store) -> OfficeKey | None:
    """Return the intake's key, or None before the first intake officer made it."""
    return office(db, store, INTAKE)


def _chain_from(start: Select[Any]) -> CTE:
    """Return the query of a member's record and of all that vouch for it, up to the founder."""
    chain = start.cte("chain", recursive=True)
    return chain.union(select(*RECORD).join(chain, MEMBER.id == chain.c.signer))


MEMBER = aliased(Member)
RECORD = [getattr(MEMBER, one.name) for one in fields(Record)]
LOGGED = select(Leaf.tag).where(Leaf.tag.in_(bindparam("tags", expanding=True)))
LOGGED_RECORDS = select(Leaf.tag, Leaf.reason_digest).where(Leaf.tag.in_(bindparam("tags", expanding=True)))
GROUP_NOTE = select(Group.sealed).scalar_subquery()
ABOVE = _chain_from(select(*RECORD).where(MEMBER.id == bindparam("member")))
VOUCHERS = select(ABOVE, GROUP_NOTE).limit(LONGEST_CHAIN + 1)
NEWEST = select(Office.__table__).where(Office.kind == bindparam("kind")).order_by(Office.epoch.desc()).limit(1)
OFFICE = NEWEST.cte("newest")
MAKER = _chain_from(select(*RECORD).where(MEMBER.id.in_(select(OFFICE.c.signer))))
OFFICE_AND_MAKER = (
    select(OFFICE, MAKER, GROUP_NOTE).select_from(OFFICE.outerjoin(MAKER, true())).limit(LONGEST_CHAIN + 1)
)


def _require_chain(store: Store, member: Record, known: Mapping[str, Record], group: Sealed | None) -> None:
    """Follow signatures up to the founder, whose fingerprint lies under the deployment secret.

    What this says depends on these rows alone: the same rows, to the last byte, need not be followed twice.
    """
    if group is None:
        raise Tampered
    digest = hashlib.sha256(repr((member, sorted(known.items()), group.blob)).encode()).digest()
    if digest not in store.vouched:
        _follow(store, member, known, group, 0)
        store.vouched.add(digest)


def _require_office(store: Store, rows: Sequence[Any]) -> OfficeKey:
    """Return the office's key of rows that name it, its maker and all who vouch for the maker; raises Tampered."""
    if not rows:
        raise Tampered
    made, group = Office(**dict(zip(OFFICE.c.keys(), rows[0][:5], strict=True))), rows[0][-1]
    known = {one[5]: Record(*one[5:-1]) for one in rows}
    maker = known.get(made.signer)
    if maker is None or maker.role != MAKERS[made.kind]:
        raise Tampered
    _require_chain(store, maker, known, group)
    VerifyKey(maker.verify).verify(_office_place(made.kind, made.epoch), made.public, made.signature)
    return OfficeKey(made.kind, made.epoch, PublicHalf(made.public[:HALF]), VerifyKey(made.public[HALF:]))


def _follow(store: Store, member: Record, known: Mapping[str, Record], group: Sealed, depth: int) -> None:
    signer = known.get(member.signer or "")
    if depth > LONGEST_CHAIN or signer is None or member.signature is None or signer.role != "administrator":
        raise Tampered
    VerifyKey(signer.verify).verify(_record_place(member), _record(member), member.signature)
    if signer.id != member.id:
        _follow(store, signer, known, group, depth + 1)
    elif _note_of(store, group)["founder_print"] != print_of(member).hex():
        raise Tampered


def _record_place(member: Member | Record) -> Context:
    return place("member", member.id, member.version)


def _record(member: Member | Record) -> bytes:
    fields = (member.role, member.state, member.version, member.receive.hex(), member.verify.hex())
    return json.dumps(fields).encode()


def _office_place(kind: str, epoch: int) -> Context:
    return place("office", kind, epoch)
