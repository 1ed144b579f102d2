"""Ceremonies of k trustees: opened, announced to everyone, waited for, cancelled.

Promises terms that are fixed at the start, that everyone is told, and that what was cancelled opens nothing, from
no copy. Must never be finished before the waiting time is over.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from api import audit
from api.access import sessions
from api.access.caller import Caller
from api.audit import Entry
from api.clock import now, today
from api.crypto import (
    Context,
    Key,
    Parcel,
    PublicHalf,
    Shred,
    VerifyKey,
    place,
    unwrap_parcel,
    wrap_parcel,
)
from api.errors import Forbidden, NotFound, NotYet, OutOfOrder, Tampered
from api.ids import is_id, new_id
from api.models.recovery import Brought, Ceremony
from api.models.tables import Member
from api.policy.roles import Role
from api.sealed import offices, roots, shreds
from api.sealed.store import Store
from api.services import trustees

MEMBER, SPLIT = "member", "split"
WAIT = timedelta(hours=72)
# A ceremony that nobody finishes ends by itself.
LONGEST = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Terms:
    """What was fixed at the start: for whom, by whom, when (seconds since 1970), how many shares of which set.

    `chosen` are the trustees of a new split, member id -> fingerprint (hex), of whom `following` will be needed.
    """

    kind: str
    member: str
    by: str
    opened: int
    threshold: int
    set: str
    code: str = ""
    following: int = 0
    chosen: Mapping[str, str] = field(default_factory=dict)

    @property
    def over(self) -> datetime:
        """The moment from which it may be finished."""
        return datetime.fromtimestamp(self.opened, UTC) + WAIT


@dataclass(frozen=True, slots=True)
class CeremonyView:
    """A ceremony as everyone sees it announced; `words` are those of its own key, for who reads them out."""

    id: str
    kind: str
    member: str
    initial: str
    role: str
    day: str
    over: str
    brought: int
    threshold: int
    ready_for_shares: bool
    cancellable: bool


def moment() -> int:
    """Return this moment as terms hold it: seconds since 1970."""
    return int(now().timestamp())


def begin(db: Session, store: Store, caller: Caller, terms: Terms, half: PublicHalf | None = None) -> Ceremony:
    """Add a ceremony, its terms signed by who opens it; raises OutOfOrder where one is open or it cannot succeed."""
    # Two who begin at once would each find none open; the root goes before the log, as everywhere.
    roots.shared(db, store)
    audit.take_turn(db)
    others = trustees.active(db, store) - {terms.member if terms.kind == MEMBER else ""}
    if not 0 < terms.threshold <= len(others) or any(one.member == terms.member for _, one in alive(db, store)):
        raise OutOfOrder
    row = Ceremony(id=new_id(), day=today().isoformat(), half=half.blob if half else None)
    row.shred_id = shreds.make(db, store, (today() + LONGEST).isoformat()).id
    signature = caller.signer.sign(_where(row), _canonical(terms)).hex()
    note = Parcel({**asdict(terms), "signature": signature})
    row.terms = wrap_parcel(store.deployment.derive(_where(row)), _where(row), note)
    db.add(row)
    db.flush()
    audit.append(db, store, Entry("recovery:opened", caller.member_id, about=terms.member))
    return row


def terms_of(db: Session, store: Store, row: Ceremony) -> Terms:
    """Return a ceremony's terms; raises Tampered unless who opened it signed exactly these."""
    note = dict(unwrap_parcel(store.deployment.derive(_where(row)), _where(row), row.terms).note)
    signature, terms = bytes.fromhex(note.pop("signature")), Terms(**note)
    VerifyKey(offices.current_record(db, store, terms.by).verify).verify(_where(row), _canonical(terms), signature)
    return terms


