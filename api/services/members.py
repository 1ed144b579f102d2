"""Members: invited by code, with keys of their own making, confirmed by an administrator who heard their words.

Promises that an administrator vouches for keys and can never hold them. Must never seal anything to a member whose
record was not confirmed, nor keep a name.
"""

from dataclasses import dataclass, field, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from api import audit
from api.access import grants, sessions
from api.access.caller import Caller
from api.audit import Entry
from api.catalogue.compartments import LANGUAGES, Language
from api.clock import now
from api.crypto import Key, Opener, Parcel, Sealed, Shred, Signer, place, unwrap_parcel, wrap_parcel
from api.crypto.people import random_bytes, totp_address, totp_matches, totp_secret
from api.errors import Forbidden, Invalid, NotFound, OutOfOrder, SignInFailed, Tampered
from api.ids import is_id, new_id, short_code
from api.models.tables import Grant, Member
from api.policy.roles import MEMBER_ROLES, Role
from api.sealed import offices, shreds
from api.sealed.store import Store
from api.services import ceremonies, departures, entrusting, trustees
from api.services.invitations import add_invitation, use_invitation
from api.services.logins import canonical, login_digest
from api.words.passphrase import PASSPHRASE_BYTES, new_passphrase, six_words

WAITING, ACTIVE, SUSPENDED = "waiting", "active", "suspended"


@dataclass(frozen=True, slots=True)
class Offer:
    """What a newcomer is offered before anything is stored: a passphrase and a seed for one-time codes."""

    passphrase: str = field(repr=False)
    totp: Key = field(repr=False)

    @property
    def secret(self) -> str:
        """The seed as an authenticator takes it, base 32."""
        return totp_secret(self.totp)

    def address(self, login: str) -> str:
        """The `otpauth:` address for a QR code."""
        return totp_address(self.totp, "Lastheard", login)


@dataclass(frozen=True, slots=True)
class Newcomer:
    """What a newcomer brings: the login, the stretched passphrase, the seed and a code that shows it works."""

    login: str = field(repr=False)
    key: Key = field(repr=False)
    totp: Key = field(repr=False)
    code: str = field(repr=False)
    initial: str = "?"
    language: Language = "en"


@dataclass(frozen=True, slots=True)
class MemberView:
    """What members see of each other: an initial, a role, a state.

    The six words, in the member's own language, stand in one's own only: who could read them from a screen would not
    have to hear them.
    """

    id: str
    initial: str
    role: str
    state: str
    words: tuple[str, ...]

    @property
    def number(self) -> str:
        """The start of the id, as people say it: two of one initial and role differ in it."""
        return short_code(self.id)


def offer(language: Language) -> Offer:
    """Return a generated passphrase (77 bits) and a fresh seed for one-time codes."""
    return Offer(new_passphrase(random_bytes(PASSPHRASE_BYTES), language), Key.fresh())


def invite(store: Store, caller: Caller, role: str) -> str:
    """Return the words of a code, in the caller's language, that lets one person join in `role` within seven days."""
    if role not in MEMBER_ROLES:
        raise Invalid({"role": "unknown-term"})
    code = new_passphrase(random_bytes(PASSPHRASE_BYTES), _spoken(caller.language))
    with store.writing() as db:
        add_invitation(db, store, code, role)
        audit.append(db, store, Entry("member:invited", caller.member_id, about=role))
    return code


def join(store: Store, code: str, newcomer: Newcomer) -> str:
    """Make the newcomer's own keys and record, waiting for confirmation; return the member's id.

    Raises NotFound for a code that is unknown, used or too old, Invalid for a login in use or a wrong one-time code.
    """
    with store.writing() as db:
        role = use_invitation(db, store, code)
        member, _ = add_member(db, store, role, newcomer)
        audit.append(db, store, Entry("member:joined", about=member.id))
    return member.id


def add_member(db: Session, store: Store, role: str, newcomer: Newcomer) -> tuple[Member, Parcel]:
    """Add a waiting member with fresh keys; return the row and the seeds."""
    if totp_matches(newcomer.totp, newcomer.code, now().timestamp()) is None:
        raise Invalid({"code": "wrong-code"})
    digest = login_digest(store.deployment, newcomer.login)
    if len(canonical(newcomer.login)) < 2 or db.scalar(select(Member.id).where(Member.login_digest == digest)):
        raise Invalid({"login": "taken"})
    seeds = Parcel({}, {"receive": Key.fresh(), "sign": Key.fresh(), "totp": newcomer.totp})
    made = shreds.make(db, store)
    member = Member(id=new_id(), login_digest=digest, role=role, state=WAITING, version=1, shred_id=made.id)
    member.receive = Opener(seeds.keys["receive"]).public.blob
    member.verify = Signer(seeds.keys["sign"]).public.blob
    member.seeds = wrap_seeds(newcomer.key, made.shred, member.id, seeds)
    sessions.set_label(store, member, {"initial": newcomer.initial[:1].upper(), "language": newcomer.language})
    db.add(member)
    db.flush()
    return member, seeds


