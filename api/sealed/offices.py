"""Members' records and the offices' public keys: believed only when signed, unrolled and unbroken.

Promises that a role, a state or a public key that somebody edited in the database is refused before anything is
sealed to it. Must never take a key from a row without checking who vouched for it.
"""

import hashlib
import json
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.crypto import (
    Context,
    Parcel,
    PublicHalf,
    Signer,
    VerifyKey,
    fingerprint,
    place,
    unwrap_parcel,
    wrap_parcel,
)
from api.errors import NotFound, Tampered
from api.models.tables import Group, Leaf, Member, Office
from api.sealed.store import Store

GROUP = place("group")
INTAKE, AUDITORS, RECOVERY = "intake", "auditors", "recovery"
LONGEST_CHAIN = 8
# Whose own session makes an office's key: one that an administrator made would read what families send.
MAKERS = {INTAKE: "intake", AUDITORS: "auditor", RECOVERY: "trustee"}


@dataclass(frozen=True, slots=True)
class OfficeKey:
    """The newest public half of an office, and its epoch."""

    kind: str
    epoch: int
    public: PublicHalf


def read_group(db: Session, store: Store) -> Parcel:
    """Return the group's note: name, languages, `founder` (member id) and `founder_print` (hex)."""
    row = db.get(Group, 1)
    if row is None:
        raise NotFound
    return unwrap_parcel(store.deployment.derive(GROUP), GROUP, row.sealed)


def write_group(db: Session, store: Store, note: dict[str, object]) -> None:
    """Replace the group's note."""
    db.merge(Group(id=1, sealed=wrap_parcel(store.deployment.derive(GROUP), GROUP, Parcel(note))))


def sign_record(member: Member, signer_id: str, signer: Signer) -> None:
    """Vouch for a member's role, state, version and keys as they now stand in the row."""
    member.signer = signer_id
    member.signature = signer.sign(_record_place(member), _record(member))


def version_tag(store: Store, member: Member, version: int) -> bytes:
    """Return the tag of the log leaf that every version of a member's record commits with."""
    return store.deployment.mac(place("tag", "member", member.id, version))


def check_member(db: Session, store: Store, member: Member) -> Member:
    """Return the member when an administrator vouched for exactly this, and nothing newer; raises Tampered."""
    _check_chain(db, store, member, 0)
    tags = [version_tag(store, member, version) for version in (member.version, member.version + 1)]
    present = set(db.scalars(select(Leaf.tag).where(Leaf.tag.in_(tags))))
    # A leaf for version + 1 betrays an old record put back; a missing one, a record that was never logged.
    if present != {tags[0]}:
        raise Tampered
    return member


def print_of(member: Member) -> bytes:
    """Return the fingerprint that people compare by voice."""
    return fingerprint(PublicHalf(member.receive), VerifyKey(member.verify))


def sign_office(kind: str, epoch: int, public: PublicHalf, maker_id: str, maker: Signer) -> Office:
    """Return the row of an office's new public half, signed by who made it."""
    signature = maker.sign(_office_place(kind, epoch), public.blob)
    return Office(kind=kind, epoch=epoch, public=public.blob, signer=maker_id, signature=signature)


def office(db: Session, store: Store, kind: str) -> OfficeKey | None:
    """Return an office's newest key, or None when it was not yet made; raises Tampered for a swapped one."""
    row = db.scalars(select(Office).where(Office.kind == kind).order_by(Office.epoch.desc()).limit(1)).first()
    if row is None:
        return None
    maker = _find(db, row.signer)
    if maker.role != MAKERS[kind]:
        raise Tampered
    _check_chain(db, store, maker, 0)
    VerifyKey(maker.verify).verify(_office_place(kind, row.epoch), row.public, row.signature)
    return OfficeKey(kind, row.epoch, PublicHalf(row.public))


def office_print(key: OfficeKey) -> str:
    """Return an office's fingerprint (hex), which rosters pin."""
    return hashlib.sha256(key.public.blob).hexdigest()


def auditors(db: Session, store: Store) -> OfficeKey | None:
    """Return the auditors' key, or None before the first auditor made it."""
    return office(db, store, AUDITORS)


def intake(db: Session, store: Store) -> OfficeKey | None:
    """Return the intake's key, or None before the first intake officer made it."""
    return office(db, store, INTAKE)


def _check_chain(db: Session, store: Store, member: Member, depth: int) -> None:
    """Follow signatures up to the founder, whose fingerprint lies under the deployment secret."""
    if depth > LONGEST_CHAIN or member.signature is None or member.signer is None:
        raise Tampered
    founder = member.signer == member.id
    signer = member if founder else _find(db, member.signer)
    if signer.role != "administrator":
        raise Tampered
    VerifyKey(signer.verify).verify(_record_place(member), _record(member), member.signature)
    if not founder:
        _check_chain(db, store, signer, depth + 1)
    elif read_group(db, store).note["founder_print"] != print_of(member).hex():
        raise Tampered


def _find(db: Session, member_id: str) -> Member:
    member = db.get(Member, member_id)
    if member is None:
        raise Tampered
    return member


def _record_place(member: Member) -> Context:
    return place("member", member.id, member.version)


def _record(member: Member) -> bytes:
    fields = (member.role, member.state, member.version, member.receive.hex(), member.verify.hex())
    return json.dumps(fields).encode()


def _office_place(kind: str, epoch: int) -> Context:
    return place("office", kind, epoch)