def alive(db: Session, store: Store) -> Iterator[tuple[Ceremony, Terms]]:
    """Yield the ceremonies that are neither ended nor past their last day, with their terms.

    A clock that has gone back hides none: hidden, a second one could be opened beside it, and nobody were told.
    """
    rows = db.scalars(select(Ceremony).order_by(Ceremony.id)).all()
    known = shreds.fetch(db, store, [row.shred_id for row in rows])
    for row in rows:
        terms = _signed_terms(db, store, row) if row.shred_id in known else None
        if terms and now() <= terms.over - WAIT + LONGEST:
            yield row, terms


def announced(store: Store, caller: Caller) -> tuple[CeremonyView, ...]:
    """Return the open ceremonies, which everyone is told of."""
    with store.reading() as db:
        return tuple(_view(db, store, caller, row, terms) for row, terms in alive(db, store))


def cancel(store: Store, caller: Caller, ceremony_id: str) -> None:
    """End a ceremony for ever: by the member, any trustee or any auditor."""
    with shreds.erasing(store) as db:
        row, terms = found(db, store, ceremony_id)
        if not _may_cancel(caller, terms):
            raise Forbidden
        end(db, [row])
        audit.append(db, store, Entry("recovery:cancelled", caller.member_id, about=terms.member))


def end(db: Session, rows: list[Ceremony]) -> None:
    """End ceremonies, inside `erasing`: with the shred every brought share is gone, from every copy."""
    ids = [row.id for row in rows]
    shreds.destroy(db, [row.shred_id for row in rows])
    db.execute(delete(Brought).where(Brought.ceremony_id.in_(ids)))
    db.execute(delete(Ceremony).where(Ceremony.id.in_(ids)))


def end_for(db: Session, store: Store, member_id: str) -> None:
    """End what is open for or by a member who is suspended."""
    end(db, [row for row, terms in alive(db, store) if member_id in (terms.member, terms.by)])


def found(db: Session, store: Store, ceremony_id: str) -> tuple[Ceremony, Terms]:
    """Return an open ceremony, locked; raises NotFound."""
    for row, terms in alive(db, store) if is_id(ceremony_id) else ():
        if row.id == ceremony_id:
            db.refresh(row, with_for_update=True)
            return row, terms
    raise NotFound


def require_time(terms: Terms) -> None:
    """Raise NotYet while the waiting time is not over, by a clock that has not gone back behind the opening."""
    if now() < terms.over:
        raise NotYet


def secret_key(key: Key, shred: Shred, row: Ceremony) -> Key:
    """Return the key under which a ceremony's own half is kept: nothing of it opens once the shred is gone."""
    return key.with_shred(shred, _where(row))


def secret_place(row: Ceremony) -> Context:
    """Return the place of a ceremony's own half."""
    return place("ceremony", "secret", row.id)


def _signed_terms(db: Session, store: Store, row: Ceremony) -> Terms | None:
    """Return a ceremony's terms, or None where somebody edited them: such a one ends nothing and stops no other."""
    with suppress(Tampered):
        return terms_of(db, store, row)
    return None


def _view(db: Session, store: Store, caller: Caller, row: Ceremony, terms: Terms) -> CeremonyView:
    member = db.get(Member, terms.member)
    if member is None:
        raise Tampered
    who = (terms.member, str(sessions.label(store, member).note["initial"]), member.role)
    brought = db.scalars(select(Brought.member_id).where(Brought.ceremony_id == row.id)).all()
    over = terms.over.strftime("%Y-%m-%d %H:%M")
    counts = (len(set(brought) & trustees.active(db, store)), terms.threshold)
    return CeremonyView(
        row.id, terms.kind, *who, row.day, over, *counts, row.half is not None, _may_cancel(caller, terms)
    )


def _may_cancel(caller: Caller, terms: Terms) -> bool:
    return caller.member_id == terms.member or caller.role in (Role.TRUSTEE, Role.AUDITOR)


def _canonical(terms: Terms) -> bytes:
    return json.dumps(asdict(terms), sort_keys=True).encode()


def _where(row: Ceremony) -> Context:
    return place("ceremony", row.id)
