"""The shred of a printed recovery code: each code has its own, and it ends with the code.

Promises that a code which was replaced opens nothing, in no old copy either. Must never destroy what an editor of the
database points at: the shred is named in the member's label, under the deployment secret, and in no column.
"""

from sqlalchemy.orm import Session

from api.access import sessions
from api.models.tables import Member
from api.sealed import shreds
from api.sealed.store import Store

NAMED = "printed"


def end(db: Session, store: Store, member: Member) -> None:
    """End a member's printed code, where there is one, inside `erasing`."""
    note = dict(sessions.label(store, member).note)
    shreds.destroy(db, [note.pop(NAMED)] if NAMED in note else [])
    sessions.set_label(store, member, note)
    member.printed_seeds = None
