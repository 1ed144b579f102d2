"""Personal access tokens: sessions with a narrower keyring, until a day.

Promises that a token opens no more than was chosen, dies with the grant, the member or its day, and is made only by
who shows passphrase and code again. Must never be shown a second time.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from api import audit
from api.access import sessions
from api.access.caller import Caller
from api.access.sessions import TOKEN, Scope
from api.audit import Entry
from api.clock import today
from api.crypto import Parcel
from api.errors import Forbidden, Invalid, NotFound
from api.sealed.store import Store
from api.services.signing_in import Proof, prove, spend

LONGEST_DAYS = 90


@dataclass(frozen=True, slots=True)
class TokenTerms:
    """Days until it ends; `grants` None for all of the member's; `signs` for a token that may also write."""

    days: int = 30
    grants: frozenset[str] | None = None
    signs: bool = False


def grants_for(caller: Caller, desks: Collection[str], cases: Collection[str]) -> frozenset[str] | None:
    """Return the grants by which the caller opens these desks and cases, None for all; raises NotFound for others'."""
    ring = caller.keyring
    if not {*desks} <= ring.desks.keys() or not {*cases} <= ring.cases.keys():
        raise NotFound
    chosen = [one.grant_id for desk in desks for one in ring.desks[desk]]
    chosen += [one.grant_id for case in cases for one in ring.cases[case]]
    return frozenset(chosen) if chosen else None


def make_token(store: Store, caller: Caller, terms: TokenTerms, proof: Proof) -> str:
    """Return a new token's secret; raises SignInFailed for another passphrase or a used code, Invalid for the days.

    Raises Forbidden when made with a token that lacks what it would carry. A session is stolen more easily than a
    passphrase and a device: it must not become a token of three months. Nor may a token live on by renewing itself:
    the new one ends no later than what it was made with.
    """
    if not 1 <= terms.days <= LONGEST_DAYS:
        raise Invalid({"days": "not-a-number"})
    if caller.receive is None or caller.signing is None:
        raise Forbidden
    until = min(caller.until, (today() + timedelta(days=terms.days)).isoformat())
    seeds = Parcel({}, {"receive": caller.receive, "sign": caller.signing})
    proved = prove(store, caller, proof)
    with store.writing() as db:
        member = spend(db, store, proved)
        token = sessions.begin(db, store, member, seeds, Scope(TOKEN, until, terms.grants, terms.signs))
        audit.append(db, store, Entry("token:made", caller.member_id))
    return token
