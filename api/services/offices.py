"""The offices' keys: the auditors' log, the recovery, the intake; each made in its first holder's own session.

Promises the order of founding. Must never leave a key with nobody but the server.
"""

from collections.abc import Mapping

from sqlalchemy.orm import Session

from api import audit
from api.access import grants
from api.access.caller import Caller
from api.access.grants import Terms, last_day
from api.access.rosters import Book, Roster, office_book, read_book, require_pinned, write_book
from api.audit import Entry
from api.crypto import Key
from api.errors import Forbidden, Invalid, OutOfOrder
from api.models.offices import OfficeRoster
from api.models.tables import Member
from api.sealed import heirs, offices, shreds
from api.sealed.offices import MAKERS
from api.sealed.store import Store
from api.services import trustees as trustees_of
from api.services.members import vouched


def found_log(store: Store, caller: Caller) -> None:
    """Make the auditors' key in the first auditor's session; from here on every entry is sealed to it."""
    with shreds.erasing(store) as db:
        _require_absent(db, store, offices.AUDITORS)
        _make(db, store, caller, offices.AUDITORS, "log:founded")


def found_recovery(store: Store, caller: Caller, threshold: int, trustees: Mapping[str, str]) -> None:
    """Make the recovery key, split it k-of-n (SLIP-39) and seal one share to each trustee.

    `trustees` maps a member's id to the six words that were heard; the caller is one of them.
    """
    if caller.role != MAKERS[offices.RECOVERY]:
        raise Forbidden
    if not 2 <= threshold <= len(trustees) <= 16 or caller.member_id not in trustees:
        raise Invalid({"threshold": "not-a-number"})
    with shreds.erasing(store) as db:
        _require(db, store, offices.AUDITORS)
        _require_absent(db, store, offices.RECOVERY)
        key = _made(db, store, caller, offices.RECOVERY, "recovery:founded")
        chosen = [vouched(db, store, member_id, words) for member_id, words in trustees.items()]
        if any(one.role != "trustee" for one in chosen):
            raise Forbidden
        trustees_of.share_out(db, store, caller, key, threshold, chosen)


def seat_auditor(store: Store, caller: Caller, member_id: str, words: str) -> None:
    """Give the auditors' key to a further auditor whose six words were heard: with one alone it can be lost."""
    _seat(store, caller, offices.AUDITORS, caller.keyring.auditors, (member_id, words))


def found_intake(store: Store, caller: Caller) -> None:
    """Make the intake's key in the first intake officer's session; the public page opens with it."""
    with shreds.erasing(store) as db:
        _require(db, store, offices.RECOVERY)
        _require_absent(db, store, offices.INTAKE)
        key = _make(db, store, caller, offices.INTAKE, "intake:founded")
        grants.give_recovery(db, store, caller, office_terms(grants.INTAKE), {"1": key})


def seat_intake(store: Store, caller: Caller, member_id: str, words: str) -> None:
    """Give the intake's key to a further intake officer whose six words were heard."""
    _seat(store, caller, offices.INTAKE, caller.keyring.intake, (member_id, words))


def require_office(db: Session, store: Store, kind: str) -> None:
    """Raise OutOfOrder while an office has no key."""
    _require(db, store, kind)


def _seat(store: Store, caller: Caller, kind: str, held: Mapping[int, Key], heard: tuple[str, str]) -> None:
    if not held:
        raise Forbidden
    with shreds.erasing(store) as db:
        member = vouched(db, store, *heard)
        if member.role != MAKERS[kind]:
            raise Forbidden
        book = office_book(db, store, kind, held)
        roster = read_book(db, store, book)
        require_pinned(roster, member)
        keys = {str(epoch): key for epoch, key in held.items()}
        given = grants.give(db, store, caller, member, office_terms(kind), keys)
        audit.append(db, store, Entry(f"{kind}:seated", caller.member_id, about=member.id))
        write_book(db, store, caller, book, roster.with_seat(member, given))


def _make(db: Session, store: Store, caller: Caller, kind: str, verb: str) -> Key:
    """Make an office's key and give it to the caller."""
    if caller.role != MAKERS[kind]:
        raise Forbidden
    key, member = _made(db, store, caller, kind, verb), db.get_one(Member, caller.member_id)
    given = grants.give(db, store, caller, member, office_terms(kind), {"1": key})
    row = OfficeRoster(kind=kind, version=0)
    write_book(db, store, caller, Book(row, kind, key), Roster(0, {}).with_seat(member, given))
    db.add(row)
    return key


def _made(db: Session, store: Store, caller: Caller, kind: str, verb: str) -> Key:
    key = Key.fresh()
    row = offices.sign_office(kind, 1, heirs.half_of(key), caller.member_id, caller.signer)
    db.add(row)
    offices.pin(db, store, row)
    audit.append(db, store, Entry(verb, caller.member_id))
    return key


def office_terms(kind: str) -> Terms:
    """Return the terms on which an office's key is held."""
    return Terms(kind, "office", last_day())


def _require(db: Session, store: Store, kind: str) -> None:
    if offices.office(db, store, kind) is None:
        raise OutOfOrder


def _require_absent(db: Session, store: Store, kind: str) -> None:
    if offices.office(db, store, kind) is not None:
        raise OutOfOrder
