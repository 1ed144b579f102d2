"""Personal access tokens: sessions with a narrower keyring, until a day.

Promises that a token opens no more than was chosen, and dies with the grant, the member or its day. Must never be shown
a second time.
"""

from dataclasses import dataclass
from datetime import timedelta

from api import audit
from api.access import sessions
from api.access.caller import Caller
from api.access.sessions import TOKEN, Scope
from api.audit import Entry
from api.clock import today
from api.crypto import Parcel
from api.errors import Forbidden, Invalid
from api.models.tables import Member
from api.sealed.store import Store

LONGEST_DAYS = 90


@dataclass(frozen=True, slots=True)
class TokenTerms:
    """Days until it ends; `grants` None for all of the member's; `signs` for a token that may also write."""

    days: int = 30
    grants: frozenset[str] | None = None
    signs: bool = False


def make_token(store: Store, caller: Caller, terms: TokenTerms) -> str:
    """Return a new token's secret; raises Forbidden when made with a token that lacks what it would carry.

    It ends no later than what it was made with: a stolen token must not live on by renewing itself.
    """
    if not 1 <= terms.days <= LONGEST_DAYS:
        raise Invalid({"days": "not-a-number"})
    if caller.receive is None or caller.signing is None:
        raise Forbidden
    until = min(caller.until, (today() + timedelta(days=terms.days)).isoformat())
    seeds = Parcel({}, {"receive": caller.receive, "sign": caller.signing})
    with store.writing() as db:
        member = db.get_one(Member, caller.member_id)
        token = sessions.begin(db, store, member, seeds, Scope(TOKEN, until, terms.grants, terms.signs))
        audit.append(db, store, Entry("token:made", caller.member_id))
    return token
