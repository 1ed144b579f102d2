"""Members' records and the offices' public keys: believed only when signed, unrolled and unbroken.

Promises that a role, a state or a public key that somebody edited in the database is refused before anything is
sealed to it. Must never take a key from a row without checking who vouched for it.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import CTE, BindParameter, Select, bindparam, select, true
from sqlalchemy.orm import Session, aliased

from api.crypto import (
    Context,
    PublicHalf,
    Sealed,
    Signer,
    VerifyKey,
    fingerprint,
    place,
)
from api.errors import Tampered
from api.models.tables import Group, Member, Office
from api.sealed import groups, roots
from api.sealed.leaves import tagged
from api.sealed.prepared import Prepared
from api.sealed.store import Store

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


@dataclass(frozen=True, slots=True)
class Vouched:
    """A record that was followed up to the founder; the tags of its leaf and of the next, its leaf's digest."""

    record: Record
    tags: tuple[bytes, bytes]
    digest: bytes


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
    vouched = vouched_record(db, store, member_id)
    require_newest(vouched, tagged(db, vouched.tags))
    return vouched.record


def vouched_record(db: Session, store: Store, member_id: str) -> Vouched:
    """Return a member's record for which an administrator vouches; not to be believed before `require_newest`."""
    rows = tuple(VOUCHERS.all(db, {"member": member_id}))
    # What this says depends on these rows alone: the same rows, to the last byte, need not be followed twice.
    vouched: Vouched = store.kept.once((member_id, rows), lambda: _vouched(store, member_id, rows))
    return vouched


def require_newest(vouched: Vouched, leaves: Iterable[tuple[Any, ...]]) -> None:
    """Raise Tampered unless, of the leaves (tag, digest) that carry one of its tags, only the record's own is there.

    A leaf for version + 1 betrays an old record put back; a missing one, a record that was never logged; another
    digest, one that an administrator signed anew beside the log.
    """
    if {tag: digest for tag, digest in leaves if tag in vouched.tags} != {vouched.tags[0]: vouched.digest}:
        raise Tampered


def record_digest(store: Store, member: Member | Record) -> bytes:
    """Return what the leaf of a member's version says of the record: a MAC that needs the deployment secret."""
    return store.deployment.mac(place("record", member.id, member.version), _record(member))


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
    rows = OFFICE_AND_MAKER.all(db, {"kind": kind})
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


def auditors_at(db: Session, store: Store, epoch: int, row: Sequence[Any]) -> OfficeKey | None:
    """Return the auditors' key from its row and the root's epoch, both just read; known once under the same print."""
    pinned = roots.anchored_at(db, store, epoch).get(PINNED, {}).get(AUDITORS)
    known: OfficeKey | None = store.kept.once((AUDITORS, *row, pinned), lambda: auditors(db, store))
    return known


def intake(db: Session, store: Store) -> OfficeKey | None:
    """Return the intake's key, or None before the first intake officer made it."""
    return office(db, store, INTAKE)


def newest(kind: str | BindParameter[str]) -> Select[Any]:
    """Return the query of an office's newest row."""
    return select(Office.__table__).where(Office.kind == kind).order_by(Office.epoch.desc()).limit(1)


def _chain_from(start: Select[Any]) -> CTE:
    """Return the query of a member's record and of all that vouch for it, up to the founder."""
    chain = start.cte("chain", recursive=True)
    return chain.union(select(*RECORD).join(chain, MEMBER.id == chain.c.signer))


MEMBER = aliased(Member)
RECORD = [getattr(MEMBER, one.name) for one in fields(Record)]
GROUP_NOTE = select(Group.sealed).scalar_subquery()
ABOVE = _chain_from(select(*RECORD).where(MEMBER.id == bindparam("member")))
VOUCHERS = Prepared(select(ABOVE, GROUP_NOTE).limit(LONGEST_CHAIN + 1))
OFFICE = newest(bindparam("kind")).cte("newest")
MAKER = _chain_from(select(*RECORD).where(MEMBER.id.in_(select(OFFICE.c.signer))))
OFFICE_AND_MAKER = Prepared(
    select(OFFICE, MAKER, GROUP_NOTE).select_from(OFFICE.outerjoin(MAKER, true())).limit(LONGEST_CHAIN + 1)
)


def _vouched(store: Store, member_id: str, rows: Sequence[Any]) -> Vouched:
    known = {row[0]: Record(*row[:-1]) for row in rows}
    if member_id not in known:
        raise Tampered
    record = known[member_id]
    _follow(store, record, known, rows[0][-1])
    tags = (version_tag(store, record, record.version), version_tag(store, record, record.version + 1))
    return Vouched(record, tags, record_digest(store, record))


def _require_office(store: Store, rows: Sequence[Any]) -> OfficeKey:
    """Return the office's key of rows that name it, its maker and all who vouch for the maker; raises Tampered."""
    if not rows:
        raise Tampered
    made, group = Office(**dict(zip(OFFICE.c.keys(), rows[0][:5], strict=True))), rows[0][-1]
    known = {one[5]: Record(*one[5:-1]) for one in rows}
    maker = known.get(made.signer)
    if maker is None or maker.role != MAKERS[made.kind]:
        raise Tampered
    _follow(store, maker, known, group)
    VerifyKey(maker.verify).verify(_office_place(made.kind, made.epoch), made.public, made.signature)
    return OfficeKey(made.kind, made.epoch, PublicHalf(made.public[:HALF]), VerifyKey(made.public[HALF:]))


def _follow(store: Store, member: Record, known: Mapping[str, Record], group: Sealed | None, depth: int = 0) -> None:
    """Follow signatures up to the founder, whose fingerprint lies under the deployment secret."""
    signer = known.get(member.signer or "")
    if group is None or signer is None or member.signature is None or depth > LONGEST_CHAIN:
        raise Tampered
    if signer.role != "administrator":
        raise Tampered
    VerifyKey(signer.verify).verify(_record_place(member), _record(member), member.signature)
    if signer.id != member.id:
        _follow(store, signer, known, group, depth + 1)
    elif groups.note_of(store, group)["founder_print"] != print_of(member).hex():
        raise Tampered


def _record_place(member: Member | Record) -> Context:
    return place("member", member.id, member.version)


def _record(member: Member | Record) -> bytes:
    fields = (member.role, member.state, member.version, member.receive.hex(), member.verify.hex())
    return json.dumps(fields).encode()


def _office_place(kind: str, epoch: int) -> Context:
    return place("office", kind, epoch)
