"""Sessions and access tokens: a secret that only the client keeps, and a keyring that opens with it.

Promises that the server alone opens none, that a revoked grant or a suspended member is gone from every session on
the next request, and that a changed record ends the session. Must never store the secret or a time in the clear.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from api.access.caller import FOREVER, Caller
from api.access.grants import grants_of, keyring, open_grant
from api.access.seats import Opened, believed, reported
from api.clock import now, today
from api.crypto import Context, Key, Opener, Parcel, Shred, place, unwrap_parcel, wrap_parcel
from api.crypto.people import key_of, token_of
from api.errors import SessionEnded
from api.models.tables import Grant, Member, SessionKey, SignedIn
from api.policy.roles import Role
from api.sealed import offices, roots, shreds
from api.sealed.store import Store

IDLE, LONGEST, TOUCH = 15 * 60, 8 * 3600, 60
SESSION, TOKEN = "session", "token"


@dataclass(frozen=True, slots=True)
class Scope:
    """What a session carries: `grants` None for all (and those still to come), `signs` for changing anything."""

    kind: str = SESSION
    until: str = FOREVER
    grants: frozenset[str] | None = None
    signs: bool = True


@dataclass(frozen=True, slots=True)
class _Found:
    """The rows that one request reads, in one snapshot."""

    row: SignedIn
    member: Member
    alive: Mapping[str, Shred] = field(repr=False)
    grants: Mapping[str, Grant] = field(repr=False)
    entries: Mapping[str, SessionKey] = field(repr=False)


def begin(db: Session, store: Store, member: Member, seeds: Parcel, scope: Scope | None = None) -> str:
    """Make a session or token in a writing transaction and return its secret for the client."""
    scope, secret = scope or Scope(), Key.fresh()
    # Its last day stands with the shred: what ended is destroyed at night, and the cookie opens nothing from then on.
    tomorrow = (today() + timedelta(days=1)).isoformat()
    made = shreds.make(db, store, tomorrow if scope.kind == SESSION else scope.until)
    row = SignedIn(id=_id(secret), member_id=member.id, shred_id=made.id, kind=scope.kind)
    moment = int(now().timestamp())
    note = {"version": member.version, "kind": scope.kind, "began": moment, "seen": moment, "until": scope.until}
    keys = {name: seeds.keys[name] for name in _carried(scope)}
    own = shreds.fetch_one(db, store, member.shred_id)
    row.head = wrap_parcel(_head_key(secret, made.shred, own), _where(row), Parcel(note, keys))
    db.add(row)
    db.flush()
    held = reported(db, store, member.id, _opened(db, store, seeds, grants_of(db, member.id)))
    chosen = {one: parcel for one, parcel in held.items() if scope.grants is None or one in scope.grants}
    _take(db, store, row, secret, made.shred, chosen)
    return token_of(secret)


def enter(store: Store, token: str) -> Caller:
    """Return the caller of a session or token; raises SessionEnded, or Tampered for an edited record."""
    secret = key_of(token)
    if secret is None:
        raise SessionEnded
    with store.reading() as db:
        found = _find(db, store, secret)
        head = _open_head(secret, found)
        _require_current(db, store, found, head)
        opened = _entries(secret, found)
        new = _picked_up(db, store, found, head, opened)
    _touch(store, secret, found, head, new)
    return _caller(store, secret, found, head, {**opened, **new})


def end(store: Store, session_ids: Iterable[str]) -> None:
    """End sessions and tokens for ever."""
    with shreds.erasing(store) as db:
        end_in(db, session_ids)


def end_in(db: Session, session_ids: Iterable[str]) -> None:
    """End sessions inside `erasing`."""
    ids = list(session_ids)
    shreds.destroy(db, list(db.scalars(select(SignedIn.shred_id).where(SignedIn.id.in_(ids)))))
    db.execute(delete(SessionKey).where(SessionKey.session_id.in_(ids)))
    db.execute(delete(SignedIn).where(SignedIn.id.in_(ids)))


def ids_of(db: Session, member_id: str, besides: Collection[str] = ()) -> list[str]:
    """Return the ids of a member's sessions and tokens but those in `besides`."""
    found = db.scalars(select(SignedIn.id).where(SignedIn.member_id == member_id))
    return [one for one in found if one not in besides]


def tokens_of(db: Session, member_ids: Collection[str]) -> list[str]:
    """Return the ids of these members' access tokens: they carry older keys, and end when keys rotate."""
    wanted = select(SignedIn.id).where(SignedIn.kind == TOKEN, SignedIn.member_id.in_(list(member_ids)))
    return list(db.scalars(wanted))


def _find(db: Session, store: Store, secret: Key) -> _Found:
    row = db.get(SignedIn, _id(secret))
    member = db.get(Member, row.member_id) if row else None
    if row is None or member is None:
        raise SessionEnded
    grants = {one.id: one for one in grants_of(db, member.id)}
    entries = {one.grant_id: one for one in db.scalars(select(SessionKey).where(SessionKey.session_id == row.id))}
    wanted = [row.shred_id, member.shred_id, *(one.shred_id for one in grants.values())]
    alive = shreds.fetch(db, store, wanted)
    if not {row.shred_id, member.shred_id} <= alive.keys():
        raise SessionEnded
    return _Found(row, member, alive, grants, entries)


def _open_head(secret: Key, found: _Found) -> Parcel:
    session, own = found.alive[found.row.shred_id], found.alive[found.member.shred_id]
    return unwrap_parcel(_head_key(secret, session, own), _where(found.row), found.row.head)


