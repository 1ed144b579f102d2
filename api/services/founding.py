"""Founding a group: the administrator and invitations, no more; every key arises in its holder's own session.

Promises the order auditor, trustees, intake and desk, and that the public page opens last. Must never make a key on
behalf of someone else.
"""

from dataclasses import dataclass

from sqlalchemy import delete, func, select

from api import audit
from api.audit import Entry
from api.clock import today
from api.crypto import Parcel, Signer
from api.crypto.people import random_bytes
from api.errors import NotFound, OutOfOrder, SecretMissing, Tampered
from api.models.tables import Desk, Group, Invitation, LogHead, Member, Office
from api.policy.roles import Role
from api.sealed import bound, groups, months, offices, pinned, roots
from api.sealed.store import Store
from api.services import members
from api.services.invitations import add_invitation, use_invitation
from api.services.members import Newcomer
from api.words.passphrase import PASSPHRASE_BYTES, new_passphrase


@dataclass(frozen=True, slots=True)
class GroupNote:
    """What the group says of itself: its name, and how a UN desk reaches it."""

    name: str
    contact: str
    languages: tuple[str, ...] = ("en", "ru", "uk")


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the founding: a key for its text, whether it is done, and who does it."""

    key: str
    done: bool
    who: Role


def make_root(store: Store) -> None:
    """Make the shred root and the empty log of a migrated, empty store; does nothing to a store that has them."""
    with store.writing() as db:
        if db.scalar(select(func.count()).select_from(LogHead)) == 0:
            note, keys = months.founded(today())
            roots.found(db, store, {**note, pinned.ROSTERS: {}, bound.BOUND: {}}, keys)
            audit.found(db, store)


def begin_founding(store: Store) -> str:
    """Return the one-time code for the terminal, in place of an earlier one; raises OutOfOrder once a group exists."""
    code = new_passphrase(random_bytes(PASSPHRASE_BYTES), "en")
    with store.writing() as db:
        if db.get(Group, 1) is not None:
            raise OutOfOrder
        # Before there is a group all codes are founding codes: a forgotten one would make an administrator later.
        db.execute(delete(Invitation))
        add_invitation(db, store, code, Role.ADMINISTRATOR)
    return code


def found_group(store: Store, code: str, note: GroupNote, newcomer: Newcomer) -> str:
    """Make the group and its first administrator, whose fingerprint is pinned; return the member's id."""
    with store.writing() as db:
        if db.get(Group, 1) is not None:
            raise OutOfOrder
        use_invitation(db, store, code)
        member, seeds = members.add_member(db, store, Role.ADMINISTRATOR, newcomer)
        pinned = {"founder": member.id, "founder_print": offices.print_of(member).hex()}
        said = {"name": note.name, "contact": note.contact, "languages": list(note.languages)}
        groups.write(db, store, {**said, **pinned})
        _sign_oneself(member, seeds)
        members.signed_leaf(db, store, member, Entry("group:founded", member.id))
    return member.id


def group_note(store: Store) -> GroupNote:
    """Return what the group says of itself; raises NotFound before the founding."""
    with store.reading() as db:
        note = groups.read(db, store).note
    return GroupNote(note["name"], note["contact"], tuple(note["languages"]))


def is_founded(store: Store) -> bool:
    """Say whether there is a group; a store whose deployment secret does not fit raises SecretMissing."""
    try:
        group_note(store)
    except NotFound:
        return False
    except Tampered:
        raise SecretMissing from None
    return True


def is_open(store: Store) -> bool:
    """Say whether families can report: there is somebody's key to seal to."""
    with store.reading() as db:
        return offices.intake(db, store) is not None


def checklist(store: Store) -> tuple[Step, ...]:
    """Return the steps in their order, each with who does it."""
    with store.reading() as db:
        made = set(db.scalars(select(Office.kind)))
        desks = db.scalar(select(func.count()).select_from(Desk)) or 0
    return (
        Step("log", offices.AUDITORS in made, Role.AUDITOR),
        Step("recovery", offices.RECOVERY in made, Role.TRUSTEE),
        Step("intake", offices.INTAKE in made, Role.INTAKE),
        Step("desk", desks > 0, Role.CASE_WORKER),
    )


def _sign_oneself(member: Member, seeds: Parcel) -> None:
    member.state = members.ACTIVE
    offices.sign_record(member, member.id, Signer(seeds.keys["sign"]))