def confirm(store: Store, caller: Caller, member_id: str, heard: str) -> None:
    """Vouch for a waiting member whose six words were compared by voice; raises Invalid when they differ."""
    with store.writing() as db:
        member = _member(db, member_id)
        if member.state != WAITING:
            raise OutOfOrder
        require_words(member, heard)
        _sign_next(db, store, caller, member, ACTIVE, "member:confirmed")


def suspend(store: Store, caller: Caller, member_id: str) -> None:
    """Shut a member out at once: record, sessions, tokens and grants; raises OutOfOrder for the last key-holder."""
    with shreds.erasing(store) as db:
        member = _member(db, member_id)
        if member.id == caller.member_id or member.state == SUSPENDED:
            raise OutOfOrder
        held = grants.grants_of(db, member.id)
        if held:
            _require_another(db, store, member)
        sessions.end_in(db, sessions.ids_of(db, member.id))
        grants.revoke(db, held)
        entrusting.withdraw(db, store, [member])
        ceremonies.end_for(db, store, member.id)
        shreds.destroy(db, [member.shred_id])
        departures.note(db, store, departures.places_of(db, Role(member.role)))
        _sign_next(db, store, caller, member, SUSPENDED, "member:suspended")


def members(store: Store, caller: Caller) -> tuple[MemberView, ...]:
    """Return all members as members see them, with the caller's own six words."""
    with store.reading() as db:
        rows = list(db.scalars(select(Member).order_by(Member.role, Member.id)))
        views = [_view(store, row) for row in rows]
    return tuple(one if one.id == caller.member_id else replace(one, words=()) for one in views)


def view(store: Store, member_id: str) -> MemberView:
    """Return one member with the six words that they read out; to be shown to nobody else."""
    with store.reading() as db:
        return _view(store, _member(db, member_id))


def vouched(db: Session, store: Store, member_id: str, heard: str) -> Member:
    """Return an active member whose record is vouched for and whose six words were heard."""
    member = offices.check_member(db, store, _member(db, member_id))
    if member.state != ACTIVE:
        raise OutOfOrder
    require_words(member, heard)
    return member


def require_words(member: Member, heard: str) -> None:
    """Raise Invalid unless `heard` are the six words of the member's keys: an exchanged key has others."""
    said = canonical(heard).split()
    if not any(said == list(six_words(offices.print_of(member), language)) for language in LANGUAGES):
        raise Invalid({"words": "words-differ"})


def wrap_seeds(key: Key, shred: Shred, member_id: str, seeds: Parcel) -> Sealed:
    """Wrap a member's seeds under a stretched passphrase or a printed code, and the member's shred."""
    where = place("seeds", member_id)
    return wrap_parcel(key.with_shred(shred, where), where, seeds)


def unwrap_seeds(key: Key, shred: Shred, member_id: str, sealed: Sealed) -> Parcel:
    """Open what `wrap_seeds` made; raises SignInFailed for another passphrase."""
    where = place("seeds", member_id)
    try:
        return unwrap_parcel(key.with_shred(shred, where), where, sealed)
    except Tampered:
        raise SignInFailed from None


def signed_leaf(db: Session, store: Store, member: Member, entry: Entry) -> None:
    """Log a version of a member's record with the tag that betrays a rollback."""
    tag, digest = offices.version_tag(store, member, member.version), offices.record_digest(store, member)
    audit.append(db, store, entry, tag, digest)


def _sign_next(db: Session, store: Store, caller: Caller, member: Member, state: str, verb: str) -> None:
    # Re-read in this transaction: of two administrators who suspend each other, the second is too late.
    if caller.role is not Role.ADMINISTRATOR or db.get_one(Member, caller.member_id).version != caller.version:
        raise Forbidden
    member.state, member.version = state, member.version + 1
    offices.sign_record(member, caller.member_id, caller.signer)
    signed_leaf(db, store, member, Entry(verb, caller.member_id, about=member.id))


def _require_another(db: Session, store: Store, member: Member) -> None:
    """Raise OutOfOrder when a key would be lost: that of the log, of the recovery, or one the recovery lacks.

    What a grant carries is sealed, so roles decide: auditors alone hold the log's key, trustees alone shares.
    """
    same = select(Grant.member_id).join(Member, Member.id == Grant.member_id).distinct()
    others = same.where(Member.role == member.role, Member.state == ACTIVE, Member.id != member.id)
    left = len(db.scalars(others).all())
    needed = {Role.AUDITOR: 1, Role.TRUSTEE: trustees.present(db, store).threshold}
    entrusted = db.scalar(select(Grant.id).where(Grant.member_id == grants.RECOVERY).limit(1))
    if left < needed.get(Role(member.role), 0 if entrusted else 1):
        raise OutOfOrder


def _view(store: Store, row: Member) -> MemberView:
    note = sessions.label(store, row).note
    words = six_words(offices.print_of(row), _spoken(note["language"]))
    return MemberView(row.id, str(note["initial"]), row.role, row.state, words)


def _spoken(said: object) -> Language:
    """Words are read out in the language of who reads them; each of the three is heard."""
    return next((one for one in LANGUAGES if one == said), "en")


def _member(db: Session, member_id: str) -> Member:
    # A NUL or half a surrogate in an address would reach the database's driver, and end as a failure of ours.
    member = db.get(Member, member_id) if is_id(member_id) else None
    if member is None:
        raise NotFound
    return member