def _require_current(db: Session, store: Store, found: _Found, head: Parcel) -> None:
    """A session is bound to the version of the signed record: any change of role or state ends it."""
    offices.check_member(db, store, found.member)
    note, moment = head.note, now().timestamp()
    idle = note["kind"] == SESSION and moment - note["seen"] > IDLE
    worn = note["kind"] == SESSION and moment - note["began"] > LONGEST
    changed = found.member.version != note["version"] or found.member.state != "active"
    # A token whose row calls it a session would outlive the rotation that ends tokens.
    changed = changed or note["kind"] != found.row.kind
    if idle or worn or changed or note["until"] < today().isoformat():
        raise SessionEnded


def _entries(secret: Key, found: _Found) -> dict[str, Parcel]:
    """Open the entries whose grant still stands; a grant without its shred opens nothing."""
    session, opened = found.alive[found.row.shred_id], dict[str, Parcel]()
    for grant_id, entry in found.entries.items():
        grant = found.grants.get(grant_id)
        shred = found.alive.get(grant.shred_id) if grant else None
        if shred is not None:
            key = _entry_key(secret, session, shred)
            opened[grant_id] = unwrap_parcel(key, _entry_place(found.row.id, grant_id), entry.sealed)
    return opened


def _picked_up(db: Session, store: Store, found: _Found, head: Parcel, before: Opened) -> dict[str, Parcel]:
    """Open grants that were given since sign-in; a narrower token lacks the key for it."""
    missing = [one for grant_id, one in found.grants.items() if grant_id not in found.entries]
    opened = _opened(db, store, head, missing) if "receive" in head.keys and missing else {}
    return believed(db, store, found.member.id, opened, before)


def _opened(db: Session, store: Store, seeds: Parcel, rows: Iterable[Grant]) -> dict[str, Parcel]:
    rows = list(rows)
    alive = shreds.fetch(db, store, [row.shred_id for row in rows])
    opener = Opener(seeds.keys["receive"])
    return {row.id: open_grant(db, store, opener, row, alive[row.shred_id]) for row in rows if row.shred_id in alive}


def _take(db: Session, store: Store, row: SignedIn, secret: Key, session: Shred, opened: Mapping[str, Parcel]) -> None:
    rows = {one.id: one.shred_id for one in db.scalars(select(Grant).where(Grant.id.in_(list(opened))))}
    alive = shreds.fetch(db, store, rows.values())
    for grant_id, parcel in opened.items():
        if rows.get(grant_id) in alive:
            key = _entry_key(secret, session, alive[rows[grant_id]])
            sealed = wrap_parcel(key, _entry_place(row.id, grant_id), parcel)
            db.merge(SessionKey(session_id=row.id, grant_id=grant_id, sealed=sealed))


def _touch(store: Store, secret: Key, found: _Found, head: Parcel, new: Mapping[str, Parcel]) -> None:
    """Note the visit at most once a minute, and keep grants that were picked up."""
    moment = int(now().timestamp())
    if not new and moment - head.note["seen"] < TOUCH:
        return
    with store.writing() as db:
        roots.shared(db, store)
        # Locked: another request may end the session between this line and the write.
        row = db.get(SignedIn, found.row.id, with_for_update=True)
        if row is None:
            raise SessionEnded
        session, own = found.alive[row.shred_id], found.alive[found.member.shred_id]
        parcel = Parcel({**head.note, "seen": moment}, head.keys)
        row.head = wrap_parcel(_head_key(secret, session, own), _where(row), parcel)
        _take(db, store, row, secret, session, new)


def _caller(store: Store, secret: Key, found: _Found, head: Parcel, opened: Mapping[str, Parcel]) -> Caller:
    return Caller(
        member_id=found.member.id,
        role=Role(found.member.role),
        version=found.member.version,
        session_id=found.row.id,
        language=str(label(store, found.member).note.get("language", "en")),
        keyring=keyring(opened),
        receive=head.keys.get("receive"),
        signing=head.keys.get("sign"),
        until=str(head.note["until"]),
        answers=secret.with_shred(found.alive[found.row.shred_id], place("answer")),
    )


def label(store: Store, member: Member) -> Parcel:
    """Return a member's initial, language and last used code, which lie under the deployment secret."""
    where = place("label", member.id)
    return unwrap_parcel(store.deployment.derive(where), where, member.label)


def set_label(store: Store, member: Member, note: Mapping[str, object]) -> None:
    """Replace a member's label."""
    where = place("label", member.id)
    member.label = wrap_parcel(store.deployment.derive(where), where, Parcel(note))


def _carried(scope: Scope) -> tuple[str, ...]:
    """Return which of the member's seeds go along: the one-time codes' seed never does."""
    return (*(("receive",) if scope.grants is None else ()), *(("sign",) if scope.signs else ()))


def _id(secret: Key) -> str:
    return secret.mac(place("session")).hex()


def _where(row: SignedIn) -> Context:
    return place("session", row.id, row.member_id)


def _entry_place(session_id: str, grant_id: str) -> Context:
    return place("session_key", session_id, grant_id)


def _head_key(secret: Key, session: Shred, own: Shred) -> Key:
    """Suspending a member destroys the member's shred, and with it the head of every session."""
    return secret.with_shred(session, place("session")).with_shred(own, place("session"))


def _entry_key(secret: Key, session: Shred, grant: Shred) -> Key:
    return secret.with_shred(session, place("session_key")).with_shred(grant, place("session_key"))
